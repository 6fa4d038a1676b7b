//! Finding kured, by everything that shows it: its image, its command, its chart's label, its lock annotation.
//! (kubereboot/kured and kubereboot/charts; the second annotation domain is that of the announced version 2.)

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;

use crate::core::evidence::{KuredSettings, Mount, kured_settings};
use crate::core::kured::{self, KuredFound, KuredLock};
use crate::core::kured_lock::is_stuck_for_one;
use crate::edge::cluster::watch::{Scope, list};
use crate::edge::cluster::wire::Refusal;

pub(super) const LOCKS: [&str; 2] = ["weave.works/kured-node-lock", "kured.dev/kured-node-lock"];

#[derive(Deserialize)]
struct DaemonSet {
    metadata: Meta,
    #[serde(default)]
    spec: Spec,
    #[serde(default)]
    status: Status,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Status {
    number_ready: u32,
    desired_number_scheduled: u32,
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

#[derive(Default, Deserialize)]
#[serde(default)]
struct Variable {
    name: String,
    /// Absent where it is kept in another object.
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

/// Every kured with its settings and its lock.
pub(crate) async fn survey(client: &kube::Client) -> Result<Vec<KuredFound>, Refusal> {
    let sets = daemon_sets(client).await?;
    let mut found: Vec<KuredFound> = sets
        .iter()
        .filter(|set| is_kured(set))
        .map(|set| told(set, &sets))
        .collect();
    found.sort_by(|a, b| (&a.namespace, &a.name).cmp(&(&b.namespace, &b.name)));
    Ok(found)
}

/// What every kured of the cluster takes for evidence, by the names of its DaemonSets.
pub(crate) async fn settings(
    client: &kube::Client,
) -> Result<Vec<(String, KuredSettings)>, Refusal> {
    let mut found: Vec<(String, KuredSettings)> = daemon_sets(client)
        .await?
        .iter()
        .filter(|set| is_kured(set))
        .map(|set| {
            let name = format!("{}/{}", set.metadata.namespace, set.metadata.name);
            (name, evidence_of(&set.spec.template.spec))
        })
        .collect();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(found)
}

/// The settings in a DaemonSet as a server sent it, if it is kured's; for the fuzz targets.
pub(crate) fn settings_in(set: &[u8]) -> Option<KuredSettings> {
    let set: DaemonSet = serde_json::from_slice(set).ok()?;
    is_kured(&set).then(|| evidence_of(&set.spec.template.spec))
}

async fn daemon_sets(client: &kube::Client) -> Result<Vec<DaemonSet>, Refusal> {
    let sets = list::<DaemonSet>(client, &Scope::all("/apis/apps/v1/daemonsets")).await?;
    Ok(sets.items)
}

/// Sidecars have settings of their own; without a container that is kured's for certain, the first one's.
fn container_of(spec: &PodSpec) -> Option<&Container> {
    spec.containers
        .iter()
        .find(|container| is_kureds(container))
        .or_else(|| spec.containers.first())
}

/// By name without dashes; a value that is kept elsewhere is `None`.
fn settings_of(container: Option<&Container>) -> BTreeMap<String, Option<String>> {
    let words = container.into_iter().flat_map(|container| {
        let command = container.command.iter().flatten();
        command.chain(container.args.iter().flatten())
    });
    let environment = container
        .into_iter()
        .flat_map(|container| container.env.iter().flatten())
        .map(|variable| (variable.name.as_str(), variable.value.as_deref()));
    kured::settings(words.map(String::as_str), environment)
}

fn told(set: &DaemonSet, all: &[DaemonSet]) -> KuredFound {
    let container = container_of(&set.spec.template.spec);
    let settings = settings_of(container);
    KuredFound {
        namespace: set.metadata.namespace.clone(),
        name: set.metadata.name.clone(),
        image: container.map_or_else(String::new, |container| container.image.clone()),
        ready: set.status.number_ready,
        wanted: set.status.desired_number_scheduled,
        lock: lock(&settings, all),
        settings,
    }
}

/// The lock is where the flags say, which need not be the DaemonSet that runs kured.
fn lock(settings: &BTreeMap<String, Option<String>>, all: &[DaemonSet]) -> KuredLock {
    let of = |key: &str| settings.get(key).and_then(Option::as_deref);
    // kured's own defaults.
    let namespace = of("ds-namespace").unwrap_or("kube-system");
    let name = of("ds-name").unwrap_or("kured");
    let Some(holder) = all
        .iter()
        .find(|set| set.metadata.namespace == namespace && set.metadata.name == name)
    else {
        return KuredLock::Elsewhere {
            daemon_set: format!("{namespace}/{name}"),
        };
    };
    let annotations = holder.metadata.annotations.as_ref();
    let text = of("lock-annotation")
        .into_iter()
        .chain(LOCKS)
        .find_map(|key| annotations?.get(key));
    let text = text.map(String::as_str);
    // Nothing expires here: doctor tells what is written, with its times.
    if of("concurrency").unwrap_or("1") == "1" && is_stuck_for_one(text, Timestamp::MIN) {
        return KuredLock::Stuck;
    }
    kured::lock(text)
}

fn evidence_of(spec: &PodSpec) -> KuredSettings {
    let container = container_of(spec);
    let mounts: Vec<Mount> = container
        .into_iter()
        .flat_map(|container| container.volume_mounts.iter().flatten())
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
    kured_settings(&settings_of(container), &mounts)
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
        || set.spec.template.spec.containers.iter().any(is_kureds)
}

fn is_kureds(container: &Container) -> bool {
    let begins = container.command.iter().flatten().next();
    repository(&container.image).ends_with("/kured")
        || begins.is_some_and(|command| command.ends_with("/kured"))
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
            evidence_of(&set.spec.template.spec),
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

    #[test]
    fn the_lock_is_read_where_the_flags_say() {
        let kured = set(serde_json::json!({
            "metadata": {"namespace": "a", "name": "kured", "annotations": {"weave.works/kured-node-lock": ""}},
            "spec": {"template": {"spec": {"containers": [{
                "image": "ghcr.io/kubereboot/kured:1.23.0",
                "command": ["/usr/bin/kured"],
                "args": ["--ds-namespace=a", "--ds-name=other", "--lock-annotation", "example.com/lock"],
            }]}}},
            "status": {"numberReady": 2, "desiredNumberScheduled": 3},
        }));
        let missing = told(&kured, &[]);
        assert_eq!((missing.ready, missing.wanted), (2, 3));
        let elsewhere = KuredLock::Elsewhere {
            daemon_set: "a/other".into(),
        };
        assert_eq!(missing.lock, elsewhere);
        let other = set(serde_json::json!({
            "metadata": {"namespace": "a", "name": "other", "annotations": {"example.com/lock": "{\"nodeID\":\"n1\"}"}},
        }));
        let held = KuredLock::Held {
            by: vec!["n1".into()],
        };
        assert_eq!(told(&kured, &[other]).lock, held);
    }
}
