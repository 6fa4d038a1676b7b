//! The objects, each as its JSON bytes beside an index of what the cluster itself asks for; one version counter over
//! all of them; and the changes that watches and consistent pages are served from. It knows no rule of Kubernetes.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use hyper::body::Bytes;
use serde_json::Value;

use super::json::{self, text, texts};
use super::kind::Kind;

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
}

impl Object {
    pub(super) fn value(&self) -> Value {
        serde_json::from_slice(&self.json).unwrap_or_default()
    }
}

/// What selectors, controllers and kubelets ask of an object without reading its JSON.
#[derive(Debug, Default)]
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
}

impl Index {
    fn of(value: &Value) -> Self {
        let own = |pointer| text(value, pointer).unwrap_or_default().to_owned();
        Self {
            uid: own("/metadata/uid"),
            labels: texts(value, "/metadata/labels"),
            controller: json::list(value, "/metadata/ownerReferences")
                .iter()
                .find(|owner| json::flag(owner, "/controller"))
                .and_then(|owner| text(owner, "/uid"))
                .map(str::to_owned),
            deleting: value.pointer("/metadata/deletionTimestamp").is_some(),
            node: own("/spec/nodeName"),
            phase: own("/status/phase"),
            ready: json::holds(value, "Ready"),
        }
    }

    /// Succeeded or Failed.
    pub(super) fn finished(&self) -> bool {
        matches!(self.phase.as_str(), "Succeeded" | "Failed")
    }
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
    pods_by_node: BTreeMap<String, BTreeSet<Key>>,
    by_controller: BTreeMap<String, BTreeSet<(Kind, Key)>>,
    changes: VecDeque<Change>,
    /// Changes up to this version are forgotten.
    forgotten: u64,
}

/// How many changes are remembered. A real API server forgets by age; five minutes of a large cluster are about this.
const REMEMBERED: usize = 20_000;

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
        self.pods_by_node
            .get(node)
            .into_iter()
            .flatten()
            .filter_map(|key| self.get(Kind::Pod, key).cloned())
            .collect()
    }

    /// The objects whose controller has this UID.
    pub(super) fn controlled_by(&self, uid: &str) -> Vec<Arc<Object>> {
        self.by_controller
            .get(uid)
            .into_iter()
            .flatten()
            .filter_map(|(kind, key)| self.get(*kind, key).cloned())
            .collect()
    }

    /// Stores a new or changed object under the next version, which it writes into the object.
    pub(super) fn write(&mut self, kind: Kind, mut value: Value) -> Change {
        self.version += 1;
        let object = Arc::new(stamped(kind, &mut value, self.version));
        let key = object.key.clone();
        let before = self
            .objects
            .entry(kind)
            .or_default()
            .insert(key, object.clone());
        if let Some(before) = &before {
            self.forget_links(before);
        }
        self.remember_links(&object);
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
        self.forget_links(&before);
        let last = Arc::new(stamped(kind, &mut before.value(), self.version));
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

    /// The objects of a kind as they were at a version.
    pub(super) fn as_of(&self, kind: Kind, version: u64) -> Result<Objects, Expired> {
        let mut objects = self.objects.get(&kind).cloned().unwrap_or_default();
        let mut settled = BTreeSet::new();
        for change in self.changes_since(version)? {
            let object = &change.object;
            if object.kind == kind && settled.insert(object.key.clone()) {
                match &change.before {
                    Some(before) => objects.insert(object.key.clone(), before.clone()),
                    None => objects.remove(&object.key),
                };
            }
        }
        Ok(objects)
    }

    /// Forgets all changes so far, as a compaction does.
    pub(super) fn forget(&mut self) {
        self.changes.clear();
        self.forgotten = self.version;
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

    fn remember_links(&mut self, object: &Object) {
        if object.kind == Kind::Pod {
            self.pods_by_node
                .entry(object.index.node.clone())
                .or_default()
                .insert(object.key.clone());
        }
        if let Some(controller) = &object.index.controller {
            self.by_controller
                .entry(controller.clone())
                .or_default()
                .insert((object.kind, object.key.clone()));
        }
    }

    fn forget_links(&mut self, object: &Object) {
        if object.kind == Kind::Pod
            && let Some(pods) = self.pods_by_node.get_mut(&object.index.node)
        {
            pods.remove(&object.key);
        }
        if let Some(controller) = &object.index.controller
            && let Some(owned) = self.by_controller.get_mut(controller)
        {
            owned.remove(&(object.kind, object.key.clone()));
            if owned.is_empty() {
                self.by_controller.remove(controller);
            }
        }
    }
}

fn stamped(kind: Kind, value: &mut Value, version: u64) -> Object {
    json::set(value, "/metadata/resourceVersion", version.to_string());
    Object {
        kind,
        key: Key::of(value),
        version,
        json: Bytes::from(value.to_string()),
        index: Index::of(value),
    }
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
        let objects = store.as_of(Kind::ConfigMap, then).unwrap();
        let seen: Vec<_> = objects
            .values()
            .map(|o| (o.key.name.clone(), o.value()["data"]["k"].clone()))
            .collect();
        assert_eq!(seen, [("a".into(), json!("1")), ("b".into(), json!("1"))]);
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
