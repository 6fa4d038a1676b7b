//! The text in which worlds and weather are written and printed: one thing a line, words apart by spaces, what holds a
//! space or a quotation mark in JSON's quotes. What is printed is read back as the same value.

mod faults;
mod machine;
mod read;
mod span;
mod what;
mod world;

use std::fmt;

pub(in crate::sim) use self::span::{Span, span};

/// A text that is not written as it should be, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(String);

impl Unreadable {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }

    /// The same, of a numbered line.
    pub(super) fn on_line(&self, number: usize, line: &str) -> Self {
        Self(format!("line {number}, `{}`: {}", line.trim(), self.0))
    }
}

/// A word as it is written: quoted where it must be.
pub(super) struct Word<'a>(pub(super) &'a str);

impl fmt::Display for Word<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=,@#*+%!".contains(c);
        if !self.0.is_empty() && self.0.chars().all(plain) {
            f.write_str(self.0)
        } else {
            write!(f, "{}", serde_json::Value::from(self.0))
        }
    }
}

/// The words of one line, taken one after the other.
pub(super) struct Words {
    words: std::vec::IntoIter<String>,
}

impl Words {
    pub(super) fn of(line: &str) -> Result<Self, Unreadable> {
        let mut words = Vec::new();
        let mut rest = line.trim_start();
        while !rest.is_empty() {
            let (word, after) = first_word(rest)?;
            words.push(word);
            rest = after.trim_start();
        }
        Ok(Self {
            words: words.into_iter(),
        })
    }

    pub(super) fn next_if_any(&mut self) -> Option<String> {
        self.words.next()
    }

    /// The next word, which `what` describes.
    pub(super) fn next(&mut self, what: &str) -> Result<String, Unreadable> {
        self.words
            .next()
            .ok_or_else(|| Unreadable::new(format!("{what} is missing")))
    }

    /// Exactly these words.
    pub(super) fn pass(&mut self, words: &str) -> Result<(), Unreadable> {
        for word in words.split(' ') {
            let found = self.next(&format!("`{word}`"))?;
            if found != word {
                return Err(Unreadable::new(format!("`{found}` where `{word}` belongs")));
            }
        }
        Ok(())
    }

    /// Takes the next word if it is this one.
    pub(super) fn take(&mut self, word: &str) -> bool {
        let here = self
            .words
            .as_slice()
            .first()
            .is_some_and(|next| next == word);
        if here {
            self.words.next();
        }
        here
    }

    /// Takes the next word if it begins so; the rest of it.
    pub(super) fn take_prefixed(&mut self, prefix: &str) -> Option<String> {
        let rest = self
            .words
            .as_slice()
            .first()?
            .strip_prefix(prefix)?
            .to_owned();
        self.words.next();
        Some(rest)
    }

    pub(super) fn span(&mut self) -> Result<std::time::Duration, Unreadable> {
        span(&self.next("a duration")?)
    }

    pub(super) fn number<N: std::str::FromStr>(&mut self, what: &str) -> Result<N, Unreadable> {
        number(&self.next(what)?)
    }

    /// Nothing may follow.
    pub(super) fn end(mut self) -> Result<(), Unreadable> {
        match self.words.next() {
            None => Ok(()),
            Some(word) => Err(Unreadable::new(format!("`{word}` is too much"))),
        }
    }
}

pub(super) fn number<N: std::str::FromStr>(text: &str) -> Result<N, Unreadable> {
    text.parse()
        .map_err(|_| Unreadable::new(format!("`{text}` is no number that fits here")))
}

/// `NAMESPACE/NAME`.
pub(super) fn namespaced(text: &str) -> Result<(String, String), Unreadable> {
    text.split_once('/')
        .map(|(namespace, name)| (namespace.to_owned(), name.to_owned()))
        .ok_or_else(|| Unreadable::new(format!("`{text}` is not written NAMESPACE/NAME")))
}

/// The first word, unquoted, and what follows it.
fn first_word(text: &str) -> Result<(String, &str), Unreadable> {
    let mut word = String::new();
    let mut rest = text;
    while let Some(next) = rest.chars().next().filter(|next| !next.is_whitespace()) {
        if next == '"' {
            let mut quoted = serde_json::Deserializer::from_str(rest).into_iter::<String>();
            let part = quoted.next().and_then(Result::ok).ok_or_else(|| {
                Unreadable::new(format!("the quotes of `{rest}` do not end well"))
            })?;
            word.push_str(&part);
            rest = &rest[quoted.byte_offset()..];
        } else {
            word.push(next);
            rest = &rest[next.len_utf8()..];
        }
    }
    Ok((word, rest))
}

#[cfg(test)]
mod tests {
    use super::{Word, Words};
    use crate::sim::World;

    #[test]
    fn the_packages_of_a_machine_are_read_back_as_they_were() {
        let line = "node n newer=libc6,2.39-0ubuntu8.5,2.39-0ubuntu8.6,security newer=linux-image,,6.8.0-1046.52 \
                    package-data=9d";
        let world = line.parse::<World>().expect("a world");
        assert_eq!(world.machines[0].packages.newer.len(), 2);
        assert_eq!(world.machines[0].packages.newer[1].installed, None);
        assert!(world.to_string().contains(line), "{world}");
        assert!("node n newer=libc6".parse::<World>().is_err());
    }

    #[test]
    fn what_holds_a_space_or_a_quotation_mark_is_read_back_as_it_was() {
        for text in [
            "plain-1",
            "two words",
            "with \"quotes\" \\ and\nlines",
            "",
            "ü",
        ] {
            let mut words = Words::of(&format!("a={} b", Word(text))).unwrap();
            assert_eq!(words.next("a").unwrap(), format!("a={text}"));
            assert_eq!(words.next("b").unwrap(), "b");
            words.end().unwrap();
        }
        assert!(Words::of("a \"b").is_err());
    }
}
