//! What is wrong, or will be felt, without holding any drain: workloads that are gone while they move, the last Ready node
//! of its kind, pods of the system, what is unhealthy before anything begins. Judges a snapshot.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::spec::Target;
use crate::core::drain::{DrainSettings, Fate, Stay, classify};
use crate::core::model::{Controller, ControllerKind, Node, Owner, Pod, PodKey, Snapshot, Uid};
use crate::core::reason::{Kin, Reason};

/// Namespace of what a cluster itself runs on.
const SYSTEM: &str = "kube-system";
const ROLE: &str = "node-role.kubernetes.io/";
/// AKS's word for what a pool is for: `system` or `user`.
const MODE: &str = "kubernetes.azure.com/mode";

/// The workloads of a snapshot, and where their pods run.
pub(super) struct Workloads<'a> {
    by_uid: HashMap<&'a Uid, &'a Controller>,
    /// DaemonSets are among them.
    knows_daemon_sets: bool,
    /// Nodes of the running pods of each workload.
    nodes: HashMap<&'a Uid, BTreeSet<&'a str>>,
}

impl<'a> Workloads<'a> {
    pub(super) fn of(snapshot: &'a Snapshot) -> Self {
        let by_uid: HashMap<&Uid, &Controller> = snapshot
            .controllers
            .iter()
            .map(|controller| (&controller.uid, controller))
            .collect();
        let mut workloads = Self {
            by_uid,
            knows_daemon_sets: snapshot.unread("daemonsets").is_none(),
            nodes: HashMap::new(),
        };
        for pod in &snapshot.pods {
            if let (Some(workload), Some(node)) = (workloads.of_pod(pod), &pod.node)
                && !pod.phase.is_finished()
                && pod.deletion.is_none()
            {
                workloads
                    .nodes
                    .entry(&workload.uid)
                    .or_default()
                    .insert(node.as_str());
            }
        }
        workloads
    }

    /// The workload that people know: the Deployment of a ReplicaSet.
    fn of_pod(&self, pod: &Pod) -> Option<&'a Controller> {
        let own = *self.by_uid.get(&pod.owner.as_ref()?.uid)?;
        let above = own
            .owner
            .as_ref()
            .and_then(|owner| self.by_uid.get(&owner.uid));
        Some(above.copied().unwrap_or(own))
    }

    /// What the leaving of these pods does to their workloads.
    pub(super) fn judge(&self, leaving: &[&'a Pod]) -> Vec<Reason> {
        let mut single = BTreeSet::new();
        let mut all_here = BTreeSet::new();
        for pod in leaving.iter().filter(|pod| pod.ready) {
            let Some(workload) = self.of_pod(pod) else {
                continue;
            };
            let on_one = self
                .nodes
                .get(&workload.uid)
                .is_some_and(|nodes| nodes.len() == 1);
            if workload.wanted == 1 {
                single.insert(name(workload));
            } else if on_one {
                all_here.insert(name(workload));
            }
        }
        let mut reasons = Vec::new();
        if !single.is_empty() {
            reasons.push(Reason::SingleReplicas {
                workloads: single.into_iter().collect(),
            });
        }
        if !all_here.is_empty() {
            reasons.push(Reason::AllOnOneNode {
                workloads: all_here.into_iter().collect(),
            });
        }
        reasons
    }

    /// The pods that stay for a DaemonSet which is not there any more. Kubernetes removes them in time, and until then they are as
    /// the pods of one that is there: what a drain does with a pod is told by the pod alone.
    pub(super) fn gone_daemon_sets(
        &self,
        on_node: &[&Pod],
        settings: &DrainSettings,
    ) -> Option<Reason> {
        if !self.knows_daemon_sets {
            return None;
        }
        let is_there = |owner: &Owner| self.by_uid.contains_key(&owner.uid);
        let pods: Vec<PodKey> = on_node
            .iter()
            .filter(|pod| classify(pod, settings) == Fate::Stays(Stay::DaemonSet))
            .filter(|pod| !pod.owner.as_ref().is_some_and(is_there))
            .map(|pod| pod.key.clone())
            .collect();
        (!pods.is_empty()).then_some(Reason::DaemonSetGone { pods })
    }
}

fn name(workload: &Controller) -> String {
    format!(
        "{} {}/{}",
        kind(workload.kind),
        workload.namespace,
        workload.name
    )
}

fn kind(kind: ControllerKind) -> &'static str {
    match kind {
        ControllerKind::Deployment => "Deployment",
        ControllerKind::ReplicaSet => "ReplicaSet",
        ControllerKind::StatefulSet => "StatefulSet",
        ControllerKind::DaemonSet => "DaemonSet",
    }
}

/// The pods of the system among those that leave.
pub(super) fn system_pods(leaving: &[&Pod]) -> Option<Reason> {
    let pods: Vec<PodKey> = leaving
        .iter()
        .filter(|pod| pod.key.namespace == SYSTEM && !pod.phase.is_finished())
        .map(|pod| pod.key.clone())
        .collect();
    (!pods.is_empty()).then_some(Reason::SystemPodsLeave { pods })
}

/// Which kinds of nodes have one available node alone.
pub(super) struct Kinds<'a>(BTreeMap<Kin, Vec<&'a str>>);

impl<'a> Kinds<'a> {
    pub(super) fn of(nodes: &'a [Node]) -> Self {
        let mut kinds: BTreeMap<Kin, Vec<&str>> = BTreeMap::new();
        for node in nodes.iter().filter(|node| node.is_available()) {
            for kin in kins(node) {
                kinds.entry(kin).or_default().push(node.name.as_str());
            }
        }
        Self(kinds)
    }

    /// Of what this target is the last available node, or one of the last that its wave takes together.
    pub(super) fn judge(&self, target: &Target, wave: &[Target]) -> Vec<Reason> {
        let goes = |node: &&str| wave.iter().any(|other| other.name.as_str() == *node);
        self.0
            .iter()
            .filter(|(_, nodes)| {
                nodes.contains(&target.name.as_str())
                    && nodes.len() <= wave.len()
                    && nodes.iter().all(goes)
            })
            .map(|(kin, _)| Reason::LastReadyNode { of: kin.clone() })
            .collect()
    }
}

fn kins(node: &Node) -> Vec<Kin> {
    let roles = node
        .labels
        .keys()
        .filter_map(|label| label.strip_prefix(ROLE))
        .chain(node.label(MODE))
        .map(|role| Kin::Role(role.to_owned()));
    let pool = node.pool().map(|pool| Kin::Pool(pool.to_owned()));
    let zone = node.zone().map(|zone| Kin::Zone(zone.to_owned()));
    roles.chain(pool).chain(zone).collect()
}

/// What is unhealthy before anything begins.
pub(super) fn beforehand(snapshot: &Snapshot) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let nodes = |pick: fn(&Node) -> bool| {
        let mut names: Vec<_> = snapshot
            .nodes
            .iter()
            .filter(|node| pick(node))
            .map(|node| node.name.clone())
            .collect();
        names.sort();
        names
    };
    let not_ready = nodes(|node| !node.readiness.is_ready());
    if !not_ready.is_empty() {
        reasons.push(Reason::NodesNotReady { nodes: not_ready });
    }
    let cordoned = nodes(|node| node.cordoned && node.readiness.is_ready());
    if !cordoned.is_empty() {
        reasons.push(Reason::NodesCordoned { nodes: cordoned });
    }
    let mut daemons: Vec<_> = snapshot
        .controllers
        .iter()
        .filter(|controller| {
            controller.kind == ControllerKind::DaemonSet && controller.ready < controller.wanted
        })
        .map(|controller| crate::core::reason::WorkloadGap {
            workload: name(controller),
            ready: controller.ready,
            wanted: controller.wanted,
        })
        .collect();
    daemons.sort_by(|a, b| a.workload.cmp(&b.workload));
    if !daemons.is_empty() {
        reasons.push(Reason::DaemonSetsNotReady { behind: daemons });
    }
    let mut waiting: Vec<PodKey> = snapshot
        .pods
        .iter()
        .filter(|pod| pod.node.is_none() && pod.deletion.is_none() && !pod.phase.is_finished())
        .map(|pod| pod.key.clone())
        .collect();
    waiting.sort();
    if !waiting.is_empty() {
        reasons.push(Reason::PodsWithoutNode { pods: waiting });
    }
    reasons
}
