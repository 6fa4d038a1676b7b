//! What the workload controllers share: which pods count, and how one is made from a template.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::sim::cluster::Cluster;
use crate::sim::http::defaults;
use crate::sim::json::{self, set};
use crate::sim::kind::Kind;
use crate::sim::store::{Key, Object};

/// The pods of a controller, by name.
pub(super) fn of(cluster: &Cluster, controller: &Object) -> Vec<Arc<Object>> {
    let mut pods = cluster.store.controlled_by(&controller.index.lasting.uid);
    pods.retain(|object| object.kind == Kind::Pod);
    pods
}

/// A pod that its controller counts: neither going nor over.
pub(super) fn counts(pod: &Object) -> bool {
    !pod.index.deleting && !pod.index.finished()
}

pub(super) fn count_ready(pods: &[Arc<Object>]) -> usize {
    pods.iter()
        .filter(|pod| counts(pod) && pod.index.ready)
        .count()
}

/// A pod of the controller's template; `name` is whole, or none for a generated one.
pub(super) fn make(cluster: &mut Cluster, owner: &Object, template: &Value, name: Option<String>) {
    let mut pod = template.clone();
    let name = name.unwrap_or_else(|| free_name(cluster, owner));
    set(&mut pod, "/metadata/name", name);
    set(
        &mut pod,
        "/metadata/namespace",
        owner.key.namespace.as_str(),
    );
    set(
        &mut pod,
        "/metadata/ownerReferences",
        json!([reference(owner)]),
    );
    cluster.create(Kind::Pod, defaults::pod(pod));
}

/// A generated name that nobody has: of a few thousand, some two are generated alike.
fn free_name(cluster: &mut Cluster, owner: &Object) -> String {
    loop {
        let name = format!("{}-{}", owner.key.name, cluster.chance.suffix());
        let key = Key::new(owner.key.namespace.as_str(), name.as_str());
        if cluster.store.get(Kind::Pod, &key).is_none() {
            return name;
        }
    }
}

/// The owner reference of a controller.
pub(super) fn reference(owner: &Object) -> Value {
    json!({
        "apiVersion": owner.kind.api_version(),
        "kind": owner.kind.resource().name,
        "name": owner.key.name,
        "uid": owner.index.lasting.uid,
        "controller": true,
        "blockOwnerDeletion": true,
    })
}

/// Writes numbers into an object's status beside the generation that they are about.
pub(super) fn report(cluster: &mut Cluster, object: &Object, numbers: &[(&str, usize)]) {
    let says = |value: &Value| {
        let status = &value["status"];
        json::at(value, "/metadata/generation")
            .is_some_and(|own| *own == status["observedGeneration"])
            && numbers.iter().all(|(key, number)| status[*key] == *number)
    };
    cluster.update_status_unless(object.kind, &object.key, says, |value| {
        let generation = json::number(value, "/metadata/generation");
        let status = json::entry(value, "/status");
        status["observedGeneration"] = generation.into();
        for (key, number) in numbers {
            status[*key] = (*number).into();
        }
    });
}
