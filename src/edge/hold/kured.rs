//! Finding kured, by everything that shows it: its image, its command, its chart's label, its lock annotation.
//! (kubereboot/kured and kubereboot/charts; the second annotation domain is that of the announced version 2.)

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::edge::cluster::watch::{Scope, list};
use crate::edge::cluster::wire::Refusal;

const LOCKS: [&str; 2] = ["weave.works/kured-node-lock", "kured.dev/kured-node-lock"];

#[derive(Deserialize)]
struct DaemonSet {
    metadata: Meta,
    #[serde(default)]
    spec: Spec,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Meta {
    namespace: String,
    name: String,
    #[serde(default)]
    labels: Option<BTreeMap<String, String>>,
    #[serde(default)]
    annotations: Option<BTreeMap<String, String>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Spec {
    template: Template,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Template {
    spec: PodSpec,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct PodSpec {
    containers: Vec<Container>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Container {
    image: String,
    command: Option<Vec<String>>,
}

/// Namespace and name of every DaemonSet that is kured's, in order.
pub(crate) async fn find(client: &kube::Client) -> Result<Vec<(String, String)>, Refusal> {
    let sets = list::<DaemonSet>(client, &Scope::all("/apis/apps/v1/daemonsets")).await?;
    let mut found: Vec<(String, String)> = sets
        .items
        .into_iter()
        .filter(is_kured)
        .map(|set| (set.metadata.namespace, set.metadata.name))
        .collect();
    found.sort();
    Ok(found)
}

fn is_kured(set: &DaemonSet) -> bool {
    let has = |map: &Option<BTreeMap<String, String>>, key: &str| {
        map.as_ref().is_some_and(|map| map.contains_key(key))
    };
    let labelled = set.metadata.labels.iter().any(|labels| {
        ["app.kubernetes.io/name", "app"]
            .iter()
            .any(|key| labels.get(*key).is_some_and(|name| name == "kured"))
    });
    labelled
        || LOCKS
            .iter()
            .any(|lock| has(&set.metadata.annotations, lock))
        || set.spec.template.spec.containers.iter().any(|container| {
            repository(&container.image).ends_with("/kured")
                || container
                    .command
                    .iter()
                    .flatten()
                    .next()
                    .is_some_and(|command| command.ends_with("/kured"))
        })
}

/// An image reference without tag and digest. A registry's port also follows a colon, but has a slash after it.
fn repository(image: &str) -> &str {
    let image = image.split('@').next().unwrap_or(image);
    match image.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => repository,
        _ => image,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(json: serde_json::Value) -> DaemonSet {
        serde_json::from_value(json).expect("a DaemonSet")
    }

    #[test]
    fn kured_is_found_by_any_of_its_signs_and_nothing_else_is() {
        let by_image = |image: &str| {
            serde_json::json!({"metadata": {"namespace": "a", "name": "b"},
                "spec": {"template": {"spec": {"containers": [{"image": image}]}}}})
        };
        assert!(is_kured(&set(by_image("ghcr.io/kubereboot/kured:1.23.0"))));
        assert!(is_kured(&set(by_image(
            "registry.example:5000/mirror/kured@sha256:00"
        ))));
        assert!(!is_kured(&set(by_image(
            "registry.example:5000/mirror/kured-exporter:1"
        ))));
        for meta in [
            serde_json::json!({"namespace": "a", "name": "b", "labels": {"app.kubernetes.io/name": "kured"}}),
            serde_json::json!({"namespace": "a", "name": "b", "annotations": {"weave.works/kured-node-lock": "{}"}}),
            serde_json::json!({"namespace": "a", "name": "b", "annotations": {"kured.dev/kured-node-lock": "{}"}}),
        ] {
            assert!(is_kured(&set(serde_json::json!({"metadata": meta}))));
        }
    }
}
