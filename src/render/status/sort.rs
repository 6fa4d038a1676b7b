//! The order of rows: by a column, as people name it, or by a path into the document, as kubectl sorts.

use std::cmp::Ordering;

use serde_json::Value;

use crate::core::evidence::{Need, NodeStatus};
use crate::core::near::near;
use crate::render::columns::Column;
use crate::render::format::jsonpath::Path;
use crate::render::format::table::NONE;

use super::document::entry;
use super::{COLUMNS, UNKNOWN, View};

pub(crate) enum Order {
    Column(&'static Column<NodeStatus, View>),
    Path(Path, String),
}

impl Order {
    /// `since`, `NEWEST-KERNEL`, `.uid`, `{.reasons[0].kind}`. An error says what there is.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if text.starts_with(['.', '{', '[', '$', '@']) {
            return Path::relaxed(text)
                .map(|path| Self::Path(path, text.to_owned()))
                .map_err(|refused| refused.to_string());
        }
        let wanted = text.to_lowercase().replace('_', "-");
        let names = || COLUMNS.iter().map(|column| column.header.to_lowercase());
        if let Some(at) = names().position(|name| name == wanted) {
            return Ok(Self::Column(&COLUMNS[at]));
        }
        let names: Vec<String> = names().collect();
        let near = near(&wanted, names.iter().map(String::as_str));
        Err(if near.is_empty() {
            format!(
                "there is no column {text}; the columns are {}",
                names.join(", ")
            )
        } else {
            format!("there is no column {text}; near: {}", near.join(", "))
        })
    }

    /// Sorts stably, what has no value last. An error: no node has anything at the path.
    pub(crate) fn sort(&self, nodes: &mut [NodeStatus], view: &View) -> Result<(), String> {
        match self {
            Self::Column(column) => match column.header {
                "REBOOT" => nodes.sort_by_key(|node| urgency(node.verdict.need)),
                // The longest wait first; ages as text would lose the difference between 25h and 26h.
                "SINCE" => nodes.sort_by_key(|node| {
                    let since = node
                        .verdict
                        .since
                        .filter(|_| node.verdict.need == Need::Yes);
                    (since.is_none(), since)
                }),
                _ => nodes.sort_by_cached_key(|node| Natural::of_cell(&(column.cell)(node, view))),
            },
            Self::Path(path, text) => {
                let found = |node: &NodeStatus| path.find(&entry(node)).first().copied().cloned();
                let nothing = |node: &NodeStatus| found(node).is_none();
                if !nodes.is_empty() && nodes.iter().all(nothing) {
                    return Err(format!("no node has anything at {text}"));
                }
                nodes.sort_by_cached_key(|node| Natural::of_value(found(node)));
            }
        }
        Ok(())
    }
}

fn urgency(need: Need) -> u8 {
    match need {
        Need::Yes => 0,
        Need::Unknown => 1,
        Need::No => 2,
        Need::NotApplicable => 3,
    }
}

/// Text in which digits count by their value, so that 6.8.0-999 is before 6.8.0-1046. Nothing is last.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Natural {
    Of(Vec<Run>),
    Nothing,
}

#[derive(PartialEq, Eq)]
enum Run {
    /// Without leading zeros.
    Digits(String),
    Other(String),
}

impl PartialOrd for Run {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Run {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Digits(a), Self::Digits(b)) => (a.len(), a).cmp(&(b.len(), b)),
            (Self::Other(a), Self::Other(b)) => a.cmp(b),
            (Self::Digits(_), Self::Other(_)) => Ordering::Less,
            (Self::Other(_), Self::Digits(_)) => Ordering::Greater,
        }
    }
}

impl Natural {
    fn of_cell(cell: &str) -> Self {
        if cell == NONE || cell == UNKNOWN {
            return Self::Nothing;
        }
        let mut runs: Vec<Run> = Vec::new();
        for letter in cell.chars() {
            match (runs.last_mut(), letter.is_ascii_digit()) {
                (Some(Run::Digits(run)), true) if run != "0" => run.push(letter),
                (Some(Run::Digits(run)), true) => *run = letter.to_string(),
                (Some(Run::Other(run)), false) => run.push(letter),
                (_, true) => runs.push(Run::Digits(letter.to_string())),
                (_, false) => runs.push(Run::Other(letter.to_string())),
            }
        }
        Self::Of(runs)
    }

    fn of_value(value: Option<Value>) -> Self {
        match value {
            None => Self::Nothing,
            Some(Value::String(text)) => Self::of_cell(&text),
            Some(other) => Self::of_cell(&other.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_count_by_their_value_and_nothing_is_last() {
        let mut cells = [
            NONE,
            "6.8.0-1046",
            "6.8.0-999",
            "n10",
            "n9",
            "6.8.0-0999a",
            UNKNOWN,
        ];
        cells.sort_by_key(|cell| Natural::of_cell(cell));
        assert_eq!(
            cells,
            [
                "6.8.0-999",
                "6.8.0-0999a",
                "6.8.0-1046",
                "n9",
                "n10",
                NONE,
                UNKNOWN
            ]
        );
    }

    #[test]
    fn columns_are_named_as_people_write_them() {
        for (text, header) in [
            ("since", "SINCE"),
            ("Newest_Kernel", "NEWEST-KERNEL"),
            ("pool", "POOL"),
        ] {
            let Ok(Order::Column(column)) = Order::parse(text) else {
                panic!("{text} is a column");
            };
            assert_eq!(column.header, header);
        }
        let refused = |text| Order::parse(text).err().unwrap_or_default();
        assert_eq!(refused("kernl"), "there is no column kernl; near: kernel");
        assert!(refused("age-of-aquarius").contains("the columns are name, status, reboot"));
        assert!(refused("{.a").contains("at character"));
    }
}
