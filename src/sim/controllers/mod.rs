//! The controllers of workloads, budgets and nodes, and the scheduler: each looks at its concern when something it
//! depends on has changed, and changes the world a step towards what is wanted.

mod daemonset;
mod deployment;
pub(super) mod disruption;
pub(super) mod nodes;
mod pods;
mod replicaset;
mod scheduler;
pub(super) mod selector;
mod statefulset;

use std::sync::Arc;

use super::cluster::Cluster;
use super::jobs::{Concern, Job};
use super::kind::Kind;
use super::store::{Change, Object};

/// An object has changed: whoever depends on it will look.
pub(super) fn notice(cluster: &mut Cluster, change: &Change) {
    let object = &change.object;
    match object.kind {
        Kind::Pod => notice_pod(cluster, change),
        Kind::Node => {
            if !change.removed {
                concern(cluster, object);
            }
            soon(cluster, Concern::Unbound);
            soon(cluster, Concern::Daemons);
        }
        Kind::Budget => {
            let pace = cluster.rules.paces.disruption;
            later(cluster, pace, object);
        }
        Kind::DaemonSet
        | Kind::ReplicaSet
        | Kind::Deployment
        | Kind::StatefulSet
        | Kind::Namespace => {
            if !change.removed {
                concern(cluster, object);
            }
        }
        Kind::ConfigMap | Kind::Event | Kind::Lease => {}
    }
    if object.kind == Kind::ReplicaSet
        && let Some(controller) = &object.index.controller
    {
        concern_of(cluster, Kind::Deployment, object, controller);
    }
    if change.removed {
        soon(cluster, Concern::Orphans(object.index.uid.clone()));
    }
}

fn notice_pod(cluster: &mut Cluster, change: &Change) {
    let pod = &change.object;
    if pod.index.node.is_empty() && !change.removed {
        soon(cluster, Concern::Unbound);
    }
    if let Some(controller) = &pod.index.controller {
        for kind in [Kind::ReplicaSet, Kind::DaemonSet, Kind::StatefulSet] {
            concern_of(cluster, kind, pod, controller);
        }
    }
    let budgets: Vec<_> = disruption::budgets_of(cluster, pod);
    let pace = cluster.rules.paces.disruption;
    for budget in budgets {
        later(cluster, pace, &budget);
    }
}

fn concern_of(cluster: &mut Cluster, kind: Kind, owned: &Object, controller: &str) {
    let owner = cluster
        .store
        .list(kind, Some(&owned.key.namespace))
        .find(|owner| owner.index.uid == controller)
        .cloned();
    if let Some(owner) = owner {
        concern(cluster, &owner);
    }
}

fn concern(cluster: &mut Cluster, object: &Object) {
    let pace = cluster.rules.paces.controllers;
    later(cluster, pace, object);
}

fn later(cluster: &mut Cluster, pace: std::time::Duration, object: &Object) {
    let concern = Concern::Object(object.kind, object.key.clone());
    cluster.later(pace, Job::Reconcile(concern));
}

fn soon(cluster: &mut Cluster, concern: Concern) {
    let pace = cluster.rules.paces.controllers;
    cluster.later(pace, Job::Reconcile(concern));
}

pub(super) fn reconcile(cluster: &mut Cluster, concern: Concern) {
    match concern {
        Concern::Unbound => scheduler::bind_unbound(cluster),
        Concern::Daemons => {
            let sets: Vec<_> = cluster.store.list(Kind::DaemonSet, None).cloned().collect();
            for set in sets {
                daemonset::reconcile(cluster, &set);
            }
        }
        Concern::Orphans(uid) => {
            for orphan in cluster.store.controlled_by(&uid) {
                cluster.delete(orphan.kind, &orphan.key, None);
            }
        }
        Concern::Object(kind, key) => {
            if let Some(object) = cluster.store.get(kind, &key).cloned() {
                reconcile_object(cluster, &object);
            }
        }
    }
}

fn reconcile_object(cluster: &mut Cluster, object: &Arc<Object>) {
    match object.kind {
        Kind::Namespace => namespace(cluster, object),
        Kind::Node => nodes::reconcile(cluster, object),
        Kind::Budget => disruption::reconcile(cluster, object),
        _ if object.index.deleting => {}
        Kind::DaemonSet => daemonset::reconcile(cluster, object),
        Kind::ReplicaSet => replicaset::reconcile(cluster, object),
        Kind::Deployment => deployment::reconcile(cluster, object),
        Kind::StatefulSet => statefulset::reconcile(cluster, object),
        Kind::Pod | Kind::ConfigMap | Kind::Event | Kind::Lease => {}
    }
}

/// A namespace gets its service account. When it is going away it takes everything in it along, and goes last.
fn namespace(cluster: &mut Cluster, namespace: &Arc<Object>) {
    let name = namespace.key.name.as_str();
    if !namespace.index.deleting {
        cluster.accounts.insert(name.to_owned());
        return;
    }
    let content: Vec<_> = [
        Kind::Deployment,
        Kind::StatefulSet,
        Kind::DaemonSet,
        Kind::ReplicaSet,
        Kind::Pod,
        Kind::Budget,
        Kind::ConfigMap,
        Kind::Event,
        Kind::Lease,
    ]
    .into_iter()
    .flat_map(|kind| {
        cluster
            .store
            .list(kind, Some(name))
            .cloned()
            .collect::<Vec<_>>()
    })
    .collect();
    if content.is_empty() {
        cluster.accounts.remove(name);
        cluster.remove(Kind::Namespace, &namespace.key);
        return;
    }
    for object in content {
        cluster.delete(object.kind, &object.key, None);
    }
    // Pods take their time, so look again.
    later(cluster, std::time::Duration::from_secs(1), namespace);
}
