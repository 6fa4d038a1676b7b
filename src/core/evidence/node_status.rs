//! One node as `status` reports it, whichever way it was read.

use std::collections::BTreeMap;

use crate::core::model::{BootId, Node, NodeName, Readiness, Uid};
use crate::core::reason::Reason;

use super::aks::AksHints;
use super::patching::Patching;
use super::verdict::Verdict;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NodeStatus {
    pub(crate) name: NodeName,
    pub(crate) uid: Uid,
    /// As kubectl says it: `Ready`, `NotReady,SchedulingDisabled`, `Unknown`.
    pub(crate) status: String,
    pub(crate) verdict: Verdict,
    /// Why it was not read by a pod, where nobody asked for another way.
    pub(crate) because: Option<Reason>,
    /// Not in the API server's table.
    pub(crate) boot: Option<BootId>,
    pub(crate) pool: Option<String>,
    pub(crate) zone: Option<String>,
    pub(crate) os_image: String,
    pub(crate) aks: AksHints,
    pub(crate) version: String,
    /// Only those that are to be shown.
    pub(crate) labels: BTreeMap<String, String>,
}

impl NodeStatus {
    pub(crate) fn new(node: &Node, verdict: Verdict) -> Self {
        Self {
            name: node.name.clone(),
            uid: node.uid.clone(),
            status: status(node),
            verdict,
            because: None,
            boot: node.boot.clone(),
            pool: node.pool().map(str::to_owned),
            zone: node.zone().map(str::to_owned),
            os_image: node.os_image.clone(),
            aks: node.aks(),
            version: node.kubelet_version.clone(),
            labels: BTreeMap::new(),
        }
    }

    /// What was read before, of the node as the API shows it now.
    pub(crate) fn on(&self, node: &Node) -> Self {
        Self {
            because: self.because.clone(),
            ..Self::new(node, self.verdict.clone())
        }
    }

    /// The same node with these labels to be shown.
    #[must_use]
    pub(crate) fn with_labels(self, labels: BTreeMap<String, String>) -> Self {
        Self { labels, ..self }
    }
}

impl NodeStatus {
    /// What is known of the node's updates, by a probe or by the API alone.
    pub(crate) fn patching(&self) -> Patching {
        self.verdict
            .patching
            .clone()
            .unwrap_or_else(|| Patching::unprobed(&self.aks))
    }
}

/// kubectl calls a node of which nobody has heard for a while NotReady, one without the condition Unknown.
fn status(node: &Node) -> String {
    let mut status = match &node.readiness {
        Readiness::Ready => "Ready".to_owned(),
        Readiness::Unknown(reason) if reason.is_empty() => "Unknown".to_owned(),
        Readiness::NotReady(_) | Readiness::Unknown(_) => "NotReady".to_owned(),
    };
    if node.cordoned {
        status.push_str(",SchedulingDisabled");
    }
    status
}

#[cfg(test)]
mod tests {
    use super::super::test_node;
    use super::*;

    #[test]
    fn the_status_is_said_in_kubectls_words() {
        for (readiness, cordoned, said) in [
            (Readiness::Ready, false, "Ready"),
            (Readiness::Ready, true, "Ready,SchedulingDisabled"),
            (
                Readiness::Unknown("NodeStatusUnknown".into()),
                false,
                "NotReady",
            ),
            (Readiness::Unknown(String::new()), false, "Unknown"),
            (
                Readiness::NotReady("KubeletNotReady".into()),
                true,
                "NotReady,SchedulingDisabled",
            ),
        ] {
            let node = Node {
                cordoned,
                readiness,
                ..test_node()
            };
            assert_eq!(status(&node), said);
        }
    }
}
