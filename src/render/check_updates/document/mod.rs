//! What `-o json` and `-o yaml` print, and what templates see. It holds everything: every package, every reason.

mod node;

use jiff::Timestamp;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::{Report, words};
use crate::core::azure::{AzureTrouble, AzureView};
use crate::core::updates::decide::{Conclusion, Judged, Unknowns};
use crate::core::updates::ignore::{Ignores, Pattern};
use crate::core::updates::image::Azure;
use crate::core::updates::outcome::Overall;
use crate::render::format::jsonpath::without_nulls;
use crate::render::status::ClusterName;
use node::NodeEntry;

/// Raised when a field changes its meaning or goes; `aksreboot schema` and its test hold the rest.
pub(crate) const VERSION: u8 = 2;

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
    /// What all nodes come to, whatever is tolerated. `unknown` is never up to date.
    overall: OverallWord,
    /// What the process ended with.
    exit_code: u8,
    nodes: Vec<NodeEntry<'a>>,
    summary: Summary,
    /// What Azure said of the cluster; null: it was not asked.
    azure: Option<AzureEntry<'a>>,
    /// The entries of the ignore file.
    ignores: Vec<IgnoreEntry<'a>>,
    /// What kept the document from being whole, in words.
    errors: &'a [String],
}

/// On what terms the nodes were judged.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct TermsEntry {
    /// What counts: `pending`, `security`, `reboot`, `image`, `overdue=7d`.
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
    /// Nothing counts.
    NotAsked,
}

/// What came of asking Azure.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct AzureEntry<'a> {
    told: Option<&'a AzureView>,
    /// Why nothing was told.
    trouble: Option<&'a AzureTrouble>,
}

/// How many nodes came to what, and what is pending on all of them together but those that are ignored. A number is null where a
/// part of it is not known, and all are where the nodes could not be listed.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Summary {
    nodes: Option<usize>,
    behind: Option<usize>,
    up_to_date: Option<usize>,
    unknown: Option<usize>,
    /// Of the unknown ones: behind in something all the same, or by data that is too old.
    behind_at_least: Option<usize>,
    ignored: Option<usize>,
    not_applicable: Option<usize>,
    not_asked: Option<usize>,
    /// Pending packages.
    pending: Option<u64>,
    /// As many were read, though that may not be all, or be old.
    pending_at_least: Option<u64>,
    /// Security updates among them.
    security: Option<u64>,
    security_at_least: Option<u64>,
    /// Nodes that wait for a reboot.
    reboot: Option<u64>,
    reboot_at_least: Option<u64>,
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
                Overall::NotAsked => OverallWord::NotAsked,
            },
            exit_code: report.exit,
            nodes: report.nodes.iter().map(NodeEntry::new).collect(),
            summary: Summary::of(report),
            azure: match report.azure {
                Azure::NotAsked | Azure::Interrupted => None,
                Azure::Asked(told) => Some(AzureEntry {
                    told: told.as_ref().ok(),
                    trouble: told.as_ref().err(),
                }),
            },
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
        let of = |wanted| report.nodes_that(|node| node.conclusion == wanted);
        Self {
            nodes: report.nodes_that(|_| true),
            behind: of(Conclusion::Behind),
            up_to_date: of(Conclusion::UpToDate),
            unknown: of(Conclusion::Unknown),
            behind_at_least: report.nodes_that(Judged::is_behind_at_least),
            ignored: of(Conclusion::Ignored),
            not_applicable: of(Conclusion::NotApplicable),
            not_asked: of(Conclusion::NotAsked),
            pending: totals.pending.known,
            pending_at_least: totals.pending.at_least,
            security: totals.security.known,
            security_at_least: totals.security.at_least,
            reboot: totals.reboot.known,
            reboot_at_least: totals.reboot.at_least,
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
