//! What `status` shows: the columns here; the documents, the order of rows and the sentences beside them in files of
//! their own.

mod document;
mod kured;
mod live;
mod patches;
mod sort;
#[cfg(test)]
mod tests;
mod told;

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::core::evidence::{Kernels, Need, NodeStatus, Route};
use crate::core::model::{Kernel, NodeName, ShownLabels};

use super::colour::Tint;
use super::columns::{Column, Cut, Gives, When, plain};
use super::doubt::in_short;
use super::format::sheet::{Cell, Heading, Sheet};
use super::format::table::{Breadth, NONE, table};
use super::text::age;

pub(crate) use document::{ChangeDocument, ClusterName, Document, Told, VERSION};
pub(crate) use kured::kured_note;
pub(crate) use live::{InPlace, OneByOne, departed, hour};
pub(crate) use patches::standing;
pub(crate) use sort::Order;
pub(crate) use told::{explanations, summary, uneven_pools};

/// What the cells depend on besides their node.
pub(crate) struct View {
    pub(crate) now: Timestamp,
    /// What runs in the pools of all nodes, shown or not.
    pub(crate) kernels: Kernels,
    /// When each node's evidence was read, where that is shown.
    pub(crate) read_at: BTreeMap<NodeName, Timestamp>,
}

impl View {
    pub(crate) fn of(nodes: &[NodeStatus], now: Timestamp) -> Self {
        Self {
            now,
            kernels: Kernels::of(nodes),
            read_at: BTreeMap::new(),
        }
    }

    fn age_of(&self, then: Timestamp) -> String {
        // A node's clock may be ahead of ours.
        age(self.now.duration_since(then).try_into().unwrap_or_default())
    }
}

/// Marks a kernel that is older than another of its pool; the line on the pool begins with it.
const BEHIND: char = '*';

pub(super) const UNKNOWN: &str = "<unknown>";

pub(crate) const COLUMNS: &[Column<NodeStatus, View>] = &[
    Column {
        header: "NAME",
        when: When::Always,
        cell: |node, _| node.name.to_string(),
        tint: plain,
        gives: Gives::Width {
            order: 5,
            least: 14,
            cut: Cut::Middle,
        },
    },
    Column {
        header: "STATUS",
        when: When::Always,
        cell: |node, _| node.status.clone(),
        tint: |node, _| {
            if node.status.starts_with("Ready") {
                Tint::Plain
            } else {
                Tint::Bad
            }
        },
        gives: Gives::All { order: 6 },
    },
    Column {
        header: "REBOOT",
        when: When::Always,
        cell: |node, _| need(node.verdict.need).to_owned(),
        tint: |node, _| need_tint(node.verdict.need),
        gives: Gives::Nothing,
    },
    Column {
        header: "REASON",
        when: When::Always,
        cell: |node, _| why(node),
        tint: plain,
        gives: Gives::Width {
            order: 3,
            least: 12,
            cut: Cut::End,
        },
    },
    Column {
        header: "SINCE",
        when: When::Always,
        cell: since,
        tint: plain,
        gives: Gives::All { order: 4 },
    },
    Column {
        header: "KERNEL",
        when: When::Always,
        cell: |node, view| {
            let mut text = kernel(node.verdict.running.as_ref());
            if view.kernels.is_behind(node) {
                text.push(BEHIND);
            }
            text
        },
        tint: |node, view| {
            if view.kernels.is_behind(node) {
                Tint::Wanting
            } else {
                Tint::Plain
            }
        },
        gives: Gives::All { order: 2 },
    },
    Column {
        header: "NEWEST-KERNEL",
        when: When::Always,
        cell: |node, _| kernel(node.verdict.newest_installed.as_ref()),
        tint: plain,
        gives: Gives::All { order: 1 },
    },
    wide("POOL", |node, _| or_none(node.pool.as_deref())),
    wide("ZONE", |node, _| or_none(node.zone.as_deref())),
    wide("VERSION", |node, _| or_none(Some(&node.version))),
    wide("OS-IMAGE", |node, _| or_none(Some(&node.os_image))),
    wide("NODE-IMAGE", |node, _| or_none(node.aks.image.as_deref())),
    wide("IMAGE-AGE", patches::image_age),
    wide("OS-SKU", |node, _| or_none(node.aks.os_sku.as_deref())),
    wide("PATCHED-BY", |node, _| {
        patches::by(node.patching().by).to_owned()
    }),
    wide("LAST-PATCHED", patches::last),
    wide("READ-BY", |node, _| match &node.because {
        None => route(node.verdict.read_by).to_owned(),
        Some(because) => format!("{} ({})", route(node.verdict.read_by), in_short(because)),
    }),
];

const fn wide(
    header: &'static str,
    cell: fn(&NodeStatus, &View) -> String,
) -> Column<NodeStatus, View> {
    Column {
        header,
        when: When::Wide,
        cell,
        tint: plain,
        gives: Gives::Nothing,
    }
}

/// What there is besides while changes are followed.
const EVIDENCE_AGE: &[Column<NodeStatus, View>] = &[Column {
    header: "EVIDENCE-AGE",
    when: When::Always,
    cell: |node, view| {
        view.read_at
            .get(&node.name)
            .map_or_else(|| NONE.to_owned(), |read_at| view.age_of(*read_at))
    },
    tint: plain,
    gives: Gives::All { order: 7 },
}];

/// The rows as they are laid out. The evidence's age is a column where `view` has it.
pub(crate) fn sheet(
    nodes: &[&NodeStatus],
    view: &View,
    breadth: Breadth,
    labels: &ShownLabels,
) -> Sheet {
    let aged = if view.read_at.is_empty() {
        &[]
    } else {
        EVIDENCE_AGE
    };
    let columns = COLUMNS.iter().chain(aged);
    let mut sheet = table(columns, nodes.iter().copied(), view, breadth);
    for key in &labels.columns {
        let name = key.rsplit('/').next().unwrap_or(key).to_uppercase();
        add_column(&mut sheet, nodes, name, |node| {
            or_none(node.labels.get(key).map(String::as_str))
        });
    }
    if labels.all {
        add_column(&mut sheet, nodes, "LABELS".into(), |node| {
            let pairs: Vec<String> = node
                .labels
                .iter()
                .map(|(key, value)| format!("{key}={value}"))
                .collect();
            or_none(Some(&pairs.join(",")))
        });
    }
    sheet
}

/// A column that the user named.
fn add_column(
    sheet: &mut Sheet,
    nodes: &[&NodeStatus],
    text: String,
    cell: impl Fn(&NodeStatus) -> String,
) {
    sheet.headings.push(Heading {
        text,
        gives: Gives::Nothing,
    });
    for (row, node) in sheet.rows.iter_mut().zip(nodes) {
        row.push(Cell::from(cell(node)));
    }
}

pub(super) fn route(route: Route) -> &'static str {
    match route {
        Route::Api => "api",
        Route::Pod => "pod",
        Route::Debug => "debug",
        Route::Ssh => "ssh",
    }
}

pub(super) fn need(need: Need) -> &'static str {
    match need {
        Need::Yes => "yes",
        Need::No => "no",
        Need::Unknown => "unknown",
        Need::NotApplicable => "n-a",
    }
}

pub(super) fn need_tint(need: Need) -> Tint {
    match need {
        Need::Yes => Tint::Wanting,
        Need::No => Tint::Good,
        Need::Unknown => Tint::Doubtful,
        Need::NotApplicable => Tint::Faint,
    }
}

/// What makes the verdict; where nothing does, what else is to be known.
fn why(node: &NodeStatus) -> String {
    let verdict = &node.verdict;
    let told = if verdict.reasons.is_empty() {
        &verdict.notes
    } else {
        &verdict.reasons
    };
    if told.is_empty() {
        return NONE.to_owned();
    }
    told.iter().map(in_short).collect::<Vec<_>>().join(", ")
}

fn since(node: &NodeStatus, view: &View) -> String {
    match (node.verdict.need, node.verdict.since) {
        (Need::Yes, Some(since)) => view.age_of(since),
        (Need::Yes, None) => UNKNOWN.to_owned(),
        _ => NONE.to_owned(),
    }
}

pub(super) fn kernel(kernel: Option<&Kernel>) -> String {
    kernel.map_or_else(|| UNKNOWN.to_owned(), ToString::to_string)
}

fn or_none(text: Option<&str>) -> String {
    text.filter(|text| !text.is_empty())
        .unwrap_or(NONE)
        .to_owned()
}
