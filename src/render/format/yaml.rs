//! YAML: a document for each value, as kubectl takes them.

use serde::Serialize;

pub(crate) fn documents(
    values: impl IntoIterator<Item = impl Serialize>,
) -> Result<String, serde_saphyr::ser::Error> {
    let mut text = String::new();
    for value in values {
        text.push_str("---\n");
        text.push_str(&document(&value)?);
    }
    Ok(text)
}

/// One document alone, as kubectl prints it.
pub(crate) fn document(value: &impl Serialize) -> Result<String, serde_saphyr::ser::Error> {
    let mut text = serde_saphyr::to_string(value)?;
    if !text.ends_with('\n') {
        text.push('\n');
    }
    Ok(text)
}
