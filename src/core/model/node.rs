//! A node as read from the API.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Allocatable, BootId, Kernel, NodeName, Uid};

/// `status.nodeInfo.operatingSystem`, or the label `kubernetes.io/os` before the kubelet reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum OperatingSystem {
    Linux,
    Windows,
    Other(String),
}

/// The condition `Ready`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Readiness {
    Ready,
    /// Status `False`, with the condition's reason.
    NotReady(String),
    /// Status `Unknown`, or no such condition: nobody has heard of the kubelet for a while.
    Unknown(String),
}

impl Readiness {
    pub(crate) fn is_ready(&self) -> bool {
        *self == Self::Ready
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Taint {
    pub(crate) key: String,
    pub(crate) value: String,
    pub(crate) effect: String,
}

/// The parts of a Node that decisions rest on. Empty strings in the API become `None`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) name: NodeName,
    pub(crate) uid: Uid,
    pub(crate) resource_version: String,
    pub(crate) created: Option<Timestamp>,
    pub(crate) boot: Option<BootId>,
    pub(crate) kernel: Option<Kernel>,
    pub(crate) os: OperatingSystem,
    pub(crate) os_image: String,
    pub(crate) kubelet_version: String,
    pub(crate) runtime: String,
    pub(crate) provider_id: Option<String>,
    pub(crate) internal_ip: Option<String>,
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) annotations: BTreeMap<String, String>,
    pub(crate) taints: Vec<Taint>,
    /// `spec.unschedulable`: cordoned.
    pub(crate) cordoned: bool,
    pub(crate) readiness: Readiness,
    /// `status.allocatable`; nothing before the kubelet has reported.
    pub(crate) allocatable: Allocatable,
}

impl Node {
    pub(crate) fn label(&self, key: &str) -> Option<&str> {
        self.labels.get(key).map(String::as_str)
    }

    /// The node pool: AKS's label, or its older form.
    pub(crate) fn pool(&self) -> Option<&str> {
        self.label("kubernetes.azure.com/agentpool")
            .or_else(|| self.label("agentpool"))
    }

    /// `topology.kubernetes.io/zone`. AKS writes `0` on nodes that are in no zone.
    pub(crate) fn zone(&self) -> Option<&str> {
        self.label("topology.kubernetes.io/zone")
            .filter(|zone| *zone != "0")
    }

    /// The version of the node image that the node was made from, on AKS.
    pub(crate) fn node_image(&self) -> Option<&str> {
        self.label("kubernetes.azure.com/node-image-version")
    }

    /// A virtual kubelet: there is no host behind the node.
    pub(crate) fn is_virtual(&self) -> bool {
        self.label("type") == Some("virtual-kubelet")
            || self
                .taints
                .iter()
                .any(|taint| taint.key == "virtual-kubelet.io/provider")
    }

    /// Ready and open to new pods: what counts as available.
    pub(crate) fn is_available(&self) -> bool {
        self.readiness.is_ready() && !self.cordoned
    }
}
