//! What came of rehearsing a plan on a copy of the cluster: when each node goes and is back, what is waited for, how few
//! pods of each workload are Ready at worst. Folds a run's events; it neither runs anything nor guesses durations.

use std::collections::BTreeMap;
use std::mem::discriminant;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::engine::{Outcome, Step};
use super::event::{Event, What};
use super::model::NodeName;
use super::reason::Reason;

/// A whole rehearsal. All times are whole seconds from the beginning of the run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Rehearsal {
    pub(crate) assumed: Assumed,
    pub(crate) took: u64,
    /// Why the run stopped before its end; absent when it came to it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) stopped: Option<Reason>,
    /// In the order of the plan.
    pub(crate) nodes: Vec<Rehearsed>,
    /// The workloads that had fewer Ready pods than before, at their worst.
    pub(crate) lows: Vec<Lowest>,
}

impl Rehearsal {
    /// Every node of the plan came to its good end.
    pub(crate) fn is_good(&self) -> bool {
        let good = |node: &Rehearsed| node.outcome.as_ref().is_some_and(Outcome::is_good);
        self.stopped.is_none() && self.nodes.iter().all(good)
    }
}

/// What no snapshot can tell, and was taken to be so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Assumed {
    /// From the ask until the node is Ready again, in seconds.
    pub(crate) reboot: u64,
}

/// One node's part. A moment that it did not come to is absent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Rehearsed {
    pub(crate) name: NodeName,
    pub(crate) begins: Option<u64>,
    /// Nothing is left on it that should leave.
    pub(crate) drained: Option<u64>,
    /// Ready for long enough on its new boot.
    pub(crate) back: Option<u64>,
    /// Verified, open, its workloads back.
    pub(crate) done: Option<u64>,
    pub(crate) outcome: Option<Outcome>,
    pub(crate) waits: Vec<Wait>,
}

/// What a step waited for, as it last was, and how long in all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Wait {
    pub(crate) step: Step,
    pub(crate) reason: Reason,
    pub(crate) seconds: u64,
}

/// The worst moment of one workload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Lowest {
    pub(crate) kind: String,
    pub(crate) namespace: String,
    pub(crate) name: String,
    /// Ready pods before the run.
    pub(crate) before: usize,
    /// The fewest at any moment of it.
    pub(crate) ready: usize,
    pub(crate) at: u64,
    /// The node that was under way then.
    pub(crate) node: Option<NodeName>,
}

/// A wait that goes on: where it stands among the node's, and since when.
struct Open {
    place: usize,
    since: Timestamp,
}

/// The parts of the nodes named in `targets`, in their order, by a run's events.
pub(crate) fn fold(targets: &[NodeName], events: &[Event]) -> Vec<Rehearsed> {
    let Some(began) = events.first().map(|event| event.ts) else {
        return Vec::new();
    };
    let mut parts: BTreeMap<&NodeName, (Rehearsed, Option<Open>)> = targets
        .iter()
        .map(|name| (name, (Rehearsed::of(name), None)))
        .collect();
    for event in events {
        let Some((part, open)) = event.node.as_ref().and_then(|name| parts.get_mut(name)) else {
            continue;
        };
        let at = Some(seconds(began, event.ts));
        match (&event.what, event.step) {
            (What::NodeStarted {}, _) => part.begins = at,
            (What::StepWaiting { reason, .. }, Some(step)) => {
                part.close(open, event.ts);
                *open = Some(part.wait(step, reason, event.ts));
            }
            (What::StepDone {}, Some(step)) => {
                part.close(open, event.ts);
                match step {
                    Step::Drain => part.drained = at,
                    Step::Return => part.back = at,
                    _ => {}
                }
            }
            (What::StepBlocked { .. }, _) => part.close(open, event.ts),
            (What::NodeFinished { outcome }, _) => {
                part.close(open, event.ts);
                if outcome.is_good() {
                    part.done = at;
                }
                part.outcome = Some(outcome.clone());
            }
            _ => {}
        }
    }
    targets
        .iter()
        .filter_map(|name| parts.remove(name).map(|(part, _)| part))
        .collect()
}

/// The node that was under way so many seconds after the beginning.
pub(crate) fn under_way(nodes: &[Rehearsed], at: u64) -> Option<&NodeName> {
    nodes
        .iter()
        .filter(|node| node.begins.is_some_and(|begins| begins <= at))
        .max_by_key(|node| node.begins)
        .map(|node| &node.name)
}

pub(crate) fn seconds(from: Timestamp, to: Timestamp) -> u64 {
    u64::try_from(to.duration_since(from).as_secs()).unwrap_or(0)
}

impl Rehearsed {
    fn of(name: &NodeName) -> Self {
        Self {
            name: name.clone(),
            begins: None,
            drained: None,
            back: None,
            done: None,
            outcome: None,
            waits: Vec::new(),
        }
    }

    /// Goes on with the last wait if it was for the same kind of reason: its numbers change all the time.
    fn wait(&mut self, step: Step, reason: &Reason, since: Timestamp) -> Open {
        let goes_on = self
            .waits
            .last_mut()
            .filter(|last| last.step == step && discriminant(&last.reason) == discriminant(reason));
        match goes_on {
            Some(last) => last.reason = reason.clone(),
            None => self.waits.push(Wait {
                step,
                reason: reason.clone(),
                seconds: 0,
            }),
        }
        Open {
            place: self.waits.len() - 1,
            since,
        }
    }

    fn close(&mut self, open: &mut Option<Open>, now: Timestamp) {
        if let Some(Open { place, since }) = open.take()
            && let Some(wait) = self.waits.get_mut(place)
        {
            wait.seconds += seconds(since, now);
        }
    }
}
