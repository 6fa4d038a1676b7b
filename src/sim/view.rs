//! What a test may know of a node beyond the API.

use std::collections::BTreeMap;

use super::cluster::Cluster;
use super::json::{flag, text, texts};
use super::kind::Kind;
use super::store::Key;

/// A node and the machine behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeView {
    pub uid: String,
    /// Boots since the world's start.
    pub boots: u32,
    /// The machine's own; the API's may be older.
    pub boot_id: String,
    pub kernel: String,
    /// The flag `/run/reboot-required` is there.
    pub flag: bool,
    /// The condition in the API.
    pub ready: bool,
    pub cordoned: bool,
    pub labels: BTreeMap<String, String>,
    pub annotations: BTreeMap<String, String>,
    /// Keys of the taints.
    pub taints: Vec<String>,
    /// Namespace and name of every pod that is bound to it, ended ones included.
    pub pods: Vec<(String, String)>,
}

pub(super) fn node(cluster: &Cluster, name: &str) -> Option<NodeView> {
    let object = cluster.store.get(Kind::Node, &Key::of_cluster(name))?;
    let host = cluster.hosts.get(name)?;
    let value = object.value();
    Some(NodeView {
        uid: object.index.lasting.uid.clone(),
        boots: host.boots,
        boot_id: host.boot_id.clone(),
        kernel: host.kernel.clone(),
        flag: host.flag.is_some(),
        ready: object.index.ready,
        cordoned: flag(&value, "/spec/unschedulable"),
        labels: object.index.lasting.labels.clone(),
        annotations: texts(&value, "/metadata/annotations"),
        taints: super::json::list(&value, "/spec/taints")
            .iter()
            .filter_map(|taint| text(taint, "/key").map(str::to_owned))
            .collect(),
        pods: cluster
            .store
            .pods_on(name)
            .iter()
            .map(|pod| (pod.key.namespace.clone(), pod.key.name.clone()))
            .collect(),
    })
}
