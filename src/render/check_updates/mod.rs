//! What `check-updates` shows: the columns of its tables here; every other form, and the sentences beside the data, in files of
//! their own.

mod csv;
mod document;
mod junit;
mod markdown;
mod outputs;
mod packages;
#[cfg(test)]
mod tests;
mod told;
mod totals;
mod words;

use jiff::Timestamp;

use crate::core::evidence::Need;
use crate::core::reason::Reason;
use crate::core::updates::decide::{Conclusion, Judged, Terms};
use crate::core::updates::ignore::{Ignore, Ignores, Place};
use crate::core::updates::image::{Azure, Image};
use crate::core::updates::outcome::{Listed, Overall};
use crate::core::updates::{Counts, Packages, Updates};

use super::colour::Tint;
use super::columns::{Column, Cut, Gives, When, plain};
use super::format::sheet::Sheet;
use super::format::table::{Breadth, NONE, table};
use super::status::{UNKNOWN, kernel, need, need_tint, route};
use super::text::age;

pub(crate) use csv::csv;
pub(crate) use document::{Document, VERSION};
pub(crate) use junit::junit;
pub(crate) use markdown::{markdown, markdown_within};
pub(crate) use outputs::outputs;
pub(crate) use packages::{listed, listed_in_words, sheet as packages_sheet};
use told::azure_lines;
pub(crate) use told::{beside, gravity, ignores, summary, undecided};

/// Everything that the forms are made from.
#[derive(Clone, Copy)]
pub(crate) struct Report<'a> {
    /// Name of the kubeconfig context.
    pub(crate) context: &'a str,
    /// URL of the API server.
    pub(crate) server: &'a str,
    pub(crate) at: Timestamp,
    pub(crate) terms: &'a Terms,
    pub(crate) ignores: &'a Ignores,
    /// What Azure said of the cluster.
    pub(crate) azure: &'a Azure,
    pub(crate) nodes: &'a [Judged],
    pub(crate) listed: Listed,
    pub(crate) overall: Overall,
    /// What the shell will see.
    pub(crate) exit: u8,
    /// What kept it from being whole, in words.
    pub(crate) errors: &'a [String],
}

impl Report<'_> {
    fn number(&self, wanted: Conclusion) -> usize {
        self.nodes
            .iter()
            .filter(|node| node.conclusion == wanted)
            .count()
    }

    /// The entries of the ignore file that pass over something of the node.
    fn entries_for(&self, node: &Judged) -> impl Iterator<Item = &Ignore> {
        let used: Vec<Place> = node
            .ignored_packages
            .iter()
            .flatten()
            .chain(&node.ignored_by)
            .copied()
            .collect();
        self.ignores
            .iter()
            .filter(move |(place, _)| used.contains(place))
            .map(|(_, entry)| entry)
    }

    /// An entry of the ignore file by its place.
    fn entry(&self, place: Place) -> Option<&Ignore> {
        let mut entries = self.ignores.iter();
        entries.find(|(at, _)| *at == place).map(|(_, entry)| entry)
    }

    /// The nodes as they are laid out.
    pub(crate) fn sheet(&self, breadth: Breadth) -> Sheet {
        table(COLUMNS, self.nodes, &self.at, breadth)
    }
}

/// What the cells depend on besides their node: the time.
type View = Timestamp;

const COLUMNS: &[Column<Judged, View>] = &[
    Column {
        header: "NAME",
        when: When::Always,
        cell: |node, _| node.updates.status.name.to_string(),
        tint: plain,
        gives: Gives::Width {
            order: 3,
            least: 14,
            cut: Cut::Middle,
        },
    },
    Column {
        header: "PENDING",
        when: When::Always,
        cell: |node, _| count(node, |counts| Some(counts.pending)),
        tint: plain,
        gives: Gives::Nothing,
    },
    Column {
        header: "SECURITY",
        when: When::Always,
        cell: |node, _| count(node, |counts| counts.security),
        tint: plain,
        gives: Gives::All { order: 5 },
    },
    Column {
        header: "DATA-AGE",
        when: When::Always,
        cell: data_age,
        tint: plain,
        gives: Gives::All { order: 1 },
    },
    Column {
        header: "REBOOT",
        when: When::Always,
        cell: |node, _| need(node.updates.status.verdict.need).to_owned(),
        tint: |node, _| need_tint(node.updates.status.verdict.need),
        gives: Gives::All { order: 4 },
    },
    Column {
        header: "BEHIND",
        when: When::Always,
        cell: |node, _| words::behind(node),
        tint: |node, _| match node.conclusion {
            Conclusion::Behind => Tint::Wanting,
            Conclusion::UpToDate => Tint::Good,
            Conclusion::Unknown => Tint::Doubtful,
            Conclusion::Ignored | Conclusion::NotApplicable | Conclusion::NotAsked => Tint::Faint,
        },
        gives: Gives::Nothing,
    },
    wide("POOL", |node, _| {
        or_none(node.updates.status.pool.as_deref())
    }),
    wide("PHASED", |node, _| {
        count(node, |counts| Some(counts.phased))
    }),
    wide("KEPT-BACK", |node, _| {
        count(node, |counts| Some(counts.kept_back))
    }),
    wide("IGNORED", |node, _| ignored(node)),
    wide("ASKED", |node, _| {
        or_none(read(node, |read| Some(words::manager(read.manager))))
    }),
    wide("DATA-BY", |node, _| {
        or_none(read(node, |read| read.data.by.map(words::data_by)))
    }),
    wide("SINCE", |node, now| {
        since(node, *now).unwrap_or_else(|| NONE.to_owned())
    }),
    wide("KERNEL", |node, _| {
        kernel(node.updates.status.verdict.running.as_ref())
    }),
    wide("NEWEST-KERNEL", |node, _| {
        kernel(node.updates.status.verdict.newest_installed.as_ref())
    }),
    wide("NODE-IMAGE", |node, _| {
        or_none(node.updates.status.aks.image.as_deref())
    }),
    wide("LATEST-IMAGE", |node, _| match &node.updates.image {
        Image::Known { latest, .. } => latest.clone(),
        // That nobody asked is no doubt.
        Image::Unknown(Reason::AzureNotAsked) | Image::NotApplicable(_) => NONE.to_owned(),
        Image::Unknown(_) => UNKNOWN.to_owned(),
    }),
    wide("READ-BY", |node, _| {
        route(node.updates.status.verdict.read_by).to_owned()
    }),
];

const fn wide(header: &'static str, cell: fn(&Judged, &View) -> String) -> Column<Judged, View> {
    Column {
        header,
        when: When::Wide,
        cell,
        tint: plain,
        gives: Gives::Nothing,
    }
}

/// A number where it is known; `12?` where it is what was read, and there may be more. That nothing was found among what may
/// be old or cut short says nothing.
fn count(node: &Judged, of: fn(Counts) -> Option<u32>) -> String {
    if let Packages::NotApplicable(_) = node.updates.packages {
        return "n-a".to_owned();
    }
    match (node.known_counts().and_then(of), node.counts.and_then(of)) {
        (Some(number), _) => number.to_string(),
        (None, Some(number @ 1..)) => format!("{number}?"),
        (None, _) => UNKNOWN.to_owned(),
    }
}

fn data_age(node: &Judged, now: &View) -> String {
    match (&node.updates.packages, node.updates.packages.read()) {
        (Packages::NotApplicable(_), _) => "n-a".to_owned(),
        (_, Some(read)) => read
            .data
            .as_of
            .map_or_else(|| UNKNOWN.to_owned(), |as_of| age_at(*now, as_of)),
        (_, None) => UNKNOWN.to_owned(),
    }
}

fn age_at(now: Timestamp, then: Timestamp) -> String {
    // A node's clock may be ahead of ours.
    age(now.duration_since(then).try_into().unwrap_or_default())
}

/// For how long a reboot has been pending.
fn since(node: &Judged, now: Timestamp) -> Option<String> {
    let verdict = &node.updates.status.verdict;
    (verdict.need == Need::Yes).then(|| {
        verdict
            .since
            .map_or_else(|| UNKNOWN.to_owned(), |since| age_at(now, since))
    })
}

/// How many packages entries of the ignore file pass over.
fn ignored_packages(node: &Judged) -> usize {
    node.ignored_packages.iter().flatten().count()
}

fn ignored(node: &Judged) -> String {
    match (node.ignored_by, ignored_packages(node)) {
        (Some(_), _) => "node".to_owned(),
        (None, 0) => NONE.to_owned(),
        (None, packages) => packages.to_string(),
    }
}

fn read<T>(node: &Judged, of: fn(&Updates) -> Option<T>) -> Option<T> {
    node.updates.packages.read().and_then(of)
}

fn or_none(text: Option<&str>) -> String {
    text.filter(|text| !text.is_empty())
        .unwrap_or(NONE)
        .to_owned()
}
