//! The document that `status -o json` prints.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use crate::core::evidence::{Need, NodeStatus, PatchedBy, Route};
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
    /// The day of the node image, or of its last security patch.
    image_date: Option<Date>,
    os_sku: Option<&'a str>,
    patched_by: PatchedBy,
    /// When packages last changed on the node, by whomever.
    packages_changed: Option<Timestamp>,
    /// When an automatic update last ran.
    patch_run: Option<Timestamp>,
    read_by: Route,
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
        let patching = node.patching();
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
            node_image: node.aks.image.as_deref(),
            image_date: node.aks.image_date(),
            os_sku: node.aks.os_sku.as_deref(),
            patched_by: patching.by,
            packages_changed: patching.changed,
            patch_run: patching.ran,
            read_by: verdict.read_by,
        }
    }
}
