//! What a plan foresees, over small clusters made by hand and many made by chance.

use std::sync::Arc;
use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;

use super::spec::Blocker;
use super::{Candidate, Pace, Settings, Terms, Timeouts, WaveLimits, estimate, foresee, select};
use crate::core::drain::DrainSettings;
use crate::core::engine::Fleet;
use crate::core::evidence::{Need, Verdict, test_node};
use crate::core::model::{
    Allocatable, Amount, Bound, Budget, Controller, ControllerKind, Counted, LabelSelector, Labels,
    Node, NodeName, Owner, Pod, PodKey, PodPhase, Readiness, Resources, Snapshot, Template, Uid,
    Unread,
};
use crate::core::plan::Foreseen;
use crate::core::reason::{Held, Kin, Reason};

const SETTINGS: DrainSettings = DrainSettings {
    force: true,
    delete_emptydir_data: true,
    grace_period: None,
    ignore_daemonsets: true,
    pod_selector: None,
    by_priority: false,
    disable_eviction: false,
    skip_wait_for_delete: None,
};

pub(super) fn node(name: &str, pool: &str, zone: &str) -> Node {
    let labels = [
        ("kubernetes.io/hostname", name),
        ("topology.kubernetes.io/zone", zone),
        ("kubernetes.azure.com/agentpool", pool),
    ];
    Node {
        name: NodeName::from(name),
        uid: Uid::new(name),
        labels: labels
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into(),
        taints: vec![],
        cordoned: false,
        readiness: Readiness::Ready,
        allocatable: Allocatable {
            resources: Resources {
                milli_cpu: 4000,
                memory: 1 << 33,
            },
            pods: 20,
        },
        ..test_node()
    }
}

fn labels(app: &str) -> Labels {
    [("app".to_owned(), app.to_owned())].into()
}

pub(super) fn pod(namespace: &str, app: &str, number: usize, node: Option<&str>) -> Pod {
    Pod {
        key: PodKey {
            namespace: namespace.into(),
            name: format!("{app}-{number}"),
        },
        uid: Uid::new(format!("{namespace}-{app}-{number}")),
        node: node.map(NodeName::from),
        phase: PodPhase::Running,
        ready: true,
        owner: Some(Owner {
            api_version: "apps/v1".into(),
            kind: "ReplicaSet".into(),
            name: app.into(),
            uid: Uid::new(format!("rs-{app}")),
        }),
        labels: labels(app),
        mirror: false,
        empty_dir: false,
        deletion: None,
        needs: Arc::default(),
    }
}

fn controller(kind: ControllerKind, app: &str, wanted: u32, ready: u32) -> Controller {
    let owner = (kind == ControllerKind::ReplicaSet).then(|| Owner {
        api_version: "apps/v1".into(),
        kind: "Deployment".into(),
        name: app.into(),
        uid: Uid::new(format!("dep-{app}")),
    });
    let prefix = match kind {
        ControllerKind::ReplicaSet => "rs",
        ControllerKind::Deployment => "dep",
        ControllerKind::StatefulSet | ControllerKind::DaemonSet => "set",
    };
    Controller {
        kind,
        namespace: "shop".into(),
        name: app.into(),
        uid: Uid::new(format!("{prefix}-{app}")),
        owner,
        wanted,
        ready,
        first: 0,
        selector: LabelSelector::default(),
        template: Template::default(),
    }
}

fn deployment(app: &str, wanted: u32) -> [Controller; 2] {
    [
        controller(ControllerKind::Deployment, app, wanted, wanted),
        controller(ControllerKind::ReplicaSet, app, wanted, wanted),
    ]
}

fn verdict(need: Need) -> Verdict {
    Verdict {
        need,
        reasons: vec![],
        notes: vec![],
        since: None,
        running: None,
        newest_installed: None,
        patching: None,
        read_by: crate::core::evidence::Route::Api,
    }
}

/// All nodes are selected, and each wants what `needs` says; one at a time.
pub(super) fn foreseen(
    snapshot: &Snapshot,
    needs: &[(NodeName, Need)],
    own: Option<&PodKey>,
) -> Foreseen {
    foreseen_by(1, snapshot, needs, own)
}

pub(super) fn foreseen_by(
    limit: u32,
    snapshot: &Snapshot,
    needs: &[(NodeName, Need)],
    own: Option<&PodKey>,
) -> Foreseen {
    let verdicts: Vec<(&Node, Verdict)> = snapshot
        .nodes
        .iter()
        .filter_map(|node| {
            let (_, need) = needs.iter().find(|(name, _)| *name == node.name)?;
            Some((node, verdict(*need)))
        })
        .collect();
    let candidates: Vec<Candidate<'_>> = verdicts
        .iter()
        .map(|(node, verdict)| Candidate { node, verdict })
        .collect();
    let fleet: Fleet = snapshot
        .nodes
        .iter()
        .map(|node| (node.name.clone(), node.clone()))
        .collect();
    let settings = Settings {
        max_unavailable: limit,
        ..settings()
    };
    let terms = Terms {
        all: false,
        pending_for: Duration::ZERO,
        now: jiff::Timestamp::UNIX_EPOCH,
    };
    let limits = WaveLimits::new(&fleet, &settings, false);
    foresee(
        select(&candidates, &terms),
        snapshot,
        &SETTINGS,
        &limits,
        own,
    )
}

pub(super) fn all_pending(snapshot: &Snapshot) -> Vec<(NodeName, Need)> {
    let nodes = snapshot.nodes.iter();
    nodes.map(|node| (node.name.clone(), Need::Yes)).collect()
}

pub(super) fn of_node(foreseen: &Foreseen, node: &str) -> Vec<Reason> {
    let of = foreseen
        .blockers
        .iter()
        .filter(|blocker| blocker.node.as_str() == node);
    of.map(|blocker| blocker.reason.clone()).collect()
}

/// Two nodes of one pool and zone, a third of its own.
fn scene() -> Snapshot {
    let mut controllers = Vec::new();
    controllers.extend(deployment("one", 1));
    controllers.extend(deployment("here", 2));
    controllers.extend(deployment("wide", 2));
    Snapshot {
        nodes: vec![
            node("a", "user", "1"),
            node("b", "user", "1"),
            node("c", "system", "2"),
        ],
        pods: vec![
            pod("shop", "one", 1, Some("a")),
            pod("shop", "here", 1, Some("a")),
            pod("shop", "here", 2, Some("a")),
            pod("shop", "wide", 1, Some("a")),
            pod("shop", "wide", 2, Some("b")),
            pod("kube-system", "coredns", 1, Some("c")),
        ],
        controllers,
        ..Snapshot::default()
    }
}

#[test]
fn workloads_that_are_gone_while_they_move_are_named_as_people_know_them() {
    let snapshot = scene();
    let found = foreseen(&snapshot, &all_pending(&snapshot), None);
    assert_eq!(
        of_node(&found, "a"),
        [
            Reason::SingleReplicas {
                workloads: vec!["Deployment shop/one".into()]
            },
            Reason::AllOnOneNode {
                workloads: vec!["Deployment shop/here".into()]
            },
        ]
    );
    assert_eq!(of_node(&found, "b"), []);
}

#[test]
fn the_last_available_node_of_its_kind_and_the_systems_pods_are_named() {
    let snapshot = scene();
    let found = foreseen(&snapshot, &all_pending(&snapshot), None);
    let last = of_node(&found, "c");
    let of = |kin| Reason::LastReadyNode { of: kin };
    assert!(last.contains(&of(Kin::Pool("system".into()))), "{last:?}");
    assert!(last.contains(&of(Kin::Zone("2".into()))), "{last:?}");
    assert!(
        matches!(&last[..], [.., Reason::SystemPodsLeave { pods }] if pods.len() == 1),
        "{last:?}"
    );
    // A node that is not available is no company.
    let mut alone = scene();
    alone.nodes[1].cordoned = true;
    let found = foreseen(&alone, &all_pending(&alone), None);
    let pool = of(Kin::Pool("user".into()));
    assert!(of_node(&found, "a").contains(&pool));
    assert!(!of_node(&found, "b").contains(&pool));
}

#[test]
fn what_is_unhealthy_before_anything_begins_is_told_once() {
    let mut snapshot = scene();
    assert_eq!(
        foreseen(&snapshot, &all_pending(&snapshot), None).warnings,
        []
    );
    snapshot.nodes[0].readiness = Readiness::NotReady("KubeletNotReady".into());
    snapshot.nodes[1].cordoned = true;
    snapshot
        .controllers
        .push(controller(ControllerKind::DaemonSet, "agent", 3, 2));
    snapshot.pods.push(pod("shop", "lost", 1, None));
    let warnings = foreseen(&snapshot, &all_pending(&snapshot), None).warnings;
    assert!(
        matches!(
            &warnings[..],
            [
                Reason::NodesNotReady { nodes },
                Reason::NodesCordoned { .. },
                Reason::DaemonSetsNotReady { behind },
                Reason::PodsWithoutNode { pods },
            ] if nodes == &[NodeName::from("a")] && behind[0].workload == "DaemonSet shop/agent" && pods.len() == 1
        ),
        "{warnings:?}"
    );
}

#[test]
fn pods_of_a_daemon_set_that_is_gone_are_named_and_those_of_one_that_is_there_are_not() {
    let mut snapshot = scene();
    let of = |app: &str, node: &str| {
        let mut pod = pod("shop", app, 1, Some(node));
        pod.owner = Some(Owner {
            api_version: "apps/v1".into(),
            kind: "DaemonSet".into(),
            name: app.into(),
            uid: Uid::new(format!("set-{app}")),
        });
        pod
    };
    let there = controller(ControllerKind::DaemonSet, "agent", 2, 2);
    snapshot.controllers.push(there);
    let lost = of("lost", "a");
    let gone = Reason::DaemonSetGone {
        pods: vec![lost.key.clone()],
    };
    snapshot
        .pods
        .extend([of("agent", "a"), lost, of("agent", "b")]);
    let found = foreseen(&snapshot, &all_pending(&snapshot), None);
    assert!(of_node(&found, "a").contains(&gone), "{found:?}");
    assert_eq!(of_node(&found, "b"), []);
    // Whoever may not list DaemonSets knows of none that it is gone.
    snapshot.unread = vec![Unread {
        what: "daemonsets",
        message: "forbidden".into(),
    }];
    let found = foreseen(&snapshot, &all_pending(&snapshot), None);
    assert!(!of_node(&found, "a").contains(&gone), "{found:?}");
}

#[test]
fn the_node_that_this_program_runs_on_is_left_out() {
    let snapshot = scene();
    let own = snapshot.pods[4].key.clone();
    let found = foreseen(&snapshot, &all_pending(&snapshot), Some(&own));
    let excluded = &found.selection.excluded;
    assert_eq!(excluded.len(), 1);
    assert_eq!(excluded[0].name, NodeName::from("b"));
    assert_eq!(excluded[0].reason, Reason::OwnNode { pod: own });
    let elsewhere = PodKey {
        namespace: "other".into(),
        name: "wide-2".into(),
    };
    let found = foreseen(&snapshot, &all_pending(&snapshot), Some(&elsewhere));
    assert_eq!(found.selection.excluded, []);
}

#[test]
fn the_estimate_grows_with_nodes_and_rounds_and_says_what_it_rests_on() {
    let snapshot = scene();
    let found = foreseen(&snapshot, &all_pending(&snapshot), None);
    let targets = &found.selection.targets;
    let settings = settings();
    let whole = estimate(targets, &found.pods_leaving, &found.blockers, &settings);
    assert!(whole.p10 > 3 * 20 && whole.p10 < whole.p90);
    let first = estimate(&targets[..1], &found.pods_leaving, &[], &settings);
    assert!(first.p90 * 3 >= whole.p90 && first.p90 < whole.p90);
    let mut slow = found.blockers;
    slow.push(Blocker {
        node: targets[0].name.clone(),
        reason: Reason::BudgetSlow {
            held: Box::new(Held {
                namespace: "shop".into(),
                budget: "b".into(),
                bound: "maxUnavailable 1".into(),
                healthy: 4,
                desired: 3,
                expected: 4,
                allowed: 1,
                pods: vec![],
            }),
            rounds: 4,
        },
    });
    let slower = estimate(targets, &found.pods_leaving, &slow, &settings);
    assert!(slower.p90 > whole.p90 && slower.p10 > whole.p10);
    assert!(
        whole
            .basis
            .iter()
            .any(|basis| basis.part == "Ready held" && basis.p10 == 20)
    );
}

fn settings() -> Settings {
    let span = Duration::from_secs(20);
    Settings {
        via: crate::core::plan::Via::Pod,
        image: "i".into(),
        sentinel: crate::core::evidence::Sentinel::System,
        max_unavailable: 1,
        course: crate::core::engine::Course::Roll,
        reboot_all: false,
        ignore_kured_lock: false,
        pace: Pace::default(),
        not_counted: vec![],
        drain: SETTINGS,
        timeouts: Timeouts {
            drain: span,
            reboot: span,
            ready: span,
            sustained_ready: span,
            settle: span,
            probe: span,
        },
    }
}

const APPS: [&str; 3] = ["web", "db", "cache"];

fn cluster() -> impl Strategy<Value = (Snapshot, Vec<(NodeName, Need)>)> {
    let need = prop_oneof![
        3 => Just(Need::Yes),
        1 => Just(Need::No),
        1 => Just(Need::Unknown),
    ];
    let nodes = vec(
        (need, 0..2_usize, 0..3_usize, prop::bool::weighted(0.1)),
        1..6,
    );
    let pods = vec(
        (
            0..APPS.len(),
            0..6_usize,
            prop::bool::weighted(0.8),
            0_u64..3000,
        ),
        0..25,
    );
    let budgets = vec((0..APPS.len(), 0..5_i32, any::<bool>()), 0..4);
    (nodes, pods, budgets).prop_map(|(nodes, pods, budgets)| {
        let mut snapshot = Snapshot::default();
        let mut needs = Vec::new();
        for (number, (need, pool, zone, cordoned)) in nodes.into_iter().enumerate() {
            let name = format!("node-{number}");
            let mut made = node(&name, ["blue", "green"][pool], &zone.to_string());
            made.cordoned = cordoned;
            needs.push((made.name.clone(), need));
            snapshot.nodes.push(made);
        }
        for (number, (app, on, ready, cpu)) in pods.into_iter().enumerate() {
            let name = format!("node-{on}");
            let mut made = pod("shop", APPS[app], number, Some(&name));
            made.ready = ready;
            made.needs = Arc::new(crate::core::model::Needs {
                requests: Resources {
                    milli_cpu: cpu,
                    memory: 0,
                },
                ..crate::core::model::Needs::default()
            });
            snapshot.pods.push(made);
        }
        for app in APPS {
            snapshot.controllers.extend(deployment(app, 3));
        }
        for (number, (app, desired, max)) in budgets.into_iter().enumerate() {
            let of_app = |pod: &&Pod| pod.labels == labels(APPS[app]);
            let pods = snapshot.pods.iter().filter(of_app);
            let healthy = i32::try_from(pods.clone().filter(|pod| pod.ready).count()).unwrap_or(0);
            let expected = i32::try_from(pods.count()).unwrap_or(0);
            snapshot.budgets.push(Budget {
                namespace: "shop".into(),
                name: format!("budget-{number}"),
                uid: Uid::new(format!("budget-{number}")),
                selector: Some(LabelSelector {
                    equal: labels(APPS[app]),
                    expressions: vec![],
                }),
                bound: if max {
                    Bound::MaxUnavailable(Amount::Pods(expected - desired))
                } else {
                    Bound::MinAvailable(Amount::Pods(desired))
                },
                always_allow_unhealthy: false,
                generation: 1,
                counted: Counted {
                    observed_generation: 1,
                    allowed: (healthy - desired).max(0),
                    healthy,
                    desired,
                    expected,
                },
                disrupted: [].into(),
            });
        }
        (snapshot, needs)
    })
}

proptest! {
    #[test]
    fn every_selected_node_is_in_one_wave_or_left_out_with_a_reason(
        (snapshot, needs) in cluster(),
        limit in 1..4_u32,
    ) {
        let found = foreseen_by(limit, &snapshot, &needs, None);
        let targets = &found.selection.targets;
        for (name, need) in &needs {
            let waves = targets.iter().filter(|target| target.name == *name).count();
            let reasons = found.selection.excluded.iter().filter(|e| e.name == *name).count();
            prop_assert_eq!(waves + reasons, 1);
            prop_assert!(waves == 0 || *need == Need::Yes);
        }
        // No wave above the limit, none left out, and each after the one before.
        for wave in targets.chunk_by(|a, b| a.wave == b.wave) {
            prop_assert!(wave.len() <= limit as usize);
        }
        let mut waves: Vec<u32> = targets.iter().map(|target| target.wave).collect();
        waves.dedup();
        let in_turn: Vec<u32> = (1..).take(waves.len()).collect();
        prop_assert_eq!(waves, in_turn);
        prop_assert_eq!(found.pods_leaving.len(), targets.len());
        // What never drains is not among the targets.
        let never = found.blockers.iter().any(|b| crate::core::budget::is_never(&b.reason));
        prop_assert!(!never);
    }

    #[test]
    fn the_order_in_which_a_cluster_was_read_changes_nothing(
        (snapshot, needs) in cluster(),
        turn in 0..20_usize,
        limit in 1..4_u32,
    ) {
        let mut other = snapshot.clone();
        other.nodes.reverse();
        other.budgets.reverse();
        other.controllers.reverse();
        let pods = other.pods.len().max(1);
        other.pods.rotate_left(turn % pods);
        prop_assert_eq!(
            foreseen_by(limit, &snapshot, &needs, None),
            foreseen_by(limit, &other, &needs, None)
        );
    }
}
