//! What `-o json` and `-o yaml` print, and what templates see. It holds everything: every package, every reason.

use jiff::Timestamp;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::{Report, words};
use crate::core::evidence::{Need, Route};
use crate::core::model::{Kernel, NodeName, Uid};
use crate::core::reason::Reason;
use crate::core::updates::decide::{Conclusion, Found, Judged, Overall, Unknowns};
use crate::core::updates::ignore::{Ignores, Pattern, Place};
use crate::core::updates::{Cost, DataAgeBy, Manager, PackageUpdate, Packages, Updates};
use crate::render::format::jsonpath::without_nulls;
use crate::render::status::ClusterName;

/// Raised when a field changes its meaning or goes; `aksreboot schema` and its test hold the rest.
pub(crate) const VERSION: u8 = 1;

/// What `aksreboot check-updates -o json` prints, also on failure. Fields are added, never changed; readers pass over fields
/// and words that they do not know.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Document<'a> {
    #[schemars(extend("const" = "aksreboot/CheckUpdates"))]
    kind: &'static str,
    #[schemars(extend("const" = VERSION))]
    v: u8,
    cluster: ClusterName<'a>,
    /// When the nodes were judged.
    at: Timestamp,
    terms: TermsEntry,
    /// What all nodes come to. `unknown` is never up to date.
    overall: OverallWord,
    /// What the process ended with.
    exit_code: u8,
    nodes: Vec<NodeEntry<'a>>,
    summary: Summary,
    /// The entries of the ignore file.
    ignores: Vec<IgnoreEntry<'a>>,
    /// What kept the document from being whole, in words.
    errors: &'a [String],
}

/// On what terms the nodes were judged.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct TermsEntry {
    /// What counts: `pending`, `security`, `reboot`, `overdue=7d`.
    fail_on: Vec<String>,
    /// Older package data says nothing. Null: of any age.
    max_data_age_seconds: Option<u64>,
    /// Package data was to be fetched for the question.
    refresh: bool,
    /// Nodes that could not be decided do not fail the command.
    tolerate_unknown: bool,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
enum OverallWord {
    UpToDate,
    Behind,
    /// A node could not be decided, or there was none.
    Unknown,
}

/// How many nodes came to what, and what is pending on all of them together.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Summary {
    nodes: usize,
    behind: usize,
    up_to_date: usize,
    unknown: usize,
    ignored: usize,
    not_applicable: usize,
    /// Pending packages of the nodes on which they are known.
    pending: u64,
    /// Security updates among them; null where that is not known of one.
    security: Option<u64>,
    /// Nodes that wait for a reboot.
    reboot: usize,
}

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
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct NodeEntry<'a> {
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

/// An entry of the ignore file; others name it by its place, from 0.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct IgnoreEntry<'a> {
    node: Option<&'a str>,
    pool: Option<&'a str>,
    package: Option<&'a str>,
    reason: &'a str,
    /// The last day on which it holds, in UTC.
    expires: Date,
    /// That day is over: what it names counts again.
    expired: bool,
}

impl<'a> Document<'a> {
    pub(crate) fn new(report: &Report<'a>) -> Self {
        let terms = report.terms;
        Self {
            kind: "aksreboot/CheckUpdates",
            v: VERSION,
            cluster: ClusterName {
                context: report.context,
                server: report.server,
            },
            at: report.at,
            terms: TermsEntry {
                fail_on: terms
                    .criteria
                    .iter()
                    .map(|one| words::criterion(*one))
                    .collect(),
                max_data_age_seconds: terms.max_data_age.map(|age| age.as_secs()),
                refresh: terms.refresh,
                tolerate_unknown: terms.unknowns == Unknowns::Tolerated,
            },
            overall: match report.overall {
                Overall::UpToDate => OverallWord::UpToDate,
                Overall::Behind => OverallWord::Behind,
                Overall::Unknown => OverallWord::Unknown,
            },
            exit_code: report.exit,
            nodes: report.nodes.iter().map(NodeEntry::new).collect(),
            summary: Summary::of(report),
            ignores: ignores(report.ignores),
            errors: report.errors,
        }
    }

    /// As templates see it: what is null is not there.
    pub(crate) fn for_templates(&self) -> Result<Value, serde_json::Error> {
        serde_json::to_value(self).map(without_nulls)
    }
}

impl Summary {
    fn of(report: &Report<'_>) -> Self {
        let totals = report.totals();
        Self {
            nodes: report.nodes.len(),
            behind: report.number(Conclusion::Behind),
            up_to_date: report.number(Conclusion::UpToDate),
            unknown: report.number(Conclusion::Unknown),
            ignored: report.number(Conclusion::Ignored),
            not_applicable: report.number(Conclusion::NotApplicable),
            pending: totals.pending,
            security: totals.security,
            reboot: totals.reboot,
        }
    }
}

impl<'a> NodeEntry<'a> {
    fn new(node: &'a Judged) -> Self {
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
            KnownWord::Known => node.counts,
            KnownWord::Unknown | KnownWord::NotApplicable => None,
        };
        Self {
            answer,
            reasons,
            manager: read.map(|read| read.manager),
            pending: known.map(|counts| counts.pending),
            security: known.and_then(|counts| counts.security),
            phased: known.map(|counts| counts.phased),
            kept_back: known.map(|counts| counts.kept_back),
            ignored: super::ignored_packages(node),
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

fn ignores(ignores: &Ignores) -> Vec<IgnoreEntry<'_>> {
    let pattern = Pattern::as_str;
    ignores
        .iter()
        .map(|(_, entry)| IgnoreEntry {
            node: entry.node.as_ref().map(pattern),
            pool: entry.pool.as_ref().map(pattern),
            package: entry.package.as_ref().map(pattern),
            reason: &entry.reason,
            expires: entry.expires,
            expired: ignores.is_expired(entry),
        })
        .collect()
}

fn place(place: Place) -> usize {
    place.0
}
