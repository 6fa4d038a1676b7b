//! What some reasons are made of.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::core::model::PodKey;

/// Where the list of installed kernels comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum KernelSource {
    /// The kernels in `/boot`.
    #[default]
    Boot,
    /// The directories of their modules, which may outlive a kernel.
    Modules,
}

/// Of which nodes a limit is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "of", rename_all = "camelCase")]
pub(crate) enum LimitScope {
    #[default]
    Cluster,
    /// The control plane and the system pools together.
    System,
    /// One pool; of the nodes without a pool where there is no name.
    Pool { name: Option<String> },
    /// One zone; of the nodes in none where there is no name.
    Zone { name: Option<String> },
}

/// What refused a pod at its creation: each has another remedy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Denier {
    /// The user's role does not allow it.
    Role,
    /// The namespace's PodSecurity level.
    PodSecurity,
    /// A ValidatingAdmissionPolicy or an admission webhook, such as Azure Policy's gatekeeper.
    Policy,
    /// A quota, or anything else that answers 403.
    Other,
}

/// A workload that has not its old number of Ready pods back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WorkloadGap {
    pub(crate) workload: String,
    pub(crate) ready: u32,
    pub(crate) wanted: u32,
}

/// Pods that leave a node and a budget that has a say in it, with what its controller last counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Held {
    pub(crate) namespace: String,
    pub(crate) budget: String,
    /// As it is written: `minAvailable 2`.
    pub(crate) bound: String,
    pub(crate) healthy: u32,
    pub(crate) desired: u32,
    pub(crate) expected: u32,
    /// Evictions that it grants now.
    pub(crate) allowed: u32,
    /// Those that leave the node.
    pub(crate) pods: Vec<PodKey>,
}

/// What pods lack on so many nodes, in the scheduler's words.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Lack {
    pub(crate) what: String,
    pub(crate) nodes: u32,
}

/// What nodes have in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Kin {
    Role(String),
    Pool(String),
    Zone(String),
}
