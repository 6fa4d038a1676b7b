//! A drain as a person reads it before it begins: which pods leave which node, what is lost for good, what stays and why. Every
//! warning is kept, where kubectl keeps that of the last filter.

use std::fmt::Write as _;

use crate::core::drain::{DrainSettings, Fate, Loss, Stay, classify};
use crate::core::engine::NO_LIMIT;
use crate::core::model::{Node, Pod, PodKey};
use crate::core::plan::Settings;

use super::text::{age, count, sanitise, some_of};

/// The nodes of a drain, as they were read.
pub(crate) struct Scene {
    pub(crate) context: String,
    pub(crate) server: String,
    pub(crate) nodes: Vec<OnNode>,
}

/// One node and what is on it.
pub(crate) struct OnNode {
    pub(crate) node: Node,
    pub(crate) pods: Vec<Pod>,
}

impl OnNode {
    /// The pods that leave, in the order in which they were listed.
    pub(crate) fn leaving<'a>(
        &'a self,
        settings: &'a DrainSettings,
    ) -> impl Iterator<Item = &'a Pod> {
        self.pods
            .iter()
            .filter(|pod| matches!(classify(pod, settings), Fate::Evict { .. }))
    }
}

/// More names than a line holds.
const MOST_NAMES: usize = 6;

/// The drain as text.
pub(crate) fn plan(scene: &Scene, settings: &Settings) -> String {
    let (settings, limit) = (&settings.drain, settings.timeouts.drain);
    let mut out = String::new();
    let mut line = |text: &str| {
        let _ = writeln!(out, "{}", sanitise(text));
    };
    let verb = if settings.disable_eviction {
        "delete"
    } else {
        "evict"
    };
    line(&format!(
        "Drain of {} in cluster {} ({})",
        count(scene.nodes.len(), "node"),
        scene.context,
        scene.server
    ));
    let (mut empty_dir, mut unmanaged, mut daemons) = (Vec::new(), Vec::new(), Vec::new());
    for on_node in &scene.nodes {
        let mut mirrors = 0;
        let mut leaving = 0;
        let mut stay = 0;
        for pod in &on_node.pods {
            match classify(pod, settings) {
                Fate::Evict { losses } => {
                    leaving += 1;
                    if losses.contains(&Loss::EmptyDir) {
                        empty_dir.push(pod.key.clone());
                    }
                    if losses.contains(&Loss::Unmanaged) {
                        unmanaged.push(pod.key.clone());
                    }
                }
                Fate::Stays(Stay::DaemonSet) => {
                    stay += 1;
                    daemons.push(pod.key.clone());
                }
                Fate::Stays(Stay::Mirror) => mirrors += 1,
                Fate::Stays(Stay::Own) | Fate::Refused { .. } => {}
            }
        }
        let mut words = vec![format!("{} to {verb}", count(leaving, "pod"))];
        if stay > 0 {
            words.push(format!("{} stay", count(stay, "DaemonSet pod")));
        }
        if mirrors > 0 {
            words.push(format!("{} stay", count(mirrors, "static pod")));
        }
        if on_node.node.cordoned {
            words.push("cordoned already".into());
        }
        line(&format!("  {}: {}", on_node.node.name, words.join(", ")));
    }
    let mut warn = |what: &str, mut pods: Vec<PodKey>| {
        if !pods.is_empty() {
            pods.sort();
            line(&format!("warning: {what}: {}", some_of(&pods, MOST_NAMES)));
        }
    };
    warn("data in emptyDir volumes is lost", empty_dir);
    warn("no controller will make these again", unmanaged);
    warn("left on the node, being of DaemonSets", daemons);
    if settings.disable_eviction {
        line("warning: pods are deleted in place of being evicted; no disruption budget is asked");
    }
    if let Some(selector) = &settings.pod_selector {
        line(&format!(
            "Only pods that {selector} picks; the others stay and may still run."
        ));
    }
    if let Some(seconds) = settings.skip_wait_for_delete {
        line(&format!(
            "Pods whose deletion was due more than {seconds} s ago are not waited for; they may still run."
        ));
    }
    if let Some(seconds) = settings.grace_period {
        line(&format!("Pods get {seconds} s to end."));
    }
    line(&if limit == NO_LIMIT {
        "No time limit.".to_owned()
    } else {
        format!("Gives up on a node after {}.", age(limit))
    });
    out
}
