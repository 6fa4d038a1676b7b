//! The objects, each as its JSON bytes beside an index of what the cluster itself asks for; one version counter over
//! all of them; and the changes that watches and consistent pages are served from. It knows no rule of Kubernetes.

use std::collections::{BTreeMap, VecDeque};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use hyper::body::Bytes;
use serde_json::Value;

use crate::core::model::{HostPort, Resources};

use super::json::{self, list, number, text, texts};
use super::kind::Kind;
use super::links::{Links, Load, Tally};
use super::parsed::Parsed;

/// Namespace and name; the namespace of cluster-wide objects is empty.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
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
    pub(super) json: Bytes,
    pub(super) index: Index,
    /// Filled by the first who asks.
    pub(super) parsed: OnceLock<Parsed>,
    /// The JSON as it was written, while it is among the newest: what is written is soon read again.
    fresh: Mutex<Option<Arc<Value>>>,
}

impl Object {
    /// The JSON as a value of one's own.
    pub(super) fn value(&self) -> Value {
        match self.fresh().as_deref() {
            Some(value) => value.clone(),
            None => serde_json::from_slice(&self.json).unwrap_or_default(),
        }
    }

    /// The JSON, to look at.
    pub(super) fn read(&self) -> Arc<Value> {
        self.fresh()
            .unwrap_or_else(|| Arc::new(serde_json::from_slice(&self.json).unwrap_or_default()))
    }

    /// The JSON of an object that is about to be replaced: its value goes over to the next version, uncopied.
    pub(super) fn take(&self) -> Value {
        let fresh = self.held().take();
        match fresh.map(Arc::try_unwrap) {
            Some(Ok(value)) => value,
            Some(Err(shared)) => Value::clone(&shared),
            None => serde_json::from_slice(&self.json).unwrap_or_default(),
        }
    }

    /// Gives back what was taken and not changed.
    pub(super) fn give_back(&self, value: Value) {
        *self.held() = Some(Arc::new(value));
    }

    fn fresh(&self) -> Option<Arc<Value>> {
        self.held().clone()
    }

    fn grow_stale(&self) {
        *self.held() = None;
    }

    fn held(&self) -> MutexGuard<'_, Option<Arc<Value>>> {
        self.fresh.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The same state under a later version, as the end of an object is told.
    fn under(&self, version: u64) -> Self {
        Self {
            kind: self.kind,
            key: self.key.clone(),
            version,
            json: restamped(&self.json, self.version, version).unwrap_or_else(|| self.json.clone()),
            index: self.index.clone(),
            parsed: OnceLock::new(),
            fresh: Mutex::new(None),
        }
    }
}

/// JSON of an object with another version in it. Quotes inside of texts are escaped, so the first match is the object's.
fn restamped(json: &[u8], old: u64, new: u64) -> Option<Bytes> {
    let mark = |version: u64| format!("\"resourceVersion\":\"{version}\"");
    let old = mark(old);
    let at = std::str::from_utf8(json).ok()?.find(&old)?;
    let (head, tail) = json.split_at(at);
    Some(
        [head, mark(new).as_bytes(), tail.get(old.len()..)?]
            .concat()
            .into(),
    )
}

/// What selectors, controllers and kubelets ask of an object without reading its JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Index {
    pub(super) uid: String,
    pub(super) labels: BTreeMap<String, String>,
    /// UID of the owner reference with `controller: true`.
    pub(super) controller: Option<String>,
    pub(super) deleting: bool,
    /// `spec.nodeName` of a pod; empty while it is not bound.
    pub(super) node: String,
    /// `status.phase` of a pod or namespace.
    pub(super) phase: String,
    /// The condition `Ready`.
    pub(super) ready: bool,
    /// What a pod asks of its node.
    pub(super) asked: Resources,
    /// The ports of its node that a pod takes.
    pub(super) ports: Vec<HostPort>,
    /// A pod that demands distance from others.
    pub(super) averse: bool,
    /// Equal for equal specs.
    pub(super) spec: u64,
    /// `spec.replicas` and `status.readyReplicas` of a workload.
    pub(super) replicas: usize,
    pub(super) ready_replicas: usize,
}

impl Index {
    fn of(value: &Value) -> Self {
        let own = |pointer| text(value, pointer).unwrap_or_default().to_owned();
        let count = |pointer| number(value, pointer).and_then(|n| usize::try_from(n).ok());
        Self {
            uid: own("/metadata/uid"),
            labels: texts(value, "/metadata/labels"),
            controller: json::list(value, "/metadata/ownerReferences")
                .iter()
                .find(|owner| json::flag(owner, "/controller"))
                .and_then(|owner| text(owner, "/uid"))
                .map(str::to_owned),
            deleting: json::at(value, "/metadata/deletionTimestamp").is_some(),
            node: own("/spec/nodeName"),
            phase: own("/status/phase"),
            ready: json::holds(value, "Ready"),
            asked: asked(value),
            ports: containers(value).flat_map(host_ports).collect(),
            averse: !list(value, ANTI_AFFINITY).is_empty(),
            spec: fingerprint(value.get("spec")),
            replicas: count("/spec/replicas").unwrap_or(1),
            ready_replicas: count("/status/readyReplicas").unwrap_or(0),
        }
    }

    /// Succeeded or Failed.
    pub(super) fn finished(&self) -> bool {
        matches!(self.phase.as_str(), "Succeeded" | "Failed")
    }
}

/// A number that is the same for the same value, in every run.
pub(super) fn fingerprint(value: Option<&Value>) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

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

/// What happened to one object at one version.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub(super) version: u64,
    pub(super) before: Option<Arc<Object>>,
    /// As it is now; a removed object as it last was, under the version of its removal.
    pub(super) object: Arc<Object>,
    pub(super) removed: bool,
}

/// The version asked for is no longer remembered.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Expired;

type Objects = BTreeMap<Key, Arc<Object>>;

#[derive(Debug, Default)]
pub(super) struct Store {
    version: u64,
    objects: BTreeMap<Kind, Objects>,
    links: Links,
    changes: VecDeque<Change>,
    /// Changes up to this version are forgotten.
    forgotten: u64,
    /// Stands for the kinds of which there is nothing.
    none: Objects,
    /// Those whose values are kept, oldest first.
    fresh: VecDeque<Arc<Object>>,
}

/// How many changes are remembered at most, however young they are: five minutes of a large cluster are about this.
const REMEMBERED: usize = 20_000;

/// So many bytes of JSON most objects take.
const USUALLY: usize = 2048;

/// So many of the objects last written keep their values beside their bytes: what a processor has in its own cache.
const FRESH: usize = 64;

impl Store {
    pub(super) fn version(&self) -> u64 {
        self.version
    }

    pub(super) fn get(&self, kind: Kind, key: &Key) -> Option<&Arc<Object>> {
        self.objects.get(&kind)?.get(key)
    }

    /// The objects of a kind by namespace and name; all namespaces when none is given.
    pub(super) fn list<'s>(
        &'s self,
        kind: Kind,
        namespace: Option<&'s str>,
    ) -> impl Iterator<Item = &'s Arc<Object>> + 's {
        let from = Key::new(namespace.unwrap_or_default(), "");
        self.objects
            .get(&kind)
            .into_iter()
            .flat_map(move |objects| objects.range(from.clone()..))
            .map(|(_, object)| object)
            .take_while(move |object| namespace.is_none_or(|wanted| object.key.namespace == wanted))
    }

    /// The pods that are bound to a node; with an empty name those that are bound to none.
    pub(super) fn pods_on(&self, node: &str) -> Vec<Arc<Object>> {
        self.links
            .pods_on(node)
            .filter_map(|key| self.get(Kind::Pod, key).cloned())
            .collect()
    }

    /// Whether there is a pod without a node.
    pub(super) fn any_unbound(&self) -> bool {
        self.links.pods_on("").next().is_some()
    }

    /// The objects whose controller has this UID.
    pub(super) fn controlled_by(&self, uid: &str) -> Vec<Arc<Object>> {
        self.links
            .owned_by(uid)
            .filter_map(|(kind, key)| self.get(*kind, key).cloned())
            .collect()
    }

    /// How the pods are whose controller has this UID.
    pub(super) fn tally(&self, uid: &str) -> Tally {
        self.links.tally(uid)
    }

    /// The workload or ReplicaSet of that UID.
    pub(super) fn controller(&self, uid: &str) -> Option<&Arc<Object>> {
        let (kind, key) = self.links.controller(uid)?;
        self.get(*kind, key)
    }

    /// Nodes and how full they are, the emptiest first, equals by name.
    pub(super) fn emptiest(&self) -> impl Iterator<Item = (&Arc<Object>, Load)> {
        self.links
            .emptiest()
            .filter_map(|(name, load)| Some((self.get(Kind::Node, &Key::of_cluster(name))?, load)))
    }

    pub(super) fn load(&self, node: &str) -> Load {
        self.links.load(node)
    }

    /// The bound pods that demand distance from others.
    pub(super) fn averse(&self) -> impl Iterator<Item = &Arc<Object>> {
        self.links
            .averse()
            .filter_map(|key| self.get(Kind::Pod, key))
    }

    /// Stores a new object under the next version, which it writes into the object.
    pub(super) fn write(&mut self, kind: Kind, mut value: Value) -> Change {
        self.version += 1;
        stamp(&mut value, self.version);
        let json = json::written(&value, USUALLY);
        self.put(kind, value, json)
    }

    /// Stores a changed object under the next version. `json` is the value as text, under the version that it replaces.
    pub(super) fn rewrite(&mut self, old: &Object, mut value: Value, json: &[u8]) -> Change {
        self.version += 1;
        stamp(&mut value, self.version);
        let json = restamped(json, old.version, self.version)
            .unwrap_or_else(|| json::written(&value, json.len()));
        self.put(old.kind, value, json)
    }

    fn put(&mut self, kind: Kind, value: Value, json: Bytes) -> Change {
        let object = Arc::new(Object {
            kind,
            key: Key::of(&value),
            version: self.version,
            json,
            index: Index::of(&value),
            parsed: OnceLock::new(),
            fresh: Mutex::new(Some(Arc::new(value))),
        });
        self.fresh.push_back(object.clone());
        if self.fresh.len() > FRESH
            && let Some(oldest) = self.fresh.pop_front()
        {
            oldest.grow_stale();
        }
        let key = object.key.clone();
        let before = self
            .objects
            .entry(kind)
            .or_default()
            .insert(key, object.clone());
        if let Some(before) = &before {
            self.links.remove(before);
        }
        self.links.add(&object);
        self.remember(Change {
            version: self.version,
            before,
            object,
            removed: false,
        })
    }

    /// Removes an object, which is a version of its own.
    pub(super) fn remove(&mut self, kind: Kind, key: &Key) -> Option<Change> {
        let before = self.objects.get_mut(&kind)?.remove(key)?;
        self.version += 1;
        self.links.remove(&before);
        let last = Arc::new(before.under(self.version));
        Some(self.remember(Change {
            version: self.version,
            before: Some(before),
            object: last,
            removed: true,
        }))
    }

    /// The changes after a version, oldest first.
    pub(super) fn changes_since(
        &self,
        version: u64,
    ) -> Result<impl Iterator<Item = &Change>, Expired> {
        if version < self.forgotten {
            return Err(Expired);
        }
        let first = self
            .changes
            .partition_point(|change| change.version <= version);
        Ok(self.changes.range(first..))
    }

    /// The objects of a kind as they were at a version, those after a key, in order.
    pub(super) fn as_of<'s>(
        &'s self,
        kind: Kind,
        version: u64,
        after: &Key,
    ) -> Result<impl Iterator<Item = &'s Arc<Object>> + use<'s>, Expired> {
        let undone = self.undone(kind, version)?;
        let (past, now): (Vec<_>, _) = {
            let after = (Bound::Excluded(after), Bound::Unbounded);
            let past = undone.range::<Key, _>(after).map(|(key, was)| (*key, *was));
            let objects = self.objects.get(&kind).unwrap_or(&self.none);
            (past.collect(), objects.range::<Key, _>(after))
        };
        let mut past = past.into_iter().peekable();
        let mut now = now.peekable();
        Ok(std::iter::from_fn(move || {
            loop {
                let next_past = past.peek().map(|(key, _)| *key);
                match (next_past, now.peek()) {
                    (None, None) => return None,
                    // What changed is told as it was, if it was there; its present state is passed over.
                    (Some(then), Some((key, _))) if then >= *key => {
                        let same = then == *key;
                        let (_, object) = now.next()?;
                        if !same {
                            return Some(object);
                        }
                    }
                    (Some(_), _) => {
                        let (_, was) = past.next()?;
                        if let Some(was) = was {
                            return Some(was);
                        }
                    }
                    (None, Some(_)) => return now.next().map(|(_, object)| object),
                }
            }
        }))
    }

    /// How many objects of a kind there were at a version.
    pub(super) fn count_as_of(&self, kind: Kind, version: u64) -> Result<usize, Expired> {
        let objects = self.objects.get(&kind).unwrap_or(&self.none);
        let undone = self.undone(kind, version)?;
        let were = undone.values().flatten().count();
        let are = undone.keys().filter(|key| objects.contains_key(**key));
        Ok(objects.len() + were - are.count())
    }

    /// What the changes of a kind since a version replaced; `None` for what was not there.
    fn undone(
        &self,
        kind: Kind,
        version: u64,
    ) -> Result<BTreeMap<&Key, Option<&Arc<Object>>>, Expired> {
        let mut undone = BTreeMap::new();
        for change in self.changes_since(version)? {
            if change.object.kind == kind {
                undone
                    .entry(&change.object.key)
                    .or_insert(change.before.as_ref());
            }
        }
        Ok(undone)
    }

    /// Forgets all changes so far, as a compaction does.
    pub(super) fn forget(&mut self) {
        self.changes.clear();
        self.forgotten = self.version;
    }

    /// Forgets the changes up to a version.
    pub(super) fn forget_until(&mut self, version: u64) {
        let old = self
            .changes
            .partition_point(|change| change.version <= version);
        self.changes.drain(..old);
        self.forgotten = self.forgotten.max(version);
    }

    fn remember(&mut self, change: Change) -> Change {
        self.changes.push_back(change.clone());
        if self.changes.len() > REMEMBERED
            && let Some(oldest) = self.changes.pop_front()
        {
            self.forgotten = oldest.version;
        }
        change
    }
}

fn stamp(value: &mut Value, version: u64) {
    json::set(value, "/metadata/resourceVersion", version.to_string());
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Expired, Key, Kind, Store};

    fn map(name: &str, data: &str) -> serde_json::Value {
        json!({"metadata": {"namespace": "default", "name": name}, "data": {"k": data}})
    }

    #[test]
    fn an_old_version_is_rebuilt_from_the_changes_since() {
        let mut store = Store::default();
        store.write(Kind::ConfigMap, map("a", "1"));
        let then = store.write(Kind::ConfigMap, map("b", "1")).version;
        store.write(Kind::ConfigMap, map("b", "2"));
        store.write(Kind::ConfigMap, map("b", "3"));
        store.write(Kind::ConfigMap, map("c", "1"));
        store.remove(Kind::ConfigMap, &Key::new("default", "a"));
        let seen: Vec<_> = store
            .as_of(Kind::ConfigMap, then, &Key::of_cluster(""))
            .unwrap()
            .map(|o| (o.key.name.clone(), o.value()["data"]["k"].clone()))
            .collect();
        assert_eq!(seen, [("a".into(), json!("1")), ("b".into(), json!("1"))]);
        assert_eq!(store.count_as_of(Kind::ConfigMap, then), Ok(2));
        let rest = store.as_of(Kind::ConfigMap, then, &Key::new("default", "a"));
        assert_eq!(rest.unwrap().count(), 1);
    }

    #[test]
    fn a_changed_object_has_its_new_version_in_text_and_value_alike() {
        let mut store = Store::default();
        let old = store
            .write(Kind::ConfigMap, map("a", "\"resourceVersion\":\"1\""))
            .object;
        let value = old.take();
        let text = value.to_string();
        let new = store.rewrite(&old, value, text.as_bytes()).object;
        assert_eq!(new.version, 2);
        assert_eq!(new.read()["metadata"]["resourceVersion"], "2");
        assert_eq!(
            serde_json::from_slice::<serde_json::Value>(&new.json).unwrap(),
            *new.read()
        );
        assert_eq!(new.read()["data"]["k"], "\"resourceVersion\":\"1\"");
    }

    #[test]
    fn a_forgotten_version_is_expired_and_the_newest_is_not() {
        let mut store = Store::default();
        let old = store.write(Kind::ConfigMap, map("a", "1")).version;
        let new = store.write(Kind::ConfigMap, map("a", "2")).version;
        store.forget();
        assert_eq!(store.changes_since(old).err(), Some(Expired));
        assert_eq!(store.changes_since(new).unwrap().count(), 0);
    }
}
