//! The judgements at which a mistake is an outage, one by one: what must hold before the ask and before the uncordon.

mod drain;

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use super::{
    Act, Ask, Check, Course, Ending, KuredSeen, NodeClock, NodeSeen, Now, Seen, Sight, Step, Undo,
    check, undo,
};
use crate::core::drain::DrainSettings;
use crate::core::hold::Held;
use crate::core::kured_lock::KuredHolder;
use crate::core::mark::{KEY, OwnerMark};
use crate::core::model::{BootId, Node, Owner, Pod, PodKey, PodPhase, RunId, Uid};
use crate::core::plan::{Settings, Target, Timeouts};
use crate::core::reason::Reason;

/// A node that this run cordoned, marked and emptied, right before its ask.
struct Bench {
    run: RunId,
    target: Target,
    settings: Settings,
    seen: Seen,
    now: Now,
}

fn span(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

impl Bench {
    fn new() -> Self {
        let mut node = crate::core::evidence::test_node();
        let run = RunId::from("20260304-080000-0001");
        let boot = BootId::from("boot-1");
        node.boot = Some(boot.clone());
        node.cordoned = true;
        let target = Target {
            name: node.name.clone(),
            uid: node.uid.clone(),
            boot: boot.clone(),
            kernel: None,
            pool: None,
            zone: None,
            cordoned_before: false,
            system: false,
            wave: 1,
        };
        let mark = OwnerMark::new(
            &run,
            Step::Reboot,
            &node.uid,
            &boot,
            false,
            Timestamp::UNIX_EPOCH,
        );
        node.annotations.insert(KEY.into(), mark.text());
        let settings = Settings {
            via: crate::core::plan::Via::Pod,
            course: Course::Roll,
            image: "busybox".into(),
            sentinel: crate::core::evidence::Sentinel::System,
            max_unavailable: 1,
            reboot_all: false,
            ignore_kured_lock: false,
            pace: crate::core::plan::Pace::default(),
            not_counted: vec![],
            drain: DrainSettings {
                force: false,
                delete_emptydir_data: false,
                grace_period: None,
                ..DrainSettings::default()
            },
            timeouts: Timeouts {
                drain: span(1800),
                reboot: span(300),
                ready: span(600),
                sustained_ready: span(20),
                settle: span(600),
                probe: span(60),
            },
        };
        let seen = Seen {
            node: NodeSeen::Here(node.into()),
            pods: Some(BTreeMap::new()),
            empty_lists: 2,
            last_list: Some(span(100)),
            clock: NodeClock::Known,
            hold: Some((span(100), Held::No)),
            kured: Some((span(100), KuredSeen::Absent)),
            ..Seen::default()
        };
        let now = Now {
            mono: span(101),
            wall: Timestamp::UNIX_EPOCH,
        };
        Self {
            run,
            target,
            settings,
            seen,
            now,
        }
    }

    fn node(&mut self) -> &mut Node {
        match &mut self.seen.node {
            NodeSeen::Here(node) => std::sync::Arc::make_mut(node),
            NodeSeen::NotYet | NodeSeen::Gone => panic!("no node on the bench"),
        }
    }

    fn says(&self, step: Step) -> Check {
        check(
            step,
            Sight {
                run: &self.run,
                target: &self.target,
                settings: &self.settings,
                seen: &self.seen,
                since: span(100),
                pool_is_proved: true,
                now: self.now,
            },
        )
    }
}

fn pod() -> Pod {
    Pod {
        key: PodKey {
            namespace: "shop".into(),
            name: "web-1".into(),
        },
        uid: Uid::from("pod-1"),
        node: None,
        phase: PodPhase::Running,
        ready: true,
        owner: Some(Owner {
            api_version: "apps/v1".into(),
            kind: "ReplicaSet".into(),
            name: "web".into(),
            uid: Uid::from("set-1"),
        }),
        labels: BTreeMap::new(),
        mirror: false,
        empty_dir: false,
        deletion: None,
        needs: std::sync::Arc::default(),
    }
}

#[test]
fn an_empty_cordoned_marked_node_on_the_planned_boot_is_asked_once() {
    let mut bench = Bench::new();
    assert_eq!(bench.says(Step::Reboot), Check::Act(vec![Act::Ask]));
    bench.seen.ask = Ask::Asked { at: span(101) };
    assert_eq!(bench.says(Step::Reboot), Check::Done);
    bench.seen.ask = Ask::Lost;
    assert_eq!(bench.says(Step::Reboot), Check::Act(vec![Act::ReadAsk]));
}

#[test]
fn there_is_no_ask_on_a_list_that_is_not_fresh() {
    let mut bench = Bench::new();
    bench.now.mono = span(200);
    bench.seen.hold = Some((span(200), Held::No));
    bench.seen.kured = Some((span(200), KuredSeen::Absent));
    assert_eq!(bench.says(Step::Reboot), Check::Act(vec![Act::ListPods]));
    bench.seen.last_list = None;
    assert_eq!(bench.says(Step::Reboot), Check::Act(vec![Act::ListPods]));
}

#[test]
fn there_is_no_ask_while_somebody_holds_all_reboots_nor_on_an_old_word_that_nobody_does() {
    let mut bench = Bench::new();
    bench.seen.hold = None;
    assert_eq!(bench.says(Step::Reboot), Check::Act(vec![Act::ReadHold]));
    bench.seen.hold = Some((span(80), Held::No));
    assert_eq!(bench.says(Step::Reboot), Check::Act(vec![Act::ReadHold]));
    bench.seen.hold = Some((span(101), Held::Unreadable));
    assert!(matches!(
        bench.says(Step::Reboot),
        Check::Blocked(Reason::Hold { .. })
    ));
}

#[test]
fn there_is_no_ask_and_no_cordon_while_kured_does_not_keep_still() {
    let look = Check::Act(vec![Act::LookForKured]);
    let holder = KuredHolder {
        node: "n1".into(),
        since: None,
        until: None,
        no_node: false,
    };
    let lock = Reason::KuredLock {
        daemon_set: "kube-system/kured".into(),
        holders: vec![holder],
    };
    let unreadable = Reason::KuredNotHeld {
        daemon_set: "kube-system/kured".into(),
        message: "m".into(),
    };
    for step in [Step::Cordon, Step::Reboot] {
        let mut bench = Bench::new();
        if step == Step::Cordon {
            bench.node().annotations.clear();
        }
        bench.seen.kured = None;
        assert_eq!(bench.says(step), look, "{step:?}");
        bench.seen.kured = Some((span(100), KuredSeen::Free));
        assert_eq!(bench.says(step), Check::Act(vec![Act::TakeKured]));
        bench.seen.kured = Some((span(100), KuredSeen::Held(unreadable.clone())));
        assert_eq!(bench.says(step), Check::Blocked(unreadable.clone()));
        bench.seen.kured = Some((span(100), KuredSeen::Held(lock.clone())));
        match (step, bench.says(step)) {
            (Step::Cordon, Check::Wait { why, .. }) => assert_eq!(why, lock),
            (_, says) => assert_eq!(says, Check::Blocked(lock.clone())),
        }
        bench.seen.kured = Some((span(100), KuredSeen::Taken));
        let act = if step == Step::Cordon {
            Act::Cordon
        } else {
            Act::Ask
        };
        assert_eq!(bench.says(step), Check::Act(vec![act.clone()]));
        bench.now.mono = span(161);
        (bench.seen.last_list, bench.seen.hold) = (Some(span(160)), Some((span(160), Held::No)));
        assert_eq!(bench.says(step), look, "taken too long ago");
        bench.settings.ignore_kured_lock = true;
        assert_eq!(bench.says(step), Check::Act(vec![act]));
    }
}

#[test]
fn there_is_no_ask_under_a_pod_that_should_have_left_even_a_terminating_one() {
    let mut bench = Bench::new();
    let mut late = pod();
    late.deletion = Some(Timestamp::UNIX_EPOCH);
    bench.seen.pods = Some([(late.uid.clone(), late)].into());
    assert!(matches!(
        bench.says(Step::Reboot),
        Check::Blocked(Reason::Terminating { .. })
    ));
}

#[test]
fn there_is_no_ask_on_another_node_boot_or_mark() {
    let mut bench = Bench::new();
    bench.node().uid = Uid::from("other");
    assert!(matches!(
        bench.says(Step::Reboot),
        Check::Blocked(Reason::NodeReplaced { .. })
    ));

    let mut bench = Bench::new();
    bench.node().boot = Some(BootId::from("boot-2"));
    assert!(matches!(
        bench.says(Step::Reboot),
        Check::Blocked(Reason::BootedMeanwhile { .. })
    ));

    let mut bench = Bench::new();
    bench.node().cordoned = false;
    assert_eq!(
        bench.says(Step::Reboot),
        Check::Blocked(Reason::UncordonedByOther)
    );

    for step in [
        Step::Drain,
        Step::Reboot,
        Step::Verify,
        Step::Uncordon,
        Step::Settle,
    ] {
        let mut bench = Bench::new();
        bench
            .node()
            .annotations
            .insert(KEY.into(), "{\"v\":2}".into());
        assert_eq!(
            bench.says(step),
            Check::Blocked(Reason::MarkChanged),
            "{step:?}"
        );
    }
}

#[test]
fn a_drain_ends_only_after_two_empty_lists_in_a_row() {
    let mut bench = Bench::new();
    for (lists, says) in [
        (0, Check::Act(vec![Act::ListPods])),
        (1, Check::Act(vec![Act::ListPods])),
        (2, Check::Done),
    ] {
        bench.seen.empty_lists = lists;
        assert_eq!(bench.says(Step::Drain), says);
    }
    bench
        .seen
        .learn_list(vec![pod()], &bench.settings.drain, bench.now);
    assert_eq!(bench.seen.empty_lists, 0);
    let evict = Act::Evict {
        pod: pod().key,
        uid: pod().uid,
    };
    assert_eq!(bench.says(Step::Drain), Check::Act(vec![evict]));
}

#[test]
fn there_is_no_uncordon_with_an_ask_outstanding() {
    let mut bench = Bench::new();
    bench.seen.ask = Ask::Asked { at: span(100) };
    assert!(
        matches!(bench.says(Step::Uncordon), Check::Blocked(_)),
        "the boot is the old one"
    );
    bench.node().boot = Some(BootId::from("boot-2"));
    assert!(
        matches!(bench.says(Step::Uncordon), Check::Blocked(_)),
        "the reboot pod is not gone"
    );
    bench.seen.ask_removed = true;
    assert_eq!(bench.says(Step::Uncordon), Check::Act(vec![Act::Uncordon]));
}

#[test]
fn a_cordon_is_undone_at_reboot_only_if_no_ask_can_still_arrive() {
    let mut seen = Bench::new().seen;
    assert_eq!(undo(Step::Reboot, &seen, Ending::Blocked), Undo::Restore);
    assert_eq!(undo(Step::Reboot, &seen, Ending::BrokenOff), Undo::Keep);
    seen.ask_may_come = true;
    assert_eq!(undo(Step::Reboot, &seen, Ending::Blocked), Undo::Keep);
    seen.ask = Ask::Denied(Reason::Throttled);
    assert_eq!(undo(Step::Reboot, &seen, Ending::Blocked), Undo::Keep);
}

#[test]
fn a_ready_that_is_the_old_boots_is_no_return() {
    let mut bench = Bench::new();
    bench.seen.ask = Ask::Asked { at: span(100) };
    bench.seen.ready_since = Some(span(10));
    assert!(matches!(
        bench.says(Step::Return),
        Check::Wait {
            why: Reason::AwaitingBoot { .. },
            ..
        }
    ));
}
