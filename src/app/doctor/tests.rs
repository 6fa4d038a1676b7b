//! `doctor` on simulated clusters: what it finds, and that it changes nothing.

use std::time::Duration;

use crate::core::doctor::{Admission, Check, Found, Grade, LockSeen, TrialPod};
use crate::core::mark;
use crate::core::reason::Denier;
use crate::core::rights::{Aim, Need, rights};
use crate::edge::clock::Clock;
use crate::edge::connect::Cluster;
use crate::edge::doctor::{Examination, examine};
use crate::sim::{KuredAct, KuredLock, Machine, Sim, What, When, Workload, World, scenes};

async fn examined(world: World, aims: &[Aim]) -> (Sim, Vec<Check>) {
    let sim = Sim::start(world, 7);
    let cluster = Cluster::over(sim.service(), "sim", "https://sim.invalid");
    let clock = Clock::simulated(sim.now());
    let examination = Examination {
        aims: aims.to_vec(),
        image: crate::edge::node::DEFAULT_IMAGE.into(),
        logins: None,
    };
    let checks = examine(&cluster, &clock, &examination)
        .await
        .expect("an answer");
    (sim, checks)
}

fn ready() -> World {
    scenes::three().namespace("aksreboot")
}

fn of<'c>(checks: &'c [Check], code: &str) -> Vec<&'c Check> {
    checks.iter().filter(|check| check.code == code).collect()
}

fn failing(checks: &[Check]) -> Vec<&Found> {
    checks
        .iter()
        .filter(|check| matches!(check.grade, Grade::Fail | Grade::Unknown))
        .map(|check| &check.found)
        .collect()
}

#[tokio::test(start_paused = true)]
async fn nothing_is_changed_whatever_is_asked_for() {
    let (sim, checks) = examined(ready(), &Aim::ALL).await;
    assert_eq!(failing(&checks), Vec::<&Found>::new());
    for line in sim.requests() {
        let reads = ["get", "list"].contains(&line.verb.as_str());
        let asks = line.resource == "selfsubjectaccessreviews";
        // What is not stored has no verb of RBAC.
        let other = line.method == "GET";
        let tries = line.verb == "create" && line.target.ends_with("?dryRun=All");
        assert!(reads || asks || other || tries, "{line}");
    }
    let pods = sim
        .requests()
        .iter()
        .filter(|line| line.verb == "create" && line.resource == "pods")
        .count();
    assert_eq!(
        pods, 6,
        "probe, two that ask package managers, proof, reboot and the one that should be refused"
    );
}

#[tokio::test(start_paused = true)]
async fn an_aim_narrows_what_is_looked_at() {
    let (sim, checks) = examined(ready(), &[Aim::Read]).await;
    assert!(sim.requests().iter().all(|line| line.resource != "pods"));
    assert!(of(&checks, "AKR030").is_empty() && of(&checks, "AKR060").is_empty());
    let (_, checks) = examined(ready(), &[Aim::Probe]).await;
    assert_eq!(of(&checks, "AKR030").len(), 1);
    assert!(of(&checks, "AKR031").is_empty());
}

#[tokio::test(start_paused = true)]
async fn each_right_that_is_missing_is_named_with_who_needs_it() {
    for aim in Aim::ALL {
        for right in rights(aim) {
            let world = ready().forbidden(right.verb, &right.role_resource());
            let (_, checks) = examined(world, &[aim]).await;
            let missing: Vec<_> = of(&checks, "AKR010")
                .into_iter()
                .filter_map(|check| match &check.found {
                    Found::RightMissing { right, aims } => Some((check.grade, right, aims)),
                    _ => None,
                })
                .collect();
            let grade = match right.need {
                Need::Must => Grade::Fail,
                Need::Helps => Grade::Warn,
            };
            assert!(
                missing.contains(&(grade, &right, &vec![aim])),
                "{right:?}: {missing:?}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_missing_namespace_fails_and_our_pods_are_not_called_refused() {
    let (_, checks) = examined(scenes::three(), &[Aim::Probe]).await;
    assert_eq!(of(&checks, "AKR020")[0].found, Found::NamespaceMissing);
    assert_eq!(of(&checks, "AKR020")[0].grade, Grade::Fail);
    assert!(matches!(
        of(&checks, "AKR030")[0].found,
        Found::Admission {
            admission: Admission::NamespaceMissing,
            ..
        }
    ));
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_told_by_who_refuses() {
    let message =
        "pods \"x\" is forbidden: violates PodSecurity \"baseline:latest\": hostPath volumes";
    let (_, checks) = examined(ready().denial("pods", "aksreboot", message), &[Aim::Roll]).await;
    for (code, number) in [("AKR030", 1), ("AKR031", 2)] {
        let found = of(&checks, code);
        assert_eq!(found.len(), number);
        for check in found {
            let Found::Admission {
                admission: Admission::Denied { by, message },
                ..
            } = &check.found
            else {
                panic!("{check:?}");
            };
            assert_eq!(*by, Denier::PodSecurity);
            assert!(message.contains("baseline"));
            assert_eq!(check.grade, Grade::Fail);
        }
    }
    assert_eq!(of(&checks, "AKR032")[0].grade, Grade::Ok);
}

#[tokio::test(start_paused = true)]
async fn a_namespace_without_a_policy_is_said_to_be_open() {
    let (_, checks) = examined(ready(), &[Aim::Probe]).await;
    let open = of(&checks, "AKR032")[0];
    assert_eq!(open.grade, Grade::Warn);
    let said = crate::render::doctor::text(&checks);
    assert!(
        said.contains("whoever may create pods in namespace aksreboot is root on every node"),
        "{said}"
    );
}

#[tokio::test(start_paused = true)]
async fn without_a_ready_linux_node_admission_is_unknown_and_never_fine() {
    let world = World::default()
        .namespace("aksreboot")
        .machine(Machine::linux("n1").not_ready())
        .machine(Machine::windows("w1"));
    let (_, checks) = examined(world, &[Aim::Probe]).await;
    for code in ["AKR030", "AKR032"] {
        assert_eq!(of(&checks, code)[0].grade, Grade::Unknown, "{code}");
    }
    assert_eq!(of(&checks, "AKR040")[0].grade, Grade::Fail);
}

#[tokio::test(start_paused = true)]
async fn others_with_a_hand_in_the_cluster_are_named() {
    let (node, lock) = ("node-2".to_owned(), KuredLock::SINGLE);
    let mut world = ready().workload(Workload::daemon_set("kured")).happening(
        When::At(Duration::ZERO),
        What::Kured(KuredAct::Takes { node, lock }),
    );
    let marked = (mark::KEY.to_owned(), "{\"v\":9}".to_owned());
    world = world
        .with_machine("node-2", |machine| machine.annotations.push(marked))
        .with_machine("node-3", |machine| {
            machine.labels.push((
                "kubernetes.azure.com/upgrade-status".into(),
                "Quarantined".into(),
            ));
        });
    let (_, checks) = examined(world.clone(), &[Aim::Roll]).await;
    for code in ["AKR060", "AKR061", "AKR071"] {
        assert_eq!(of(&checks, code)[0].grade, Grade::Fail, "{code}");
    }
    assert_eq!(
        of(&checks, "AKR071")[0].found,
        Found::Marks {
            nodes: vec!["node-2".into()]
        }
    );
    let (_, checks) = examined(world, &[Aim::Cleanup]).await;
    assert_eq!(of(&checks, "AKR071")[0].grade, Grade::Warn);
}

#[tokio::test(start_paused = true)]
async fn the_servers_clock_is_compared_and_nothing_decided_by_it() {
    let sim = Sim::start(ready(), 7);
    let cluster = Cluster::over(sim.service(), "sim", "https://sim.invalid");
    let late = sim
        .now()
        .checked_sub(std::time::Duration::from_secs(90))
        .expect("a time");
    let examination = Examination {
        aims: vec![Aim::Read],
        image: "i:1".into(),
        logins: None,
    };
    let checks = examine(&cluster, &Clock::simulated(late), &examination)
        .await
        .expect("an answer");
    let clock = of(&checks, "AKR004")[0];
    let Found::Clock { ahead_ms } = clock.found else {
        panic!("{clock:?}");
    };
    assert!((89_000..=91_000).contains(&ahead_ms), "{ahead_ms}");
    assert_eq!(clock.grade, Grade::Warn);
    assert_eq!(failing(&checks), Vec::<&Found>::new());
}

#[tokio::test(start_paused = true)]
async fn a_server_that_goes_away_in_the_middle_leaves_unknowns() {
    use crate::sim::{Away, Matching, When};
    let world = ready().happening(
        When::Before(Matching::first("list", "nodes")),
        What::Away(Away::Gone, std::time::Duration::from_secs(36_000)),
    );
    let (_, checks) = examined(world, &[Aim::Roll]).await;
    for code in ["AKR040", "AKR030", "AKR032", "AKR060", "AKR070", "AKR072"] {
        assert_eq!(of(&checks, code)[0].grade, Grade::Unknown, "{code}");
    }
    assert!(matches!(
        of(&checks, "AKR070")[0].found,
        Found::Lock {
            lock: LockSeen::Unread { .. }
        }
    ));
    assert!(
        of(&checks, "AKR071").is_empty(),
        "no marks are claimed to be absent"
    );
    assert!(checks.iter().all(|check| !matches!(
        check.found,
        Found::Admission {
            pod: TrialPod::Probe,
            admission: Admission::Admitted
        }
    )));
}
