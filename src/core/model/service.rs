//! Services and the admission webhooks that they answer for, as far as a plan asks who would miss a node.

use std::collections::BTreeSet;

use super::needs::{LabelSelector, Labels};

/// A Service whose pods are told by labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Service {
    pub(crate) namespace: String,
    pub(crate) name: String,
    /// Empty where its endpoints are made by hand: then nothing is known of them.
    pub(crate) selector: Labels,
    pub(crate) balanced: Option<Balanced>,
}

/// `spec.externalTrafficPolicy` of a Service of type LoadBalancer: to which nodes its balancer sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Balanced {
    /// `Cluster`: to every node, whichever has the pods.
    ToEveryNode,
    /// `Local`: to nodes with a pod of the Service, by a health check of its own.
    ToNodesWithPods,
}

/// A webhook with `failurePolicy: Fail` that a Service answers for: what it is about is refused while nobody does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Webhook {
    pub(crate) name: String,
    /// Namespace and name of its Service.
    pub(crate) service: (String, String),
    /// What of a roll's business it is asked about; never nothing.
    pub(crate) asked_about: BTreeSet<Asked>,
    /// The namespaces whose objects it is asked about.
    pub(crate) namespaces: LabelSelector,
    pub(crate) objects: LabelSelector,
}

/// A request that a drain or a reboot cannot do without.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Asked {
    Evictions,
    /// Those in place of the evicted ones.
    NewPods,
    /// By the kubelet, of a pod that has ended.
    RemovedPods,
    /// Cordon, mark, uncordon.
    Nodes,
}
