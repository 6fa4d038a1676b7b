//! The scheduler: gives each pod without a node the fitting one with the fewest of its kind, then the fewest pods, then
//! the first by name. What fits is judged in `core::placement`; a pod that fits nowhere says why, and is looked at again when a
//! node changes or another pod leaves.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::json;

use crate::core::model::{HostPort, LabelSelector, Labels, Needs, PodTerm, Spread};
use crate::core::placement::{
    Company, Counts, Misfit, Taken, Tie, fits, unschedulable, unschedulable_on_its_node,
};
use crate::sim::cluster::Cluster;
use crate::sim::json::{set, set_condition};
use crate::sim::kind::Kind;
use crate::sim::store::{Key, Object, Store};

pub(super) fn bind_unbound(cluster: &mut Cluster) {
    // Pods of one controller are alike: where the first of them found no room, the rest need not look.
    let mut refused = BTreeMap::new();
    for pod in cluster.store.pods_on("") {
        if pod.index.deleting || pod.index.finished() {
            continue;
        }
        let alike = alike(&pod);
        let chosen = match alike.as_ref().and_then(|alike| refused.get(alike)) {
            Some(message) => Err(String::clone(message)),
            None => choose(&cluster.store, &pod),
        };
        if let (Some(alike), Err(message)) = (alike, &chosen) {
            refused.insert(alike, message.clone());
        }
        bind(cluster, &pod, chosen);
    }
}

/// What pods have in common that find the same nodes: controller and demands. Nothing for pods that stand alone.
fn alike(pod: &Object) -> Option<(String, Arc<str>)> {
    let needs = pod.needs();
    let pinned: Arc<str> = needs.pinned_to().unwrap_or_default().into();
    Some((pod.index.lasting.controller.clone()?, pinned))
}

fn bind(cluster: &mut Cluster, pod: &Object, chosen: Result<String, String>) {
    let now = cluster.time();
    cluster.update(Kind::Pod, &pod.key, |value| {
        let condition = match chosen {
            Ok(node) => {
                set(value, "/spec/nodeName", node);
                json!({"type": "PodScheduled", "status": "True"})
            }
            Err(message) => json!({
                "type": "PodScheduled", "status": "False", "reason": "Unschedulable",
                "message": message,
            }),
        };
        set_condition(value, condition, &now);
    });
}

/// The node for a pod, or the message that says why there is none.
fn choose(store: &Store, pod: &Object) -> Result<String, String> {
    let needs = pod.needs();
    let counted = Counted::of(store, pod, needs);
    let company = counted.company();
    if let Some(name) = needs.pinned_to() {
        let misfit = store
            .get(Kind::Node, &Key::of_cluster(name))
            .map(|node| judge(store, needs, node, &company));
        return match misfit {
            Some(Ok(())) => Ok(name.to_owned()),
            Some(Err(misfit)) => Err(unschedulable_on_its_node(
                Some(&misfit),
                store.emptiest().count(),
            )),
            None => Err(unschedulable_on_its_node(None, store.emptiest().count())),
        };
    }
    let others = others(store, pod);
    let kin = kin(&others);
    let mut best: Option<(usize, &str)> = None;
    let mut misfits = Vec::new();
    // They come by their number of pods, so the first without kin is the best there is.
    for (node, _) in store.emptiest() {
        let name = node.key.name.as_str();
        let near = kin.get(name).copied().unwrap_or(0);
        if best.is_some_and(|(least, _)| least <= near) {
            continue;
        }
        match judge(store, needs, node, &company) {
            Ok(()) if near == 0 => return Ok(name.to_owned()),
            Ok(()) => best = Some((near, name)),
            Err(misfit) => misfits.push(misfit),
        }
    }
    match best {
        Some((_, name)) => Ok(name.to_owned()),
        None => Err(unschedulable(misfits.iter())),
    }
}

fn judge(store: &Store, needs: &Needs, node: &Object, company: &Company<'_>) -> Result<(), Misfit> {
    let Some(model) = node.node() else {
        return Err(Misfit::NotSelected);
    };
    let load = store.load(&node.key.name);
    let ports: Vec<HostPort> = if needs.ports.is_empty() {
        Vec::new()
    } else {
        let pods = store.pods_on(&node.key.name);
        let running = pods.iter().filter(|pod| !pod.index.finished());
        running
            .flat_map(|pod| pod.index.lasting.ports.clone())
            .collect()
    };
    let taken = Taken {
        pods: load.pods,
        asked: load.asked,
        ports: &ports,
    };
    fits(needs, model, taken, company)
}

/// The pods of the same controller.
fn others(store: &Store, pod: &Object) -> Vec<Arc<Object>> {
    let controller = pod.index.lasting.controller.as_deref();
    controller.map_or_else(Vec::new, |controller| store.controlled_by(controller))
}

/// How many of them there are on each node.
fn kin(others: &[Arc<Object>]) -> BTreeMap<&str, usize> {
    let mut kin = BTreeMap::new();
    for other in others {
        *kin.entry(other.index.node.as_str()).or_default() += 1;
    }
    kin
}

/// The other pods that a pod's place depends on, counted by domain.
struct Counted<'a> {
    spread: Vec<(&'a Spread, Counts, bool)>,
    near: Vec<(&'a PodTerm, Counts, bool)>,
    apart: Vec<(&'a PodTerm, Counts)>,
    kept_away: Vec<(String, Counts)>,
}

impl<'a> Counted<'a> {
    fn of(store: &Store, pod: &Object, needs: &'a Needs) -> Self {
        let by_term = |term: &PodTerm| {
            let about = namespaces_for(store, term, &pod.key.namespace);
            let mut counts = Counts::new();
            for namespace in &about {
                for other in store.list(Kind::Pod, Some(namespace)) {
                    if !other.index.finished() && picks(term.selector.as_ref(), other) {
                        count(store, other, &term.topology_key, &mut counts);
                    }
                }
            }
            (
                counts,
                about.contains(&pod.key.namespace) && picks(term.selector.as_ref(), pod),
            )
        };
        let mut kept_away = Vec::new();
        for other in store.averse() {
            for term in &other.needs().apart {
                let about = namespaces_for(store, term, &other.key.namespace);
                if about.contains(&pod.key.namespace) && picks(term.selector.as_ref(), pod) {
                    let mut counts = Counts::new();
                    count(store, other, &term.topology_key, &mut counts);
                    kept_away.push((term.topology_key.clone(), counts));
                }
            }
        }
        Self {
            spread: needs
                .spread
                .iter()
                .map(|spread| {
                    let counts = spread_counts(store, pod, needs, spread);
                    (spread, counts, evenly(spread, pod, pod))
                })
                .collect(),
            near: needs
                .near
                .iter()
                .map(|term| {
                    let (counts, belongs) = by_term(term);
                    (term, counts, belongs)
                })
                .collect(),
            apart: needs
                .apart
                .iter()
                .map(|term| (term, by_term(term).0))
                .collect(),
            kept_away,
        }
    }

    fn company(&self) -> Company<'_> {
        let spread = self
            .spread
            .iter()
            .map(|(spread, counts, belongs)| Tie::spread(spread, counts, *belongs, &[]));
        let near = self.near.iter().map(|(term, counts, belongs)| Tie::Near {
            key: &term.topology_key,
            counts,
            belongs: *belongs,
        });
        let apart = self.apart.iter().map(|(term, counts)| Tie::Apart {
            key: &term.topology_key,
            counts,
        });
        let kept_away = self
            .kept_away
            .iter()
            .map(|(key, counts)| Tie::KeptAway { key, counts });
        Company(spread.chain(near).chain(apart).chain(kept_away).collect())
    }
}

/// The namespaces of a term of a pod of this namespace.
fn namespaces_for(store: &Store, term: &PodTerm, own: &str) -> BTreeSet<String> {
    let all = store
        .list(Kind::Namespace, None)
        .map(|namespace| (namespace.key.name.as_str(), &namespace.index.lasting.labels));
    let about = term.namespaces_for(own, all);
    about.into_iter().map(str::to_owned).collect()
}

/// The pods of a spread in every domain where the pod could be, those that are going left out.
fn spread_counts(store: &Store, pod: &Object, needs: &Needs, spread: &Spread) -> Counts {
    let mut counts = Counts::new();
    let mut eligible = BTreeSet::new();
    for (node, _) in store.emptiest() {
        let Some(model) = node.node() else { continue };
        let mut keys = needs.spread.iter().map(|spread| &spread.topology_key);
        if keys.all(|key| model.label(key).is_some()) && spread.counts_on(needs, model) {
            eligible.insert(node.key.name.as_str());
            let domain = model.label(&spread.topology_key).unwrap_or_default();
            counts.entry(domain.to_owned()).or_insert(0);
        }
    }
    for other in store.list(Kind::Pod, Some(&pod.key.namespace)) {
        if !other.index.finished()
            && !other.index.deleting
            && eligible.contains(&*other.index.node)
            && evenly(spread, pod, other)
        {
            count(store, other, &spread.topology_key, &mut counts);
        }
    }
    counts
}

/// Whether the spread of `pod` counts `other`.
fn evenly(spread: &Spread, pod: &Object, other: &Object) -> bool {
    let same = |key: &String| match pod.index.lasting.labels.get(key) {
        Some(value) => other.index.lasting.labels.get(key) == Some(value),
        None => true,
    };
    picks(spread.selector.as_ref(), other) && spread.label_keys.iter().all(same)
}

fn picks(selector: Option<&LabelSelector>, pod: &Object) -> bool {
    let labels: &Labels = &pod.index.lasting.labels;
    selector.is_some_and(|selector| selector.picks(labels))
}

/// Counts a bound pod in its domain.
fn count(store: &Store, pod: &Object, topology_key: &str, counts: &mut Counts) {
    let node = store.get(Kind::Node, &Key::of_cluster(&*pod.index.node));
    if let Some(domain) = node.and_then(|node| node.node()?.label(topology_key)) {
        *counts.entry(domain.to_owned()).or_default() += 1;
    }
}
