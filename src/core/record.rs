//! A run as its record has it: plan, sessions, how each node was before its turn and how it ended. The ConfigMap that it is
//! read from and written to is the edge's.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::engine::Note;
use super::model::{NodeName, RunId};
use super::plan::Plan;
use super::reason::Reason;

#[derive(Debug)]
pub(crate) struct Recorded {
    pub(crate) run: RunId,
    pub(crate) plan: Plan,
    pub(crate) notes: BTreeMap<NodeName, Note>,
    /// By their numbers, from 0.
    pub(crate) sessions: BTreeMap<u64, Session>,
    pub(crate) ended: Option<Closing>,
}

/// One process that carried the run out, or a part of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Session {
    pub(crate) at: Timestamp,
    pub(crate) user: String,
    pub(crate) host: String,
    pub(crate) version: String,
}

/// How the last session ended; absent while one is under way, or was cut off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Closing {
    pub(crate) at: Timestamp,
    pub(crate) how: How,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) reason: Option<Reason>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum How {
    /// Every target has its outcome.
    Finished,
    Stopped,
    Interrupted,
}

impl Recorded {
    /// The number of the next session.
    pub(crate) fn next_session(&self) -> u64 {
        self.sessions
            .last_key_value()
            .map_or(1, |(number, _)| number.saturating_add(1))
    }

    /// Every target has its outcome: there is nothing to go on with.
    pub(crate) fn is_finished(&self) -> bool {
        self.ended
            .as_ref()
            .is_some_and(|closing| closing.how == How::Finished)
    }
}

impl Session {
    pub(crate) fn of(at: Timestamp, user: &str, host: &str) -> Self {
        Self {
            at,
            user: user.to_owned(),
            host: host.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }
}
