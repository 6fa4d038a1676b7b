//! The node lifecycle controller: calls nodes unreachable, taints them, and lets their pods go after a while.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::core::model::{Needs, Taint};
use crate::sim::cluster::Cluster;
use crate::sim::host::HEARTBEAT;
use crate::sim::jobs::{HostStep, Job};
use crate::sim::json::{self, condition, flag, list, set_condition, text};
use crate::sim::kind::Kind;
use crate::sim::store::{Key, Object};

const NOT_READY: &str = "node.kubernetes.io/not-ready";
const UNREACHABLE: &str = "node.kubernetes.io/unreachable";
const UNSCHEDULABLE: &str = "node.kubernetes.io/unschedulable";

/// Nothing was heard of the kubelet for the whole grace period.
pub(in crate::sim) fn call_unreachable(cluster: &mut Cluster, node: &str) {
    if cluster
        .hosts
        .get(node)
        .is_some_and(super::super::host::Host::kubelet_runs)
    {
        return;
    }
    let now = cluster.time();
    cluster.update_status(Kind::Node, &Key::of_cluster(node), |value| {
        for name in ["MemoryPressure", "DiskPressure", "PIDPressure", "Ready"] {
            let unknown = json!({
                "type": name, "status": "Unknown", "reason": "NodeStatusUnknown",
                "message": "Kubelet stopped posting node status.", "lastHeartbeatTime": HEARTBEAT,
            });
            set_condition(value, unknown, &now);
        }
    });
}

/// Keeps the taints as readiness and cordon want them.
pub(super) fn reconcile(cluster: &mut Cluster, node: &Arc<Object>) {
    let value = node.read();
    let unhealthy = match condition(&value, "Ready").and_then(|ready| text(ready, "/status")) {
        Some("True") => None,
        Some("False") => Some(NOT_READY),
        _ => Some(UNREACHABLE),
    };
    let mut wanted = Vec::new();
    if flag(&value, "/spec/unschedulable") {
        wanted.push((UNSCHEDULABLE, "NoSchedule"));
    }
    if let Some(key) = unhealthy {
        wanted.extend([(key, "NoSchedule"), (key, "NoExecute")]);
    }
    let old = list(&value, "/spec/taints");
    let mut taints: Vec<Value> = old
        .iter()
        .filter(|taint| {
            let key = text(taint, "/key").unwrap_or_default();
            let effect = text(taint, "/effect").unwrap_or_default();
            !matches!(key, NOT_READY | UNREACHABLE | UNSCHEDULABLE)
                || wanted.contains(&(key, effect))
        })
        .cloned()
        .collect();
    let now = cluster.time();
    for (key, effect) in wanted {
        let there = taints.iter().any(|taint| {
            text(taint, "/key") == Some(key) && text(taint, "/effect") == Some(effect)
        });
        if !there {
            taints.push(json!({"key": key, "effect": effect, "timeAdded": now}));
        }
    }
    let newly_unhealthy = unhealthy.is_some() && !old.iter().any(executes);
    if taints != old {
        cluster.update(Kind::Node, &node.key, |value| {
            if taints.is_empty() {
                json::unset(value, "/spec/taints");
            } else {
                json::set(value, "/spec/taints", taints);
            }
        });
    }
    if unhealthy.is_some() {
        mark_pods_not_ready(cluster, &node.key.name);
    }
    if newly_unhealthy && let Some(host) = cluster.hosts.get(&node.key.name) {
        let job = Job::Host {
            node: node.key.name.clone(),
            life: host.life,
            step: HostStep::Evict,
        };
        cluster.later(cluster.rules.paces.toleration, job);
    }
}

fn executes(taint: &Value) -> bool {
    text(taint, "/effect") == Some("NoExecute")
}

/// Nobody knows how the pods are, so they are not Ready; their kubelet will say otherwise when it is back.
fn mark_pods_not_ready(cluster: &mut Cluster, node: &str) {
    if cluster
        .hosts
        .get(node)
        .is_some_and(super::super::host::Host::kubelet_runs)
    {
        return;
    }
    let now = cluster.time();
    for pod in cluster.store.pods_on(node) {
        if pod.index.ready {
            cluster.update_status(Kind::Pod, &pod.key, |value| {
                let condition = json!({"type": "Ready", "status": "False"});
                set_condition(value, condition, &now);
            });
        }
    }
}

/// The pods have tolerated an unhealthy node for long enough: all but those that always do are deleted.
pub(in crate::sim) fn evict_after_toleration(cluster: &mut Cluster, node: &str) {
    let Some(object) = cluster.store.get(Kind::Node, &Key::of_cluster(node)) else {
        return;
    };
    let Some(taint) = object
        .index
        .taints
        .iter()
        .find(|taint| taint.effect == "NoExecute")
        .cloned()
    else {
        return;
    };
    for pod in cluster.store.pods_on(node) {
        let stays = pod.index.deleting
            || pod.index.finished()
            || tolerates_for_good(pod.needs(), &taint)
            || pod.index.lasting.mirror;
        if !stays {
            cluster.delete(Kind::Pod, &pod.key, None);
        }
    }
}

/// Whether the first toleration that covers the taint sets no limit of time.
fn tolerates_for_good(needs: &Needs, taint: &Taint) -> bool {
    needs
        .tolerations
        .iter()
        .find(|toleration| toleration.covers(taint))
        .is_some_and(|toleration| toleration.seconds.is_none())
}
