//! What `report -o json` prints.

use std::path::Path;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::Report;
use crate::core::engine::{Course, Outcome};
use crate::core::history::{Counts, State, Took};
use crate::core::model::{NodeName, RunId};
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
    /// Null when there is none to tell.
    run: Option<Reported<'a>>,
    errors: &'a [String],
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Reported<'a> {
    run: &'a RunId,
    course: Course,
    state: State,
    plan_hash: &'a str,
    counts: Counts,
    sessions: Vec<&'a Session>,
    ended: Option<Timestamp>,
    /// Why it stopped.
    reason: Option<&'a Reason>,
    /// In the order of the plan.
    nodes: Vec<Node<'a>>,
    left_out: Vec<LeftOut<'a>>,
    /// Where the times of the steps are from; null where no journal was found.
    journal: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Node<'a> {
    name: &'a NodeName,
    pool: Option<&'a str>,
    zone: Option<&'a str>,
    /// Null while the node is under way, or not begun.
    outcome: Option<&'a Outcome>,
    finished: Option<Timestamp>,
    /// Null without a journal.
    steps: Option<&'a [Took]>,
}

/// A node that the plan did not take.
#[derive(Debug, Serialize, JsonSchema)]
struct LeftOut<'a> {
    name: &'a NodeName,
    reason: &'a Reason,
}

impl<'a> Document<'a> {
    pub(crate) fn new(
        (context, server): (&'a str, &'a str),
        report: Option<&Report<'a>>,
        journal: Option<&Path>,
        errors: &'a [String],
    ) -> Self {
        Self {
            kind: "aksreboot/Report",
            v: VERSION,
            context,
            server,
            run: report.map(|report| run(report, journal)),
            errors,
        }
    }
}

fn run<'a>(report: &Report<'a>, journal: Option<&Path>) -> Reported<'a> {
    let recorded = report.recorded;
    let plan = &recorded.plan;
    let closing = recorded.ended.as_ref();
    let nodes = plan.spec.targets.iter().map(|target| {
        let note = recorded.notes.get(&target.name);
        let steps = report
            .steps
            .map(|steps| steps.get(&target.name).map_or(&[][..], Vec::as_slice));
        Node {
            name: &target.name,
            pool: target.pool.as_deref(),
            zone: target.zone.as_deref(),
            outcome: note.and_then(|note| note.outcome.as_ref()),
            finished: note.and_then(|note| note.finished),
            steps,
        }
    });
    Reported {
        run: &recorded.run,
        course: plan.spec.settings.course,
        state: State::of(recorded),
        plan_hash: &plan.hash,
        counts: Counts::of(recorded),
        sessions: recorded.sessions.values().collect(),
        ended: closing.map(|closing| closing.at),
        reason: closing.and_then(|closing| closing.reason.as_ref()),
        nodes: nodes.collect(),
        left_out: plan
            .report
            .excluded
            .iter()
            .map(|excluded| LeftOut {
                name: &excluded.name,
                reason: &excluded.reason,
            })
            .collect(),
        journal: journal.map(|path| path.display().to_string()),
    }
}
