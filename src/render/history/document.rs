//! What `history -o json` prints.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::Row;
use crate::core::engine::Course;
use crate::core::history::{Counts, State};
use crate::core::model::RunId;
use crate::core::reason::Reason;
use crate::core::record::Session;

/// Version of the document.
pub(crate) const VERSION: u32 = 1;

/// One document, also on failure.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Document<'a> {
    kind: &'static str,
    v: u32,
    context: &'a str,
    server: &'a str,
    /// The newest first; null when they could not be read.
    runs: Option<Vec<Listed<'a>>>,
    errors: &'a [String],
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Listed<'a> {
    run: &'a RunId,
    /// Whether it is a roll or a drain; null when the record cannot be read.
    course: Option<Course>,
    /// Null when the record cannot be read.
    state: Option<State>,
    /// The lock names this run: it is carried out, or was cut off.
    holds_lock: bool,
    counts: Option<Counts>,
    sessions: Vec<&'a Session>,
    ended: Option<Timestamp>,
    /// Why it stopped.
    reason: Option<&'a Reason>,
    /// Why the record cannot be read.
    trouble: Option<&'a str>,
}

impl<'a> Document<'a> {
    pub(crate) fn new(
        (context, server): (&'a str, &'a str),
        rows: Option<&[Row<'a>]>,
        errors: &'a [String],
    ) -> Self {
        Self {
            kind: "aksreboot/History",
            v: VERSION,
            context,
            server,
            runs: rows.map(|rows| rows.iter().map(run).collect()),
            errors,
        }
    }
}

fn run<'a>(row: &Row<'a>) -> Listed<'a> {
    let recorded = row.recorded.ok();
    let closing = recorded.and_then(|recorded| recorded.ended.as_ref());
    Listed {
        run: row.run,
        course: recorded.map(|recorded| recorded.plan.spec.settings.course),
        state: recorded.map(State::of),
        holds_lock: row.holds_lock,
        counts: recorded.map(Counts::of),
        sessions: recorded
            .into_iter()
            .flat_map(|recorded| recorded.sessions.values())
            .collect(),
        ended: closing.map(|closing| closing.at),
        reason: closing.and_then(|closing| closing.reason.as_ref()),
        trouble: row.recorded.err(),
    }
}
