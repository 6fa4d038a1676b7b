//! kubectl's JSONPath templates, as far as `docs/status.md` says: paths, `{range}` … `{end}`, quoted text. The paths are
//! looked up by the `jsonpath-rust` crate; what kubectl writes otherwise than the standard is translated in `path`.
//! What is not understood is refused with its place, never passed over.

mod path;
#[cfg(test)]
mod tests;

use serde_json::Value;

use crate::render::text::sanitise;

pub(crate) use path::Path;

/// A template that was understood.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Template(Vec<Part>);

#[derive(Clone, Debug, PartialEq)]
enum Part {
    Text(String),
    Values(Path),
    Each(Path, Vec<Part>),
}

/// Why a template is not understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("at character {at}: {what}")]
pub(crate) struct Refused {
    /// Counted from 1.
    at: usize,
    what: String,
}

impl Refused {
    fn new(at: usize, what: impl Into<String>) -> Self {
        Self {
            at: at + 1,
            what: what.into(),
        }
    }
}

/// One thing in braces.
enum Action {
    Text(String),
    Values(Path),
    Range(Path),
    End,
}

impl Template {
    pub(crate) fn parse(text: &str) -> Result<Self, Refused> {
        let letters: Vec<char> = text.chars().collect();
        // The parts at the top, then those of each range that is open, with its path and place.
        let mut top = Vec::new();
        let mut open: Vec<(Path, usize, Vec<Part>)> = Vec::new();
        let mut any = false;
        let mut at = 0;
        while at < letters.len() {
            let at_top = open.is_empty();
            let here = open.last_mut().map_or(&mut top, |(.., parts)| parts);
            if letters[at] != '{' {
                let end = position(&letters, at, '{').unwrap_or(letters.len());
                here.push(Part::Text(letters[at..end].iter().collect()));
                at = end;
                continue;
            }
            any = true;
            let end = closing(&letters, at)?;
            match action(&letters, at + 1, end)? {
                Action::Text(text) => here.push(Part::Text(text)),
                Action::Values(path) if at_top => here.push(Part::Values(path.aliased())),
                Action::Values(path) => here.push(Part::Values(path)),
                Action::Range(path) if at_top => open.push((path.aliased(), at, Vec::new())),
                Action::Range(path) => open.push((path, at, Vec::new())),
                Action::End => {
                    let Some((path, _, parts)) = open.pop() else {
                        return Err(Refused::new(at, "{end} without a {range}"));
                    };
                    open.last_mut()
                        .map_or(&mut top, |(.., parts)| parts)
                        .push(Part::Each(path, parts));
                }
            }
            at = end + 1;
        }
        if let Some((_, at, _)) = open.last() {
            return Err(Refused::new(*at, "{range} without an {end}"));
        }
        if !any {
            return Err(Refused::new(
                0,
                "no path in braces, such as {.nodes[*].name}",
            ));
        }
        Ok(Self(top))
    }

    /// The template with the values of `data`. Nothing is added, no line break either.
    pub(crate) fn fill(&self, data: &Value) -> String {
        let mut out = String::new();
        fill(&self.0, data, &mut out);
        out
    }
}

fn fill(parts: &[Part], data: &Value, out: &mut String) {
    for part in parts {
        match part {
            Part::Text(text) => out.push_str(text),
            Part::Values(path) => {
                let texts: Vec<String> = path.find(data).into_iter().map(shown).collect();
                out.push_str(&texts.join(" "));
            }
            Part::Each(path, parts) => {
                for item in path.find(data) {
                    fill(parts, item, out);
                }
            }
        }
    }
}

/// One value as kubectl prints it: text bare, lists and objects as JSON. Text of nodes does not drive the terminal.
pub(crate) fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => sanitise(text).into_owned(),
        other => other.to_string(),
    }
}

/// `value` without the members that are null: what is not there is not there, as in the objects that kubectl prints.
pub(crate) fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(members) => members
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| (key, without_nulls(value)))
            .collect(),
        Value::Array(items) => items.into_iter().map(without_nulls).collect(),
        other => other,
    }
}

fn position(letters: &[char], from: usize, wanted: char) -> Option<usize> {
    (from..letters.len()).find(|at| letters[*at] == wanted)
}

/// Where the brace that opens at `open` is closed; quoted braces do not count.
fn closing(letters: &[char], open: usize) -> Result<usize, Refused> {
    let mut quote = None;
    let mut at = open + 1;
    while at < letters.len() {
        match (quote, letters[at]) {
            (_, '\\') => at += 1,
            (Some(opened), letter) if letter == opened => quote = None,
            (None, letter @ ('"' | '\'')) => quote = Some(letter),
            (None, '}') => return Ok(at),
            (None, '{') => return Err(Refused::new(at, "a brace within braces")),
            _ => {}
        }
        at += 1;
    }
    Err(Refused::new(open, "a brace that is not closed"))
}

/// What stands between the braces.
fn action(letters: &[char], mut from: usize, mut to: usize) -> Result<Action, Refused> {
    while from < to && letters[from].is_whitespace() {
        from += 1;
    }
    while from < to && letters[to - 1].is_whitespace() {
        to -= 1;
    }
    let text: String = letters[from..to].iter().collect();
    if text == "end" {
        return Ok(Action::End);
    }
    if let Some(rest) = text.strip_prefix("range") {
        let blanks = rest.chars().take_while(|c| c.is_whitespace()).count();
        if blanks > 0 {
            let at = from + "range".len() + blanks;
            return Path::parse(&letters[at..to], at).map(Action::Range);
        }
    }
    match text.chars().next() {
        Some('"' | '\'') => unquoted(&letters[from..to], from).map(Action::Text),
        Some('.' | '[' | '@' | '$') => Path::parse(&letters[from..to], from).map(Action::Values),
        Some(_) => Err(Refused::new(
            from,
            format!(
                "`{text}` is no path, no quoted text, no range and no end; paths begin with a dot"
            ),
        )),
        None => Err(Refused::new(from, "nothing in the braces")),
    }
}

/// The text between quotes, with its escapes resolved.
fn unquoted(letters: &[char], at: usize) -> Result<String, Refused> {
    let quote = letters[0];
    let mut text = String::new();
    let mut place = 1;
    while place < letters.len() {
        let letter = letters[place];
        if letter == quote {
            if place + 1 < letters.len() {
                return Err(Refused::new(
                    at + place + 1,
                    "more after a quoted text; give each its own braces",
                ));
            }
            return Ok(text);
        }
        if letter == '\\' {
            place += 1;
            text.push(match letters.get(place) {
                Some('n') => '\n',
                Some('t') => '\t',
                Some('r') => '\r',
                Some(same @ ('\\' | '"' | '\'')) => *same,
                _ => {
                    return Err(Refused::new(
                        at + place - 1,
                        "only \\n, \\t, \\r, \\\\, \\\" and \\' can be escaped",
                    ));
                }
            });
        } else {
            text.push(letter);
        }
        place += 1;
    }
    Err(Refused::new(at, "a quote that is not closed"))
}
