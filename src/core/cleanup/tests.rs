//! What may go and what stays.

use jiff::Timestamp;

use super::*;
use crate::core::engine::Step;
use crate::core::evidence::test_node;
use crate::core::mark::{self as marks, OwnerMark};
use crate::core::model::Readiness;

const OLD: &str = "0f0f0f0f-0000-4000-8000-000000000001";
const NEW: &str = "0f0f0f0f-0000-4000-8000-000000000002";
const RUN: &str = "20261123-175200-abcd";

fn now() -> Timestamp {
    Timestamp::from_second(1_800_000_000).expect("a time")
}

fn ago(seconds: i64) -> Option<Timestamp> {
    Timestamp::from_second(1_800_000_000 - seconds).ok()
}

fn mark_at(step: Step, cordoned_before: bool) -> String {
    OwnerMark::new(
        &RunId::new(RUN),
        step,
        &test_node().uid,
        &BootId::new(OLD),
        cordoned_before,
        now(),
    )
    .text()
}

/// A cordoned node on its old boot, with this mark.
fn node(mark: &str) -> Node {
    let mut node = test_node();
    node.boot = Some(BootId::new(OLD));
    node.cordoned = true;
    node.readiness = Readiness::Ready;
    node.annotations.insert(marks::KEY.into(), mark.into());
    node
}

fn scene(node: Node, pods: Vec<OwnPod>) -> Scene {
    Scene {
        kured: BTreeSet::new(),
        holder: Holder::Dead { run: RUN.into() },
        nodes: vec![node],
        pods,
        records: Vec::new(),
        server_time: Some(now()),
    }
}

fn pod(purpose: &str) -> OwnPod {
    OwnPod {
        namespace: "aksreboot".into(),
        name: format!("{purpose}-x"),
        uid: Uid::new("p1"),
        purpose: purpose.into(),
        run: None,
        node: Some(test_node().name),
        boot: None,
        created: ago(10),
        lifetime: Some(Duration::from_secs(70)),
        end: PodEnd::Running,
        whose: Whose::Ours,
    }
}

fn ask(end: PodEnd) -> OwnPod {
    OwnPod {
        boot: Some(BootId::new(OLD)),
        run: Some(RunId::new(RUN)),
        lifetime: Some(Duration::from_secs(360)),
        end,
        ..pod("reboot")
    }
}

fn alive() -> Holder {
    Holder::Alive(Reason::LockHeld {
        run: RunId::new(RUN),
        user: "u".into(),
        host: "h".into(),
        since: None,
    })
}

fn pod_fate(pod: &OwnPod, holder: Holder) -> Fate<Because> {
    let mut scene = scene(node(&mark_at(Step::Reboot, false)), vec![pod.clone()]);
    scene.holder = holder;
    pods::pod(pod, &scene)
}

fn over() -> Holder {
    Holder::Dead { run: RUN.into() }
}

#[test]
fn a_probe_that_somebody_may_wait_for_stays_until_its_own_limit_is_over() {
    assert_eq!(
        pod_fate(&pod("probe"), Holder::Nobody),
        Fate::Leave(Stays::MayBeAwaited { seconds: Some(61) })
    );
    let old = OwnPod {
        created: ago(71),
        ..pod("probe")
    };
    // No lock says whether a status lives, so a lock that is held or unread says nothing of it either.
    for holder in [Holder::Nobody, alive(), over()] {
        assert!(matches!(
            pod_fate(&old, holder),
            Fate::Remove(Because::PastItsTime { .. })
        ));
    }
    let ageless = OwnPod {
        created: None,
        ..old
    };
    assert!(matches!(
        pod_fate(&ageless, Holder::Nobody),
        Fate::Leave(Stays::MayBeAwaited { seconds: None })
    ));
}

#[test]
fn a_runs_pod_goes_with_its_run_and_not_before() {
    for purpose in ["probe", "prove"] {
        let pod = OwnPod {
            run: Some(RunId::new(RUN)),
            created: ago(9999),
            ..pod(purpose)
        };
        assert!(matches!(pod_fate(&pod, over()), Fate::Remove(_)));
        assert!(matches!(
            pod_fate(&pod, alive()),
            Fate::Leave(Stays::RunIsAlive { .. })
        ));
        let unknown = Holder::Unknown {
            message: "no".into(),
        };
        assert!(matches!(
            pod_fate(&pod, unknown),
            Fate::Leave(Stays::LockUnread { .. })
        ));
    }
}

#[test]
fn a_reboot_pod_that_could_still_fire_stays_whoever_asks() {
    assert_eq!(
        pod_fate(&ask(PodEnd::Running), over()),
        Fate::Leave(Stays::CouldStillFire)
    );
    let bootless = OwnPod {
        boot: None,
        created: ago(99_999),
        ..ask(PodEnd::Running)
    };
    assert_eq!(
        pod_fate(&bootless, over()),
        Fate::Leave(Stays::CouldStillFire),
        "a boot that is not known may be this one"
    );
}

#[test]
fn a_reboot_pod_that_cannot_fire_any_more_goes() {
    let other_boot = OwnPod {
        boot: Some(BootId::new(NEW)),
        ..ask(PodEnd::Running)
    };
    assert_eq!(
        pod_fate(&other_boot, over()),
        Fate::Remove(Because::BootIsOver)
    );
    let elsewhere = OwnPod {
        node: Some("gone".into()),
        ..ask(PodEnd::Running)
    };
    assert_eq!(
        pod_fate(&elsewhere, over()),
        Fate::Remove(Because::NodeIsGone)
    );
    let refused = ask(PodEnd::RefusedToAsk {
        why: Reason::NodeGone,
    });
    assert!(matches!(
        pod_fate(&refused, over()),
        Fate::Remove(Because::DidNotAsk { .. })
    ));
}

#[test]
fn a_reboot_that_was_asked_for_may_be_in_the_hosts_queue_for_half_an_hour() {
    assert!(matches!(
        pod_fate(&ask(PodEnd::Finished), over()),
        Fate::Leave(Stays::MayBeQueued { seconds: Some(_) })
    ));
    let long_ago = OwnPod {
        created: ago(360 + 31 * 60 + 1),
        ..ask(PodEnd::Finished)
    };
    assert_eq!(
        pod_fate(&long_ago, over()),
        Fate::Remove(Because::NothingOutstanding)
    );
}

#[test]
fn what_only_carries_our_label_is_not_ours() {
    let owned = OwnPod {
        whose: Whose::Others,
        created: ago(9999),
        ..pod("probe")
    };
    assert_eq!(
        pod_fate(&owned, Holder::Nobody),
        Fate::Leave(Stays::NotOurs)
    );
}

fn mark_fate(node: Node, pods: Vec<OwnPod>) -> Fate<MarkFate> {
    mark(&node.clone(), &scene(node, pods))
}

fn restores(fate: &Fate<MarkFate>) -> Option<(Restores, bool)> {
    match fate {
        Fate::Remove(fate) => Some((fate.restores, fate.look_again)),
        Fate::Leave(_) => None,
    }
}

#[test]
fn before_the_ask_a_node_goes_back_to_how_it_was() {
    let fate = |before| restores(&mark_fate(node(&mark_at(Step::Cordon, before)), Vec::new()));
    assert_eq!(fate(false), Some((Restores::Uncordon, false)));
    assert_eq!(fate(true), Some((Restores::MarkAlone, false)));
}

#[test]
fn a_cordon_after_settle_is_somebody_elses() {
    let fate = mark_fate(node(&mark_at(Step::Settle, false)), Vec::new());
    assert_eq!(restores(&fate), Some((Restores::MarkAlone, false)));
}

#[test]
fn with_an_ask_outstanding_the_node_stays_cordoned() {
    for end in [PodEnd::Running, PodEnd::Finished] {
        let fate = mark_fate(node(&mark_at(Step::Reboot, false)), vec![ask(end)]);
        assert!(
            matches!(fate, Fate::Leave(Stays::AskOutstanding { .. })),
            "{fate:?}"
        );
    }
}

#[test]
fn an_intent_without_an_ask_is_looked_at_again_before_the_node_is_opened() {
    let fate = mark_fate(node(&mark_at(Step::Reboot, false)), Vec::new());
    assert_eq!(restores(&fate), Some((Restores::Uncordon, true)));
}

#[test]
fn an_ask_over_ssh_leaves_no_pod_and_the_node_stays_until_another_boot() {
    for step in [Step::Drain, Step::Reboot, Step::Return] {
        let by_ssh = mark_at(step, false).replacen('{', r#"{"via":"ssh","#, 1);
        let fate = mark_fate(node(&by_ssh), Vec::new());
        if step == Step::Drain {
            assert_eq!(restores(&fate), Some((Restores::Uncordon, false)));
            continue;
        }
        let stays = Fate::Leave(Stays::AskBySsh {
            run: RunId::new(RUN),
        });
        assert_eq!(fate, stays);
        let mut rebooted = node(&by_ssh);
        rebooted.boot = Some(BootId::new("another"));
        let fate = mark_fate(rebooted, Vec::new());
        assert_eq!(restores(&fate), Some((Restores::Uncordon, false)));
    }
}

#[test]
fn an_ask_that_was_refused_or_is_long_over_holds_nothing() {
    let refused = ask(PodEnd::RefusedToAsk {
        why: Reason::NodeGone,
    });
    let long_ago = OwnPod {
        created: ago(99_999),
        ..ask(PodEnd::Finished)
    };
    for pod in [refused, long_ago] {
        let fate = mark_fate(node(&mark_at(Step::Reboot, false)), vec![pod]);
        assert_eq!(restores(&fate), Some((Restores::Uncordon, false)));
    }
}

#[test]
fn a_rebooted_node_is_opened_only_when_it_is_ready() {
    let mut rebooted = node(&mark_at(Step::Reboot, false));
    rebooted.boot = Some(BootId::new(NEW));
    let pods = vec![ask(PodEnd::Running)];
    let fate = mark_fate(rebooted.clone(), pods.clone());
    assert_eq!(restores(&fate), Some((Restores::Uncordon, false)));
    rebooted.readiness = Readiness::NotReady("KubeletNotReady".into());
    assert_eq!(mark_fate(rebooted, pods), Fate::Leave(Stays::NotReady));
}

#[test]
fn a_mark_that_cannot_be_read_is_nobodys_to_remove() {
    let newer = mark_at(Step::Cordon, false).replace("\"v\":1", "\"v\":2");
    for text in ["nonsense", newer.as_str()] {
        let fate = mark_fate(node(text), Vec::new());
        assert!(matches!(fate, Fate::Leave(Stays::MarkUnreadable { .. })));
    }
    let more =
        mark_at(Step::Cordon, false).replace("\"annotations\":{}", "\"annotations\":{\"a\":null}");
    assert_eq!(
        mark_fate(node(&more), Vec::new()),
        Fate::Leave(Stays::MoreToRestore)
    );
    let mut replaced = node(&mark_at(Step::Cordon, false));
    replaced.uid = Uid::new("another");
    assert_eq!(
        mark_fate(replaced, Vec::new()),
        Fate::Leave(Stays::NodeReplaced)
    );
}

#[test]
fn while_a_run_lives_or_may_live_nothing_of_any_run_is_touched() {
    let records = || (0..30).map(|n| format!("aksreboot-run-{n:02}")).collect();
    for holder in [
        alive(),
        Holder::Unknown {
            message: "no".into(),
        },
    ] {
        let mut scene = scene(
            node(&mark_at(Step::Cordon, false)),
            vec![ask(PodEnd::Finished)],
        );
        scene.holder = holder;
        scene.records = records();
        let survey = survey(&scene, Records::All);
        assert!(survey.is_empty(), "{survey:?}");
        assert!(matches!(survey.lease, Some(Fate::Leave(_))));
    }
}

#[test]
fn the_lease_goes_with_the_last_mark() {
    let go = survey(
        &scene(node(&mark_at(Step::Cordon, false)), Vec::new()),
        Records::Old,
    );
    assert!(matches!(
        go.lease,
        Some(Fate::Remove(Because::RunIsOver { .. }))
    ));
    assert!(go.needs_lock());
    let stay = survey(&scene(node("nonsense"), Vec::new()), Records::Old);
    assert_eq!(stay.lease, Some(Fate::Leave(Stays::MarksAreLeft)));
    assert!(stay.is_empty());
}

#[test]
fn the_newest_records_stay_and_those_of_nodes_that_are_left() {
    let mut scene = scene(test_node(), Vec::new());
    scene.holder = Holder::Nobody;
    scene.records = (0..23)
        .map(|n| format!("aksreboot-run-2026112{}-{n:02}", n / 10))
        .collect();
    let old = survey(&scene, Records::Old).records;
    let names: Vec<&str> = old.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, &scene.records[..3]);
    assert_eq!(survey(&scene, Records::All).records.len(), 23);
    // A mark that stays keeps its run's record; one that goes does not.
    let mut replaced = node(&mark_at(Step::Cordon, false));
    replaced.uid = Uid::new("another");
    scene.nodes = vec![replaced];
    scene.records.push(format!("aksreboot-run-{RUN}"));
    assert_eq!(survey(&scene, Records::All).records.len(), 23);
}
