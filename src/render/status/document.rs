//! The documents that `status` prints for programs: the whole for `-o json` and `-o yaml`, which templates are filled
//! from too, and one for each change for `--watch -o json`.

use jiff::Timestamp;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::core::evidence::{Kernels, Need, NodeStatus, PatchedBy, PoolKernels, Route};
use crate::core::model::{BootId, Kernel, NodeName, Uid};
use crate::core::reason::Reason;
use crate::render::format::jsonpath::without_nulls;

/// Raised when a field changes its meaning or goes; `aksreboot schema` and its test hold the rest.
pub(crate) const VERSION: u8 = 1;

/// What `aksreboot status -o json` prints, also on failure. Fields are added, never changed; readers pass over fields
/// and words that they do not know.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Document<'a> {
    #[schemars(extend("const" = "aksreboot/Status"))]
    kind: &'static str,
    #[schemars(extend("const" = VERSION))]
    v: u8,
    cluster: ClusterName<'a>,
    /// The nodes that are shown.
    nodes: Vec<NodeEntry<'a>>,
    /// Of all selected nodes, shown or not.
    summary: Summary,
    /// What kept the document from being whole, in words.
    errors: &'a [String],
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct ClusterName<'a> {
    /// Name of the kubeconfig context.
    pub(crate) context: &'a str,
    /// URL of the API server.
    pub(crate) server: &'a str,
}

/// How many of the selected nodes have which verdict, and where pools run different kernels.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Summary {
    nodes: usize,
    yes: usize,
    no: usize,
    unknown: usize,
    not_applicable: usize,
    /// Pools whose nodes run more than one kernel.
    uneven_pools: Vec<PoolKernels>,
}

/// One node with its verdict.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NodeEntry<'a> {
    name: &'a NodeName,
    uid: &'a Uid,
    /// As kubectl says it: `Ready`, `NotReady,SchedulingDisabled`.
    status: &'a str,
    /// Whether a reboot is pending. `unknown` is never a no.
    reboot: Need,
    /// What makes the verdict what it is. Empty for a plain no.
    reasons: &'a [Reason],
    /// What else is worth knowing and decides nothing.
    notes: &'a [Reason],
    /// Since when the reboot is pending, where the node says so.
    since: Option<Timestamp>,
    /// The running kernel.
    kernel: Option<&'a Kernel>,
    /// The newest installed kernel of the running one's flavour.
    newest_kernel: Option<&'a Kernel>,
    boot_id: Option<&'a BootId>,
    pool: Option<&'a str>,
    zone: Option<&'a str>,
    /// The kubelet's.
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
    /// Why not by a pod, where nobody asked for another way.
    read_by_because: Option<&'a Reason>,
}

impl<'a> Document<'a> {
    /// `shown` are those of `nodes` that are printed.
    pub(crate) fn new(
        context: &'a str,
        server: &'a str,
        nodes: &'a [NodeStatus],
        shown: impl IntoIterator<Item = &'a NodeStatus>,
        errors: &'a [String],
    ) -> Self {
        let of = |need| {
            nodes
                .iter()
                .filter(|node| node.verdict.need == need)
                .count()
        };
        Self {
            kind: "aksreboot/Status",
            v: VERSION,
            cluster: ClusterName { context, server },
            nodes: shown.into_iter().map(NodeEntry::new).collect(),
            summary: Summary {
                nodes: nodes.len(),
                yes: of(Need::Yes),
                no: of(Need::No),
                unknown: of(Need::Unknown),
                not_applicable: of(Need::NotApplicable),
                uneven_pools: Kernels::of(nodes).uneven(),
            },
            errors,
        }
    }

    /// As templates see it: what is null is not there.
    pub(crate) fn for_templates(&self) -> Result<Value, serde_json::Error> {
        serde_json::to_value(self).map(without_nulls)
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
            read_by_because: node.because.as_ref(),
        }
    }
}

/// One node as templates see it.
pub(super) fn entry(node: &NodeStatus) -> Value {
    // Strings, numbers and lists of them: there is nothing that JSON could not write.
    serde_json::to_value(NodeEntry::new(node))
        .map(without_nulls)
        .unwrap_or_default()
}

/// What `aksreboot status --watch -o json` prints, one a line. Readers pass over types and fields that they do not know.
#[derive(Serialize, JsonSchema)]
pub(crate) struct ChangeDocument<'a> {
    #[schemars(extend("const" = "aksreboot/StatusChange"))]
    kind: &'static str,
    #[schemars(extend("const" = VERSION))]
    v: u8,
    ts: Timestamp,
    #[serde(flatten)]
    change: Change<'a>,
}

#[derive(Serialize, JsonSchema)]
#[serde(
    tag = "type",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
enum Change<'a> {
    /// A node as it is now. Each node comes once at the beginning, then when anything of it changes.
    Node {
        node: Box<NodeEntry<'a>>,
        /// When its evidence was read.
        read_at: Option<Timestamp>,
    },
    /// The node is no longer in the cluster, or no longer selected.
    Gone { name: &'a NodeName },
    /// The API server cannot be reached; what was said of nodes is getting old.
    ApiAway {},
    /// It answers again.
    ApiBack {},
}

/// What there is to tell, while changes are followed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Told<'a> {
    Node(&'a NodeStatus, Option<Timestamp>),
    Gone(&'a NodeName),
    ApiAway,
    ApiBack,
}

impl<'a> ChangeDocument<'a> {
    pub(crate) fn new(ts: Timestamp, told: Told<'a>) -> Self {
        Self {
            kind: "aksreboot/StatusChange",
            v: VERSION,
            ts,
            change: match told {
                Told::Node(node, read_at) => Change::Node {
                    node: Box::new(NodeEntry::new(node)),
                    read_at,
                },
                Told::Gone(name) => Change::Gone { name },
                Told::ApiAway => Change::ApiAway {},
                Told::ApiBack => Change::ApiBack {},
            },
        }
    }
}
