//! Finding kured, by everything that shows it: its image, its command, its chart's label, its lock annotation.
//! (kubereboot/kured and kubereboot/charts; the second annotation domain is that of the announced version 2.)

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::core::evidence::{KuredSettings, Mount, kured_settings};
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
    volumes: Option<Vec<Volume>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Volume {
    name: String,
    host_path: Option<HostPath>,
}

#[derive(Deserialize)]
struct HostPath {
    path: String,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Container {
    image: String,
    command: Option<Vec<String>>,
    args: Option<Vec<String>>,
    env: Option<Vec<Variable>>,
    volume_mounts: Option<Vec<VolumeMount>>,
}

#[derive(Deserialize)]
struct Variable {
    name: String,
    /// Absent where the value comes from elsewhere.
    value: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct VolumeMount {
    name: String,
    mount_path: String,
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

/// What every kured of the cluster takes for evidence, by the names of its DaemonSets.
pub(crate) async fn settings(
    client: &kube::Client,
) -> Result<Vec<(String, KuredSettings)>, Refusal> {
    let sets = list::<DaemonSet>(client, &Scope::all("/apis/apps/v1/daemonsets")).await?;
    let mut found: Vec<(String, KuredSettings)> = sets
        .items
        .iter()
        .filter(|set| is_kured(set))
        .map(|set| {
            let name = format!("{}/{}", set.metadata.namespace, set.metadata.name);
            (name, settings_of(&set.spec.template.spec))
        })
        .collect();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(found)
}

/// The settings in a DaemonSet as a server sent it, if it is kured's; for the fuzz targets.
pub(crate) fn settings_in(set: &[u8]) -> Option<KuredSettings> {
    let set: DaemonSet = serde_json::from_slice(set).ok()?;
    is_kured(&set).then(|| settings_of(&set.spec.template.spec))
}

/// Sidecars have settings of their own; without a container that is kured's for certain, the first one's.
fn settings_of(spec: &PodSpec) -> KuredSettings {
    let empty = Container::default();
    let container = spec
        .containers
        .iter()
        .find(|container| runs_kured(container))
        .or(spec.containers.first())
        .unwrap_or(&empty);
    let words: Vec<String> = [&container.command, &container.args]
        .into_iter()
        .flatten()
        .flatten()
        .cloned()
        .collect();
    let environment: Vec<(String, Option<String>)> = container
        .env
        .iter()
        .flatten()
        .map(|variable| (variable.name.clone(), variable.value.clone()))
        .collect();
    let mounts: Vec<Mount> = container
        .volume_mounts
        .iter()
        .flatten()
        .filter_map(|mount| {
            let volume = spec
                .volumes
                .iter()
                .flatten()
                .find(|volume| volume.name == mount.name)?;
            Some(Mount {
                at: mount.mount_path.clone(),
                host: volume.host_path.as_ref()?.path.clone(),
            })
        })
        .collect();
    kured_settings(&words, &environment, &mounts)
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
        || set.spec.template.spec.containers.iter().any(runs_kured)
}

fn runs_kured(container: &Container) -> bool {
    repository(&container.image).ends_with("/kured")
        || container
            .command
            .iter()
            .flatten()
            .next()
            .is_some_and(|command| command.ends_with("/kured"))
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
    use crate::core::evidence::{KuredSentinel, Sentinel};

    fn set(json: serde_json::Value) -> DaemonSet {
        serde_json::from_value(json).expect("a DaemonSet")
    }

    /// The plain manifest's shape (kubereboot/kured, kured-ds.yaml) with a sentinel of its own.
    #[test]
    fn the_settings_are_those_of_kureds_own_container() {
        let set = set(
            serde_json::json!({"metadata": {"namespace": "a", "name": "b"}, "spec": {"template": {"spec": {
            "volumes": [{"name": "sentinel", "hostPath": {"path": "/var/run"}}, {"name": "token"}],
            "containers": [
                {"image": "mesh/proxy:1", "args": ["--period=5m"]},
                {"image": "ghcr.io/kubereboot/kured:1.23.0", "command": ["/usr/bin/kured", "--reboot-sentinel=/sentinel/mine"],
                 "env": [{"name": "KURED_NODE_ID", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}}],
                 "volumeMounts": [{"mountPath": "/sentinel", "name": "sentinel", "readOnly": true}]}]}}}}),
        );
        assert_eq!(
            settings_of(&set.spec.template.spec),
            KuredSettings {
                sentinel: KuredSentinel::Own(Sentinel::File("/var/run/mine".into())),
                period: None
            }
        );
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
