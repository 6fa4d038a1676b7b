//! A run as a timeline: its events folded into what each node took, step by step, and what it waited for.
//! Knows nothing of how the events came about: a run, a rehearsal or a journal read back give the same.

use std::time::Duration;

use jiff::Timestamp;

use super::engine::{Outcome, Step};
use super::event::{Event, What};
use super::model::NodeName;
use super::reason::Reason;

/// What a run took, so far or in all.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Timeline {
    pub(crate) began: Option<Timestamp>,
    /// Time of the last event.
    pub(crate) last: Option<Timestamp>,
    /// In the order in which their parts began.
    pub(crate) nodes: Vec<NodeTime>,
}

/// One node's part.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct NodeTime {
    pub(crate) name: NodeName,
    pub(crate) began: Timestamp,
    pub(crate) ended: Option<Timestamp>,
    /// Steps that are done, each with what it took.
    pub(crate) steps: Vec<(Step, Duration)>,
    /// Every wait, in order. The last one goes on as long as its step does.
    pub(crate) waits: Vec<Wait>,
    pub(crate) outcome: Option<Outcome>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Wait {
    pub(crate) step: Step,
    pub(crate) reason: Reason,
    pub(crate) began: Timestamp,
    pub(crate) ended: Option<Timestamp>,
}

impl Timeline {
    /// The whole run, up to its last event.
    pub(crate) fn took(&self) -> Duration {
        match (self.began, self.last) {
            (Some(began), Some(last)) => between(began, last),
            _ => Duration::ZERO,
        }
    }

    /// Takes the next event of the run. Events of an unknown node begin its part.
    pub(crate) fn take(&mut self, event: &Event) {
        self.began.get_or_insert(event.ts);
        self.last = Some(event.ts);
        let Some(name) = &event.node else {
            return;
        };
        let node = self.node(name, event.ts);
        match &event.what {
            What::StepWaiting { reason, .. } => {
                let Some(step) = event.step else {
                    return;
                };
                node.end_wait(event.ts);
                node.waits.push(Wait {
                    step,
                    reason: reason.clone(),
                    began: event.ts,
                    ended: None,
                });
            }
            What::StepDone {} => {
                node.end_wait(event.ts);
                if let Some(step) = event.step {
                    let spent: Duration = node.steps.iter().map(|(_, took)| *took).sum();
                    let took = between(node.began, event.ts).saturating_sub(spent);
                    node.steps.push((step, took));
                }
            }
            What::NodeFinished { outcome } => {
                node.end_wait(event.ts);
                node.ended = Some(event.ts);
                node.outcome = Some(outcome.clone());
            }
            _ => {}
        }
    }

    fn node(&mut self, name: &NodeName, began: Timestamp) -> &mut NodeTime {
        let at = match self.nodes.iter().position(|node| node.name == *name) {
            Some(at) => at,
            None => {
                self.nodes.push(NodeTime {
                    name: name.clone(),
                    began,
                    ended: None,
                    steps: Vec::new(),
                    waits: Vec::new(),
                    outcome: None,
                });
                self.nodes.len() - 1
            }
        };
        &mut self.nodes[at]
    }
}

impl NodeTime {
    /// From the beginning of its part to the end; `None` while it goes on.
    pub(crate) fn took(&self) -> Option<Duration> {
        Some(between(self.began, self.ended?))
    }

    fn end_wait(&mut self, at: Timestamp) {
        if let Some(wait) = self.waits.last_mut() {
            wait.ended.get_or_insert(at);
        }
    }
}

impl Wait {
    /// `None` while it goes on.
    pub(crate) fn took(&self) -> Option<Duration> {
        Some(between(self.began, self.ended?))
    }
}

fn between(began: Timestamp, ended: Timestamp) -> Duration {
    Duration::try_from(ended.duration_since(began)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::event::VERSION;
    use crate::core::model::RunId;

    fn at(second: i64, node: Option<&str>, step: Option<Step>, what: What) -> Event {
        Event {
            v: VERSION,
            run: RunId::new("r"),
            seq: 0,
            ts: Timestamp::from_second(second).expect("a time"),
            node: node.map(NodeName::new),
            step,
            what,
        }
    }

    fn waiting(reason: Reason) -> What {
        What::StepWaiting {
            reason,
            until: Timestamp::UNIX_EPOCH,
        }
    }

    fn folded(events: &[Event]) -> Timeline {
        let mut timeline = Timeline::default();
        events.iter().for_each(|event| timeline.take(event));
        timeline
    }

    #[test]
    fn each_step_took_what_lies_between_its_end_and_the_one_before() {
        let timeline = folded(&[
            at(100, None, None, What::RunFinished {}),
            at(101, Some("a"), None, What::NodeStarted {}),
            at(103, Some("a"), Some(Step::Gate), What::StepDone {}),
            at(104, Some("a"), Some(Step::Cordon), What::StepDone {}),
            at(114, Some("a"), Some(Step::Drain), What::StepDone {}),
            at(
                120,
                Some("a"),
                None,
                What::NodeFinished {
                    outcome: Outcome::NotNeeded,
                },
            ),
        ]);
        let steps: Vec<_> = timeline.nodes[0]
            .steps
            .iter()
            .map(|(step, took)| (*step, took.as_secs()))
            .collect();
        assert_eq!(
            steps,
            [(Step::Gate, 2), (Step::Cordon, 1), (Step::Drain, 10)]
        );
        assert_eq!(timeline.nodes[0].took(), Some(Duration::from_secs(19)));
        assert_eq!(timeline.took(), Duration::from_secs(20));
    }

    #[test]
    fn a_wait_ends_with_the_next_one_or_with_its_step_and_else_goes_on() {
        let timeline = folded(&[
            at(0, Some("a"), None, What::NodeStarted {}),
            at(1, Some("a"), Some(Step::Drain), waiting(Reason::Throttled)),
            at(
                4,
                Some("a"),
                Some(Step::Drain),
                waiting(Reason::AwaitingLease),
            ),
            at(9, Some("a"), Some(Step::Drain), What::StepDone {}),
            at(
                9,
                Some("a"),
                Some(Step::Reboot),
                waiting(Reason::AwaitingLease),
            ),
        ]);
        let waits: Vec<_> = timeline.nodes[0]
            .waits
            .iter()
            .map(|wait| wait.took().map(|took| took.as_secs()))
            .collect();
        assert_eq!(waits, [Some(3), Some(5), None]);
    }
}
