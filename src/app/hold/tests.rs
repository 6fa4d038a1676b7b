//! Holds on simulated clusters: what aksreboot and kured do while one is there, and after it.

use std::time::Duration;

use serde_json::{Value, json};

use super::{end, set};
use crate::app::roll::tests::{assert_exactly, killed};
use crate::core::hold::Hold;
use crate::core::rights::Aim;
use crate::edge::clock::Clock;
use crate::edge::cluster::wire::{self, PatchKind};
use crate::edge::connect::Cluster;
use crate::edge::operator::Operator;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::sim::{
    KuredAct, KuredDomain, KuredLock, RequestLine, Sim, What, Workload, World, scenes,
};

fn ready() -> World {
    scenes::three().namespace("aksreboot")
}

fn over(sim: &Sim) -> Cluster {
    Cluster::over(sim.service(), "sim", "https://sim.invalid")
}

fn hold(sim: &Sim, minutes: Option<u64>) -> Hold {
    let now = sim.now();
    let until = minutes.map(|minutes| now + Duration::from_secs(60 * minutes));
    Hold::new("ann", "bastion", now, until, "month-end freeze")
}

async fn held(sim: &Sim, minutes: Option<u64>) -> Result<Exit, Failure> {
    set(&over(sim), &hold(sim, minutes), |_| {}).await
}

async fn unheld(sim: &Sim) -> Result<Exit, Failure> {
    end(&over(sim), Operator::SaidYes, sim.now(), |_| {}).await
}

/// Goes on with the roll that was killed as the hold was set, which says whether aksreboot is held.
async fn resumed(sim: &Sim) -> Result<(), Failure> {
    let around = crate::app::roll::Surroundings {
        ssh: None,
        run: crate::edge::identity::named(sim.now(), 3),
        cluster: over(sim),
        clock: Clock::simulated(sim.now()),
        operator: Operator::SaidYes,
        signals: crate::edge::signals::Signals::none(),
        user: "tester".into(),
        host: "elsewhere".into(),
        talk: |_| {},
        keep_journal: false,
    };
    crate::app::resume::look(None, &around).await.map(|_| ())
}

const FORMS: [KuredLock; 4] = [
    KuredLock::SINGLE,
    KuredLock {
        slots: 2,
        domain: KuredDomain::WeaveWorks,
    },
    KuredLock {
        slots: 1,
        domain: KuredDomain::KuredDev,
    },
    KuredLock {
        slots: 2,
        domain: KuredDomain::KuredDev,
    },
];

#[tokio::test(start_paused = true)]
async fn while_it_is_there_no_run_goes_on_and_after_it_one_does() {
    let marked = |sim: &Sim| sim.node("node-1").is_some_and(|node| node.cordoned);
    let sim = killed(ready(), &[], marked).await;
    assert_eq!(held(&sim, None).await.expect("a hold"), Exit::Ok);
    let failure = resumed(&sim).await.expect_err("held");
    assert_eq!(failure.exit, Exit::Locked);
    let said = format!("{:#}", failure.error);
    assert!(
        said.contains("ann on bastion holds all reboots") && said.contains("month-end freeze"),
        "{said}"
    );
    let second = held(&sim, None).await.expect_err("there is one");
    assert_eq!(second.exit, Exit::Locked);
    assert_eq!(unheld(&sim).await.expect("an end"), Exit::Ok);
    resumed(&sim).await.expect("free again");
}

#[tokio::test(start_paused = true)]
async fn it_ends_at_its_end_and_another_can_be_set_then() {
    let sim = Sim::start(ready(), 7);
    assert_eq!(held(&sim, Some(10)).await.expect("a hold"), Exit::Ok);
    assert!(resumed(&sim).await.is_err());
    tokio::time::sleep(Duration::from_secs(601)).await;
    resumed(&sim).await.expect("free again");
    assert_eq!(held(&sim, None).await.expect("another hold"), Exit::Ok);
}

#[tokio::test(start_paused = true)]
async fn kured_keeps_still_in_every_form_of_its_lock_and_goes_on_after_it() {
    for lock in FORMS {
        let sim = Sim::start(ready(), 7);
        let node = || "node-1".to_owned();
        // Its DaemonSet comes with its first act.
        sim.happen(What::Kured(KuredAct::Takes { node: node(), lock }));
        sim.happen(What::Kured(KuredAct::Releases { node: node(), lock }));
        assert_eq!(
            held(&sim, None).await.expect("a hold"),
            Exit::Ok,
            "{lock:?}"
        );
        sim.happen(What::Kured(KuredAct::Rolls { node: node(), lock }));
        tokio::time::sleep(Duration::from_secs(3600)).await;
        let seen = sim.node("node-1").expect("a node");
        assert_eq!((seen.boots, seen.cordoned), (0, false), "{lock:?}");
        assert_eq!(unheld(&sim).await.expect("an end"), Exit::Ok);
        tokio::time::sleep(Duration::from_secs(3600)).await;
        assert_eq!(sim.node("node-1").expect("a node").boots, 1, "{lock:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_kured_that_reboots_a_node_is_not_robbed_of_its_lock_and_that_is_said() {
    for lock in FORMS {
        let sim = Sim::start(ready(), 7);
        let node = "node-2".to_owned();
        sim.happen(What::Kured(KuredAct::Takes { node, lock }));
        let failure = held(&sim, None).await.expect_err("kured has its lock");
        assert_eq!(failure.exit, Exit::Locked, "{lock:?}");
        let said = format!("{:#}", failure.error);
        assert!(
            said.contains("kured is not") && said.contains("node-2"),
            "{said}"
        );
        // Ours is set all the same, and can be ended.
        assert!(resumed(&sim).await.is_err());
        assert_eq!(unheld(&sim).await.expect("an end"), Exit::Ok);
    }
}

#[tokio::test(start_paused = true)]
async fn to_hold_and_to_end_it_takes_just_the_rights_of_its_role() {
    let sim = Sim::start(ready(), 7);
    let (node, lock) = (|| "node-1".to_owned(), KuredLock::SINGLE);
    sim.happen(What::Kured(KuredAct::Takes { node: node(), lock }));
    sim.happen(What::Kured(KuredAct::Releases { node: node(), lock }));
    assert_eq!(held(&sim, None).await.expect("a hold"), Exit::Ok);
    assert_eq!(unheld(&sim).await.expect("an end"), Exit::Ok);
    let lines: Vec<RequestLine> = sim
        .requests()
        .into_iter()
        .filter(|line| !line.resource.is_empty())
        .collect();
    // Only where kured has its lock.
    assert_exactly(Aim::Hold, &lines, &["list nodes"]);
}

/// Whoever came to free the cluster is told of a run's lock, which is not a hold's to take.
#[tokio::test(start_paused = true)]
async fn the_lock_of_a_dead_run_is_left_and_what_ends_it_is_said() {
    let marked = |sim: &Sim| sim.node("node-1").is_some_and(|node| node.cordoned);
    let sim = killed(ready(), &[], marked).await;
    let said = std::cell::RefCell::new(Vec::new());
    let ended = end(&over(&sim), Operator::SaidYes, sim.now(), |line| {
        said.borrow_mut().push(line.to_owned());
    })
    .await
    .expect("an end");
    let said = said.into_inner().join("\n");
    assert_eq!(ended, Exit::Ok);
    assert!(
        said.contains("there is no hold; nothing was changed")
            && said.contains("of tester on bench holds the cluster")
            && said.contains("aksreboot resume ")
            && said.contains("aksreboot cleanup gives it up"),
        "{said}"
    );
    assert!(resumed(&sim).await.is_ok(), "the run is as it was");
}

const LOCK: &str = "/apis/apps/v1/namespaces/kube-system/daemonsets/kured";
const WEAVE: &str = "weave.works/kured-node-lock";

/// kured's lock, written by somebody; and what stands there.
async fn locked(sim: &Sim, text: Option<&str>) -> Value {
    let client = over(sim).client;
    if let Some(text) = text {
        let body = json!({"metadata": {"annotations": {WEAVE: text}}});
        wire::patch::<Value>(&client, LOCK, PatchKind::Merge, &body)
            .await
            .expect("a patch");
    }
    let set: Value = wire::get(&client, LOCK).await.expect("a DaemonSet");
    set["metadata"]["annotations"][WEAVE].clone()
}

async fn told(sim: &Sim, operator: Operator) -> (Result<Exit, Failure>, String) {
    let said = std::cell::RefCell::new(Vec::new());
    let ended = end(&over(sim), operator, sim.now(), |line| {
        said.borrow_mut().push(line.to_owned());
    })
    .await;
    (ended, said.into_inner().join("\n"))
}

#[tokio::test(start_paused = true)]
async fn a_lock_of_kureds_that_nobody_gives_back_is_shown_and_removed_after_a_yes() {
    for (text, word) in [
        (r#"{"maxOwners":2,"locks":[]}"#, "an empty list"),
        (
            r#"{"nodeID":"node-9"}"#,
            "held by node-9, expires never: no node of this cluster",
        ),
        (
            r#"{"maxOwners":2,"locks":[{"nodeID":"node-9"}]}"#,
            "held by node-9",
        ),
        (
            r#"{"nodeID":"node-1","TTL":"30m"}"#,
            "in no form that kured reads",
        ),
        (
            r#"{"nodeID":"aksreboot/ann@bastion/20260304-080000-0001"}"#,
            "a run of aksreboot that is over",
        ),
    ] {
        let sim = Sim::start(ready().workload(Workload::daemon_set("kured")), 7);
        assert_eq!(locked(&sim, Some(text)).await, text);
        let (unasked, said) = told(&sim, Operator::Absent).await;
        assert_eq!(unasked.expect_err("no yes").exit, Exit::Usage);
        assert!(said.contains(word) && said.contains(text), "{said}");
        assert_eq!(locked(&sim, None).await, text);
        let (ended, said) = told(&sim, Operator::SaidYes).await;
        assert_eq!(ended.expect("an end"), Exit::Ok, "{said}");
        assert_eq!(locked(&sim, None).await, Value::Null, "{said}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_lock_of_a_node_that_is_there_or_of_a_run_that_has_the_cluster_is_nobodys_to_remove() {
    let sim = Sim::start(ready().workload(Workload::daemon_set("kured")), 7);
    let theirs = r#"{"nodeID":"node-1"}"#;
    locked(&sim, Some(theirs)).await;
    let (ended, said) = told(&sim, Operator::SaidYes).await;
    assert_eq!(ended.expect("an end"), Exit::Ok);
    assert_eq!(locked(&sim, None).await, theirs, "{said}");

    let marked = |sim: &Sim| sim.node("node-1").is_some_and(|node| node.cordoned);
    let world = ready().workload(Workload::daemon_set("kured"));
    let sim = killed(world, &[], marked).await;
    let runs = locked(&sim, None).await;
    assert!(runs.to_string().contains("aksreboot/"), "{runs}");
    let (ended, said) = told(&sim, Operator::SaidYes).await;
    assert_eq!(ended.expect("an end"), Exit::Ok);
    assert_eq!(locked(&sim, None).await, runs, "{said}");
}
