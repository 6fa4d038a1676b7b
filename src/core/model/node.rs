//! A node as read from the API.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Allocatable, BootId, Kernel, NodeName, Uid};
use crate::core::evidence::AksHints;

/// `status.nodeInfo.operatingSystem`, or the label `kubernetes.io/os` before the kubelet reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum OperatingSystem {
    Linux,
    Windows,
    Other(String),
}

/// What a node is to this tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NodeKind {
    /// A host that can be read and rebooted.
    Host,
    Windows,
    /// A virtual kubelet: there is no host behind the node.
    Virtual,
    /// One of the nodes that AKS Automatic keeps for itself; customers may not touch them.
    ManagedByAks,
}

impl NodeKind {
    /// By what every list of nodes says. Only names that AKS reserves are told by their form.
    pub(crate) fn of(os: &OperatingSystem, is_virtual: bool, name: &str) -> Self {
        if is_virtual || name == "virtual-node-aci-linux" {
            Self::Virtual
        } else if *os == OperatingSystem::Windows {
            Self::Windows
        } else if is_managed(name) {
            Self::ManagedByAks
        } else {
            Self::Host
        }
    }
}

/// `aks-hostedpool-…-vmsN`, and the surge nodes `aks-system-surge-xxxxx`. A pool of the customer's with the name
/// `hostedpool` is a scale set, whose nodes end in `vmss` and six characters.
fn is_managed(name: &str) -> bool {
    let machine_of_a_pool = |name: &str| {
        name.rsplit_once("-vms").is_some_and(|(_, number)| {
            !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
        })
    };
    name.starts_with("aks-system-surge-")
        || (name.starts_with("aks-hostedpool-") && machine_of_a_pool(name))
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
    pub(crate) external_ip: Option<String>,
    /// The address of type `Hostname`.
    pub(crate) hostname: Option<String>,
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

    /// Of the control plane, or of a pool that AKS keeps system pods on.
    pub(crate) fn is_system(&self) -> bool {
        self.label("kubernetes.azure.com/mode") == Some("system")
            || ["control-plane", "master"].iter().any(|role| {
                self.labels
                    .contains_key(&format!("node-role.kubernetes.io/{role}"))
            })
    }

    /// What AKS writes on the node.
    pub(crate) fn aks(&self) -> AksHints {
        AksHints::read(
            |key| self.label(key),
            |key| self.annotations.get(key).map(String::as_str),
        )
    }

    /// A virtual kubelet: there is no host behind the node.
    pub(crate) fn is_virtual(&self) -> bool {
        self.label("type") == Some("virtual-kubelet")
            || self.taints.iter().any(|taint| {
                ["virtual-kubelet.io/provider", "azure.com/aci"].contains(&taint.key.as_str())
            })
    }

    pub(crate) fn kind(&self) -> NodeKind {
        NodeKind::of(&self.os, self.is_virtual(), self.name.as_str())
    }

    /// Ready and open to new pods: what counts as available.
    pub(crate) fn is_available(&self) -> bool {
        self.readiness.is_ready() && !self.cordoned
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_nodes_that_aks_keeps_for_itself_are_its_own() {
        for (name, kind) in [
            ("aks-hostedpool-12345678-vms1", NodeKind::ManagedByAks),
            ("aks-system-surge-x7k2p", NodeKind::ManagedByAks),
            ("aks-hostedpool-12345678-vmss000001", NodeKind::Host),
            ("aks-system-12345678-vmss000000", NodeKind::Host),
            ("virtual-node-aci-linux", NodeKind::Virtual),
        ] {
            assert_eq!(
                NodeKind::of(&OperatingSystem::Linux, false, name),
                kind,
                "{name}"
            );
        }
    }
}
