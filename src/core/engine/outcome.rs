//! How a node's part in a run ended, and what an end at this point has to put back.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Ask, Seen, Step};
use crate::core::model::{BootId, Kernel, PodKey};
use crate::core::reason::Reason;

/// The end of one node's part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(
    tag = "result",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub(crate) enum Outcome {
    /// Rebooted, healthy, its workloads back.
    Verified {
        boot_before: BootId,
        boot_after: BootId,
        kernel_before: Option<Kernel>,
        kernel_after: Option<Kernel>,
    },
    /// Emptied and left cordoned. Not waited for were these, which may still run: `--skip-wait-for-delete-timeout`.
    Drained { still_running: Vec<PodKey> },
    /// Read again right before its turn: nothing is pending any more.
    NotNeeded,
    /// Left out without being touched.
    Skipped { reason: Reason },
    /// Stopped at a step; `left` says how the node is now.
    Failed {
        step: Step,
        reason: Reason,
        left: Left,
    },
    /// Ended from outside at a step.
    Interrupted { step: Step, left: Left },
}

impl Outcome {
    /// The node may still carry the run's mark.
    pub(crate) fn leaves_a_mark(&self) -> bool {
        match self {
            Self::Failed { left, .. } | Self::Interrupted { left, .. } => !matches!(
                left,
                Left::Untouched | Left::Restored | Left::CordonedByHand
            ),
            Self::Verified { .. }
            | Self::Drained { .. }
            | Self::NotNeeded
            | Self::Skipped { .. } => false,
        }
    }

    /// The node is verified, drained as was asked, or needs nothing.
    pub(crate) fn is_good(&self) -> bool {
        matches!(
            self,
            Self::Verified { .. } | Self::NotNeeded | Self::Drained { .. }
        )
    }
}

/// The state in which a node was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Left {
    /// Nothing was changed on it.
    Untouched,
    /// Cordon and mark were undone.
    Restored,
    /// Without our mark; somebody else has cordoned it by hand and said why, and so it stays.
    CordonedByHand,
    /// Cordoned, with our mark.
    Cordoned,
    /// Back in service, with our mark.
    InService,
    /// The undoing failed or could not be confirmed.
    Unsure,
}

/// What has to be undone when a run ends at this point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Undo {
    Nothing,
    /// Uncordon if the run cordoned, and remove the mark.
    Restore,
    /// A reboot may be outstanding or was just done: the node stays as it is, marked.
    Keep,
}

/// What ends a node's part before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// A judgement: nothing is under way.
    Blocked,
    /// A signal or another node's failure, at any moment.
    BrokenOff,
}

/// Judges what ending at `step` has to undo. From the ask on a node is kept cordoned: an uncordon with an ask
/// outstanding would put pods on a node that is about to reboot. At Reboot only a judgement that nothing was asked
/// allows the undoing; a signal may come between the request and its answer.
pub(crate) fn undo(step: Step, seen: &Seen, ending: Ending) -> Undo {
    match (step, &seen.ask, ending) {
        (Step::Gate, ..) => Undo::Nothing,
        // A run that was gone on with may have asked in its first life: then nothing is opened on a guess.
        (Step::Cordon | Step::Drain, ..) if seen.ask_may_come => Undo::Keep,
        (Step::Cordon | Step::Drain, ..) => Undo::Restore,
        (Step::Reboot, Ask::Denied(_), _) | (Step::Reboot, Ask::NotAsked, Ending::Blocked)
            if !seen.ask_may_come =>
        {
            Undo::Restore
        }
        (Step::Reboot | Step::Return | Step::Verify | Step::Uncordon | Step::Settle, ..) => {
            Undo::Keep
        }
    }
}
