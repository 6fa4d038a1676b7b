//! The controllers of workloads, budgets and nodes, and the scheduler: each looks at its concern when something it
//! depends on has changed, and changes the world a step towards what is wanted.

pub(super) mod daemonset;
mod deployment;
pub(super) mod disruption;
pub(super) mod guards;
pub(super) mod nodes;
mod pods;
mod replicaset;
mod scheduler;
mod statefulset;
pub(super) mod volumes;

use std::sync::Arc;

use super::cluster::Cluster;
use super::jobs::{Concern, Job};
use super::kind::Kind;
use super::store::{Change, Object};

/// An object has changed: whoever depends on it will look.
pub(super) fn notice(cluster: &mut Cluster, change: &Change) {
    let object = &change.object;
    // A pod that is gone, or has other labels, leaves its budgets; they shall know.
    let left = match object.kind {
        Kind::Pod => disruption::budgets_of(cluster, object),
        _ => Vec::new(),
    };
    cluster.guards.notice(&cluster.store, change);
    match object.kind {
        Kind::Pod => notice_pod(cluster, change, left),
        Kind::Node => notice_node(cluster, change),
        Kind::Budget => {
            let pace = cluster.rules.paces.disruption;
            later(cluster, pace, object);
        }
        Kind::DaemonSet
        | Kind::ReplicaSet
        | Kind::Deployment
        | Kind::StatefulSet
        | Kind::Namespace => {
            // What a controller wrote into the status is no news to it.
            let seen = |object: &Object| (object.index.spec, object.index.deleting);
            let before = change.before.as_ref().map(|before| seen(before));
            if !change.removed && before != Some(seen(object)) {
                concern(cluster, object);
            }
        }
        Kind::ConfigMap
        | Kind::Event
        | Kind::Lease
        | Kind::Claim
        | Kind::Attachment
        | Kind::Service
        | Kind::Validating
        | Kind::Mutating
        | Kind::Volume
        | Kind::CsiNode => {}
    }
    if object.kind == Kind::ReplicaSet
        && let Some(controller) = &object.index.lasting.controller
    {
        concern_of(cluster, controller);
    }
    if change.removed {
        if object.kind == Kind::DaemonSet {
            daemonset::forget(cluster, &object.index.lasting.uid);
        }
        soon(cluster, Concern::Orphans(object.index.lasting.uid.clone()));
    }
}

/// Every controller looks at all that it is there for.
pub(super) fn take_over(cluster: &mut Cluster) {
    for kind in [
        Kind::Namespace,
        Kind::Node,
        Kind::DaemonSet,
        Kind::ReplicaSet,
        Kind::Deployment,
        Kind::StatefulSet,
    ] {
        let objects: Vec<_> = cluster.store.list(kind, None).cloned().collect();
        for object in objects {
            concern(cluster, &object);
        }
    }
    let budgets: Vec<_> = cluster.store.list(Kind::Budget, None).cloned().collect();
    let pace = cluster.rules.paces.disruption;
    for budget in budgets {
        later(cluster, pace, &budget);
    }
    soon(cluster, Concern::Unbound);
}

fn notice_node(cluster: &mut Cluster, change: &Change) {
    let node = &change.object;
    if !change.removed {
        concern(cluster, node);
    }
    if cluster.store.any_unbound() {
        soon(cluster, Concern::Unbound);
    }
    // A heartbeat, a mark or a cordon is nothing to a DaemonSet.
    let stays = |before: &Arc<Object>| {
        let (was, is) = (&before.index, &node.index);
        was.lasting.labels == is.lasting.labels && was.taints == is.taints
    };
    if change.removed || !change.before.as_ref().is_some_and(stays) {
        soon(cluster, Concern::Daemons(node.key.name.clone()));
    }
}

fn notice_pod(cluster: &mut Cluster, change: &Change, mut budgets: Vec<Arc<Object>>) {
    let pod = &change.object;
    let bound = !pod.index.node.is_empty();
    if !bound && !change.removed {
        soon(cluster, Concern::Unbound);
    }
    // Whoever counts pods looks at nothing but this of them.
    let before = change.before.as_ref();
    if !change.removed && before.is_some_and(|before| before.index == pod.index) {
        return;
    }
    let leaves = change.removed || pod.index.finished();
    if bound {
        volumes::notice(cluster, pod, leaves);
    }
    if bound && leaves && cluster.store.any_unbound() {
        soon(cluster, Concern::Unbound);
    }
    if let Some(controller) = &pod.index.lasting.controller {
        let by_daemon_set = cluster
            .store
            .controller(controller)
            .is_some_and(|owner| owner.kind == Kind::DaemonSet);
        if by_daemon_set && leaves {
            soon(cluster, Concern::Daemons(daemonset::target(pod)));
        }
        concern_of(cluster, controller);
    }
    budgets.extend(disruption::budgets_of(cluster, pod));
    let pace = cluster.rules.paces.disruption;
    for budget in budgets {
        later(cluster, pace, &budget);
    }
}

/// The workload, or ReplicaSet, of that UID looks after what it owns.
fn concern_of(cluster: &mut Cluster, controller: &str) {
    if let Some(owner) = cluster.store.controller(controller).cloned() {
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
        Concern::Daemons(node) => daemonset::reconcile_node(cluster, &node),
        Concern::Volumes(node) => volumes::reconcile(cluster, &node),
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
        Kind::Pod
        | Kind::ConfigMap
        | Kind::Event
        | Kind::Lease
        | Kind::Claim
        | Kind::Attachment
        | Kind::Service
        | Kind::Validating
        | Kind::Mutating
        | Kind::Volume
        | Kind::CsiNode => {}
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
        Kind::Claim,
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
