//! The attaching of volumes: a claim that a pod on a node mounts has an attachment there, and loses it some time after the pod is gone.
//! A cluster without claims has none of this to do.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::sim::cluster::Cluster;
use crate::sim::jobs::{Concern, Job};
use crate::sim::json::{list, text};
use crate::sim::kind::Kind;
use crate::sim::store::{Key, Object};

/// How long after the last pod its volume is detached, in milliseconds, on the claim.
pub(in crate::sim) const DETACHES_IN: &str = "sim/detaches-in";

/// A pod is on a node, or leaves it.
pub(super) fn notice(cluster: &mut Cluster, pod: &Object, leaves: bool) {
    let claims = claims(cluster, pod);
    if claims.is_empty() {
        return;
    }
    let pace = cluster.rules.paces.controllers;
    let delay = if leaves {
        claims
            .iter()
            .map(|claim| detaches_in(claim))
            .max()
            .unwrap_or(pace)
    } else {
        pace
    };
    let node = pod.index.node.clone();
    cluster.later(delay, Job::Reconcile(Concern::Volumes(node)));
}

/// The attachments of a node become those that its pods want.
pub(super) fn reconcile(cluster: &mut Cluster, node: &str) {
    let pods = cluster.store.pods_on(node);
    let wanted: BTreeSet<String> = pods
        .iter()
        .filter(|pod| !pod.index.finished())
        .flat_map(|pod| claims(cluster, pod))
        .filter_map(|claim| text(&claim, "/spec/volumeName").map(str::to_owned))
        .collect();
    let there: Vec<(Key, String)> = cluster
        .store
        .list(Kind::Attachment, None)
        .map(|attachment| (attachment.key.clone(), attachment.read()))
        .filter(|(_, value)| text(value, "/spec/nodeName") == Some(node))
        .filter_map(|(key, value)| {
            let volume = text(&value, "/spec/source/persistentVolumeName")?;
            Some((key, volume.to_owned()))
        })
        .collect();
    for (key, volume) in &there {
        if !wanted.contains(volume) {
            cluster.remove(Kind::Attachment, key);
        }
    }
    for volume in wanted {
        if !there.iter().any(|(_, other)| *other == volume) {
            cluster.create(Kind::Attachment, attachment(node, &volume));
        }
    }
}

fn attachment(node: &str, volume: &str) -> Value {
    json!({
        "metadata": {"name": format!("csi-{volume}-{node}")},
        "spec": {
            "attacher": "disk.csi.azure.com",
            "nodeName": node,
            "source": {"persistentVolumeName": volume},
        },
        "status": {"attached": true},
    })
}

/// The claims that a pod mounts.
fn claims(cluster: &Cluster, pod: &Object) -> Vec<Arc<Value>> {
    if cluster.store.list(Kind::Claim, None).next().is_none() {
        return Vec::new();
    }
    list(&pod.read(), "/spec/volumes")
        .iter()
        .filter_map(|volume| text(volume, "/persistentVolumeClaim/claimName"))
        .filter_map(|name| {
            let key = Key::new(&pod.key.namespace, name);
            Some(cluster.store.get(Kind::Claim, &key)?.read())
        })
        .collect()
}

fn detaches_in(claim: &Value) -> Duration {
    let millis = claim
        .pointer("/metadata/annotations")
        .and_then(|annotations| annotations.get(DETACHES_IN))
        .and_then(Value::as_str)
        .and_then(|millis| millis.parse().ok());
    Duration::from_millis(millis.unwrap_or_default())
}
