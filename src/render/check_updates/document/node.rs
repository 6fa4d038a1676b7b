//! One node of the document: what it comes to, its packages, every reason.

use jiff::Timestamp;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;

use crate::core::evidence::{Need, Route};
use crate::core::model::{Kernel, NodeName, Uid};
use crate::core::reason::Reason;
use crate::core::updates::decide::{Conclusion, Found, Judged};
use crate::core::updates::ignore::Place;
use crate::core::updates::{Cost, DataAgeBy, Manager, PackageUpdate, Packages, Updates};
use crate::render::check_updates::{ignored_packages, words};

/// What a node comes to.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
enum ConclusionWord {
    Behind,
    UpToDate,
    /// Something that counts could not be decided.
    Unknown,
    /// Behind or unknown, but for the ignore file.
    Ignored,
    NotApplicable,
    /// Nothing counts.
    NotAsked,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct NodeEntry<'a> {
    name: &'a NodeName,
    uid: &'a Uid,
    pool: Option<&'a str>,
    conclusion: ConclusionWord,
    /// In what the node is behind, of what counts; also where something else is unknown.
    behind_in: Vec<&'static str>,
    /// The answer to each thing that counts.
    counts: Vec<CountsEntry<'a>>,
    /// The entry of the ignore file that passes over the node.
    ignored_by: Option<usize>,
    packages: PackagesEntry<'a>,
    /// Whether a reboot is pending.
    reboot: Need,
    reboot_reasons: &'a [Reason],
    /// Since when it is pending, where the node says so.
    since: Option<Timestamp>,
    kernel: Option<&'a Kernel>,
    newest_kernel: Option<&'a Kernel>,
    os_image: &'a str,
    node_image: Option<&'a str>,
    /// The newest image of the pool, where Azure told it.
    latest_image: Option<&'a str>,
    /// The day of the node image, or of its last security patch.
    image_date: Option<Date>,
    /// What else is worth knowing and decides nothing.
    notes: Vec<&'a Reason>,
    read_by: Route,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct CountsEntry<'a> {
    /// As in `failOn`.
    what: String,
    answer: AnswerWord,
    /// Why it is unknown or does not apply.
    reasons: &'a [Reason],
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
enum AnswerWord {
    Behind,
    UpToDate,
    /// Behind by what was read; there may be more, or what was read is old. Not decided.
    BehindAtLeast,
    Unknown,
    NotApplicable,
}

/// What an upgrade would install. Counts are null where they are not known, never 0; they leave out what is ignored.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct PackagesEntry<'a> {
    answer: KnownWord,
    /// Why it is unknown or does not apply.
    reasons: Vec<&'a Reason>,
    /// The program that was asked.
    manager: Option<Manager>,
    pending: Option<u32>,
    /// Those that mend security faults; null where that is not known of one.
    security: Option<u32>,
    /// Held until this machine's turn in a phased update.
    phased: Option<u32>,
    kept_back: Option<u32>,
    /// How many of the list an ignore file passes over.
    ignored: usize,
    /// How many more there are than the list names.
    omitted: u32,
    data_as_of: Option<Timestamp>,
    data_by: Option<DataAgeBy>,
    /// The data was fetched for this question, beside the node's own.
    refreshed: bool,
    /// What was read. Where the answer is unknown it may be old or cut short.
    list: Vec<PackageEntry<'a>>,
    cost: Option<CostEntry>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
enum KnownWord {
    Known,
    Unknown,
    NotApplicable,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct PackageEntry<'a> {
    #[serde(flatten)]
    package: &'a PackageUpdate,
    /// The entry of the ignore file that passes over it.
    ignored_by: Option<usize>,
}

/// What the question cost the node.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct CostEntry {
    cpu_milliseconds: u64,
    milliseconds: u64,
}

impl<'a> NodeEntry<'a> {
    pub(super) fn new(node: &'a Judged) -> Self {
        let status = &node.updates.status;
        let verdict = &status.verdict;
        let read = node.updates.packages.read();
        Self {
            name: &status.name,
            uid: &status.uid,
            pool: status.pool.as_deref(),
            conclusion: match node.conclusion {
                Conclusion::Behind => ConclusionWord::Behind,
                Conclusion::UpToDate => ConclusionWord::UpToDate,
                Conclusion::Unknown => ConclusionWord::Unknown,
                Conclusion::Ignored => ConclusionWord::Ignored,
                Conclusion::NotApplicable => ConclusionWord::NotApplicable,
                Conclusion::NotAsked => ConclusionWord::NotAsked,
            },
            behind_in: words::behind_in(node),
            counts: node
                .found
                .iter()
                .map(|(what, found)| CountsEntry::new(words::criterion(*what), found))
                .collect(),
            ignored_by: node.ignored_by.map(place),
            packages: PackagesEntry::new(node),
            reboot: verdict.need,
            reboot_reasons: &verdict.reasons,
            since: verdict.since,
            kernel: verdict.running.as_ref(),
            newest_kernel: verdict.newest_installed.as_ref(),
            os_image: &status.os_image,
            node_image: status.aks.image.as_deref(),
            latest_image: node.updates.image.latest(),
            image_date: status.aks.image_date(),
            notes: verdict
                .notes
                .iter()
                .chain(read.map_or(&[][..], |read| &read.notes))
                .collect(),
            read_by: verdict.read_by,
        }
    }
}

impl<'a> CountsEntry<'a> {
    fn new(what: String, found: &'a Found) -> Self {
        let (answer, reasons): (_, &[Reason]) = match found {
            Found::Behind => (AnswerWord::Behind, &[]),
            Found::UpToDate => (AnswerWord::UpToDate, &[]),
            Found::BehindAtLeast(reasons) => (AnswerWord::BehindAtLeast, reasons),
            Found::Unknown(reasons) => (AnswerWord::Unknown, reasons),
            Found::NotApplicable(reasons) => (AnswerWord::NotApplicable, reasons),
        };
        Self {
            what,
            answer,
            reasons,
        }
    }
}

impl<'a> PackagesEntry<'a> {
    fn new(node: &'a Judged) -> Self {
        let (answer, reasons) = match &node.updates.packages {
            Packages::Known(_) => (KnownWord::Known, Vec::new()),
            Packages::Unknown { reasons, .. } => (KnownWord::Unknown, reasons.iter().collect()),
            Packages::NotApplicable(reason) => (KnownWord::NotApplicable, vec![reason]),
        };
        let read: Option<&Updates> = node.updates.packages.read();
        let known = match answer {
            KnownWord::NotApplicable => None,
            KnownWord::Known | KnownWord::Unknown => node.known_counts(),
        };
        Self {
            answer,
            reasons,
            manager: read.map(|read| read.manager),
            pending: known.map(|counts| counts.pending),
            security: known.and_then(|counts| counts.security),
            phased: known.map(|counts| counts.phased),
            kept_back: known.map(|counts| counts.kept_back),
            ignored: ignored_packages(node),
            omitted: read.map_or(0, |read| read.omitted),
            data_as_of: read.and_then(|read| read.data.as_of),
            data_by: read.and_then(|read| read.data.by),
            refreshed: read.is_some_and(|read| read.data.refreshed),
            list: read.map_or_else(Vec::new, |read| {
                let entry = |(package, ignored): (_, &Option<Place>)| PackageEntry {
                    package,
                    ignored_by: ignored.map(place),
                };
                read.packages
                    .iter()
                    .zip(&node.ignored_packages)
                    .map(entry)
                    .collect()
            }),
            cost: read.and_then(|read| read.cost).map(CostEntry::new),
        }
    }
}

impl CostEntry {
    fn new(cost: Cost) -> Self {
        Self {
            cpu_milliseconds: cost.cpu_milliseconds,
            milliseconds: cost.milliseconds,
        }
    }
}

fn place(place: Place) -> usize {
    place.0
}
