//! What happens to each pod of a node that is drained. The cases and their order are those of `kubectl drain`
//! (kubectl: pkg/drain/filters.go); what differs is said where it does. Judges one pod at a time, never the cluster.

use serde::{Deserialize, Serialize};

use super::model::{Pod, PodKey};

/// The namespace of our own pods, which stay out of every drain.
pub(crate) const OWN_NAMESPACE: &str = "aksreboot";
/// Label of everything that this tool makes.
pub(crate) const MANAGED_BY: &str = "app.kubernetes.io/managed-by";

/// kubectl's drain settings, under kubectl's names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DrainSettings {
    /// Remove pods that no controller would make again.
    pub(crate) force: bool,
    /// Remove pods that keep data in an emptyDir volume; the data is lost.
    pub(crate) delete_emptydir_data: bool,
    /// Seconds of grace; `None` is each pod's own.
    pub(crate) grace_period: Option<u32>,
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
    if by_daemon_set && !finished {
        return Fate::Stays(Stay::DaemonSet);
    }
    let mut losses = Vec::new();
    let mut flags = Vec::new();
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
mod tests {
    use super::*;
    use crate::core::model::{Owner, PodPhase, Uid};

    const CAREFUL: DrainSettings = DrainSettings {
        force: false,
        delete_emptydir_data: false,
        grace_period: None,
    };
    const BOLD: DrainSettings = DrainSettings {
        force: true,
        delete_emptydir_data: true,
        grace_period: None,
    };

    fn pod(owner: Option<(&str, &str)>) -> Pod {
        Pod {
            key: PodKey {
                namespace: "shop".into(),
                name: "web-1".into(),
            },
            uid: Uid::new("u"),
            node: Some("a".into()),
            phase: PodPhase::Running,
            ready: true,
            owner: owner.map(|(api_version, kind)| Owner {
                api_version: api_version.into(),
                kind: kind.into(),
                name: "web".into(),
                uid: Uid::new("o"),
            }),
            labels: [].into(),
            mirror: false,
            empty_dir: false,
            deletion: None,
            needs: std::sync::Arc::default(),
        }
    }

    #[test]
    fn a_replica_set_pod_is_evicted() {
        assert_eq!(
            classify(&pod(Some(("apps/v1", "ReplicaSet"))), &CAREFUL),
            Fate::Evict { losses: vec![] }
        );
    }

    #[test]
    fn a_daemon_set_pod_stays_and_a_foreign_daemon_set_of_another_group_does_not() {
        assert_eq!(
            classify(&pod(Some(("apps/v1", "DaemonSet"))), &BOLD),
            Fate::Stays(Stay::DaemonSet)
        );
        assert_eq!(
            classify(
                &pod(Some(("apps.kruise.io/v1alpha1", "DaemonSet"))),
                &CAREFUL
            ),
            Fate::Evict { losses: vec![] }
        );
    }

    #[test]
    fn a_finished_pod_goes_whatever_it_is() {
        let mut finished = pod(None);
        finished.phase = PodPhase::Succeeded;
        finished.empty_dir = true;
        assert_eq!(
            classify(&finished, &CAREFUL),
            Fate::Evict { losses: vec![] }
        );
        let mut daemon = pod(Some(("apps/v1", "DaemonSet")));
        daemon.phase = PodPhase::Failed;
        assert_eq!(classify(&daemon, &CAREFUL), Fate::Evict { losses: vec![] });
    }

    #[test]
    fn every_missing_flag_is_named_at_once() {
        let mut pod = pod(None);
        pod.empty_dir = true;
        assert_eq!(
            classify(&pod, &CAREFUL),
            Fate::Refused {
                flags: vec!["--delete-emptydir-data", "--force"]
            }
        );
        assert_eq!(
            classify(&pod, &BOLD),
            Fate::Evict {
                losses: vec![Loss::EmptyDir, Loss::Unmanaged]
            }
        );
        assert_eq!(refused([&pod], &CAREFUL).len(), 2);
    }

    #[test]
    fn a_mirror_pod_stays_under_every_setting() {
        let mut mirror = pod(None);
        mirror.mirror = true;
        assert_eq!(classify(&mirror, &BOLD), Fate::Stays(Stay::Mirror));
    }

    #[test]
    fn our_label_counts_in_our_namespace_only() {
        let mut own = pod(None);
        own.labels.insert(MANAGED_BY.into(), "aksreboot".into());
        assert!(matches!(classify(&own, &CAREFUL), Fate::Refused { .. }));
        own.key.namespace = OWN_NAMESPACE.into();
        assert_eq!(classify(&own, &CAREFUL), Fate::Stays(Stay::Own));
    }
}
