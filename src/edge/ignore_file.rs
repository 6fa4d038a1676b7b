//! The ignore file: YAML with a list `ignore`. Everything that is not understood is refused with its line, since an entry that is
//! passed over would make a pipeline fail, or worse, pass.

use std::fs;
use std::path::Path;

use jiff::civil::Date;
use serde::Deserialize;

use crate::core::updates::ignore::{Ignore, Pattern};

/// Why a file cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IgnoreFileError {
    #[error("read the ignore file {path}")]
    Unreadable {
        path: String,
        source: std::io::Error,
    },
    #[error("the ignore file {path}: {message}")]
    Misspelt { path: String, message: String },
}

pub(crate) fn read(path: &Path) -> Result<Vec<Ignore>, IgnoreFileError> {
    let name = || path.display().to_string();
    let text = fs::read_to_string(path).map_err(|source| IgnoreFileError::Unreadable {
        path: name(),
        source,
    })?;
    parse(&text).map_err(|message| IgnoreFileError::Misspelt {
        path: name(),
        message,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    ignore: Vec<Entry>,
}

/// An entry as it is written; `try_from` keeps what is wrong with it at its place in the file.
#[derive(Deserialize)]
#[serde(try_from = "Fields")]
struct Entry(Ignore);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    node: Option<String>,
    pool: Option<String>,
    package: Option<String>,
    reason: String,
    expires: String,
}

impl TryFrom<Fields> for Entry {
    type Error = String;

    fn try_from(fields: Fields) -> Result<Self, String> {
        let pattern = |name: &str, text: Option<String>| match text {
            None => Ok(None),
            Some(text) => Pattern::new(&text).map(Some).ok_or_else(|| {
                format!("`{name}` is empty; for any {name}, leave it out or write \"*\"")
            }),
        };
        let (node, pool, package) = (
            pattern("node", fields.node)?,
            pattern("pool", fields.pool)?,
            pattern("package", fields.package)?,
        );
        if node.is_none() && pool.is_none() && package.is_none() {
            return Err(
                "an entry names a node, a pool or a package (for all nodes: node: \"*\")".into(),
            );
        }
        if fields.reason.trim().is_empty() {
            return Err("`reason` is empty; say why it is passed over".into());
        }
        let expires: Date = fields
            .expires
            .parse()
            .map_err(|_| format!("`expires: {}` is no day such as 2027-03-31", fields.expires))?;
        Ok(Self(Ignore {
            node,
            pool,
            package,
            reason: fields.reason,
            expires,
        }))
    }
}

/// The entries in their order, or what is wrong and in which line. A file of comments alone has no entries.
fn parse(text: &str) -> Result<Vec<Ignore>, String> {
    let is_comment = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#');
    if text.lines().all(is_comment) {
        return Ok(Vec::new());
    }
    let written: Written =
        serde_saphyr::from_str(text).map_err(|error| match error.without_snippet() {
            // The library's own words are for whoever calls it.
            serde_saphyr::Error::MultipleDocuments { location, .. } => format!(
                "a second document stands in line {}; all entries stand in one list `ignore`",
                location.line()
            ),
            error => error.to_string(),
        })?;
    Ok(written.ignore.into_iter().map(|entry| entry.0).collect())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_entry_has_what_it_is_about_a_reason_and_a_last_day() {
        let text = "# the driver\nignore:\n  - package: linux-*\n    pool: gpu\n    reason: pinned\n    expires: 2027-03-31\n  \
                    - {node: aks-old-*, reason: goes away, expires: '2026-12-01'}\n";
        let entries = parse(text).expect("entries");
        assert_eq!(entries.len(), 2);
        let first = &entries[0];
        assert_eq!(first.package.as_ref().map(Pattern::as_str), Some("linux-*"));
        assert_eq!(first.pool.as_ref().map(Pattern::as_str), Some("gpu"));
        assert_eq!(
            (first.node.clone(), first.expires),
            (None, date(2027, 3, 31))
        );
        assert_eq!(entries[1].reason, "goes away");
    }

    #[test]
    fn a_file_without_entries_passes_over_nothing() {
        for text in ["", "\n# nothing now\n", "ignore: []\n"] {
            assert_eq!(parse(text), Ok(Vec::new()), "{text:?}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let entry = |fields: &str| {
            format!("ignore:\n  - node: ok\n    reason: r\n    expires: 2027-01-01\n  - {fields}\n")
        };
        for (text, line, word) in [
            (entry("node: a\n    reason: r"), 6, "expires"),
            (entry("node: a\n    expires: 2027-01-01"), 6, "reason"),
            (
                entry("node: a\n    reason: ' '\n    expires: 2027-01-01"),
                5,
                "say why",
            ),
            (
                entry("reason: r\n    expires: 2027-01-01"),
                5,
                "names a node",
            ),
            (
                entry("node: ''\n    reason: r\n    expires: 2027-01-01"),
                5,
                "leave it out",
            ),
            (
                entry("node: a\n    reason: r\n    expires: soon"),
                5,
                "no day",
            ),
            (
                entry("node: a\n    reason: r\n    expires: 2027-13-01"),
                5,
                "no day",
            ),
            (
                entry("nodes: a\n    reason: r\n    expires: 2027-01-01"),
                5,
                "nodes",
            ),
            ("ignored: []\n".to_owned(), 1, "ignored"),
            ("- a\n".to_owned(), 1, ""),
            ("ignore: [\n".to_owned(), 1, ""),
            (
                "ignore: []\n---\nignore: []\n".to_owned(),
                3,
                "a second document stands",
            ),
        ] {
            let message = parse(&text).expect_err("refused");
            assert!(!message.contains("from_"), "{message}");
            for part in [word, &format!("line {line}")] {
                assert!(message.contains(part), "{text}: {message}");
            }
        }
    }
    proptest! {
        /// Whatever stands there, entries have something that they are about, and a reason.
        #[test]
        fn any_text_has_entries_or_is_refused(text in "(ignore:|- | |\\n|node|pool|package|reason|expires|: |\\*|a|''|\\[|\\{|2027-01-01|&x|\\*x){0,24}") {
            for entry in parse(&text).unwrap_or_default() {
                prop_assert!(entry.node.is_some() || entry.pool.is_some() || entry.package.is_some());
                prop_assert!(!entry.reason.is_empty());
            }
        }
    }
}
