//! The document that `status -o json` prints.

use jiff::Timestamp;
use serde::Serialize;

use crate::core::evidence::{Need, NodeStatus, Route};
use crate::core::model::{BootId, Kernel, NodeName, Uid};
use crate::core::reason::Reason;

/// The document of `-o json`, version 1. Fields are added, never changed.
#[derive(Serialize)]
pub(crate) struct Document<'a> {
    kind: &'static str,
    v: u8,
    cluster: ClusterName<'a>,
    nodes: Vec<NodeEntry<'a>>,
    /// What kept the document from being whole, in words.
    errors: &'a [String],
}

#[derive(Serialize)]
struct ClusterName<'a> {
    context: &'a str,
    server: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NodeEntry<'a> {
    name: &'a NodeName,
    uid: &'a Uid,
    status: &'a str,
    reboot: Need,
    reasons: &'a [Reason],
    notes: &'a [Reason],
    since: Option<Timestamp>,
    kernel: Option<&'a Kernel>,
    newest_kernel: Option<&'a Kernel>,
    boot_id: Option<&'a BootId>,
    pool: Option<&'a str>,
    zone: Option<&'a str>,
    version: &'a str,
    os_image: &'a str,
    node_image: Option<&'a str>,
    read_by: Route,
    /// Why not by a pod, where nobody asked for another way.
    read_by_because: Option<&'a Reason>,
}

impl<'a> Document<'a> {
    pub(crate) fn new(
        context: &'a str,
        server: &'a str,
        nodes: &'a [NodeStatus],
        errors: &'a [String],
    ) -> Self {
        Self {
            kind: "aksreboot/Status",
            v: 1,
            cluster: ClusterName { context, server },
            nodes: nodes.iter().map(NodeEntry::new).collect(),
            errors,
        }
    }
}

impl<'a> NodeEntry<'a> {
    fn new(node: &'a NodeStatus) -> Self {
        let verdict = &node.verdict;
        Self {
            name: &node.name,
            uid: &node.uid,
            status: &node.status,
            reboot: verdict.need,
            reasons: &verdict.reasons,
            notes: &verdict.notes,
            since: verdict.since,
            kernel: verdict.running.as_ref(),
            newest_kernel: verdict.newest_installed.as_ref(),
            boot_id: node.boot.as_ref(),
            pool: node.pool.as_deref(),
            zone: node.zone.as_deref(),
            version: &node.version,
            os_image: &node.os_image,
            node_image: node.node_image.as_deref(),
            read_by: verdict.read_by,
            read_by_because: node.because.as_ref(),
        }
    }
}
