//! Happenings in words: `WHEN: WHAT`, as in `3s after node-1 is marked Cordon: somebody uncordons node-1`.

use std::fmt::{self, Display, Formatter};
use std::str::FromStr;

use super::{Span, Unreadable, Word, Words, number, span};
use crate::sim::faults::{Happening, Matching, When};

impl Display for Happening {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.when, self.what)
    }
}

impl FromStr for Happening {
    type Err = Unreadable;

    fn from_str(text: &str) -> Result<Self, Unreadable> {
        let colon = colon(text).ok_or_else(|| Unreadable::new("not written `WHEN: WHAT`"))?;
        let (when, what) = text.split_at(colon);
        Ok(Self {
            when: when.parse()?,
            what: what.trim_start_matches(':').parse()?,
        })
    }
}

/// Where the first colon before a space is that is in no quotes.
fn colon(text: &str) -> Option<usize> {
    let mut quoted = false;
    let mut before = ' ';
    text.char_indices().find_map(|(at, c)| {
        quoted ^= c == '"' && before != '\\';
        before = c;
        (!quoted && text[at..].starts_with(": ")).then_some(at)
    })
}

impl Display for When {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(at) => write!(f, "at {}", Span(*at)),
            Self::Before(matching) => write!(f, "before {matching}"),
            Self::After(matching, later) => write!(f, "{} after {matching}", Span(*later)),
            Self::Marked { node, step, later } => {
                write!(f, "{} after {} is marked {step}", Span(*later), Word(node))
            }
        }
    }
}

impl FromStr for When {
    type Err = Unreadable;

    fn from_str(text: &str) -> Result<Self, Unreadable> {
        let mut words = Words::of(text)?;
        let first = words.next("when")?;
        let when = match first.as_str() {
            "at" => Self::At(words.span()?),
            "before" => Self::Before(matching(&mut words)?),
            later => {
                let later = span(later)?;
                words.pass("after")?;
                if text.contains(" is marked ") {
                    let node = words.next("a node")?;
                    words.pass("is marked")?;
                    let step = words.next("a step")?;
                    Self::Marked { node, step, later }
                } else {
                    Self::After(matching(&mut words)?, later)
                }
            }
        };
        words.end()?;
        Ok(when)
    }
}

impl Display for Matching {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.verb, self.resource)?;
        if let Some(name) = &self.name {
            write!(f, " named {}", Word(name))?;
        }
        if let Some(body) = &self.body {
            write!(f, " holding {}", Word(body))?;
        }
        if let Some(step) = &self.intent {
            write!(f, " marking {step}")?;
        }
        match self.nth {
            1 => Ok(()),
            nth => write!(f, " #{nth}"),
        }
    }
}

fn matching(words: &mut Words) -> Result<Matching, Unreadable> {
    let verb = words.next("a verb")?;
    let mut matching = Matching::first(&verb, &words.next("a resource")?);
    if words.take("named") {
        matching.name = Some(words.next("a name")?);
    }
    if words.take("holding") {
        matching.body = Some(words.next("a text")?);
    }
    if words.take("marking") {
        matching.intent = Some(words.next("a step")?);
    }
    if let Some(nth) = words.take_prefixed("#") {
        matching.nth = number(&nth)?;
    }
    Ok(matching)
}
