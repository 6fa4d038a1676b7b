//! What killed runs left, and what of it may be removed: judgements over what was seen. Whatever may belong to somebody
//! who is alive stays, and whatever could still reboot a node; each with the reason.

mod marks;
mod pods;
mod records;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::mark::{Marked, marked};
use super::model::{BootId, Node, NodeName, RunId, Uid};
use super::reason::Reason;

pub(crate) use marks::{MarkFate, Restores, mark};
use records::records;
pub(crate) use records::{KEEP, Records};

/// An ask that left before its run was killed has been answered by then: the API server gives up on a request after a
/// minute (kube-apiserver: --request-timeout), webhooks included.
pub(crate) const ON_ITS_WAY: Duration = Duration::from_secs(65);

/// Who has the lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Holder {
    /// There is no Lease.
    Nobody,
    /// The Lease has no holder; the run that gave it back so, if it says.
    Unheld {
        run: Option<String>,
    },
    Alive(Reason),
    Dead {
        run: String,
    },
    /// The Lease could not be read.
    Unknown {
        message: String,
    },
}

/// A pod of ours, by what its fate rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OwnPod {
    pub(crate) namespace: String,
    pub(crate) name: String,
    pub(crate) uid: Uid,
    /// The label that says what it is for.
    pub(crate) purpose: String,
    pub(crate) run: Option<RunId>,
    pub(crate) node: Option<NodeName>,
    /// The boot that it was made to end, for a reboot pod.
    pub(crate) boot: Option<BootId>,
    pub(crate) created: Option<Timestamp>,
    /// How long it may run.
    pub(crate) lifetime: Option<Duration>,
    pub(crate) end: PodEnd,
    pub(crate) whose: Whose,
}

/// Who made a pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whose {
    Ours,
    /// A person, by `kubectl debug`: it may be their session.
    Kubectl,
    /// Somebody else, such as a workload that carries our label by accident.
    Others,
}

/// How far a pod has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PodEnd {
    Running,
    /// Ended, for good.
    Finished,
    /// A reboot pod that said that it did not ask.
    RefusedToAsk {
        why: Reason,
    },
}

/// Everything that was seen at one time.
#[derive(Clone, Debug)]
pub(crate) struct Scene {
    pub(crate) holder: Holder,
    pub(crate) nodes: Vec<Node>,
    pub(crate) pods: Vec<OwnPod>,
    /// Names of run records, oldest first.
    pub(crate) records: Vec<String>,
    /// The runs that a lock of kured's names.
    pub(crate) kured: BTreeSet<RunId>,
    /// By the API server's clock, like the creation times that it is compared with.
    pub(crate) server_time: Option<Timestamp>,
}

/// Why something may go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(
    tag = "kind",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub(crate) enum Because {
    /// Its run is not alive.
    RunIsOver { run: String },
    /// Nobody waits for it: its own time limit is long over.
    PastItsTime {
        age_seconds: u64,
        limit_seconds: u64,
    },
    /// It was made for another boot than the node's.
    BootIsOver,
    /// Its node is gone.
    NodeIsGone,
    /// It said that it did not ask for a reboot.
    DidNotAsk { why: Reason },
    /// It ended so long ago that nothing of it can be outstanding.
    NothingOutstanding,
    /// Nobody holds the lock, and no node is marked any more.
    NobodyHoldsIt,
    /// More than the newest are kept.
    Older { kept: usize },
    /// All were asked for.
    Asked,
}

/// Why something stays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(
    tag = "kind",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub(crate) enum Stays {
    /// A run is alive.
    RunIsAlive { by: Reason },
    /// Whether a run is alive could not be found out.
    LockUnread { message: String },
    /// A command may be waiting for it; until then at most.
    MayBeAwaited { seconds: Option<u64> },
    /// It may still reboot the node, whose boot is the one that it was made for.
    CouldStillFire,
    /// It asked; the host may have the reboot in its queue.
    MayBeQueued { seconds: Option<u64> },
    /// Not a bare pod of ours.
    NotOurs,
    /// Of a person's own `kubectl debug`, which leaves its pods behind.
    OfKubectl,
    /// The mark cannot be read, or is of a newer version.
    MarkUnreadable { text: String },
    /// Another machine has the node's name now.
    NodeReplaced,
    /// The run changed more than this version can put back.
    MoreToRestore,
    /// Rebooted, and not Ready.
    NotReady,
    /// The ask of this boot is there, or may be.
    AskOutstanding { pod: String },
    /// The reboot was to be asked for over SSH: only the host can say whether it was.
    AskBySsh { run: RunId },
    /// Marks that are left speak of it.
    MarksAreLeft,
}

/// What becomes of one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fate<Remove> {
    Remove(Remove),
    Leave(Stays),
}

/// A pod, and what becomes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PodFate {
    pub(crate) pod: OwnPod,
    pub(crate) fate: Fate<Because>,
}

/// A node's mark, and what becomes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NodeFate {
    pub(crate) node: NodeName,
    pub(crate) fate: Fate<MarkFate>,
}

/// What a cleanup would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Survey {
    pub(crate) pods: Vec<PodFate>,
    pub(crate) marks: Vec<NodeFate>,
    /// `None`: there is no Lease.
    pub(crate) lease: Option<Fate<Because>>,
    pub(crate) records: Vec<(String, Because)>,
    /// kured's locks, by the run that has them.
    pub(crate) kured: Vec<(RunId, Fate<Because>)>,
}

/// What one removal came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(
    tag = "kind",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub(crate) enum Outcome {
    Done,
    /// It is not what it was when it was shown; nothing was done.
    Changed,
    Failed {
        message: String,
    },
}

/// One thing that was to go, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Removed {
    pub(crate) what: String,
    pub(crate) outcome: Outcome,
}

impl Survey {
    /// There is nothing to remove.
    pub(crate) fn is_empty(&self) -> bool {
        !self.needs_lock()
            && self.records.is_empty()
            && !self
                .pods
                .iter()
                .any(|pod| matches!(pod.fate, Fate::Remove(_)))
    }

    /// Something of a run is touched, so no run may begin meanwhile.
    pub(crate) fn needs_lock(&self) -> bool {
        let pods = self.pods.iter().any(|pod| {
            matches!(pod.fate, Fate::Remove(_)) && (pod.pod.run.is_some() || pod.pod.is_ask())
        });
        pods || self
            .marks
            .iter()
            .any(|node| matches!(node.fate, Fate::Remove(_)))
            || matches!(self.lease, Some(Fate::Remove(_)))
            || self
                .kured
                .iter()
                .any(|(_, fate)| matches!(fate, Fate::Remove(_)))
    }
}

impl OwnPod {
    pub(crate) fn is_ask(&self) -> bool {
        self.purpose == "reboot"
    }
}

/// Judges everything that was seen.
pub(crate) fn survey(scene: &Scene, keep: Records) -> Survey {
    let pods: Vec<PodFate> = scene
        .pods
        .iter()
        .map(|pod| PodFate {
            fate: pods::pod(pod, scene),
            pod: pod.clone(),
        })
        .collect();
    let marks: Vec<NodeFate> = scene
        .nodes
        .iter()
        .filter(|node| marked(node) != Marked::No)
        .map(|node| NodeFate {
            node: node.name.clone(),
            fate: mark(node, scene),
        })
        .collect();
    let left: Vec<Marked> = marks
        .iter()
        .filter(|node| matches!(node.fate, Fate::Leave(_)))
        .filter_map(|fate| scene.nodes.iter().find(|node| node.name == fate.node))
        .map(marked)
        .collect();
    Survey {
        lease: lease(&scene.holder, !left.is_empty()),
        kured: scene
            .kured
            .iter()
            .map(|run| (run.clone(), kured(run, &scene.holder, !left.is_empty())))
            .collect(),
        records: records(scene, &left, keep),
        pods,
        marks,
    }
}

/// The Lease goes with the last mark: while one is left, it says whose.
fn lease(holder: &Holder, marks_left: bool) -> Option<Fate<Because>> {
    let goes = |because| {
        if marks_left {
            Fate::Leave(Stays::MarksAreLeft)
        } else {
            Fate::Remove(because)
        }
    };
    match holder {
        Holder::Nobody => None,
        Holder::Unheld { .. } => Some(goes(Because::NobodyHoldsIt)),
        Holder::Dead { run } => Some(goes(Because::RunIsOver { run: run.clone() })),
        Holder::Alive(by) => Some(Fate::Leave(Stays::RunIsAlive { by: by.clone() })),
        Holder::Unknown { message } => Some(Fate::Leave(Stays::LockUnread {
            message: message.clone(),
        })),
    }
}

/// kured's lock in the name of `run`. A run has it under the Lease alone, so where no run is alive this one is over. While a mark
/// is left it keeps kured from taking the next node down beside that one.
fn kured(run: &RunId, holder: &Holder, marks_left: bool) -> Fate<Because> {
    if let Some(stays) = hands_off(holder) {
        return Fate::Leave(stays);
    }
    if marks_left {
        return Fate::Leave(Stays::MarksAreLeft);
    }
    Fate::Remove(Because::RunIsOver {
        run: run.to_string(),
    })
}

/// Why nothing of a run is touched, if a run is alive or may be.
fn hands_off(holder: &Holder) -> Option<Stays> {
    match holder {
        Holder::Alive(by) => Some(Stays::RunIsAlive { by: by.clone() }),
        Holder::Unknown { message } => Some(Stays::LockUnread {
            message: message.clone(),
        }),
        Holder::Nobody | Holder::Unheld { .. } | Holder::Dead { .. } => None,
    }
}
