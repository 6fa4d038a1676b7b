//! The objects by kind, namespace and name; one version counter over all of them; and the changes that watches and
//! consistent pages are served from. It knows no rule of Kubernetes.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::ops::Bound;
use std::sync::{Arc, OnceLock};

use serde_json::Value;

use super::json;
use super::kind::Kind;
use super::links::{Links, Load, Tally};
use super::parsed::Parsed;
use super::written::{Draft, Same, Written};

pub(super) use super::object::{Key, Lasting, Object, fingerprint};

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

/// The objects of a kind: looked for by name far more often than listed.
#[derive(Debug, Default)]
struct Objects {
    by_key: HashMap<Key, Arc<Object>>,
    /// In the order of lists.
    sorted: BTreeSet<Key>,
}

impl Objects {
    fn insert(&mut self, object: Arc<Object>) -> Option<Arc<Object>> {
        if let Some(there) = self.by_key.get_mut(&object.key) {
            return Some(std::mem::replace(there, object));
        }
        self.sorted.insert(object.key.clone());
        self.by_key.insert(object.key.clone(), object)
    }

    fn remove(&mut self, key: &Key) -> Option<Arc<Object>> {
        self.sorted.remove(key);
        self.by_key.remove(key)
    }

    /// In order, from there on.
    fn onward<'o>(
        &'o self,
        begin: Bound<&Key>,
    ) -> impl Iterator<Item = (&'o Key, &'o Arc<Object>)> + use<'o> {
        let keys = self.sorted.range::<Key, _>((begin, Bound::Unbounded));
        keys.filter_map(|key| Some((key, self.by_key.get(key)?)))
    }
}

#[derive(Debug, Default)]
pub(super) struct Store {
    version: u64,
    objects: BTreeMap<Kind, Objects>,
    links: Links,
    changes: VecDeque<Change>,
    /// Changes up to this version are forgotten.
    forgotten: u64,
    /// Nobody can ask for what changes: it is forgotten at once.
    unseen: bool,
    /// Stands for the kinds of which there is nothing.
    none: Objects,
    /// Those whose values are kept, oldest first: pods, and all else.
    fresh: [VecDeque<Arc<Object>>; 2],
}

/// How many changes are remembered at most, however young they are: five minutes of a large cluster are about this.
const REMEMBERED: usize = 20_000;

/// So many of the pods last written, and of all else, keep their values beside their bytes, some 5 KB each: a pod is written again within
/// seconds or not for long, a workload or a budget whenever one of its pods goes. Of an object only the newest version has a value.
const FRESH: [usize; 2] = [128, 1024];

impl Store {
    pub(super) fn version(&self) -> u64 {
        self.version
    }

    pub(super) fn get(&self, kind: Kind, key: &Key) -> Option<&Arc<Object>> {
        self.objects.get(&kind)?.by_key.get(key)
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
            .flat_map(move |objects| objects.onward(Bound::Included(&from)))
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
    pub(super) fn write(&mut self, kind: Kind, mut value: Value, draft: &mut Draft) -> Change {
        self.version += 1;
        stamp(&mut value, self.version);
        draft.write(&value, None);
        let text = draft.copied();
        let spec = fingerprint(kind, &value);
        let lasting = Arc::new(Lasting::of(&value));
        self.put(kind, value, text, spec, lasting, OnceLock::new())
    }

    /// Stores a changed object under the next version. `draft` is the value as text, under the version that it replaces, `same`
    /// what the two have in common, `spec` the fingerprint of its spec, `lasting` what is no status of it.
    pub(super) fn rewrite(
        &mut self,
        old: &Object,
        mut value: Value,
        draft: &mut Draft,
        same: Same,
        spec: u64,
        lasting: Arc<Lasting>,
    ) -> Change {
        self.version += 1;
        stamp(&mut value, self.version);
        draft.stamp(self.version);
        let parsed = if same.has("spec") && Arc::ptr_eq(&lasting, &old.index.lasting) {
            old.still_parsed()
        } else {
            OnceLock::new()
        };
        self.put(old.kind, value, draft.copied(), spec, lasting, parsed)
    }

    fn put(
        &mut self,
        kind: Kind,
        value: Value,
        text: Written,
        spec: u64,
        lasting: Arc<Lasting>,
        parsed: OnceLock<Parsed>,
    ) -> Change {
        let version = self.version;
        let object = Object::new(kind, version, value, text, spec, lasting, parsed);
        let object = Arc::new(object);
        let which = usize::from(kind != Kind::Pod);
        let fresh = &mut self.fresh[which];
        fresh.push_back(object.clone());
        if fresh.len() > FRESH[which]
            && let Some(oldest) = fresh.pop_front()
        {
            oldest.grow_stale();
        }
        let objects = self.objects.entry(kind).or_default();
        let before = objects.insert(object.clone());
        match &before {
            Some(before) => self.links.renew(before, &object),
            None => self.links.add(&object),
        }
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
            let after = Bound::Excluded(after);
            let past = undone.range::<Key, _>((after, Bound::Unbounded));
            let past = past.map(|(key, was)| (*key, *was)).collect();
            let objects = self.objects.get(&kind).unwrap_or(&self.none);
            (past, objects.onward(after))
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
        let are = undone
            .keys()
            .filter(|key| objects.by_key.contains_key(**key));
        Ok(objects.sorted.len() + were - are.count())
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

    /// What it finds objects by is what it would be if all that is there were stored anew.
    #[cfg(test)]
    pub(super) fn assert_linked(&self) {
        let mut anew = Links::default();
        let objects = self.objects.values();
        for object in objects.flat_map(|objects| objects.by_key.values()) {
            anew.add(object);
        }
        assert_eq!(self.links, anew);
    }

    /// Nothing is remembered until the next [`Self::forget`]: a cluster that is being made has nobody who could ask.
    pub(super) fn remember_nothing(&mut self) {
        self.unseen = true;
    }

    /// Forgets all changes so far, as a compaction does.
    pub(super) fn forget(&mut self) {
        self.unseen = false;
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
        if self.unseen {
            return change;
        }
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

    use super::{Change, Draft, Expired, Key, Kind, Same, Store};

    fn map(name: &str, data: &str) -> serde_json::Value {
        json!({"metadata": {"namespace": "default", "name": name}, "data": {"k": data}})
    }

    fn write(store: &mut Store, kind: Kind, value: serde_json::Value) -> Change {
        store.write(kind, value, &mut Draft::default())
    }

    #[test]
    fn an_old_version_is_rebuilt_from_the_changes_since() {
        let mut store = Store::default();
        write(&mut store, Kind::ConfigMap, map("a", "1"));
        let then = write(&mut store, Kind::ConfigMap, map("b", "1")).version;
        write(&mut store, Kind::ConfigMap, map("b", "2"));
        write(&mut store, Kind::ConfigMap, map("b", "3"));
        write(&mut store, Kind::ConfigMap, map("c", "1"));
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
        let old = write(
            &mut store,
            Kind::ConfigMap,
            map("a", "\"resourceVersion\":\"1\""),
        )
        .object;
        let value = old.take();
        let mut draft = Draft::default();
        draft.write(&value, None);
        let new = store
            .rewrite(
                &old,
                value,
                &mut draft,
                Same::default(),
                0,
                old.index.lasting.clone(),
            )
            .object;
        assert_eq!(new.version, 2);
        assert_eq!(new.read()["metadata"]["resourceVersion"], "2");
        assert_eq!(new.text.value(), *new.read());
        assert_eq!(new.read()["data"]["k"], "\"resourceVersion\":\"1\"");
    }

    #[test]
    fn a_forgotten_version_is_expired_and_the_newest_is_not() {
        let mut store = Store::default();
        let old = write(&mut store, Kind::ConfigMap, map("a", "1")).version;
        let new = write(&mut store, Kind::ConfigMap, map("a", "2")).version;
        store.forget();
        assert_eq!(store.changes_since(old).err(), Some(Expired));
        assert_eq!(store.changes_since(new).unwrap().count(), 0);
    }

    #[test]
    fn what_nobody_could_see_is_expired_and_what_follows_is_not() {
        let mut store = Store::default();
        store.remember_nothing();
        let unseen = write(&mut store, Kind::ConfigMap, map("a", "1")).version;
        store.forget();
        assert_eq!(store.changes_since(unseen - 1).err(), Some(Expired));
        write(&mut store, Kind::ConfigMap, map("a", "2"));
        assert_eq!(store.changes_since(unseen).unwrap().count(), 1);
    }
}
