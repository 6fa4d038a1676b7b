//! Pods, read slim: a typed Pod takes ten times the memory of what the drain looks at.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde::Deserialize;

use super::pod_spec::SlimSpec;
use super::watch::{Scope, Versioned, list};
use super::wire::Refusal;
use crate::core::model::{NodeName, Owner, Pod, PodKey, PodPhase, Uid};

/// The pods of one node, in all namespaces: all, or those that a label selector picks.
pub(crate) fn on_node(node: &NodeName, selector: Option<&str>) -> Scope {
    Scope {
        path: "/api/v1/pods".into(),
        field_selector: Some(format!("spec.nodeName={node}")),
        label_selector: selector.map(str::to_owned),
    }
}

/// One consistent list of a node's pods: no `resourceVersion` in the request, so it is no older than the request.
pub(crate) async fn list_on_node(
    client: &kube::Client,
    node: &NodeName,
    selector: Option<&str>,
) -> Result<Vec<SlimPod>, Refusal> {
    list(client, &on_node(node, selector))
        .await
        .map(|listed| listed.items)
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct SlimPod {
    metadata: Meta,
    #[serde(default)]
    spec: SlimSpec,
    #[serde(default)]
    status: Status,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Meta {
    namespace: String,
    name: String,
    uid: String,
    resource_version: String,
    labels: Option<BTreeMap<String, String>>,
    annotations: Option<MirrorAnnotation>,
    owner_references: Option<Vec<OwnerReference>>,
    deletion_timestamp: Option<Timestamp>,
}

#[derive(Clone, Debug, Default, Deserialize)]
struct MirrorAnnotation {
    #[serde(rename = "kubernetes.io/config.mirror")]
    mirror: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OwnerReference {
    #[serde(default)]
    api_version: String,
    kind: String,
    name: String,
    uid: String,
    #[serde(default)]
    controller: Option<bool>,
}

/// The owner that is the controller.
pub(super) fn controller(references: Vec<OwnerReference>) -> Option<Owner> {
    references
        .into_iter()
        .find(|owner| owner.controller == Some(true))
        .map(|owner| Owner {
            api_version: owner.api_version,
            kind: owner.kind,
            name: owner.name,
            uid: Uid::new(owner.uid),
        })
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Status {
    phase: Option<String>,
    conditions: Option<Vec<Condition>>,
    container_statuses: Option<Vec<ContainerStatus>>,
}

#[derive(Clone, Debug, Deserialize)]
struct Condition {
    #[serde(rename = "type")]
    kind: String,
    status: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct ContainerStatus {
    name: String,
    state: Option<ContainerState>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct ContainerState {
    terminated: Option<Terminated>,
}

/// How a container ended.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Terminated {
    pub(crate) exit_code: i32,
    pub(crate) message: String,
    pub(crate) reason: String,
}

impl Versioned for SlimPod {
    fn version(&self) -> &str {
        &self.metadata.resource_version
    }
}

impl From<SlimPod> for Pod {
    fn from(slim: SlimPod) -> Self {
        slim.into_model()
    }
}

impl SlimPod {
    pub(crate) fn namespace(&self) -> &str {
        &self.metadata.namespace
    }

    pub(crate) fn name(&self) -> &str {
        &self.metadata.name
    }

    /// How the container of this name ended, if it did.
    pub(crate) fn terminated(&self, container: &str) -> Option<&Terminated> {
        let statuses = self.status.container_statuses.as_ref()?;
        statuses
            .iter()
            .find(|status| status.name == container)?
            .state
            .as_ref()?
            .terminated
            .as_ref()
    }

    fn into_model(self) -> Pod {
        let Self {
            metadata,
            spec,
            status,
        } = self;
        let condition = |kind: &str| {
            status
                .conditions
                .iter()
                .flatten()
                .any(|c| c.kind == kind && c.status == "True")
        };
        let metadata_name = metadata.name.clone();
        Pod {
            key: PodKey {
                namespace: metadata.namespace,
                name: metadata.name,
            },
            uid: Uid::new(metadata.uid),
            phase: match status.phase.as_deref() {
                Some("Pending") => PodPhase::Pending,
                Some("Running") => PodPhase::Running,
                Some("Succeeded") => PodPhase::Succeeded,
                Some("Failed") => PodPhase::Failed,
                _ => PodPhase::Unknown,
            },
            ready: condition("Ready"),
            owner: controller(metadata.owner_references.unwrap_or_default()),
            labels: metadata.labels.unwrap_or_default(),
            mirror: metadata
                .annotations
                .is_some_and(|annotations| annotations.mirror.is_some()),
            empty_dir: spec.has_empty_dir(),
            deletion: metadata.deletion_timestamp,
            node: spec.node_name.as_deref().map(NodeName::from),
            needs: Arc::new(spec.needs(&metadata_name)),
        }
    }
}
