//! What the store finds objects by beside their names: the pods of a node and how full it is, what a controller owns and
//! how much of it is well, controllers by UID. Kept with every write, so that nothing has to look at a whole kind.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::core::model::Resources;

use super::kind::Kind;
use super::store::{Key, Object};

#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Links {
    pods_by_node: BTreeMap<String, BTreeSet<Key>>,
    loads: BTreeMap<String, Load>,
    /// The nodes that there are, by their number of pods.
    emptiest: BTreeSet<(usize, String)>,
    owned: BTreeMap<String, Owned>,
    controllers: BTreeMap<String, (Kind, Key)>,
    /// By namespace: bound pods that demand distance from others.
    averse: BTreeMap<String, BTreeSet<Key>>,
}

/// How full a node is: its pods that have not finished, and what they asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Load {
    pub(super) pods: usize,
    pub(super) asked: Resources,
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Owned {
    keys: BTreeSet<(Kind, Key)>,
    tally: Tally,
}

/// How the pods of one controller are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    /// Neither going nor over.
    pub(super) counted: usize,
    /// Of these, on a node.
    pub(super) placed: usize,
    pub(super) ready: usize,
}

impl Tally {
    fn plus(self, other: Self) -> Self {
        Self {
            counted: self.counted + other.counted,
            placed: self.placed + other.placed,
            ready: self.ready + other.ready,
        }
    }

    fn less(self, other: Self) -> Self {
        Self {
            counted: self.counted - other.counted,
            placed: self.placed - other.placed,
            ready: self.ready - other.ready,
        }
    }
}

impl Links {
    /// Nodes, the emptiest first, equals by name.
    pub(super) fn emptiest(&self) -> impl Iterator<Item = (&str, Load)> {
        self.emptiest
            .iter()
            .map(|(_, name)| (name.as_str(), self.load(name)))
    }

    pub(super) fn load(&self, node: &str) -> Load {
        self.loads.get(node).copied().unwrap_or_default()
    }

    /// The pods that are bound to a node; with an empty name those that are bound to none.
    pub(super) fn pods_on(&self, node: &str) -> impl Iterator<Item = &Key> {
        self.pods_by_node.get(node).into_iter().flatten()
    }

    pub(super) fn owned_by(&self, controller: &str) -> impl Iterator<Item = &(Kind, Key)> {
        self.owned
            .get(controller)
            .into_iter()
            .flat_map(|owned| &owned.keys)
    }

    pub(super) fn tally(&self, controller: &str) -> Tally {
        self.owned
            .get(controller)
            .map_or_else(Tally::default, |owned| owned.tally)
    }

    /// The workload, or ReplicaSet, of that UID.
    pub(super) fn controller(&self, uid: &str) -> Option<&(Kind, Key)> {
        self.controllers.get(uid)
    }

    pub(super) fn averse(&self) -> impl Iterator<Item = &Key> {
        self.averse.values().flatten()
    }

    pub(super) fn add(&mut self, object: &Object) {
        let index = &object.index;
        match object.kind {
            Kind::Pod => {
                self.pods_by_node
                    .entry(index.node.clone())
                    .or_default()
                    .insert(object.key.clone());
                if occupies(object) {
                    self.weigh(&index.node, |load| {
                        load.pods += 1;
                        load.asked = load.asked.plus(index.lasting.asked);
                    });
                    if index.lasting.averse {
                        self.averse
                            .entry(object.key.namespace.clone())
                            .or_default()
                            .insert(object.key.clone());
                    }
                }
            }
            Kind::Node => {
                let name = object.key.name.clone();
                self.emptiest.insert((self.load(&name).pods, name));
            }
            Kind::Deployment | Kind::ReplicaSet | Kind::StatefulSet | Kind::DaemonSet => {
                self.controllers
                    .insert(index.lasting.uid.clone(), (object.kind, object.key.clone()));
            }
            _ => {}
        }
        if let Some(controller) = &index.lasting.controller {
            let owned = self.owned.entry(controller.clone()).or_default();
            owned.keys.insert((object.kind, object.key.clone()));
            owned.tally = owned.tally.plus(tally(object));
        }
    }

    /// Of an object in the place of another version of it.
    pub(super) fn renew(&mut self, before: &Object, object: &Object) {
        let (was, is) = (&before.index, &object.index);
        let stays = Arc::ptr_eq(&was.lasting, &is.lasting)
            && was.node == is.node
            && occupies(before) == occupies(object);
        if !stays {
            self.remove(before);
            self.add(object);
            return;
        }
        let (was, is) = (tally(before), tally(object));
        if was != is
            && let Some(controller) = &object.index.lasting.controller
            && let Some(owned) = self.owned.get_mut(controller)
        {
            owned.tally = owned.tally.less(was).plus(is);
        }
    }

    /// Undoes what `add` did for this version of the object.
    pub(super) fn remove(&mut self, object: &Object) {
        let index = &object.index;
        match object.kind {
            Kind::Pod => {
                remove_from(&mut self.pods_by_node, &index.node, &object.key);
                if occupies(object) {
                    self.weigh(&index.node, |load| {
                        load.pods = load.pods.saturating_sub(1);
                        load.asked = load.asked.minus(index.lasting.asked);
                    });
                    if index.lasting.averse {
                        remove_from(&mut self.averse, &object.key.namespace, &object.key);
                    }
                }
            }
            Kind::Node => {
                let name = object.key.name.clone();
                self.emptiest.remove(&(self.load(&name).pods, name));
            }
            Kind::Deployment | Kind::ReplicaSet | Kind::StatefulSet | Kind::DaemonSet => {
                self.controllers.remove(&index.lasting.uid);
            }
            _ => {}
        }
        if let Some(controller) = &index.lasting.controller
            && let Some(owned) = self.owned.get_mut(controller)
        {
            owned.keys.remove(&(object.kind, object.key.clone()));
            owned.tally = owned.tally.less(tally(object));
            if owned.keys.is_empty() {
                self.owned.remove(controller);
            }
        }
    }

    fn weigh(&mut self, node: &str, change: impl FnOnce(&mut Load)) {
        let load = self.loads.entry(node.to_owned()).or_default();
        let before = load.pods;
        change(load);
        let after = *load;
        if after == Load::default() {
            self.loads.remove(node);
        }
        // A node that is not there has no place among the emptiest, whatever is bound to its name.
        if before != after.pods && self.emptiest.remove(&(before, node.to_owned())) {
            self.emptiest.insert((after.pods, node.to_owned()));
        }
    }
}

/// Takes room on a node.
fn occupies(pod: &Object) -> bool {
    !pod.index.node.is_empty() && !pod.index.finished()
}

fn tally(object: &Object) -> Tally {
    let index = &object.index;
    let counts = object.kind == Kind::Pod && !index.deleting && !index.finished();
    Tally {
        counted: usize::from(counts),
        placed: usize::from(counts && !index.node.is_empty()),
        ready: usize::from(counts && index.ready),
    }
}

fn remove_from(map: &mut BTreeMap<String, BTreeSet<Key>>, of: &str, key: &Key) {
    if let Some(keys) = map.get_mut(of) {
        keys.remove(key);
        if keys.is_empty() {
            map.remove(of);
        }
    }
}
