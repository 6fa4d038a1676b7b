//! The vocabulary out of a run. Bars, plain lines, NDJSON and the journal all read this one stream.
//! Reader's rule: ignore unknown types and fields, refuse a higher `v`.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::engine::{Act, Outcome, Step};
use super::model::{BootId, NodeName, RunId};
use super::reason::Reason;

/// Version of the event format.
pub(crate) const VERSION: u32 = 1;

/// One thing that happened in a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Event {
    pub(crate) v: u32,
    pub(crate) run: RunId,
    /// Counts from 1 and goes on over a resume.
    pub(crate) seq: u64,
    pub(crate) ts: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) node: Option<NodeName>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) step: Option<Step>,
    #[serde(flatten)]
    pub(crate) what: What,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    tag = "type",
    rename_all = "snake_case",
    rename_all_fields = "camelCase"
)]
pub(crate) enum What {
    RunStarted {
        context: String,
        server: String,
        plan_hash: String,
        targets: Vec<NodeName>,
    },
    /// The run goes on, perhaps elsewhere and without its journal; `targets` are those that are left.
    RunResumed {
        context: String,
        server: String,
        plan_hash: String,
        targets: Vec<NodeName>,
    },
    NodeStarted {},
    /// Written before the request it names.
    StepIntent {
        act: Act,
    },
    StepDone {},
    /// Only when the reason changes. `until` is when the step gives up.
    StepWaiting {
        reason: Reason,
        until: Timestamp,
    },
    StepBlocked {
        reason: Reason,
    },
    Question {
        text: String,
    },
    Answer {
        yes: bool,
    },
    Observed {
        fact: Fact,
    },
    Warning {
        reason: Reason,
    },
    NodeFinished {
        outcome: Outcome,
    },
    RunStopped {
        reason: Option<Reason>,
    },
    RunFinished {},
}

/// Something the run saw that a report wants to show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(
    tag = "fact",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub(crate) enum Fact {
    PodsToEvict { count: u32 },
    PodsLeft { count: u32 },
    NewBoot { before: BootId, after: BootId },
    Ready {},
    NotReady { detail: String },
    Kernel { before: String, after: String },
}
