//! `-o custom-columns=HEADER:PATH,…`: a table of what paths find in each item, as kubectl makes it. Differs from it
//! where a path finds an object or a list: that is JSON here, Go's own writing there.

use serde_json::Value;

use super::jsonpath::{Path, Refused, shown};
use super::sheet::{Cell, Heading, Sheet};
use super::table::NONE;
use crate::render::columns::Gives;

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CustomColumns(Vec<(String, Path)>);

/// Why a list of columns is not understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Misspelt {
    #[error("columns are written HEADER:PATH, such as NAME:.name; this one is not: `{0}`")]
    NoPath(String),
    #[error("the path of column {0}: {1}")]
    Path(String, Refused),
}

impl CustomColumns {
    pub(crate) fn parse(text: &str) -> Result<Self, Misspelt> {
        split(text)
            .into_iter()
            .map(|part| {
                let (header, path) = part
                    .split_once(':')
                    .filter(|(header, path)| !header.trim().is_empty() && !path.trim().is_empty())
                    .ok_or_else(|| Misspelt::NoPath(part.to_owned()))?;
                let path = Path::relaxed(path.trim())
                    .map_err(|refused| Misspelt::Path(header.to_owned(), refused))?;
                Ok((header.to_owned(), path))
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }

    pub(crate) fn sheet(&self, items: &[Value]) -> Sheet {
        let headings = self
            .0
            .iter()
            .map(|(header, _)| Heading {
                text: header.clone(),
                gives: Gives::Nothing,
            })
            .collect();
        let rows = items
            .iter()
            .map(|item| self.0.iter().map(|(_, path)| cell(path, item)).collect())
            .collect();
        Sheet { headings, rows }
    }
}

fn cell(path: &Path, item: &Value) -> Cell {
    let found: Vec<String> = path.find(item).into_iter().map(shown).collect();
    if found.is_empty() {
        return NONE.to_owned().into();
    }
    found.join(",").into()
}

/// At commas, but for those within brackets.
fn split(text: &str) -> Vec<&str> {
    let mut depth = 0_usize;
    text.split(|letter| {
        match letter {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        letter == ',' && depth == 0
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::format::sheet::Frame;
    use serde_json::json;

    fn shown_by(spec: &str, headers: bool) -> String {
        let items = [
            json!({"name": "n1", "reasons": [{"kind": "flag", "packages": ["a", "b"]}], "on": true}),
            json!({"name": "n2", "reasons": [], "count": 3}),
        ];
        let frame = Frame {
            headers,
            ..Frame::default()
        };
        CustomColumns::parse(spec)
            .expect("columns")
            .sheet(&items)
            .text(frame)
    }

    #[test]
    fn columns_are_what_the_paths_find() {
        insta::assert_snapshot!(
            shown_by("NAME:.name,KINDS:reasons[*].kind,PKGS:{.reasons[0].packages[*]},N:.count,ON:.on,R:.reasons", true),
            @r#"
        NAME   KINDS    PKGS     N        ON       R
        n1     flag     a,b      <none>   true     [{"kind":"flag","packages":["a","b"]}]
        n2     <none>   <none>   3        <none>   []
        "#
        );
        assert_eq!(shown_by("NAME:.name", false), "n1\nn2\n");
    }

    #[test]
    fn a_column_without_a_path_is_refused_by_its_own_text() {
        for spec in ["", "NAME", "NAME:.name,KERNEL", ":.name", "NAME:"] {
            assert!(
                matches!(CustomColumns::parse(spec), Err(Misspelt::NoPath(_))),
                "{spec}"
            );
        }
        assert_eq!(
            CustomColumns::parse("A:.name,B:.x[")
                .unwrap_err()
                .to_string(),
            "the path of column B: at character 3: a bracket that is not closed"
        );
    }
}
