//! YAML: a document for each value, as kubectl takes them.

use serde::ser::{SerializeMap as _, SerializeSeq as _};
use serde::{Serialize, Serializer};
use serde_json::Value;
use serde_saphyr::ser::Error;
use serde_saphyr::{DoubleQuoted, SerializerOptions, ser_options, to_string_with_options};

/// Of our own making, as files for kubectl.
pub(crate) fn documents(values: impl IntoIterator<Item = impl Serialize>) -> Result<String, Error> {
    let mut text = String::new();
    for value in values {
        text.push_str("---\n");
        text.push_str(&ended(serde_saphyr::to_string(&value)?));
    }
    Ok(text)
}

/// One document alone, as kubectl prints it. Every string is on a line with its key or a dash, so that none begins one; and
/// `#` is written as its number, since Azure's agent takes `##vso[` for a command anywhere.
pub(crate) fn document(value: &impl Serialize) -> Result<String, Error> {
    let text = ended(to_string_with_options(value, one_line_each())?);
    if !text.contains('#') {
        return Ok(text);
    }
    // Its keys come in alphabetical order then, which YAML does not mind.
    let tree = serde_json::to_value(value).map_err(<Error as serde::ser::Error>::custom)?;
    let text = ended(to_string_with_options(&Quoted(&tree), one_line_each())?);
    Ok(text.replace('#', "\\x23"))
}

fn one_line_each() -> SerializerOptions {
    ser_options! { prefer_block_scalars: false }
}

fn ended(mut text: String) -> String {
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

/// A tree whose strings with `#` are double-quoted, the one form that has escapes.
struct Quoted<'a>(&'a Value);

impl Serialize for Quoted<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::String(text) if text.contains('#') => DoubleQuoted(text).serialize(serializer),
            Value::Array(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    list.serialize_element(&Quoted(item))?;
                }
                list.end()
            }
            Value::Object(fields) => {
                let mut map = serializer.serialize_map(Some(fields.len()))?;
                for (key, value) in fields {
                    map.serialize_entry(key, &Quoted(value))?;
                }
                map.end()
            }
            other => other.serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn no_string_begins_a_line_or_holds_a_command_and_each_is_what_it_was() {
        let value = json!({
            "a": "x\n::error::y",
            "b": ["##vso[task.x]y", "::warning ::z", "'#' \"#\" \\# \n#", "plain"],
            "c": format!("{} ::error::y", "word ".repeat(40)),
        });
        let text = document(&value).expect("a document");
        assert!(!text.contains('#'), "{text}");
        assert!(
            !text.lines().any(|line| line.trim_start().starts_with("::")),
            "{text}"
        );
        let read: Value = serde_saphyr::from_str(&text).expect("YAML");
        assert_eq!(read, value);
    }
}
