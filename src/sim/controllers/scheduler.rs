//! The scheduler: gives each pod without a node the fitting one with the fewest of its kind, then the fewest pods, then
//! the first by name. What fits is judged in `fits`; a pod that fits nowhere says why, and is looked at again when a
//! node changes or another pod leaves.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::json;

use super::fits::{Barred, Misfit, Taken, fits, unschedulable, unschedulable_on_its_node};
use crate::core::model::{Apart, HostPort, Needs};
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
    Some((pod.index.controller.clone()?, pinned))
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
    let barred = barred(store, pod, needs);
    if let Some(name) = needs.pinned_to() {
        let misfit = store
            .get(Kind::Node, &Key::of_cluster(name))
            .map(|node| judge(store, needs, node, &barred));
        return match misfit {
            Some(Ok(())) => Ok(name.to_owned()),
            Some(Err(misfit)) => Err(unschedulable_on_its_node(
                Some(&misfit),
                store.emptiest().count(),
            )),
            None => Err(unschedulable_on_its_node(None, store.emptiest().count())),
        };
    }
    let kin = kin(store, pod);
    let mut best: Option<(usize, &str)> = None;
    let mut misfits = Vec::new();
    // They come by their number of pods, so the first without kin is the best there is.
    for (node, _) in store.emptiest() {
        let name = node.key.name.as_str();
        let near = kin.get(name).copied().unwrap_or(0);
        if best.is_some_and(|(least, _)| least <= near) {
            continue;
        }
        match judge(store, needs, node, &barred) {
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

fn judge(store: &Store, needs: &Needs, node: &Object, barred: &Barred) -> Result<(), Misfit> {
    let Some(model) = node.node() else {
        return Err(Misfit::NotSelected);
    };
    let load = store.load(&node.key.name);
    let ports: Vec<HostPort> = if needs.ports.is_empty() {
        Vec::new()
    } else {
        let pods = store.pods_on(&node.key.name);
        let running = pods.iter().filter(|pod| !pod.index.finished());
        running.flat_map(|pod| pod.index.ports.clone()).collect()
    };
    let taken = Taken {
        pods: load.pods,
        asked: load.asked,
        ports: &ports,
    };
    fits(needs, model, taken, barred)
}

/// How many pods of the same controller there are on each node.
fn kin(store: &Store, pod: &Object) -> BTreeMap<String, usize> {
    let mut kin = BTreeMap::new();
    if let Some(controller) = &pod.index.controller {
        for other in store.controlled_by(controller) {
            *kin.entry(other.index.node.clone()).or_default() += 1;
        }
    }
    kin
}

/// Where a pod may not be because of others that must be apart from it, or it from them.
fn barred(store: &Store, pod: &Object, needs: &Needs) -> Barred {
    let mut barred = Barred::default();
    for apart in &needs.apart {
        let domains = barred
            .by_itself
            .entry(apart.topology_key.clone())
            .or_default();
        let namespaces: BTreeSet<&str> = if apart.namespaces.is_empty() {
            BTreeSet::from([pod.key.namespace.as_str()])
        } else {
            apart.namespaces.iter().map(String::as_str).collect()
        };
        for namespace in namespaces {
            let others = store.list(Kind::Pod, Some(namespace));
            domains.extend(
                others
                    .filter(|other| !other.index.finished() && picks(apart, other))
                    .filter_map(|other| domain(store, other, apart)),
            );
        }
    }
    for other in store.averse() {
        for apart in &other.needs().apart {
            let meant = if apart.namespaces.is_empty() {
                other.key.namespace == pod.key.namespace
            } else {
                apart.namespaces.contains(&pod.key.namespace)
            };
            if meant
                && picks(apart, pod)
                && let Some(domain) = domain(store, other, apart)
            {
                barred
                    .by_others
                    .entry(apart.topology_key.clone())
                    .or_default()
                    .insert(domain);
            }
        }
    }
    barred
}

fn picks(apart: &Apart, pod: &Object) -> bool {
    apart
        .selector
        .as_ref()
        .is_some_and(|selector| selector.picks(&pod.index.labels))
}

/// The domain that a bound pod is in.
fn domain(store: &Store, pod: &Object, apart: &Apart) -> Option<String> {
    let node = store.get(Kind::Node, &Key::of_cluster(pod.index.node.as_str()))?;
    node.node()?.label(&apart.topology_key).map(str::to_owned)
}
