//! JSON: one document, indented or on a line, with a line break at its end.

use serde::Serialize;

/// A document on one line.
pub(crate) fn line(value: &impl Serialize) -> Result<String, serde_json::Error> {
    serde_json::to_string(value).map(|text| text + "\n")
}

pub(crate) fn document(value: &impl Serialize) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(value).map(|text| text + "\n")
}
