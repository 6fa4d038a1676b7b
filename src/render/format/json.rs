//! JSON: one document, indented, with a line break at its end.

use serde::Serialize;

pub(crate) fn document(value: &impl Serialize) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(value).map(|text| text + "\n")
}
