//! A pod as the drain sees it.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::{Needs, NodeName, Uid};

/// Namespace and name. Not an identity: a StatefulSet makes the same one again elsewhere.
#[derive(
    Clone,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    schemars::JsonSchema,
    serde::Serialize,
    serde::Deserialize,
)]
pub(crate) struct PodKey {
    pub(crate) namespace: String,
    pub(crate) name: String,
}

impl std::fmt::Display for PodKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.namespace, self.name)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PodPhase {
    Pending,
    Running,
    Succeeded,
    Failed,
    Unknown,
}

impl PodPhase {
    /// Succeeded or Failed: nothing of it runs any more.
    pub(crate) fn is_finished(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed)
    }
}

/// The owner reference with `controller: true`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Owner {
    pub(crate) api_version: String,
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) uid: Uid,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pod {
    pub(crate) key: PodKey,
    pub(crate) uid: Uid,
    pub(crate) node: Option<NodeName>,
    pub(crate) phase: PodPhase,
    /// The condition `Ready` is `True`.
    pub(crate) ready: bool,
    pub(crate) owner: Option<Owner>,
    pub(crate) labels: BTreeMap<String, String>,
    /// Annotation `kubernetes.io/config.mirror`: a static pod's reflection.
    pub(crate) mirror: bool,
    /// Has a volume of kind emptyDir.
    pub(crate) empty_dir: bool,
    /// `metadata.deletionTimestamp`, which the server sets to the time of the delete plus the grace period.
    pub(crate) deletion: Option<Timestamp>,
    pub(crate) needs: Arc<Needs>,
}
