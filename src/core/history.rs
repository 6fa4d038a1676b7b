//! Runs as they are told afterwards: how far each came, from its record alone, and how long each step took, from its events
//! where there is a journal.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::engine::{Outcome, Step};
use super::event::{Event, What};
use super::model::NodeName;
use super::reason::Reason;
use super::record::{How, Recorded};

/// How a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum State {
    Finished,
    Stopped,
    Interrupted,
    /// No end is written down: a process carries it out, or it was cut off.
    Open,
}

/// How many of a run's nodes came how far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Counts {
    pub(crate) targets: usize,
    /// Rebooted and verified, drained, or in need of nothing any more.
    pub(crate) done: usize,
    pub(crate) left_out: usize,
    /// Failed or broken off.
    pub(crate) failed: usize,
    /// No outcome is written down.
    pub(crate) open: usize,
}

/// A step of one node, and how long it took.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Took {
    pub(crate) step: Step,
    pub(crate) began: Timestamp,
    pub(crate) seconds: u64,
    /// What it waited for longest, and for how many seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) waited: Option<Waited>,
}

#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Waited {
    pub(crate) reason: Reason,
    pub(crate) seconds: u64,
}

impl State {
    pub(crate) fn of(recorded: &Recorded) -> Self {
        match recorded.ended.as_ref().map(|closing| closing.how) {
            Some(How::Finished) => Self::Finished,
            Some(How::Stopped) => Self::Stopped,
            Some(How::Interrupted) => Self::Interrupted,
            None => Self::Open,
        }
    }

    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Finished => "finished",
            Self::Stopped => "stopped",
            Self::Interrupted => "interrupted",
            Self::Open => "open",
        }
    }
}

impl Counts {
    pub(crate) fn of(recorded: &Recorded) -> Self {
        let mut counts = Self::default();
        for target in &recorded.plan.spec.targets {
            counts.targets += 1;
            let note = recorded.notes.get(&target.name);
            *match note.and_then(|note| note.outcome.as_ref()) {
                Some(Outcome::Verified { .. } | Outcome::Drained { .. } | Outcome::NotNeeded) => {
                    &mut counts.done
                }
                Some(Outcome::Skipped { .. }) => &mut counts.left_out,
                Some(Outcome::Failed { .. } | Outcome::Interrupted { .. }) => &mut counts.failed,
                None => &mut counts.open,
            } += 1;
        }
        counts
    }
}

/// The steps of each node, in their order; a step that was taken up again after a cut is there twice.
pub(crate) fn steps(events: &[Event]) -> BTreeMap<NodeName, Vec<Took>> {
    let mut took: BTreeMap<NodeName, Vec<Took>> = BTreeMap::new();
    let mut under_way: BTreeMap<NodeName, UnderWay> = BTreeMap::new();
    for event in events {
        let Some(node) = &event.node else {
            continue;
        };
        match (&event.what, event.step) {
            (What::NodeStarted {}, _) => {
                under_way.insert(node.clone(), UnderWay::since(event.ts));
            }
            (What::StepWaiting { reason, .. }, _) => {
                if let Some(now) = under_way.get_mut(node) {
                    now.waits(Some(reason), event.ts);
                }
            }
            (What::StepDone {} | What::StepBlocked { .. }, Some(step)) => {
                if let Some(mut now) = under_way.insert(node.clone(), UnderWay::since(event.ts)) {
                    now.waits(None, event.ts);
                    took.entry(node.clone()).or_default().push(Took {
                        step,
                        began: now.began,
                        seconds: seconds(now.began, event.ts),
                        waited: now.longest,
                    });
                }
            }
            _ => {}
        }
    }
    took
}

/// A step that has not ended.
struct UnderWay {
    began: Timestamp,
    waits: Option<(Reason, Timestamp)>,
    longest: Option<Waited>,
}

impl UnderWay {
    fn since(began: Timestamp) -> Self {
        Self {
            began,
            waits: None,
            longest: None,
        }
    }

    /// From now on it waits for something else, or for nothing.
    fn waits(&mut self, reason: Option<&Reason>, now: Timestamp) {
        if let Some((reason, since)) = self.waits.take() {
            let seconds = seconds(since, now);
            let longer = self
                .longest
                .as_ref()
                .is_none_or(|longest| longest.seconds < seconds);
            if longer && seconds > 0 {
                self.longest = Some(Waited { reason, seconds });
            }
        }
        self.waits = reason.map(|reason| (reason.clone(), now));
    }
}

/// Whole seconds; none where the wall's clock went back.
fn seconds(from: Timestamp, to: Timestamp) -> u64 {
    Duration::try_from(to.duration_since(from)).map_or(0, |span| span.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::model::{BootId, RunId};

    fn event(at: i64, step: Option<Step>, what: What) -> Event {
        Event {
            v: 1,
            run: RunId::new("r"),
            seq: 1,
            ts: Timestamp::from_second(at).expect("a time"),
            node: Some(NodeName::new("n")),
            step,
            what,
        }
    }

    fn waits(at: i64, step: Step, reason: Reason) -> Event {
        let until = Timestamp::from_second(at + 600).expect("a time");
        event(at, Some(step), What::StepWaiting { reason, until })
    }

    #[test]
    fn a_step_lasts_from_the_end_of_the_one_before_and_names_its_longest_wait() {
        let boot = Reason::AwaitingBoot {
            boot: BootId::new("b"),
        };
        let events = [
            event(0, None, What::NodeStarted {}),
            event(4, Some(Step::Gate), What::StepDone {}),
            waits(5, Step::Return, boot.clone()),
            waits(45, Step::Return, Reason::AwaitingLease),
            event(50, Some(Step::Return), What::StepDone {}),
        ];
        let steps = &steps(&events)[&NodeName::new("n")];
        let told: Vec<(Step, u64)> = steps.iter().map(|took| (took.step, took.seconds)).collect();
        assert_eq!(told, [(Step::Gate, 4), (Step::Return, 46)]);
        assert_eq!(steps[0].waited, None);
        let longest = Waited {
            reason: boot,
            seconds: 40,
        };
        assert_eq!(steps[1].waited, Some(longest));
    }

    #[test]
    fn a_node_that_is_taken_up_again_begins_anew_and_the_time_between_counts_for_no_step() {
        let events = [
            event(0, None, What::NodeStarted {}),
            event(4, Some(Step::Gate), What::StepDone {}),
            event(4000, None, What::NodeStarted {}),
            event(4002, Some(Step::Cordon), What::StepDone {}),
        ];
        let steps = &steps(&events)[&NodeName::new("n")];
        assert_eq!(steps[1].seconds, 2);
    }
}
