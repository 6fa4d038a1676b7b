//! What a run has kept of its nodes outside of them, and where a resumed run takes a node up: a fold of the node, its
//! mark and the run record. It reads nothing and does nothing; what the step then does is judged by `check`, as ever.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Ask, Outcome, Step, Workload};
use crate::core::mark::{Marked, marked};
use crate::core::model::{Node, NodeName, RunId, Uid};
use crate::core::plan::Target;

/// How it was on a node before the run: what Verify and Settle compare with. Bounded by the node's own number of pods.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Baseline {
    /// DaemonSets with a Ready pod: UID, and the name for people.
    pub(crate) daemons: BTreeMap<Uid, String>,
    /// The workloads whose pods leave.
    pub(crate) workloads: Vec<Workload>,
}

/// What the run record says of one node.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Note {
    pub(crate) outcome: Option<Outcome>,
    /// When the outcome was written down.
    pub(crate) finished: Option<Timestamp>,
    /// The workloads were back: nothing was left but to remove the mark.
    pub(crate) settled: bool,
    pub(crate) baseline: Option<Baseline>,
}

/// What earlier sessions of a run left behind; empty for a run that begins.
#[derive(Clone, Debug, Default)]
pub(crate) struct Earlier {
    /// How many sessions there were.
    pub(crate) sessions: u64,
    pub(crate) notes: BTreeMap<NodeName, Note>,
    /// Nodes with the run's mark, in its hands, and the intent that the mark says.
    pub(crate) in_hand: BTreeMap<NodeName, Step>,
}

impl Earlier {
    /// How a target's part has ended already. A node that still has the mark is not done with, whatever was written down;
    /// one that failed or was broken off gets another turn.
    pub(crate) fn ended(&self, node: &NodeName) -> Option<&Outcome> {
        if self.in_hand.contains_key(node) {
            return None;
        }
        let outcome = self.notes.get(node)?.outcome.as_ref()?;
        match outcome {
            Outcome::Verified { .. }
            | Outcome::Drained { .. }
            | Outcome::NotNeeded
            | Outcome::Skipped { .. } => Some(outcome),
            Outcome::Failed { .. } | Outcome::Interrupted { .. } => None,
        }
    }
}

/// Where a node is taken up.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TakenUp {
    pub(crate) step: Step,
    /// What is known of the ask before anything is read.
    pub(crate) ask: Ask,
    /// The ask may have left before the run was cut off.
    pub(crate) ask_may_come: bool,
}

/// Judges where `target` is taken up: at Gate, unless it carries the run's own mark. An intent to reboot says that the ask
/// may be there, so that is looked up before anything else is done to the node.
pub(crate) fn taken_up(target: &Target, node: Option<&Node>, run: &RunId) -> TakenUp {
    let at = |step, ask, ask_may_come| TakenUp {
        step,
        ask,
        ask_may_come,
    };
    let begins = || at(Step::Gate, Ask::NotAsked, false);
    let Some(node) = node.filter(|node| node.uid == target.uid) else {
        return begins();
    };
    let Marked::By(mark) = marked(node) else {
        return begins();
    };
    if mark.run != *run {
        return begins();
    }
    let booted = node.boot.as_ref().is_some_and(|boot| *boot != target.boot);
    match mark.step {
        // Cordon and mark are one patch; how far the drain had come is seen from the pods.
        Step::Gate | Step::Cordon | Step::Drain => at(Step::Cordon, Ask::NotAsked, false),
        Step::Reboot | Step::Return | Step::Verify | Step::Uncordon if booted => {
            at(Step::Return, Ask::Lost, true)
        }
        Step::Reboot | Step::Return | Step::Verify | Step::Uncordon => {
            at(Step::Drain, Ask::Lost, true)
        }
        Step::Settle => at(Step::Settle, Ask::NotAsked, false),
    }
}
