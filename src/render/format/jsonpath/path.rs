//! One path: kubectl's way of writing it, translated into the standard's (RFC 9535), which names nothing that has a
//! dash or a slash without brackets and knows no `\.`.

use jsonpath_rust::parser::model::JpQuery;
use jsonpath_rust::parser::parse_json_path;
use jsonpath_rust::query::{QueryRef, js_path_process};
use serde_json::Value;

use super::Refused;

/// A path that was understood.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Path(JpQuery);

/// kubectl's lists have `items`; the document calls them by what they are.
const SAME: (&str, &str) = ("items", "nodes");

impl Path {
    /// The path in `letters`, which stand at `at` in what the user wrote.
    pub(super) fn parse(letters: &[char], at: usize) -> Result<Self, Refused> {
        let translated = Translation {
            letters,
            at,
            place: 0,
            out: String::from("$"),
        }
        .path()?;
        parse_json_path(&translated).map(Self).map_err(|_| {
            let text: String = letters.iter().collect();
            Refused::new(at, format!("`{text}` is not understood"))
        })
    }

    /// A path as kubectl's columns and its `--sort-by` take it: with or without braces and the first dot.
    pub(crate) fn relaxed(text: &str) -> Result<Self, Refused> {
        let letters: Vec<char> = text.chars().collect();
        let (letters, at) = match letters.as_slice() {
            ['{', inner @ .., '}'] => (inner, 1),
            all => (all, 0),
        };
        if letters.is_empty() {
            return Err(Refused::new(at, "a path is expected, such as .name"));
        }
        if let Some('.' | '[' | '@' | '$') = letters.first() {
            return Self::parse(letters, at);
        }
        let dotted: Vec<char> = std::iter::once('.')
            .chain(letters.iter().copied())
            .collect();
        Self::parse(&dotted, at)
    }

    /// What is there, in the document's order; nothing where nothing is.
    pub(crate) fn find<'a>(&self, data: &'a Value) -> Vec<&'a Value> {
        js_path_process(&self.0, data)
            .unwrap_or_default()
            .into_iter()
            .map(QueryRef::val)
            .collect()
    }

    /// The same path, with kubectl's name for the list in a document that calls it otherwise.
    #[must_use]
    pub(super) fn aliased(self) -> Self {
        use jsonpath_rust::parser::model::{Segment, Selector};
        let Self(mut query) = self;
        if let Some(Segment::Selector(Selector::Name(name))) = query.segments.first_mut()
            && name.trim_matches('\'') == SAME.0
        {
            *name = name.replace(SAME.0, SAME.1);
        }
        Self(query)
    }
}

struct Translation<'a> {
    letters: &'a [char],
    at: usize,
    place: usize,
    out: String,
}

impl Translation<'_> {
    fn path(mut self) -> Result<String, Refused> {
        // kubectl takes both for the current object, in a range too.
        if matches!(self.peek(0), Some('@' | '$')) {
            self.place += 1;
        }
        while let Some(letter) = self.peek(0) {
            match letter {
                '.' if self.peek(1) == Some('.') => {
                    self.place += 2;
                    self.out.push_str("..");
                    if self.peek(0) == Some('[') {
                        self.brackets()?;
                    } else {
                        self.name()?;
                    }
                }
                '.' => {
                    self.place += 1;
                    self.name()?;
                }
                '[' => self.brackets()?,
                other => {
                    return Err(self.refused(format!(
                        "`{other}` where a dot, a bracket or the end is expected"
                    )));
                }
            }
        }
        Ok(self.out)
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.letters.get(self.place + ahead).copied()
    }

    fn refused(&self, what: impl Into<String>) -> Refused {
        Refused::new(self.at + self.place, what)
    }

    /// A member's name up to kubectl's end of one, or `*`.
    fn name(&mut self) -> Result<(), Refused> {
        let mut name = String::new();
        while let Some(letter) = self.peek(0) {
            match letter {
                '\\' => {
                    self.place += 1;
                    match self.peek(0) {
                        Some(escaped) => name.push(escaped),
                        None => return Err(self.refused("a backslash at the end")),
                    }
                }
                '.' | ',' | '[' | ']' | '{' | '}' | '$' | '@' | '(' | ')' | '?' | '=' | '!'
                | '<' | '>' | '&' | '|' | '"' | '\'' => break,
                blank if blank.is_whitespace() => break,
                other => name.push(other),
            }
            self.place += 1;
        }
        match name.as_str() {
            "" => Err(self.refused("a name is expected after the dot")),
            "*" => {
                // After `..` or after a dot, the standard has brackets as well.
                self.out.push_str("[*]");
                Ok(())
            }
            name if name.chars().any(char::is_control) => {
                Err(self.refused("a control character in a name"))
            }
            name => {
                let quoted = name.replace('\\', "\\\\").replace('\'', "\\'");
                for part in ["['", &quoted, "']"] {
                    self.out.push_str(part);
                }
                Ok(())
            }
        }
    }

    /// `[…]`: an index, a slice, names, several of them, or a filter, in which names are translated too.
    fn brackets(&mut self) -> Result<(), Refused> {
        let open = self.place;
        self.out.push('[');
        self.place += 1;
        let filter = self.peek(0) == Some('?');
        let mut depth = 0_usize;
        loop {
            let Some(letter) = self.peek(0) else {
                self.place = open;
                return Err(self.refused("a bracket that is not closed"));
            };
            match letter {
                '"' | '\'' => {
                    self.quoted(letter)?;
                    continue;
                }
                '@' if filter => {
                    self.out.push('@');
                    self.place += 1;
                    while self.peek(0) == Some('.') {
                        self.place += 1;
                        self.name()?;
                    }
                    continue;
                }
                '$' if filter => {
                    return Err(self.refused("$ in a filter; @ is the item"));
                }
                '=' if filter && self.peek(1) == Some('~') => {
                    return Err(self.refused("=~ is not supported"));
                }
                '[' => depth += 1,
                ']' if depth > 0 => depth -= 1,
                ']' => {
                    self.out.push(']');
                    self.place += 1;
                    return Ok(());
                }
                _ => {}
            }
            self.out.push(letter);
            self.place += 1;
        }
    }

    /// Copies a quoted text.
    fn quoted(&mut self, quote: char) -> Result<(), Refused> {
        let open = self.place;
        self.out.push(quote);
        self.place += 1;
        loop {
            match self.peek(0) {
                None => {
                    self.place = open;
                    return Err(self.refused("a quote that is not closed"));
                }
                Some('\\') => {
                    // kubectl has dots of names escaped here too.
                    if self.peek(1) != Some('.') {
                        self.out.push('\\');
                    }
                    self.out.extend(self.peek(1));
                    self.place += 2;
                }
                Some(letter) => {
                    self.out.push(letter);
                    self.place += 1;
                    if letter == quote {
                        return Ok(());
                    }
                }
            }
        }
    }
}
