//! Nodes, read through a slim type: a twentieth of what a full Node takes in memory.

use std::collections::BTreeMap;

use kube::Client;
use kube::core::params::ListParams;
use serde::Deserialize;

use crate::core::model::{
    Allocatable, BootId, Kernel, Node, NodeName, OperatingSystem, Readiness, Resources, Taint, Uid,
};

use super::page::{Listed, list_pages};
use super::watch::Versioned;

/// Where nodes are listed and watched.
pub(crate) const NODES: &str = "/api/v1/nodes";

/// Which nodes the server is to select. Empty selects every node.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Selectors<'a> {
    pub(crate) labels: &'a str,
    pub(crate) fields: &'a str,
}

/// By labels alone.
impl<'a, T: AsRef<str> + ?Sized> From<&'a T> for Selectors<'a> {
    fn from(labels: &'a T) -> Self {
        Self {
            labels: labels.as_ref(),
            fields: "",
        }
    }
}

impl Selectors<'_> {
    pub(super) fn params(self) -> ListParams {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        ListParams {
            label_selector: some(self.labels),
            field_selector: some(self.fields),
            ..ListParams::default()
        }
    }
}

/// All nodes that the server selects, by pages.
pub(crate) async fn list_nodes<'a>(
    client: &Client,
    selectors: impl Into<Selectors<'a>>,
) -> Result<Listed<Node>, kube::Error> {
    list_pages::<SlimNode, Node>(client, NODES, &selectors.into().params()).await
}

/// The fields of a Node that anything here rests on. For lists and watches alike.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct SlimNode {
    metadata: Metadata,
    spec: Spec,
    status: Status,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Metadata {
    name: String,
    uid: String,
    resource_version: String,
    creation_timestamp: Option<String>,
    labels: BTreeMap<String, String>,
    annotations: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Spec {
    unschedulable: bool,
    #[serde(rename = "providerID")]
    provider_id: String,
    taints: Vec<SlimTaint>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct SlimTaint {
    key: String,
    value: String,
    effect: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Status {
    node_info: Info,
    conditions: Vec<Condition>,
    addresses: Vec<Address>,
    allocatable: SlimAllocatable,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct SlimAllocatable {
    cpu: Option<String>,
    memory: Option<String>,
    pods: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Info {
    #[serde(rename = "bootID")]
    boot_id: String,
    kernel_version: String,
    operating_system: String,
    os_image: String,
    kubelet_version: String,
    container_runtime_version: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Condition {
    r#type: String,
    status: String,
    reason: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Address {
    r#type: String,
    address: String,
}

impl Versioned for SlimNode {
    fn version(&self) -> &str {
        &self.metadata.resource_version
    }
}

impl From<SlimNode> for Node {
    fn from(slim: SlimNode) -> Self {
        let SlimNode {
            metadata,
            spec,
            status,
        } = slim;
        let info = status.node_info;
        // Before its kubelet has reported, a node has the label at most.
        let os = some(info.operating_system)
            .or_else(|| metadata.labels.get("kubernetes.io/os").cloned())
            .unwrap_or_default();
        Self {
            name: NodeName::new(metadata.name),
            uid: Uid::new(metadata.uid),
            resource_version: metadata.resource_version,
            created: metadata
                .creation_timestamp
                .and_then(|text| text.parse().ok()),
            boot: some(info.boot_id).map(BootId::new),
            kernel: some(info.kernel_version).map(Kernel::new),
            os: operating_system(&os),
            os_image: info.os_image,
            kubelet_version: info.kubelet_version,
            runtime: info.container_runtime_version,
            provider_id: some(spec.provider_id),
            internal_ip: address(&status.addresses, "InternalIP"),
            external_ip: address(&status.addresses, "ExternalIP"),
            hostname: address(&status.addresses, "Hostname"),
            labels: metadata.labels,
            annotations: metadata.annotations,
            taints: spec
                .taints
                .into_iter()
                .map(|taint| Taint {
                    key: taint.key,
                    value: taint.value,
                    effect: taint.effect,
                })
                .collect(),
            cordoned: spec.unschedulable,
            readiness: readiness(status.conditions),
            allocatable: Allocatable {
                resources: Resources::read(
                    status.allocatable.cpu.as_deref(),
                    status.allocatable.memory.as_deref(),
                ),
                pods: status
                    .allocatable
                    .pods
                    .and_then(|pods| pods.parse().ok())
                    .unwrap_or(0),
            },
        }
    }
}

/// The first address of a type; the API lists the preferred one first.
fn address(addresses: &[Address], kind: &str) -> Option<String> {
    addresses
        .iter()
        .find(|address| address.r#type == kind)
        .map(|address| address.address.clone())
}

/// What the API calls an operating system.
pub(super) fn operating_system(name: &str) -> OperatingSystem {
    match name {
        "linux" => OperatingSystem::Linux,
        "windows" => OperatingSystem::Windows,
        other => OperatingSystem::Other(other.to_owned()),
    }
}

fn readiness(conditions: Vec<Condition>) -> Readiness {
    match conditions
        .into_iter()
        .find(|condition| condition.r#type == "Ready")
    {
        Some(condition) if condition.status == "True" => Readiness::Ready,
        Some(condition) if condition.status == "False" => Readiness::NotReady(condition.reason),
        Some(condition) => Readiness::Unknown(condition.reason),
        None => Readiness::Unknown(String::new()),
    }
}

fn some(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(json: serde_json::Value) -> Node {
        serde_json::from_value::<SlimNode>(json)
            .expect("a node")
            .into()
    }

    #[test]
    fn a_node_that_never_reported_is_unknown_and_not_ready() {
        let node = node(serde_json::json!({
            "metadata": {"name": "n1", "uid": "u1", "labels": {"kubernetes.io/os": "linux"}},
            "spec": {},
        }));
        assert_eq!(node.readiness, Readiness::Unknown(String::new()));
        assert_eq!(node.os, OperatingSystem::Linux);
        assert_eq!(node.boot, None);
        assert!(!node.is_available());
    }

    #[test]
    fn what_decisions_rest_on_is_read() {
        let node = node(serde_json::json!({
            "metadata": {"name": "n1", "uid": "u1", "resourceVersion": "7", "creationTimestamp": "2026-01-02T03:04:05Z"},
            "spec": {"unschedulable": true, "providerID": "azure:///x", "taints": [{"key": "k", "effect": "NoSchedule"}]},
            "status": {
                "nodeInfo": {"bootID": "b1", "kernelVersion": "6.8.0-1021-azure", "operatingSystem": "linux"},
                "conditions": [{"type": "MemoryPressure", "status": "False"}, {"type": "Ready", "status": "True"}],
                "addresses": [{"type": "Hostname", "address": "n1"}, {"type": "InternalIP", "address": "10.0.0.4"}],
            },
        }));
        assert_eq!(node.boot, Some(BootId::new("b1")));
        assert_eq!(node.created, "2026-01-02T03:04:05Z".parse().ok());
        assert_eq!(node.internal_ip.as_deref(), Some("10.0.0.4"));
        assert_eq!(node.hostname.as_deref(), Some("n1"));
        assert_eq!(node.external_ip, None);
        assert_eq!(node.provider_id.as_deref(), Some("azure:///x"));
        assert_eq!(node.taints.len(), 1);
        assert!(node.readiness.is_ready() && node.cordoned && !node.is_available());
    }

    #[test]
    fn a_condition_that_is_neither_true_nor_false_is_unknown() {
        let node = node(serde_json::json!({
            "metadata": {"name": "n1"},
            "status": {"conditions": [{"type": "Ready", "status": "Unknown", "reason": "NodeStatusUnknown"}]},
        }));
        assert_eq!(
            node.readiness,
            Readiness::Unknown("NodeStatusUnknown".into())
        );
    }
}
