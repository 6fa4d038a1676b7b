//! DaemonSets: one pod on each node that they fit, cordoned and unreachable ones included. A node that changed is looked
//! at alone; all of them only when the set itself is another.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Value, json};

use super::pods;
use crate::core::model::Needs;
use crate::core::placement::untolerated;
use crate::sim::cluster::Cluster;
use crate::sim::json::{self, entry, text};
use crate::sim::kind::Kind;
use crate::sim::store::{Key, Object};

/// What every DaemonSet's pods tolerate, whatever their template says.
const TOLERATED: [(&str, &str); 6] = [
    ("node.kubernetes.io/not-ready", "NoExecute"),
    ("node.kubernetes.io/unreachable", "NoExecute"),
    ("node.kubernetes.io/disk-pressure", "NoSchedule"),
    ("node.kubernetes.io/memory-pressure", "NoSchedule"),
    ("node.kubernetes.io/pid-pressure", "NoSchedule"),
    ("node.kubernetes.io/unschedulable", "NoSchedule"),
];

/// What is known of the DaemonSets, by UID.
#[derive(Debug, Default)]
pub(in crate::sim) struct Daemons(BTreeMap<String, Daemon>);

#[derive(Debug, Default)]
struct Daemon {
    /// Of the spec whose nodes these are.
    spec: u64,
    needs: Needs,
    wanted: BTreeSet<String>,
    /// How many of its pods are on nodes that it does not want.
    strayed: BTreeMap<String, usize>,
}

/// What a node means to a DaemonSet.
struct Verdict {
    wanted: bool,
    /// A node that is not Ready gets no new pod, and keeps the one it has.
    kept: bool,
}

/// The set has changed, or a pod of it.
pub(super) fn reconcile(cluster: &mut Cluster, set: &Arc<Object>) {
    let known = cluster.daemons.0.get(&set.index.lasting.uid);
    if known.is_none_or(|known| known.spec != set.index.spec) {
        let known = Daemon {
            spec: set.index.spec,
            needs: needs(&template(set)),
            ..Daemon::default()
        };
        cluster
            .daemons
            .0
            .insert(set.index.lasting.uid.clone(), known);
        let mut here: BTreeMap<String, Vec<Arc<Object>>> = BTreeMap::new();
        for pod in pods::of(cluster, set) {
            here.entry(target(&pod)).or_default().push(pod);
        }
        let nodes = cluster.store.list(Kind::Node, None);
        let mut names: BTreeSet<String> = nodes.map(|node| node.key.name.clone()).collect();
        names.extend(here.keys().cloned());
        for name in names {
            let own = here.remove(&name).unwrap_or_default();
            settle(cluster, set, &name, &own);
        }
    }
    report(cluster, set);
}

/// A node has changed, or lost a pod of a DaemonSet: every set looks at it.
pub(super) fn reconcile_node(cluster: &mut Cluster, node: &str) {
    let sets: Vec<_> = cluster.store.list(Kind::DaemonSet, None).cloned().collect();
    for set in sets.into_iter().filter(|set| !set.index.deleting) {
        // A set that was never looked at will look at every node.
        if !cluster.daemons.0.contains_key(&set.index.lasting.uid) {
            continue;
        }
        let uid = set.index.lasting.uid.as_str();
        let mut own = cluster.store.pods_on(node);
        own.retain(|pod| pod.index.lasting.controller.as_deref() == Some(uid));
        let mut unbound = cluster.store.pods_on("");
        unbound.retain(|pod| {
            pod.index.lasting.controller.as_deref() == Some(uid)
                && pod.needs().pinned_to() == Some(node)
        });
        own.append(&mut unbound);
        settle(cluster, &set, node, &own);
        report(cluster, &set);
    }
}

pub(super) fn forget(cluster: &mut Cluster, uid: &str) {
    cluster.daemons.0.remove(uid);
}

/// Makes or removes what one node has too little or too much of.
fn settle(cluster: &mut Cluster, set: &Object, node: &str, own: &[Arc<Object>]) {
    let Verdict { wanted, kept } = verdict(cluster, set, node);
    let mut there = false;
    for pod in own {
        if !pod.index.deleting && (!kept || pod.index.finished()) {
            cluster.delete(Kind::Pod, &pod.key, None);
        }
        there |= !pod.index.finished();
    }
    if wanted && !there {
        pods::make(cluster, set, &pinned(&template(set), node), None);
    }
    if let Some(known) = cluster.daemons.0.get_mut(&set.index.lasting.uid) {
        known.strayed.remove(node);
        if wanted {
            known.wanted.insert(node.to_owned());
        } else {
            known.wanted.remove(node);
            if !own.is_empty() {
                known.strayed.insert(node.to_owned(), own.len());
            }
        }
    }
}

fn verdict(cluster: &Cluster, set: &Object, node: &str) -> Verdict {
    let node = cluster.store.get(Kind::Node, &Key::of_cluster(node));
    let known = cluster.daemons.0.get(&set.index.lasting.uid);
    match (node.and_then(|node| node.node()), known) {
        (Some(node), Some(known)) => {
            let selected = known.needs.selects(node.name.as_str(), &node.labels);
            let tolerates = |effects: &[&str]| untolerated(&known.needs, node, effects).is_none();
            Verdict {
                wanted: selected && tolerates(&["NoSchedule", "NoExecute"]),
                kept: selected && tolerates(&["NoExecute"]),
            }
        }
        _ => Verdict {
            wanted: false,
            kept: false,
        },
    }
}

fn report(cluster: &mut Cluster, set: &Object) {
    let Some(known) = cluster.daemons.0.get(&set.index.lasting.uid) else {
        return;
    };
    let (wanted, misscheduled) = (known.wanted.len(), known.strayed.values().sum());
    let tally = cluster.store.tally(&set.index.lasting.uid);
    pods::report(
        cluster,
        set,
        &[
            ("desiredNumberScheduled", wanted),
            ("currentNumberScheduled", tally.placed),
            ("updatedNumberScheduled", tally.placed),
            ("numberMisscheduled", misscheduled),
            ("numberReady", tally.ready),
            ("numberAvailable", tally.ready),
            ("numberUnavailable", wanted.saturating_sub(tally.ready)),
        ],
    );
}

/// The node that a DaemonSet's pod is for: the one it is on, before that the one it is pinned to.
pub(super) fn target(pod: &Object) -> String {
    if pod.index.node.is_empty() {
        pod.needs().pinned_to().unwrap_or_default().to_owned()
    } else {
        pod.index.node.clone()
    }
}

/// The demands of a template.
fn needs(template: &Value) -> Needs {
    let pod = json!({"metadata": {"name": "", "uid": ""}, "spec": template["spec"]});
    serde_json::from_value::<crate::edge::cluster::SlimPod>(pod)
        .map(|slim| Needs::clone(&crate::core::model::Pod::from(slim).needs))
        .unwrap_or_default()
}

/// The template of a set, with what all sets tolerate.
fn template(set: &Object) -> Value {
    let mut template = set.read()["spec"]["template"].clone();
    let mut tolerations = json::list(&template, "/spec/tolerations").to_vec();
    tolerations.extend(
        TOLERATED.map(|(key, effect)| json!({"key": key, "operator": "Exists", "effect": effect})),
    );
    *entry(&mut template, "/spec/tolerations") = tolerations.into();
    if text(&template, "/spec/restartPolicy").is_none() {
        json::set(&mut template, "/spec/restartPolicy", "Always");
    }
    template
}

/// A template whose pod only one node can have. The scheduler binds it, as it does with everybody's.
fn pinned(template: &Value, node: &str) -> Value {
    let mut template = template.clone();
    let terms = json!([{"matchFields": [
        {"key": "metadata.name", "operator": "In", "values": [node]}
    ]}]);
    let affinity = "/spec/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution";
    *entry(&mut template, &format!("{affinity}/nodeSelectorTerms")) = terms;
    template
}
