//! DaemonSets: one pod on each node that they fit, cordoned and unreachable ones included.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Value, json};

use super::scheduler::Wish;
use super::{pods, scheduler};
use crate::sim::cluster::Cluster;
use crate::sim::json::{self, entry, text};
use crate::sim::kind::Kind;
use crate::sim::store::Object;

/// What every DaemonSet's pods tolerate, whatever their template says.
const TOLERATED: [(&str, &str); 6] = [
    ("node.kubernetes.io/not-ready", "NoExecute"),
    ("node.kubernetes.io/unreachable", "NoExecute"),
    ("node.kubernetes.io/disk-pressure", "NoSchedule"),
    ("node.kubernetes.io/memory-pressure", "NoSchedule"),
    ("node.kubernetes.io/pid-pressure", "NoSchedule"),
    ("node.kubernetes.io/unschedulable", "NoSchedule"),
];

pub(super) fn reconcile(cluster: &mut Cluster, set: &Arc<Object>) {
    let value = set.value();
    let template = tolerating(&value["spec"]["template"]);
    // A node that is not Ready gets no new pod, and keeps the one it has.
    let (mut wanted, mut kept) = (BTreeSet::new(), BTreeSet::new());
    let wish = Wish::of(&template);
    for place in scheduler::places(cluster) {
        if wish.may_start(&place) {
            wanted.insert(place.name().to_owned());
        }
        if wish.may_stay(&place) {
            kept.insert(place.name().to_owned());
        }
    }
    let mut misscheduled = 0;
    let mut there = BTreeSet::new();
    for pod in pods::of(cluster, set) {
        let node = target(&pod).unwrap_or_default();
        misscheduled += usize::from(!wanted.contains(&node));
        if !pod.index.deleting && (!kept.contains(&node) || pod.index.finished()) {
            cluster.delete(Kind::Pod, &pod.key, None);
        }
        if !pod.index.finished() {
            there.insert(node);
        }
    }
    for node in wanted.difference(&there) {
        pods::make(cluster, set, &pinned(&template, node), None);
    }
    let own = pods::of(cluster, set);
    let current = own
        .iter()
        .filter(|pod| pods::counts(pod) && !pod.index.node.is_empty())
        .count();
    let ready = pods::count_ready(&own);
    pods::report(
        cluster,
        set,
        &[
            ("desiredNumberScheduled", wanted.len()),
            ("currentNumberScheduled", current),
            ("updatedNumberScheduled", current),
            ("numberMisscheduled", misscheduled),
            ("numberReady", ready),
            ("numberAvailable", ready),
            ("numberUnavailable", wanted.len().saturating_sub(ready)),
        ],
    );
}

/// The node that a DaemonSet's pod is for: the one it is on, before that the one it is pinned to.
fn target(pod: &Object) -> Option<String> {
    if !pod.index.node.is_empty() {
        return Some(pod.index.node.clone());
    }
    scheduler::pinned_to(&pod.value()).map(str::to_owned)
}

fn tolerating(template: &Value) -> Value {
    let mut template = template.clone();
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
