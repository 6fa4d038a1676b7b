//! Which pods leave, row by row of kubectl's filters (kubectl: pkg/drain/filters.go) in their order, and where we differ on purpose.

use std::sync::Arc;

use super::*;
use crate::core::model::{Needs, Owner, PodPhase, Uid};

const REPLICA_SET: Option<(&str, &str)> = Some(("apps/v1", "ReplicaSet"));
const DAEMON_SET: Option<(&str, &str)> = Some(("apps/v1", "DaemonSet"));

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
        needs: Arc::default(),
    }
}

fn careful() -> DrainSettings {
    DrainSettings::default()
}

fn bold() -> DrainSettings {
    DrainSettings {
        force: true,
        delete_emptydir_data: true,
        ..DrainSettings::default()
    }
}

fn evict(losses: &[Loss]) -> Fate {
    Fate::Evict {
        losses: losses.to_vec(),
    }
}

fn refused_for(flags: &[&'static str]) -> Fate {
    Fate::Refused {
        flags: flags.to_vec(),
    }
}

#[test]
fn row_1_deleted_already_a_pod_is_waited_for_unless_its_time_is_over_by_more_than_was_said() {
    let mut ending = pod(REPLICA_SET);
    ending.deletion = Some(Timestamp::UNIX_EPOCH);
    assert_eq!(classify(&ending, &careful()), evict(&[]));
    assert_eq!(not_waited_for_after(&ending, &careful()), None);
    let skipping = DrainSettings {
        skip_wait_for_delete: Some(30),
        ..careful()
    };
    let after = Timestamp::from_second(30).expect("a time");
    assert_eq!(not_waited_for_after(&ending, &skipping), Some(after));
    assert_eq!(not_waited_for_after(&pod(REPLICA_SET), &skipping), None);
}

#[test]
fn row_2_daemon_sets_of_apps_v1_stay_finished_ones_and_those_of_other_groups_go() {
    let strict = DrainSettings {
        ignore_daemonsets: false,
        ..bold()
    };
    for settings in [careful(), bold()] {
        assert_eq!(
            classify(&pod(DAEMON_SET), &settings),
            Fate::Stays(Stay::DaemonSet)
        );
    }
    assert_eq!(
        classify(&pod(DAEMON_SET), &strict),
        refused_for(&["--ignore-daemonsets"])
    );
    for phase in [PodPhase::Succeeded, PodPhase::Failed] {
        let mut finished = pod(DAEMON_SET);
        finished.phase = phase;
        assert_eq!(classify(&finished, &strict), evict(&[]));
    }
    let kruise = pod(Some(("apps.kruise.io/v1alpha1", "DaemonSet")));
    assert_eq!(classify(&kruise, &careful()), evict(&[]));
    assert_eq!(classify(&kruise, &strict), evict(&[]));
}

#[test]
fn row_3_mirrors_of_static_pods_stay_whatever_else_they_are() {
    let mut mirror = pod(None);
    mirror.mirror = true;
    mirror.empty_dir = true;
    for settings in [careful(), bold()] {
        assert_eq!(classify(&mirror, &settings), Fate::Stays(Stay::Mirror));
    }
}

#[test]
fn row_4_local_storage_wants_its_flag_and_is_told_as_lost() {
    let mut cache = pod(REPLICA_SET);
    cache.empty_dir = true;
    assert_eq!(
        classify(&cache, &careful()),
        refused_for(&["--delete-emptydir-data"])
    );
    assert_eq!(classify(&cache, &bold()), evict(&[Loss::EmptyDir]));
    cache.phase = PodPhase::Succeeded;
    assert_eq!(classify(&cache, &careful()), evict(&[]));
}

#[test]
fn row_5_without_a_controller_a_pod_wants_its_flag_and_a_controller_of_any_kind_is_one() {
    assert_eq!(classify(&pod(None), &careful()), refused_for(&["--force"]));
    assert_eq!(classify(&pod(None), &bold()), evict(&[Loss::Unmanaged]));
    let mut finished = pod(None);
    finished.phase = PodPhase::Failed;
    assert_eq!(classify(&finished, &careful()), evict(&[]));
    for owner in [
        REPLICA_SET,
        Some(("batch/v1", "Job")),
        Some(("kubevirt.io/v1", "VirtualMachineInstance")),
        Some(("example.com/v1", "Anything")),
    ] {
        assert_eq!(classify(&pod(owner), &careful()), evict(&[]), "{owner:?}");
    }
}

#[test]
fn every_reason_is_kept_where_kubectl_keeps_that_of_the_last_filter() {
    let mut scratch = pod(None);
    scratch.empty_dir = true;
    assert_eq!(
        classify(&scratch, &careful()),
        refused_for(&["--delete-emptydir-data", "--force"])
    );
    assert_eq!(
        classify(&scratch, &bold()),
        evict(&[Loss::EmptyDir, Loss::Unmanaged])
    );
    assert_eq!(refused([&scratch], &careful()).len(), 2);
    let mut daemon = pod(DAEMON_SET);
    daemon.empty_dir = true;
    let strict = DrainSettings {
        ignore_daemonsets: false,
        ..careful()
    };
    assert_eq!(
        classify(&daemon, &strict),
        refused_for(&["--ignore-daemonsets", "--delete-emptydir-data"])
    );
}

#[test]
fn our_label_counts_in_our_namespace_only() {
    let mut own = pod(None);
    own.labels.insert(MANAGED_BY.into(), "aksreboot".into());
    assert!(matches!(classify(&own, &careful()), Fate::Refused { .. }));
    own.key.namespace = OWN_NAMESPACE.into();
    assert_eq!(classify(&own, &careful()), Fate::Stays(Stay::Own));
}

#[test]
fn what_the_system_cannot_do_without_is_the_last_tier_and_priorities_are_tiers_on_request() {
    let of_priority = |priority| Pod {
        needs: Arc::new(Needs {
            priority,
            ..Needs::default()
        }),
        ..pod(REPLICA_SET)
    };
    let by_priority = DrainSettings {
        by_priority: true,
        ..careful()
    };
    for (priority, tiers) in [
        (-10, (0, -10)),
        (0, (0, 0)),
        (1_000_000_000, (0, 1_000_000_000)),
        (2_000_000_000, (1, 2_000_000_000)),
        (2_000_001_000, (1, 2_000_001_000)),
    ] {
        let pod = of_priority(priority);
        assert_eq!(
            (tier(&pod, &careful()), tier(&pod, &by_priority)),
            tiers,
            "{priority}"
        );
    }
}

#[test]
fn settings_of_a_roll_are_written_as_before_and_read_back() {
    let text = serde_json::to_string(&careful()).expect("JSON");
    assert_eq!(
        text,
        r#"{"force":false,"deleteEmptydirData":false,"gracePeriod":null}"#
    );
    let read: DrainSettings = serde_json::from_str(&text).expect("settings");
    assert_eq!(read, careful());
}
