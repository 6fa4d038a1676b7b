//! The scheduler: gives each pod without a node the fitting one with the fewest of its kind, then the fewest pods. It
//! knows names, labels, taints and the number of pods a node takes; not yet processors and memory.

use std::sync::Arc;

use serde_json::{Value, json};

use super::selector;
use crate::sim::cluster::Cluster;
use crate::sim::json::{self, flag, list, set, set_condition, text, texts};
use crate::sim::kind::Kind;
use crate::sim::store::Object;

pub(super) fn bind_unbound(cluster: &mut Cluster) {
    let unbound: Vec<_> = cluster.store.pods_on("");
    if unbound.is_empty() {
        return;
    }
    let nodes: Vec<_> = cluster
        .store
        .list(Kind::Node, None)
        .map(|node| (node.clone(), node.value()))
        .collect();
    for pod in unbound {
        if !pod.index.deleting && !pod.index.finished() {
            bind(cluster, &pod, &nodes);
        }
    }
}

fn bind(cluster: &mut Cluster, pod: &Arc<Object>, nodes: &[(Arc<Object>, Value)]) {
    let value = pod.value();
    let pinned = pinned_to(&value);
    let chosen = nodes
        .iter()
        .filter(|(node, _)| pinned.is_none_or(|name| node.key.name == name))
        .filter(|(_, node)| fits(&value, node))
        .filter_map(|(node, value)| {
            let there = cluster.store.pods_on(&node.key.name);
            let room = text(value, "/status/allocatable/pods")?
                .parse::<usize>()
                .ok()?;
            let running = there.iter().filter(|pod| !pod.index.finished()).count();
            let kin = there
                .iter()
                .filter(|other| other.index.controller == pod.index.controller)
                .count();
            (running < room).then_some((kin, running, node.key.name.as_str()))
        })
        .min();
    let now = cluster.time();
    cluster.update(Kind::Pod, &pod.key, |value| {
        let condition = if let Some((_, _, node)) = chosen {
            set(value, "/spec/nodeName", node);
            json!({"type": "PodScheduled", "status": "True"})
        } else {
            let message = format!("0/{} nodes are available", nodes.len());
            json!({
                "type": "PodScheduled", "status": "False", "reason": "Unschedulable",
                "message": message,
            })
        };
        set_condition(value, condition, &now);
    });
}

fn fits(pod: &Value, node: &Value) -> bool {
    let open = !flag(node, "/spec/unschedulable")
        || tolerates(pod, "node.kubernetes.io/unschedulable", "", "NoSchedule");
    open && may_start(pod, node)
}

/// Whether labels and taints of a node let a pod begin there.
pub(super) fn may_start(pod: &Value, node: &Value) -> bool {
    selects(pod, node) && tolerates_all(pod, node, &["NoSchedule", "NoExecute"])
}

/// Whether labels and taints of a node let a pod go on there.
pub(super) fn may_stay(pod: &Value, node: &Value) -> bool {
    selects(pod, node) && tolerates_all(pod, node, &["NoExecute"])
}

/// Whether a pod's selector and its affinity want a node.
fn selects(pod: &Value, node: &Value) -> bool {
    let labels = texts(node, "/metadata/labels");
    let selected = texts(pod, "/spec/nodeSelector")
        .iter()
        .all(|(key, value)| labels.get(key) == Some(value));
    let terms = list(
        pod,
        "/spec/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution/nodeSelectorTerms",
    );
    let affine = terms.is_empty()
        || terms.iter().any(|term| {
            list(term, "/matchExpressions")
                .iter()
                .all(|expression| selector::holds(expression, &labels))
        });
    selected && affine
}

fn tolerates_all(pod: &Value, node: &Value, effects: &[&str]) -> bool {
    list(node, "/spec/taints").iter().all(|taint| {
        let own = |pointer| text(taint, pointer).unwrap_or_default();
        let effect = own("/effect");
        !effects.contains(&effect) || tolerates(pod, own("/key"), own("/value"), effect)
    })
}

/// The only node that a pod's affinity leaves by name.
pub(super) fn pinned_to(pod: &Value) -> Option<&str> {
    let fields = "/spec/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution/nodeSelectorTerms/0\
                  /matchFields/0";
    let field = pod.pointer(fields)?;
    (text(field, "/key")? == "metadata.name").then_some(())?;
    text(field, "/values/0")
}

/// Whether one of a pod's tolerations covers a taint, for however long.
pub(super) fn tolerates(pod: &Value, key: &str, value: &str, effect: &str) -> bool {
    toleration(pod, key, value, effect).is_some()
}

fn toleration<'p>(pod: &'p Value, key: &str, value: &str, effect: &str) -> Option<&'p Value> {
    list(pod, "/spec/tolerations").iter().find(|toleration| {
        let exists = text(toleration, "/operator") == Some("Exists");
        let same_key = match text(toleration, "/key").unwrap_or_default() {
            "" => exists,
            own => own == key,
        };
        let same_effect =
            text(toleration, "/effect").is_none_or(|own| own.is_empty() || own == effect);
        let same_value = exists || text(toleration, "/value").unwrap_or_default() == value;
        same_key && same_effect && same_value
    })
}

/// Whether a pod tolerates a taint without a limit of time.
pub(super) fn tolerates_for_good(pod: &Value, key: &str, effect: &str) -> bool {
    toleration(pod, key, "", effect)
        .is_some_and(|toleration| json::number(toleration, "/tolerationSeconds").is_none())
}
