//! Colour beside words, never instead of them; and whether there is any.

use std::ffi::OsString;

/// What a word says, for those who see colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tint {
    Plain,
    Good,
    /// Something is to be done.
    Wanting,
    /// Nobody knows.
    Doubtful,
    Bad,
    /// Of no concern here.
    Faint,
}

impl Tint {
    pub(crate) fn painted(self, text: &str) -> String {
        let code = match self {
            Self::Plain => return text.to_owned(),
            Self::Good => 32,
            Self::Wanting => 33,
            Self::Doubtful => 35,
            Self::Bad => 31,
            Self::Faint => 2,
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }
}

/// Whether a stream gets colour when nobody said so: NO_COLOR speaks first, then CLICOLOR_FORCE, then what the stream is.
pub(crate) fn wanted(is_terminal: bool, variable: impl Fn(&str) -> Option<OsString>) -> bool {
    let set = |name: &str| variable(name).is_some_and(|value| !value.is_empty());
    if set("NO_COLOR") {
        return false;
    }
    if variable("CLICOLOR_FORCE").is_some_and(|value| !value.is_empty() && value != "0") {
        return true;
    }
    is_terminal && variable("TERM").is_none_or(|term| term != "dumb")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn colour(is_terminal: bool, variables: &[(&str, &str)]) -> bool {
        wanted(is_terminal, |name| {
            variables
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn no_color_outranks_clicolor_force_and_both_the_terminal() {
        assert!(colour(true, &[]));
        assert!(!colour(false, &[]));
        assert!(!colour(true, &[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")]));
        assert!(colour(true, &[("NO_COLOR", "")]), "empty is not set");
        assert!(colour(false, &[("CLICOLOR_FORCE", "1")]));
        assert!(!colour(false, &[("CLICOLOR_FORCE", "0")]));
        assert!(!colour(true, &[("TERM", "dumb")]));
    }
}
