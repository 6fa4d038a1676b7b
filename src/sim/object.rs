//! One version of one object: its JSON text beside an index of what the cluster itself asks for, and its value as long
//! as it was written a moment ago. It knows where in the JSON things are, and no rule about them.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use serde_json::Value;

use crate::core::model::{HostPort, Resources, Taint};

use super::contract::OWNER_MARK;
use super::json::{self, list, number, text, texts};
use super::kind::Kind;
use super::parsed::Parsed;
use super::written::Written;

/// Namespace and name; the namespace of cluster-wide objects is empty.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Key {
    pub(super) namespace: String,
    pub(super) name: String,
}

impl Key {
    pub(super) fn new(namespace: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            namespace: namespace.into(),
            name: name.into(),
        }
    }

    /// Of an object that is in no namespace.
    pub(super) fn of_cluster(name: impl Into<String>) -> Self {
        Self::new("", name)
    }

    pub(super) fn of(value: &Value) -> Self {
        Self::new(
            text(value, "/metadata/namespace").unwrap_or_default(),
            text(value, "/metadata/name").unwrap_or_default(),
        )
    }
}

/// One version of one object.
#[derive(Debug)]
pub(super) struct Object {
    pub(super) kind: Kind,
    pub(super) key: Key,
    pub(super) version: u64,
    pub(super) text: Written,
    pub(super) index: Index,
    /// Filled by the first who asks.
    pub(super) parsed: OnceLock<Parsed>,
    /// The JSON as it was written, while it is among the newest: what is written is soon read again.
    fresh: Mutex<Option<Arc<Value>>>,
}

impl Object {
    /// A version whose text is `text`, which says the same as `value`; `spec` is the fingerprint of its spec, `lasting` and
    /// `parsed` what it has in common with the version before.
    pub(super) fn new(
        kind: Kind,
        version: u64,
        value: Value,
        text: Written,
        spec: u64,
        lasting: Arc<Lasting>,
        parsed: OnceLock<Parsed>,
    ) -> Self {
        Self {
            kind,
            key: Key::of(&value),
            version,
            text,
            index: Index::of(kind, &value, spec, lasting),
            parsed,
            fresh: Mutex::new(Some(Arc::new(value))),
        }
    }

    /// The JSON as a value of one's own.
    pub(super) fn value(&self) -> Value {
        match self.fresh().as_deref() {
            Some(value) => value.clone(),
            None => self.text.value(),
        }
    }

    /// The JSON, to look at.
    pub(super) fn read(&self) -> Arc<Value> {
        self.fresh().unwrap_or_else(|| Arc::new(self.text.value()))
    }

    /// The JSON of an object that is about to be replaced: its value goes over to the next version, uncopied.
    pub(super) fn take(&self) -> Value {
        let fresh = self.held().take();
        match fresh.map(Arc::try_unwrap) {
            Some(Ok(value)) => value,
            Some(Err(shared)) => Value::clone(&shared),
            None => self.text.value(),
        }
    }

    /// Gives back what was taken and not changed.
    pub(super) fn give_back(&self, value: Value) {
        *self.held() = Some(Arc::new(value));
    }

    fn fresh(&self) -> Option<Arc<Value>> {
        self.held().clone()
    }

    pub(super) fn grow_stale(&self) {
        *self.held() = None;
    }

    fn held(&self) -> MutexGuard<'_, Option<Arc<Value>>> {
        self.fresh.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The same state under a later version, as the end of an object is told.
    pub(super) fn under(&self, version: u64) -> Self {
        Self {
            kind: self.kind,
            key: self.key.clone(),
            version,
            text: self.text.under(version),
            index: self.index.clone(),
            parsed: OnceLock::new(),
            fresh: Mutex::new(None),
        }
    }
}

/// What selectors, controllers and kubelets ask of an object without reading its JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Index {
    pub(super) lasting: Arc<Lasting>,
    pub(super) deleting: bool,
    /// `spec.nodeName` of a pod; empty while it is not bound.
    pub(super) node: String,
    /// `status.phase` of a pod or namespace.
    pub(super) phase: String,
    /// The condition `Ready`.
    pub(super) ready: bool,
    /// Equal for equal specs, of a kind whose generation counts them.
    pub(super) spec: u64,
    /// `spec.replicas` and `status.readyReplicas` of a workload.
    pub(super) replicas: usize,
    pub(super) ready_replicas: usize,
    /// `spec.unschedulable` of a node.
    pub(super) cordoned: bool,
    /// The mark of a run on a node, as it is written.
    pub(super) mark: Option<String>,
    /// `spec.taints` of a node.
    pub(super) taints: Vec<Taint>,
}

/// What no status says: versions that differ in nothing else share it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Lasting {
    pub(super) uid: String,
    pub(super) labels: BTreeMap<String, String>,
    /// UID of the owner reference with `controller: true`.
    pub(super) controller: Option<String>,
    /// The kind that it names.
    pub(super) controller_kind: Option<String>,
    /// A pod that its kubelet shows, of a file on the machine.
    pub(super) mirror: bool,
    /// What a pod asks of its node.
    pub(super) asked: Resources,
    /// The ports of its node that a pod takes.
    pub(super) ports: Vec<HostPort>,
    /// A pod that demands distance from others.
    pub(super) averse: bool,
}

impl Lasting {
    pub(super) fn of(value: &Value) -> Self {
        let mut owners = json::list(value, "/metadata/ownerReferences").iter();
        let controller = owners.find(|owner| json::flag(owner, "/controller"));
        let of_controller = |pointer| Some(text(controller?, pointer)?.to_owned());
        Self {
            uid: text(value, "/metadata/uid").unwrap_or_default().to_owned(),
            labels: texts(value, "/metadata/labels"),
            controller: of_controller("/uid"),
            controller_kind: of_controller("/kind"),
            mirror: json::at(value, MIRROR).is_some(),
            asked: asked(value),
            ports: containers(value).flat_map(host_ports).collect(),
            averse: !list(value, ANTI_AFFINITY).is_empty(),
        }
    }
}

impl Index {
    fn of(kind: Kind, value: &Value, spec: u64, lasting: Arc<Lasting>) -> Self {
        let own = |pointer| text(value, pointer).unwrap_or_default().to_owned();
        let count = |pointer| number(value, pointer).and_then(|n| usize::try_from(n).ok());
        let mut index = Self {
            lasting,
            deleting: json::at(value, "/metadata/deletionTimestamp").is_some(),
            phase: own("/status/phase"),
            ready: json::holds(value, "Ready"),
            spec,
            ..Self::default()
        };
        match kind {
            Kind::Pod => index.node = own("/spec/nodeName"),
            Kind::Node => {
                index.cordoned = json::flag(value, "/spec/unschedulable");
                index.mark = json::at(value, "/metadata/annotations")
                    .and_then(|annotations| annotations.get(OWNER_MARK)?.as_str())
                    .map(str::to_owned);
                index.taints = list(value, "/spec/taints").iter().map(taint).collect();
            }
            Kind::Deployment | Kind::ReplicaSet | Kind::StatefulSet => {
                index.replicas = count("/spec/replicas").unwrap_or(1);
                index.ready_replicas = count("/status/readyReplicas").unwrap_or(0);
            }
            _ => {}
        }
        index
    }

    /// Succeeded or Failed.
    pub(super) fn finished(&self) -> bool {
        matches!(self.phase.as_str(), "Succeeded" | "Failed")
    }
}

/// A number that is the same for the same spec, in every run; always the same for kinds of which nobody counts changes.
pub(super) fn fingerprint(kind: Kind, value: &Value) -> u64 {
    if !kind.resource().generation {
        return 0;
    }
    let mut hasher = DefaultHasher::new();
    value.get("spec").hash(&mut hasher);
    hasher.finish()
}

fn taint(value: &Value) -> Taint {
    let own = |pointer| text(value, pointer).unwrap_or_default().to_owned();
    Taint {
        key: own("/key"),
        value: own("/value"),
        effect: own("/effect"),
    }
}

const MIRROR: &str = "/metadata/annotations/kubernetes.io~1config.mirror";

const ANTI_AFFINITY: &str =
    "/spec/affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution";

fn containers(pod: &Value) -> impl Iterator<Item = &Value> {
    list(pod, "/spec/initContainers")
        .iter()
        .chain(list(pod, "/spec/containers"))
}

/// As the edge reads it, but from the value that is in hand at every write.
fn asked(pod: &Value) -> Resources {
    let of = |container: &Value| {
        Resources::read(
            text(container, "/resources/requests/cpu"),
            text(container, "/resources/requests/memory"),
        )
    };
    let goes_on = |container: &&Value| text(container, "/restartPolicy") == Some("Always");
    let init = list(pod, "/spec/initContainers");
    Resources::of_pod(
        list(pod, "/spec/containers")
            .iter()
            .chain(init.iter().filter(goes_on))
            .map(of),
        init.iter().filter(|container| !goes_on(container)).map(of),
        Resources::read(
            text(pod, "/spec/overhead/cpu"),
            text(pod, "/spec/overhead/memory"),
        ),
    )
}

fn host_ports(container: &Value) -> impl Iterator<Item = HostPort> {
    list(container, "/ports").iter().filter_map(|port| {
        let number = number(port, "/hostPort").filter(|number| *number != 0)?;
        Some(HostPort {
            port: u16::try_from(number).ok()?,
            protocol: text(port, "/protocol").unwrap_or("TCP").to_owned(),
            address: text(port, "/hostIP").unwrap_or_default().to_owned(),
        })
    })
}
