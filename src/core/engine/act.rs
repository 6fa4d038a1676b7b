//! What a step may ask the runner to do to or read from the cluster. An act is a value: it names its object and
//! nothing else; how it looks on the wire is the edge's.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Step;
use crate::core::model::{Node, PodKey, Uid};
use crate::core::reason::Reason;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "do", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub(crate) enum Act {
    // Reads.
    ReadNode,
    /// Does somebody hold all reboots?
    ReadHold,
    /// Is kured in the cluster, and who has its lock?
    LookForKured,
    /// Run a probe pod on the node.
    Probe,
    /// Would the API server admit the reboot pod on this node?
    TryAsk,
    /// Run the reboot pod with everything but the call.
    Prove,
    /// The workloads that own the pods which leave.
    ReadWorkloads,
    /// One consistent list of the node's pods.
    ListPods,
    /// The pods that a budget is for and that are not Ready.
    ReadBudget {
        namespace: String,
        budget: String,
    },
    /// The volumes that are still attached to the node.
    ReadAttachments,
    /// The node's own Lease, which its kubelet renews.
    ReadNodeLease,
    /// Is there a reboot pod for this boot?
    ReadAsk,
    // Writes.
    /// Take kured's lock for the run, or take it anew, so that it lasts.
    TakeKured,
    /// Write into the run record how it was before: needed when the run is gone on with elsewhere.
    KeepBaseline,
    /// Cordon and mark, in one patch.
    Cordon,
    /// Write the intent into the mark.
    Intend {
        step: Step,
    },
    Evict {
        pod: PodKey,
        uid: Uid,
    },
    /// In place of an eviction, where that was asked for by name.
    Delete {
        pod: PodKey,
        uid: Uid,
    },
    /// The one request to reboot.
    Ask,
    /// Remove the reboot pod.
    RemoveAsk,
    /// Uncordon if the run cordoned; the mark stays with the intent Settle.
    Uncordon,
    /// Write into the run record that the node is verified and its workloads are back, before the last trace on it goes.
    Conclude,
    Unmark,
}

impl Act {
    /// Sent only under a fresh lock: what writes, and what makes a pod to look.
    pub(crate) fn needs_lock(&self) -> bool {
        self.writes() || matches!(self, Self::Probe | Self::Prove)
    }

    /// Changes the node, its pods, the run record or kured's lock: journaled before it is sent.
    pub(crate) fn writes(&self) -> bool {
        match self {
            Self::ReadNode
            | Self::ReadHold
            | Self::LookForKured
            | Self::Probe
            | Self::TryAsk
            | Self::Prove
            | Self::ReadWorkloads
            | Self::ListPods
            | Self::ReadBudget { .. }
            | Self::ReadAttachments
            | Self::ReadNodeLease
            | Self::ReadAsk => false,
            Self::TakeKured
            | Self::KeepBaseline
            | Self::Cordon
            | Self::Intend { .. }
            | Self::Evict { .. }
            | Self::Delete { .. }
            | Self::Ask
            | Self::RemoveAsk
            | Self::Uncordon
            | Self::Conclude
            | Self::Unmark => true,
        }
    }
}

/// How a patch of the node went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Patched {
    /// The node as the server has it now.
    Now(Box<Node>),
    /// The node changed in between: read again, decide again. The normal case, since kubelets heartbeat.
    Conflict,
    Gone,
    /// Refused for good, in the server's words.
    Denied(Reason),
    /// Perhaps done, perhaps not.
    Lost(Reason),
}
