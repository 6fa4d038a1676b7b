//! The arguments that `cargo test` hands to every test binary: which cases to run. What is not known is refused.

use crate::cases::Case;

#[derive(Debug, Default)]
pub(crate) struct Arguments {
    wanted: Vec<String>,
    unwanted: Vec<String>,
    exact: bool,
    /// Only cases that are usually left out; there are none.
    ignored: bool,
    pub(crate) list: bool,
    /// Cases at one time.
    pub(crate) at_once: Option<usize>,
}

impl Arguments {
    pub(crate) fn parse(words: impl IntoIterator<Item = String>) -> Result<Self, String> {
        let mut parsed = Self::default();
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            let mut value = |of: &str| words.next().ok_or_else(|| format!("{of} needs a value"));
            match word.as_str() {
                "--list" => parsed.list = true,
                "--exact" => parsed.exact = true,
                "--ignored" => parsed.ignored = true,
                // Nothing is captured, and nothing is ignored.
                "--nocapture" | "--no-capture" | "--include-ignored" => {}
                "--skip" => parsed.unwanted.push(value("--skip")?),
                "--test-threads" => {
                    let number = value("--test-threads")?;
                    let number = number
                        .parse()
                        .map_err(|_| format!("{number} is no number"))?;
                    parsed.at_once = Some(number);
                }
                flag if flag.starts_with('-') => return Err(format!("the suite knows no {flag}")),
                name => parsed.wanted.push(name.into()),
            }
        }
        Ok(parsed)
    }

    pub(crate) fn select(&self, case: &Case) -> bool {
        let named = |name: &String| {
            if self.exact {
                case.name == name
            } else {
                case.name.contains(name.as_str())
            }
        };
        !self.ignored
            && (self.wanted.is_empty() || self.wanted.iter().any(named))
            && !self.unwanted.iter().any(named)
    }
}
