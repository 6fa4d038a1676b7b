//! Deployments: a ReplicaSet for each template; an older one is scaled down once the newest is Ready.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::pods;
use crate::sim::chance::name_of;
use crate::sim::cluster::Cluster;
use crate::sim::json::{self, set, set_condition};
use crate::sim::kind::Kind;
use crate::sim::store::{Key, Object};

pub(super) fn reconcile(cluster: &mut Cluster, deployment: &Arc<Object>) {
    let wanted = deployment.index.replicas;
    let key = newest(cluster, deployment);
    scale(cluster, &key, wanted);
    let sets = cluster.store.controlled_by(&deployment.index.lasting.uid);
    let ready = |set: &Arc<Object>| set.index.ready_replicas;
    let current = sets.iter().find(|set| set.key == key).map_or(0, ready);
    let total: usize = sets.iter().map(ready).sum();
    if current >= wanted {
        for old in sets.iter().filter(|set| set.key != key) {
            scale(cluster, &old.key, 0);
        }
    }
    let now = cluster.time();
    let available = if total >= wanted { "True" } else { "False" };
    cluster.update_status(Kind::Deployment, &deployment.key, |value| {
        let generation = json::number(value, "/metadata/generation");
        set(
            value,
            "/status/observedGeneration",
            generation.unwrap_or_default(),
        );
        for (key, number) in [
            ("replicas", wanted),
            ("updatedReplicas", wanted),
            ("readyReplicas", total),
            ("availableReplicas", total),
            ("unavailableReplicas", wanted.saturating_sub(total)),
        ] {
            set(value, &format!("/status/{key}"), number);
        }
        let condition = json!({"type": "Available", "status": available});
        set_condition(value, condition, &now);
    });
}

/// The ReplicaSet of the present template, made when there is none.
fn newest(cluster: &mut Cluster, deployment: &Object) -> Key {
    let value = deployment.read();
    let template = &value["spec"]["template"];
    if let Some(key) = current(cluster, deployment, template) {
        return key;
    }
    let hash = name_of(template.to_string().as_bytes());
    let key = Key::new(
        deployment.key.namespace.as_str(),
        format!("{}-{hash}", deployment.key.name),
    );
    if cluster.store.get(Kind::ReplicaSet, &key).is_none() {
        let mut spec = json!({
            "replicas": deployment.index.replicas, "selector": value["spec"]["selector"], "template": template,
        });
        set(
            &mut spec,
            "/selector/matchLabels/pod-template-hash",
            hash.as_str(),
        );
        set(
            &mut spec,
            "/template/metadata/labels/pod-template-hash",
            hash.as_str(),
        );
        let mut labels = template["metadata"]["labels"].clone();
        *json::member(&mut labels, HASH) = hash.into();
        cluster.create(
            Kind::ReplicaSet,
            json!({
                "metadata": {
                    "name": key.name, "namespace": key.namespace, "labels": labels,
                    "ownerReferences": [pods::reference(deployment)],
                },
                "spec": spec,
            }),
        );
    }
    key
}

const HASH: &str = "pod-template-hash";

/// The ReplicaSet of this template: the largest, should several be alike, as those of a loaded cluster can be.
fn current(cluster: &Cluster, deployment: &Object, template: &Value) -> Option<Key> {
    let sets = cluster.store.controlled_by(&deployment.index.lasting.uid);
    sets.into_iter()
        .filter(|set| {
            let own = &set.read()["spec"]["template"];
            own["spec"] == template["spec"] && labels(own) == labels(template)
        })
        .map(|set| (set.index.replicas, set.key.clone()))
        .max()
        .map(|(_, key)| key)
}

/// The labels of a template but the one that tells its ReplicaSet apart.
fn labels(template: &Value) -> BTreeMap<String, String> {
    let mut labels = json::texts(template, "/metadata/labels");
    labels.remove(HASH);
    labels
}

fn scale(cluster: &mut Cluster, key: &Key, replicas: usize) {
    let known = cluster.store.get(Kind::ReplicaSet, key);
    if known.is_none_or(|set| set.index.replicas == replicas) {
        return;
    }
    cluster.update(Kind::ReplicaSet, key, |value| {
        set(value, "/spec/replicas", replicas);
    });
}
