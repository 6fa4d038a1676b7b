//! Deployments: a ReplicaSet for each template; an older one is scaled down once the newest is Ready.

use std::sync::Arc;

use serde_json::json;

use super::pods;
use crate::sim::chance::name_of;
use crate::sim::cluster::Cluster;
use crate::sim::json::{self, set, set_condition};
use crate::sim::kind::Kind;
use crate::sim::store::{Key, Object};

pub(super) fn reconcile(cluster: &mut Cluster, deployment: &Arc<Object>) {
    let value = deployment.value();
    let wanted = pods::replicas(&value);
    let template = &value["spec"]["template"];
    let hash = name_of(template.to_string().as_bytes());
    let name = format!("{}-{hash}", deployment.key.name);
    let key = Key::new(deployment.key.namespace.as_str(), name);
    if cluster.store.get(Kind::ReplicaSet, &key).is_none() {
        let mut spec = json!({
            "replicas": wanted, "selector": value["spec"]["selector"], "template": template,
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
        *json::member(&mut labels, "pod-template-hash") = hash.into();
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
    scale(cluster, &key, wanted);
    let ready = |set: &Arc<Object>| {
        usize::try_from(json::number(&set.value(), "/status/readyReplicas").unwrap_or(0))
            .unwrap_or(0)
    };
    let sets = cluster.store.controlled_by(&deployment.index.uid);
    let current = sets.iter().find(|set| set.key == key).map_or(0, ready);
    let total: usize = sets.iter().map(ready).sum();
    if current >= wanted {
        for old in sets.iter().filter(|set| set.key != key) {
            scale(cluster, &old.key, 0);
        }
    }
    let now = cluster.time();
    let available = if total >= wanted { "True" } else { "False" };
    cluster.update(Kind::Deployment, &deployment.key, |value| {
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

fn scale(cluster: &mut Cluster, key: &Key, replicas: usize) {
    cluster.update(Kind::ReplicaSet, key, |value| {
        set(value, "/spec/replicas", replicas)
    });
}
