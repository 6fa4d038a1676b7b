//! Reads everything that plans and rehearsals look at, page by page, one kind after another. Each list is consistent in
//! itself; between two of them the cluster goes on, as it does between a reading and whatever follows from it.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use jiff::Timestamp;
use kube::Client;
use kube::core::params::ListParams;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::answer::code;
use super::page::list_pages;
use super::persistent::{SlimCsiNode, SlimVolume};
use super::pod_spec::{SlimSelector, SlimSpec};
use super::pods::{OwnerReference, SlimPod, controller};
use super::services::{SlimService, SlimWebhooks};
use super::{NODES, SlimNode};
use crate::core::model::{
    Amount, AttachLimit, Bound, Budget, ClusterId, Controller, ControllerKind, Counted, Namespace,
    Needs, Node, Pod, Service, Snapshot, Template, Uid, Unread, Volume,
};

/// The namespace whose UID identifies a cluster.
const IDENTITY: &str = "kube-system";

/// Reads the whole cluster.
pub(crate) async fn read(client: &Client) -> Result<Snapshot, kube::Error> {
    let nodes = list::<SlimNode, Node>(client, NODES).await?;
    beside(client, nodes).await
}

/// Reads everything but the nodes, which are known. A kind that the user may not list is left out and said to be unread,
/// but for pods: without them there is nothing to say.
pub(crate) async fn beside(client: &Client, mut nodes: Vec<Node>) -> Result<Snapshot, kube::Error> {
    for node in &mut nodes {
        // Nothing is to be changed on the strength of a snapshot.
        node.resource_version.clear();
    }
    let mut shared = Shared::default();
    let mut pods = list::<SlimPod, Pod>(client, "/api/v1/pods").await?;
    for pod in &mut pods {
        shared.share(&mut pod.needs);
    }
    let mut unread = Vec::new();
    let mut controllers = Vec::new();
    for (kind, what) in [
        (ControllerKind::Deployment, "deployments"),
        (ControllerKind::ReplicaSet, "replicasets"),
        (ControllerKind::StatefulSet, "statefulsets"),
        (ControllerKind::DaemonSet, "daemonsets"),
    ] {
        let listed = allowed::<SlimController, SlimController>(client, "/apis/apps/v1", what);
        for slim in listed.await?.unwrap_or_report(&mut unread) {
            let mut controller = slim.into_model(kind);
            shared.share(&mut controller.template.needs);
            controllers.push(controller);
        }
    }
    let budgets = allowed::<SlimBudget, Budget>(client, "/apis/policy/v1", "poddisruptionbudgets")
        .await?
        .unwrap_or_report(&mut unread);
    let namespaces = allowed::<SlimNamespace, Namespace>(client, "/api/v1", "namespaces")
        .await?
        .unwrap_or_report(&mut unread);
    let services = allowed::<SlimService, Service>(client, "/api/v1", "services")
        .await?
        .unwrap_or_report(&mut unread);
    let mut webhooks = Vec::new();
    for what in [
        "validatingwebhookconfigurations",
        "mutatingwebhookconfigurations",
    ] {
        let group = "/apis/admissionregistration.k8s.io/v1";
        let listed = allowed::<SlimWebhooks, SlimWebhooks>(client, group, what).await?;
        let listed = listed.unwrap_or_report(&mut unread);
        webhooks.extend(listed.into_iter().flat_map(SlimWebhooks::into_model));
    }
    let mounts = |pod: &Pod| !pod.needs.claims.is_empty();
    let (volumes, attach_limits) = if pods.iter().any(mounts) {
        persistent(client, &mut unread).await?
    } else {
        Default::default()
    };
    Ok(Snapshot {
        identity: namespaces
            .iter()
            .find(|namespace| namespace.name == IDENTITY)
            .map(|namespace| ClusterId::new(namespace.uid.as_str())),
        namespaces,
        nodes,
        pods,
        controllers,
        budgets,
        services,
        webhooks,
        volumes,
        attach_limits,
        unread,
    })
}

async fn persistent(
    client: &Client,
    unread: &mut Vec<Unread>,
) -> Result<(Vec<Volume>, Vec<AttachLimit>), kube::Error> {
    let volumes = allowed::<SlimVolume, SlimVolume>(client, "/api/v1", "persistentvolumes")
        .await?
        .unwrap_or_report(unread);
    let group = "/apis/storage.k8s.io/v1";
    let nodes = allowed::<SlimCsiNode, SlimCsiNode>(client, group, "csinodes")
        .await?
        .unwrap_or_report(unread);
    Ok((
        volumes
            .into_iter()
            .filter_map(SlimVolume::into_model)
            .collect(),
        nodes
            .into_iter()
            .flat_map(SlimCsiNode::into_model)
            .collect(),
    ))
}

/// A list, or that the user may not read it.
enum Allowed<T> {
    Read(Vec<T>),
    Not(Unread),
}

impl<T> Allowed<T> {
    fn unwrap_or_report(self, unread: &mut Vec<Unread>) -> Vec<T> {
        match self {
            Self::Read(items) => items,
            Self::Not(refused) => {
                unread.push(refused);
                Vec::new()
            }
        }
    }
}

async fn allowed<Slim, T>(
    client: &Client,
    group: &str,
    what: &'static str,
) -> Result<Allowed<T>, kube::Error>
where
    Slim: DeserializeOwned,
    T: From<Slim>,
{
    match list::<Slim, T>(client, &format!("{group}/{what}")).await {
        Ok(items) => Ok(Allowed::Read(items)),
        Err(error) if code(&error) == Some(403) => Ok(Allowed::Not(Unread {
            what,
            message: error.to_string(),
        })),
        Err(error) => Err(error),
    }
}

async fn list<Slim, T>(client: &Client, path: &str) -> Result<Vec<T>, kube::Error>
where
    Slim: DeserializeOwned,
    T: From<Slim>,
{
    let params = ListParams::default();
    Ok(list_pages::<Slim, T>(client, path, &params).await?.items)
}

/// Equal demands are kept once: a thousand pods of one template have one.
#[derive(Default)]
struct Shared(HashSet<Arc<Needs>>);

impl Shared {
    fn share(&mut self, needs: &mut Arc<Needs>) {
        match self.0.get(needs) {
            Some(known) => *needs = Arc::clone(known),
            None => {
                self.0.insert(Arc::clone(needs));
            }
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Meta {
    namespace: String,
    name: String,
    uid: String,
    generation: i64,
    labels: Option<BTreeMap<String, String>>,
    owner_references: Option<Vec<OwnerReference>>,
    deletion_timestamp: Option<serde::de::IgnoredAny>,
}

#[derive(Debug, Deserialize)]
struct SlimNamespace {
    metadata: Meta,
}

impl From<SlimNamespace> for Namespace {
    fn from(SlimNamespace { metadata }: SlimNamespace) -> Self {
        Self {
            name: metadata.name,
            uid: Uid::new(metadata.uid),
            labels: metadata.labels.unwrap_or_default(),
            ending: metadata.deletion_timestamp.is_some(),
        }
    }
}

#[derive(Debug, Deserialize)]
struct SlimController {
    metadata: Meta,
    #[serde(default)]
    spec: ControllerSpec,
    #[serde(default)]
    status: ControllerStatus,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ControllerSpec {
    replicas: Option<u32>,
    selector: Option<SlimSelector>,
    template: SlimTemplate,
    ordinals: Option<Ordinals>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Ordinals {
    start: u32,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct SlimTemplate {
    metadata: Meta,
    spec: SlimSpec,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ControllerStatus {
    ready_replicas: u32,
    /// Of a DaemonSet, which has no replicas.
    number_ready: u32,
    desired_number_scheduled: u32,
}

impl SlimController {
    fn into_model(self, kind: ControllerKind) -> Controller {
        let Self {
            metadata,
            spec,
            status,
        } = self;
        let (wanted, ready) = match kind {
            ControllerKind::DaemonSet => (status.desired_number_scheduled, status.number_ready),
            ControllerKind::Deployment
            | ControllerKind::ReplicaSet
            | ControllerKind::StatefulSet => (spec.replicas.unwrap_or(1), status.ready_replicas),
        };
        Controller {
            kind,
            namespace: metadata.namespace,
            name: metadata.name,
            uid: Uid::new(metadata.uid),
            owner: controller(metadata.owner_references.unwrap_or_default()),
            wanted,
            ready,
            first: spec.ordinals.map_or(0, |ordinals| ordinals.start),
            selector: spec.selector.unwrap_or_default().into(),
            template: Template {
                labels: spec.template.metadata.labels.unwrap_or_default(),
                empty_dir: spec.template.spec.has_empty_dir(),
                // What a template names after its pod has no name yet.
                needs: Arc::new(spec.template.spec.needs("")),
            },
        }
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct SlimBudget {
    metadata: Meta,
    #[serde(default)]
    spec: BudgetSpec,
    #[serde(default)]
    status: BudgetStatus,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct BudgetSpec {
    selector: Option<SlimSelector>,
    min_available: Option<SlimAmount>,
    max_unavailable: Option<SlimAmount>,
    unhealthy_pod_eviction_policy: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum SlimAmount {
    Pods(i32),
    Share(String),
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct BudgetStatus {
    observed_generation: i64,
    disruptions_allowed: i32,
    current_healthy: i32,
    desired_healthy: i32,
    expected_pods: i32,
    disrupted_pods: Option<BTreeMap<String, Timestamp>>,
}

impl From<SlimAmount> for Amount {
    fn from(slim: SlimAmount) -> Self {
        match slim {
            SlimAmount::Pods(pods) => Self::Pods(pods),
            SlimAmount::Share(share) => Self::Share(share),
        }
    }
}

impl From<SlimBudget> for Budget {
    fn from(slim: SlimBudget) -> Self {
        let SlimBudget {
            metadata,
            spec,
            status,
        } = slim;
        let bound = match (spec.min_available, spec.max_unavailable) {
            (Some(least), _) => Bound::MinAvailable(least.into()),
            (None, Some(most)) => Bound::MaxUnavailable(most.into()),
            (None, None) => Bound::None,
        };
        Self {
            namespace: metadata.namespace,
            name: metadata.name,
            uid: Uid::new(metadata.uid),
            selector: spec.selector.map(Into::into),
            bound,
            always_allow_unhealthy: spec.unhealthy_pod_eviction_policy.as_deref()
                == Some("AlwaysAllow"),
            generation: metadata.generation,
            counted: Counted {
                observed_generation: status.observed_generation,
                allowed: status.disruptions_allowed,
                healthy: status.current_healthy,
                desired: status.desired_healthy,
                expected: status.expected_pods,
            },
            disrupted: status.disrupted_pods.unwrap_or_default(),
        }
    }
}
