//! JSON: one document, indented or on a line, with a line break at its end. `#` is written as its number, which it means the
//! same by: Azure's agent takes `##vso[` in a line for a command, within a string too.

use serde::Serialize;

/// A document on one line.
pub(crate) fn line(value: &impl Serialize) -> Result<String, serde_json::Error> {
    serde_json::to_string(value).map(|text| ended(&text))
}

pub(crate) fn document(value: &impl Serialize) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(value).map(|text| ended(&text))
}

/// Outside strings JSON has no `#`, and within them none that belongs to an escape.
fn ended(text: &str) -> String {
    text.replace('#', "\\u0023") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_string_holds_a_command_and_every_string_is_what_it_was() {
        let text = "##vso[task.x]\\#\"#";
        let written = document(&[text]).expect("a document");
        assert!(!written.contains('#'), "{written}");
        let read: Vec<String> = serde_json::from_str(&written).expect("JSON");
        assert_eq!(read, [text]);
    }
}
