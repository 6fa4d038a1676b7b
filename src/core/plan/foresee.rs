//! What carrying a selection out would meet: which pods leave each target, and what holds them. A target whose drain can
//! never end leaves the selection here, with its reasons. Judges a snapshot; it asks nothing.

use std::collections::{BTreeMap, HashMap};

use super::select::Selection;
use super::serving::Serving;
use super::spec::{Blocker, Target};
use super::warnings::{Kinds, Workloads, beforehand, system_pods};
use super::waves::{WaveLimits, waves};
use crate::core::budget::{self, Guards};
use crate::core::drain::{DrainSettings, Fate, classify, refused};
use crate::core::model::{NodeName, Pod, PodKey, Snapshot};
use crate::core::placement::Room;
use crate::core::reason::Reason;

/// A selection and what is foreseen of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Foreseen {
    pub(crate) selection: Selection,
    /// Pods that each target's drain removes, in the order of the targets.
    pub(crate) pods_leaving: Vec<u32>,
    /// In the order of the targets.
    pub(crate) blockers: Vec<Blocker>,
    /// What is wrong with no target in particular.
    pub(crate) warnings: Vec<Reason>,
    /// Pods of the targets that the drain's settings do not let go, by the flag that would.
    pub(crate) refused: Vec<(&'static str, Vec<PodKey>)>,
}

pub(crate) fn foresee(
    mut selection: Selection,
    snapshot: &Snapshot,
    settings: &DrainSettings,
    limits: &WaveLimits<'_>,
    own: Option<&PodKey>,
) -> Foreseen {
    let on_nodes = pods_by_node(snapshot);
    let on = |name: &NodeName| on_nodes.get(name).map_or(&[][..], Vec::as_slice);
    let leaving = |name: &NodeName| -> Vec<&Pod> {
        let leaves = |pod: &&&Pod| matches!(classify(pod, settings), Fate::Evict { .. });
        on(name).iter().filter(leaves).copied().collect()
    };
    let guards = Guards::of_cluster(snapshot);

    let mut met: BTreeMap<NodeName, Vec<Reason>> = selection
        .targets
        .iter()
        .map(|target| {
            let reasons = budget::judge(&guards, leaving(&target.name));
            (target.name.clone(), reasons)
        })
        .collect();
    selection.exclude(|target| {
        // Whoever drains its own node is evicted half-way.
        if let Some(own) = own
            && on(&target.name).iter().any(|pod| pod.key == *own)
        {
            return Some(Reason::OwnNode { pod: own.clone() });
        }
        let because: Vec<Reason> = met
            .get(&target.name)?
            .iter()
            .filter(|reason| budget::is_never(reason))
            .cloned()
            .collect();
        (!because.is_empty()).then_some(Reason::NeverDrains { because })
    });

    let serving = Serving::of(snapshot);
    let answers = |target: &Target| serving.answers_webhooks(&target.name);
    selection.targets = waves(selection.targets, limits, answers);
    let targets = &selection.targets;
    let all_leaving: Vec<&Pod> = targets
        .iter()
        .flat_map(|target| leaving(&target.name))
        .collect();
    let mut room = Room::of_cluster(snapshot, all_leaving.iter().copied());
    let workloads = Workloads::of(snapshot);
    let kinds = Kinds::of(&snapshot.nodes);
    for wave in targets.chunk_by(|a, b| a.wave == b.wave) {
        let going: Vec<_> = wave
            .iter()
            .map(|target| (&target.name, leaving(&target.name)))
            .collect();
        let crowded = room.judge(&going);
        for ((target, (_, leaving)), crowded) in wave.iter().zip(&going).zip(crowded) {
            let met = met.entry(target.name.clone()).or_default();
            met.extend(crowded);
            met.extend(workloads.judge(leaving));
            met.extend(kinds.judge(target, wave));
            met.extend(system_pods(leaving));
            met.extend(workloads.gone_daemon_sets(on(&target.name), settings));
            met.extend(serving.judge(target, wave, on(&target.name), leaving));
        }
    }
    let blockers = targets
        .iter()
        .flat_map(|target| {
            let reasons = met.remove(&target.name).unwrap_or_default();
            reasons.into_iter().map(|reason| Blocker {
                node: target.name.clone(),
                reason,
            })
        })
        .collect();
    let pods_leaving = targets
        .iter()
        .map(|target| u32::try_from(leaving(&target.name).len()).unwrap_or(u32::MAX))
        .collect();
    let mut warnings: Vec<Reason> = snapshot
        .unread
        .iter()
        .map(|unread| Reason::NotProved {
            what: unread.what.into(),
            message: unread.message.clone(),
        })
        .collect();
    warnings.extend(beforehand(snapshot));
    let leaving_each: Vec<_> = targets
        .iter()
        .map(|target| (target, leaving(&target.name)))
        .collect();
    warnings.extend(serving.beforehand(&leaving_each));
    for wave in targets.chunk_by(|a, b| a.wave == b.wave) {
        let together: Vec<_> = wave
            .iter()
            .map(|target| (&target.name, leaving(&target.name)))
            .collect();
        warnings.extend(budget::shared(&guards, &together));
    }
    let refused = refused(
        targets.iter().flat_map(|target| on(&target.name)).copied(),
        settings,
    );
    Foreseen {
        selection,
        pods_leaving,
        blockers,
        warnings,
        refused,
    }
}

/// The pods of each node, by their names.
fn pods_by_node(snapshot: &Snapshot) -> HashMap<&NodeName, Vec<&Pod>> {
    let mut on_nodes: HashMap<&NodeName, Vec<&Pod>> = HashMap::new();
    for pod in &snapshot.pods {
        if let Some(node) = &pod.node {
            on_nodes.entry(node).or_default().push(pod);
        }
    }
    for pods in on_nodes.values_mut() {
        pods.sort_by(|a, b| a.key.cmp(&b.key));
    }
    on_nodes
}
