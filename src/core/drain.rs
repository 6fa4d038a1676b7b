//! What happens to each pod of a node that is drained. The cases and their order are those of `kubectl drain`
//! (kubectl: pkg/drain/filters.go); what differs is said where it does. Judges one pod at a time, never the cluster.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::model::{Pod, PodKey};

/// The namespace of our own pods, which stay out of every drain.
pub(crate) const OWN_NAMESPACE: &str = "aksreboot";
/// Label of everything that this tool makes.
pub(crate) const MANAGED_BY: &str = "app.kubernetes.io/managed-by";

/// kubectl's drain settings, under kubectl's names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "kubectl's switches, each for itself"
)]
pub(crate) struct DrainSettings {
    /// Remove pods that no controller would make again.
    pub(crate) force: bool,
    /// Remove pods that keep data in an emptyDir volume; the data is lost.
    pub(crate) delete_emptydir_data: bool,
    /// Seconds of grace; `None` is each pod's own.
    pub(crate) grace_period: Option<u32>,
    /// Leave the pods of DaemonSets on the node; without it they refuse the drain.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub(crate) ignore_daemonsets: bool,
    /// Only pods that this label selector picks; the others stay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) pod_selector: Option<String>,
    /// Pods of lower priority first, and none of a higher one before those are gone.
    #[serde(default, skip_serializing_if = "is_no")]
    pub(crate) by_priority: bool,
    /// Delete pods where they would be evicted, past every budget.
    #[serde(default, skip_serializing_if = "is_no")]
    pub(crate) disable_eviction: bool,
    /// Pods whose deletion is due for longer than this many seconds are not waited for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) skip_wait_for_delete: Option<u32>,
}

impl Default for DrainSettings {
    /// Nothing is lost, nothing forced.
    fn default() -> Self {
        Self {
            force: false,
            delete_emptydir_data: false,
            grace_period: None,
            ignore_daemonsets: true,
            pod_selector: None,
            by_priority: false,
            disable_eviction: false,
            skip_wait_for_delete: None,
        }
    }
}

fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_yes(flag: &bool) -> bool {
    *flag
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_no(flag: &bool) -> bool {
    !*flag
}

/// What the drain does with one pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Evict {
        losses: Vec<Loss>,
    },
    Stays(Stay),
    /// May not be removed under these settings; the flags that would allow it, all of them.
    Refused {
        flags: Vec<&'static str>,
    },
}

/// Why a pod stays on the node through the reboot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stay {
    DaemonSet,
    /// A static pod; its mirror cannot be evicted in any useful sense.
    Mirror,
    /// A probe or reboot pod of this tool.
    Own,
}

/// What is lost for good when the pod goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Loss {
    /// No controller makes it again.
    Unmanaged,
    /// Its emptyDir volumes go with it.
    EmptyDir,
}

/// The fate of one pod. Every reason is kept, where kubectl keeps that of the last filter only.
pub(crate) fn classify(pod: &Pod, settings: &DrainSettings) -> Fate {
    if pod.key.namespace == OWN_NAMESPACE && is_ours(pod) {
        return Fate::Stays(Stay::Own);
    }
    if pod.mirror {
        return Fate::Stays(Stay::Mirror);
    }
    let finished = pod.phase.is_finished();
    let by_daemon_set = pod
        .owner
        .as_ref()
        .is_some_and(|owner| owner.kind == "DaemonSet" && owner.api_version == "apps/v1");
    let mut losses = Vec::new();
    let mut flags = Vec::new();
    if by_daemon_set && !finished {
        if settings.ignore_daemonsets {
            return Fate::Stays(Stay::DaemonSet);
        }
        flags.push("--ignore-daemonsets");
    }
    if pod.empty_dir && !finished {
        if settings.delete_emptydir_data {
            losses.push(Loss::EmptyDir);
        } else {
            flags.push("--delete-emptydir-data");
        }
    }
    if pod.owner.is_none() && !finished {
        if settings.force {
            losses.push(Loss::Unmanaged);
        } else {
            flags.push("--force");
        }
    }
    if flags.is_empty() {
        Fate::Evict { losses }
    } else {
        Fate::Refused { flags }
    }
}

/// The priority classes `system-cluster-critical` and `system-node-critical` begin here; no class of a user's may.
const SYSTEM_CRITICAL: i32 = 2_000_000_000;

/// The tier in which a pod leaves: none of a tier is asked to go before those of the lower ones are gone. What the system cannot do
/// without goes last, since the others may need it to end well.
pub(crate) fn tier(pod: &Pod, settings: &DrainSettings) -> i32 {
    let priority = pod.needs.priority;
    if settings.by_priority {
        priority
    } else {
        i32::from(priority >= SYSTEM_CRITICAL)
    }
}

/// When a pod that is being deleted is no longer waited for, by `--skip-wait-for-delete-timeout`: so many seconds after its
/// deletion was due, strictly, as in kubectl. The server's time is compared with ours here, for kubectl's meaning leaves no
/// other way; nothing is rebooted on it.
pub(crate) fn not_waited_for_after(pod: &Pod, settings: &DrainSettings) -> Option<Timestamp> {
    let seconds = settings.skip_wait_for_delete?;
    let due = pod.deletion?;
    due.checked_add(Duration::from_secs(u64::from(seconds)))
        .ok()
}

/// Carries the label of what this tool makes, which anybody can write: it means something in our namespace alone.
pub(crate) fn is_ours(pod: &Pod) -> bool {
    let by = pod.labels.get(MANAGED_BY);
    by.is_some_and(|by| by == "aksreboot")
}

/// The pods that settings refuse, by the flag that would admit them, in order of their names.
pub(crate) fn refused<'a>(
    pods: impl IntoIterator<Item = &'a Pod>,
    settings: &DrainSettings,
) -> Vec<(&'static str, Vec<PodKey>)> {
    let mut by_flag = std::collections::BTreeMap::<&'static str, Vec<PodKey>>::new();
    for pod in pods {
        if let Fate::Refused { flags } = classify(pod, settings) {
            for flag in flags {
                by_flag.entry(flag).or_default().push(pod.key.clone());
            }
        }
    }
    for pods in by_flag.values_mut() {
        pods.sort();
    }
    by_flag.into_iter().collect()
}

#[cfg(test)]
mod tests;
