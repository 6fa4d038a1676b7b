//! How one node goes through a roll or a drain, as pure judgements over what was seen. `check` says what a step waits for or does
//! next; `admit` says who may start; neither acts, sleeps or reads. The runner in `edge` does that.

mod act;
mod admit;
mod earlier;
mod latecomers;
mod opening;
mod outcome;
mod seen;
mod steps;
#[cfg(test)]
mod tests;

pub(crate) use act::{Act, Patched};
pub(crate) use admit::{Admission, Fleet, admit, counted};
pub(crate) use earlier::{Baseline, Earlier, Note, TakenUp, taken_up};
pub(crate) use latecomers::Latecomers;
pub(crate) use opening::{Opening, opening};
pub(crate) use outcome::{Ending, Left, Outcome, Undo, undo};
pub(crate) use seen::{
    Ask, Conclusion, Eviction, KuredSeen, NodeClock, NodeSeen, Probed, Seen, Volumes, Workload,
    WorkloadKey, workloads_of,
};
pub(crate) use steps::{Check, Sight, check};

use std::time::Duration;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The steps of one node, in their order.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub(crate) enum Step {
    Gate,
    Cordon,
    Drain,
    Reboot,
    Return,
    Verify,
    Uncordon,
    Settle,
}

impl Step {
    pub(crate) const ALL: [Self; 8] = [
        Self::Gate,
        Self::Cordon,
        Self::Drain,
        Self::Reboot,
        Self::Return,
        Self::Verify,
        Self::Uncordon,
        Self::Settle,
    ];

    /// The step after this one; `None` after Settle.
    pub(crate) fn next(self) -> Option<Self> {
        Self::ALL.into_iter().find(|step| *step > self)
    }

    /// The step as a person reads it.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Gate => "gate",
            Self::Cordon => "cordon",
            Self::Drain => "drain",
            Self::Reboot => "reboot",
            Self::Return => "return",
            Self::Verify => "verify",
            Self::Uncordon => "uncordon",
            Self::Settle => "settle",
        }
    }
}

/// Which steps a run takes its nodes through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Course {
    /// All eight.
    #[default]
    Roll,
    /// Gate, Cordon and Drain. The node stays cordoned, and nothing on it says by whom, as kubectl leaves it.
    Drain,
}

impl Course {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
    pub(crate) fn is_roll(&self) -> bool {
        *self == Self::Roll
    }

    /// The step after `step`; `None` after the last.
    pub(crate) fn after(self, step: Step) -> Option<Step> {
        step.next().filter(|next| self.has(*next))
    }

    /// How many steps there are.
    pub(crate) fn steps(self) -> usize {
        Step::ALL.into_iter().filter(|step| self.has(*step)).count()
    }

    fn has(self, step: Step) -> bool {
        match self {
            Self::Roll => true,
            Self::Drain => step <= Step::Drain,
        }
    }
}

/// A time limit that is none: longer than any run.
pub(crate) const NO_LIMIT: Duration = Duration::from_secs(100 * 365 * 86_400);

/// A moment by two clocks: one that only goes forward, for time limits, and the wall's, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Now {
    /// Since the run began.
    pub(crate) mono: Duration,
    pub(crate) wall: Timestamp,
}

impl Now {
    /// The wall time of a later moment of the forward clock.
    pub(crate) fn wall_at(self, mono: Duration) -> Timestamp {
        let ahead = mono.saturating_sub(self.mono);
        self.wall.checked_add(ahead).unwrap_or(self.wall)
    }
}
