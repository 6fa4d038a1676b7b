//! What `status` shows: the columns here, the document and the sentences beside them in files of their own.

mod document;
mod kured;
mod patches;
#[cfg(test)]
mod tests;
mod told;

use jiff::Timestamp;

use crate::core::evidence::{Need, NodeStatus, Route};
use crate::core::model::Kernel;

use super::columns::{Column, Cut, Gives, When};
use super::doubt::in_short;
use super::format::table::NONE;
use super::text::age;

pub(crate) use document::Document;
pub(crate) use kured::kured_note;
pub(crate) use patches::standing;
pub(crate) use told::{explanations, summary};

/// What the cells depend on besides their node.
pub(crate) struct View {
    pub(crate) now: Timestamp,
}

const UNKNOWN: &str = "<unknown>";

pub(crate) const COLUMNS: &[Column<NodeStatus, View>] = &[
    Column {
        header: "NAME",
        when: When::Always,
        cell: |node, _| node.name.to_string(),
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
        gives: Gives::All { order: 6 },
    },
    Column {
        header: "REBOOT",
        when: When::Always,
        cell: |node, _| need(node.verdict.need).to_owned(),
        gives: Gives::Nothing,
    },
    Column {
        header: "REASON",
        when: When::Always,
        cell: |node, _| why(node),
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
        gives: Gives::All { order: 4 },
    },
    Column {
        header: "KERNEL",
        when: When::Always,
        cell: |node, _| kernel(node.verdict.running.as_ref()),
        gives: Gives::All { order: 2 },
    },
    Column {
        header: "NEWEST-KERNEL",
        when: When::Always,
        cell: |node, _| kernel(node.verdict.newest_installed.as_ref()),
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
    wide("READ-BY", |node, _| {
        match node.verdict.read_by {
            Route::Api => "api",
            Route::Pod => "pod",
        }
        .to_owned()
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
        gives: Gives::Nothing,
    }
}

fn need(need: Need) -> &'static str {
    match need {
        Need::Yes => "yes",
        Need::No => "no",
        Need::Unknown => "unknown",
        Need::NotApplicable => "n-a",
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
        (Need::Yes, Some(since)) => {
            // A node's clock may be ahead of ours.
            age(view
                .now
                .duration_since(since)
                .try_into()
                .unwrap_or_default())
        }
        (Need::Yes, None) => UNKNOWN.to_owned(),
        _ => NONE.to_owned(),
    }
}

fn kernel(kernel: Option<&Kernel>) -> String {
    kernel.map_or_else(|| UNKNOWN.to_owned(), ToString::to_string)
}

fn or_none(text: Option<&str>) -> String {
    text.filter(|text| !text.is_empty())
        .unwrap_or(NONE)
        .to_owned()
}
