//! Cleanups of simulated clusters after commands that were cut off: the requests that were sent, the state that is left.

mod asks;
mod debug_pods;
mod kured;

use std::time::Duration;

use serde_json::{Value, json};

use crate::app::roll::tests::{Book, asked_rights, assert_exactly, begun, killed};
use crate::core::cleanup::{Because, Fate, Outcome, Records, Stays, Survey, survey};
use crate::core::mark;
use crate::core::reason::Reason;
use crate::core::rights::Aim;
use crate::edge::cleanup::{Cleaner, Sight, look};
use crate::edge::clock::Clock;
use crate::edge::cluster::wire;
use crate::edge::connect::Cluster;
use crate::edge::hold::lease::Holder;
use crate::edge::identity;
use crate::sim::{Bound, Disturbance, Machine, Matching, Probing, Sim, What, When, World, scenes};

fn ready() -> World {
    scenes::three().namespace("aksreboot")
}

fn over(sim: &Sim) -> (Cluster, Clock) {
    let cluster = Cluster::over(sim.service(), "sim", "https://sim.invalid");
    (cluster, Clock::simulated(sim.now()))
}

async fn looked(sim: &Sim, records: Records) -> (Sight, Survey) {
    let (cluster, clock) = over(sim);
    let sight = look(&cluster, "elsewhere", &clock, |_, _| {})
        .await
        .expect("a look");
    let shown = survey(&sight.scene, records);
    (sight, shown)
}

/// What removing came to: the things and their outcomes, or who has the cluster.
async fn removed(
    sim: &Sim,
    sight: &Sight,
    shown: &Survey,
) -> Result<Vec<(String, Outcome)>, Reason> {
    let (cluster, clock) = over(sim);
    let cleaner = Cleaner {
        cluster: &cluster,
        clock: &clock,
        run: identity::named(clock.wall(), 9),
        holder: Holder::this_process("cleanup", "tester".into(), "elsewhere".into()),
        records: Records::Old,
    };
    let mut told = Vec::new();
    let done = cleaner
        .remove(
            sight,
            shown,
            |removed| told.push((removed.what.clone(), removed.outcome.clone())),
            |_| {},
            || false,
        )
        .await
        .expect("an answer");
    done.map(|()| told)
}

async fn cleaned(sim: &Sim) -> Vec<(String, Outcome)> {
    let (sight, shown) = looked(sim, Records::Old).await;
    removed(sim, &sight, &shown).await.expect("the lock")
}

fn asked(sim: &Sim, verb: &str, resource: &str, body: &str) -> bool {
    sim.requests().iter().any(|line| {
        line.verb == verb
            && line.resource == resource
            && line.status.is_some_and(|status| status < 300)
            && !line.target.contains("dryRun")
            && line.body.contains(body)
    })
}

/// The first node is being drained, and cannot be.
fn stuck() -> World {
    ready().with_budget_once_locked("web", &Bound::MinAvailable("2".into()))
}

fn draining(sim: &Sim) -> bool {
    sim.requests()
        .iter()
        .any(|line| line.resource == "pods/eviction" && line.status.is_some())
}

fn has_asked(sim: &Sim) -> bool {
    asked(sim, "create", "pods", "\"name\":\"reboot-")
}

fn is_marked(sim: &Sim, node: &str) -> bool {
    let node = sim.node(node).expect("a node");
    node.annotations.contains_key(mark::KEY)
}

fn is_cordoned(sim: &Sim, node: &str) -> bool {
    sim.node(node).expect("a node").cordoned
}

/// A second look finds nothing.
async fn assert_clean(sim: &Sim) {
    let (_, shown) = looked(sim, Records::Old).await;
    assert!(shown.is_empty(), "{shown:?}");
    assert_eq!(shown.lease, None);
    assert_eq!(shown.marks, []);
}

#[tokio::test(start_paused = true)]
async fn a_node_that_was_being_drained_is_opened_again() {
    let sim = killed(stuck(), &[], draining).await;
    assert!(is_cordoned(&sim, "node-1") && is_marked(&sim, "node-1"));
    let (book, began) = (Book::from_here(&sim), sim.now());
    let told = cleaned(&sim).await;
    assert!(
        told.iter().all(|(_, outcome)| *outcome == Outcome::Done),
        "{told:?}"
    );
    assert_eq!(
        book.acts(&sim),
        [
            "patch leases aksreboot",
            "patch nodes node-1 (uncordons)",
            "delete leases aksreboot",
        ]
    );
    let took = Duration::try_from(sim.now().duration_since(began)).expect("forward");
    assert!(
        took >= Duration::from_secs(60),
        "the run was given {took:?} to show that it lives"
    );
    assert!(!is_cordoned(&sim, "node-1") && !is_marked(&sim, "node-1"));
    assert_clean(&sim).await;
}

#[tokio::test(start_paused = true)]
async fn a_node_that_was_cordoned_before_stays_cordoned() {
    let world = stuck().with_machine("node-1", |machine| machine.cordoned = true);
    let sim = killed(world, &["node-1"], draining).await;
    let book = Book::from_here(&sim);
    cleaned(&sim).await;
    assert_eq!(
        book.acts(&sim),
        [
            "patch leases aksreboot",
            "patch nodes node-1",
            "delete leases aksreboot",
        ]
    );
    assert!(is_cordoned(&sim, "node-1") && !is_marked(&sim, "node-1"));
}

#[tokio::test(start_paused = true)]
async fn nothing_of_a_run_that_is_alive_is_touched() {
    let sim = Sim::start(ready(), 7);
    let meanwhile = async {
        while !has_asked(&sim) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let (_, shown) = looked(&sim, Records::All).await;
        assert!(shown.is_empty(), "{shown:?}");
        assert!(matches!(
            shown.lease,
            Some(Fate::Leave(Stays::RunIsAlive { .. }))
        ));
        assert!(
            shown
                .marks
                .iter()
                .all(|node| matches!(node.fate, Fate::Leave(Stays::RunIsAlive { .. }))),
            "{shown:?}"
        );
    };
    tokio::join!(begun(&sim, &[]), meanwhile);
    for node in ["node-1", "node-2"] {
        assert_eq!(sim.node(node).expect("a node").boots, 1);
        assert!(!is_cordoned(&sim, node) && !is_marked(&sim, node));
    }
}

#[tokio::test(start_paused = true)]
async fn a_run_that_begins_meanwhile_keeps_what_is_its_own() {
    let sim = killed(stuck(), &[], draining).await;
    let (sight, shown) = looked(&sim, Records::Old).await;
    sim.happen(What::TakeLease {
        namespace: "aksreboot".into(),
        name: "aksreboot".into(),
        holder: "20300101-000000-beef".into(),
    });
    let book = Book::from_here(&sim);
    let by = removed(&sim, &sight, &shown).await.expect_err("another's");
    assert!(matches!(by, Reason::LockHeld { .. }), "{by:?}");
    assert_eq!(book.acts(&sim), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn marks_that_cannot_be_read_stay_and_so_does_the_lock() {
    let sim = killed(stuck(), &[], draining).await;
    let foreign = "{\"v\":2,\"run\":\"x\",\"future\":true}";
    for (node, value) in [("node-2", "nonsense"), ("node-3", foreign)] {
        sim.happen(What::Annotate {
            node: node.into(),
            key: mark::KEY.into(),
            value: Some(value.into()),
        });
    }
    let book = Book::from_here(&sim);
    cleaned(&sim).await;
    assert_eq!(
        book.acts(&sim),
        [
            "patch leases aksreboot",
            "patch nodes node-1 (uncordons)",
            "patch leases aksreboot",
        ]
    );
    let last = book.writes(&sim).pop().expect("a request");
    let body: Value = serde_json::from_str(&last.body).expect("JSON");
    assert_eq!(body["spec"]["holderIdentity"], "");
    assert!(
        last.body.contains("interrupted 2026"),
        "the lock tells whose run it was: {}",
        last.body
    );
    assert!(is_marked(&sim, "node-2") && is_marked(&sim, "node-3"));
}

#[tokio::test(start_paused = true)]
async fn a_mark_that_changes_under_the_cleanup_is_left() {
    let mut world = stuck();
    // The second patch of the node is the cleanup's.
    world = world.happening(
        When::Before(Matching::nth(2, "patch", "nodes").named("node-1")),
        What::Annotate {
            node: "node-1".into(),
            key: mark::KEY.into(),
            value: Some("{\"v\":7}".into()),
        },
    );
    let sim = killed(world, &[], draining).await;
    let told = cleaned(&sim).await;
    assert!(
        told.contains(&("mark of node node-1".into(), Outcome::Changed)),
        "{told:?}"
    );
    assert!(is_cordoned(&sim, "node-1") && is_marked(&sim, "node-1"));
}

#[tokio::test(start_paused = true)]
async fn probe_pods_are_left_to_whoever_may_wait_for_them_and_then_removed() {
    let mut hanging = Machine::linux("node-4");
    hanging.probe = Probing::Hangs;
    let world = ready().machine(hanging);
    let sim = killed(world, &[], |sim| asked(sim, "create", "pods", "\"probe-")).await;
    let (_, shown) = looked(&sim, Records::Old).await;
    assert!(!shown.pods.is_empty());
    assert!(
        shown
            .pods
            .iter()
            .all(|pod| matches!(pod.fate, Fate::Leave(Stays::MayBeAwaited { .. }))),
        "{shown:?}"
    );
    tokio::time::sleep(Duration::from_secs(75)).await;
    let book = Book::from_here(&sim);
    cleaned(&sim).await;
    let acts = book.acts(&sim);
    assert!(
        !acts.is_empty() && acts.iter().all(|act| act == "delete pods probe"),
        "{acts:?}"
    );
    assert_clean(&sim).await;
}

#[tokio::test(start_paused = true)]
async fn the_oldest_records_go_and_no_lock_is_needed_for_that() {
    let sim = Sim::start(ready(), 7);
    let (cluster, _) = over(&sim);
    for number in 10..33 {
        let body = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {
            "name": format!("aksreboot-run-20260101-0000{number}-0000"),
            "labels": {"app.kubernetes.io/managed-by": "aksreboot", "aksreboot.dev/run": format!("20260101-0000{number}-0000")},
        }});
        let path = "/api/v1/namespaces/aksreboot/configmaps";
        wire::post::<Value>(&cluster.client, path, &body)
            .await
            .expect("a record");
    }
    let book = Book::from_here(&sim);
    cleaned(&sim).await;
    assert_eq!(
        book.acts(&sim),
        [10, 11, 12].map(|n| format!("delete configmaps aksreboot-run-20260101-0000{n}-0000"))
    );
}

#[tokio::test(start_paused = true)]
async fn a_lock_that_cannot_be_read_protects_everything() {
    let sim = killed(stuck(), &[], draining).await;
    let (cluster, clock) = over(&sim);
    let refuse = |sim: &Sim| {
        sim.happen(What::Disturb(Disturbance::Refuse {
            code: 403,
            reason: "Forbidden".into(),
            message: "no".into(),
            retry_after: None,
        }));
    };
    refuse(&sim);
    let sight = look(&cluster, "elsewhere", &clock, |_, _| {})
        .await
        .expect("a look");
    let shown = survey(&sight.scene, Records::All);
    assert!(shown.is_empty(), "{shown:?}");
    assert!(matches!(
        shown.lease,
        Some(Fate::Leave(Stays::LockUnread { .. }))
    ));
}

#[tokio::test(start_paused = true)]
async fn a_cleanup_asks_for_all_that_its_role_allows_and_for_nothing_else() {
    let sim = asks::killed_before_the_ask().await;
    let (cluster, _) = over(&sim);
    let lease = "/apis/coordination.k8s.io/v1/namespaces/aksreboot/leases/aksreboot";
    // Then the lock is made afresh.
    wire::delete(&cluster.client, lease, &json!({}))
        .await
        .expect("a Lease");
    let before = asked_rights(&sim).len();
    cleaned(&sim).await;
    let mut lines = asked_rights(&sim).split_off(before);
    // Tried first, for pods in other namespaces; refused, it goes on with its own.
    lines.retain(|line| !(line.resource == "pods" && line.namespace.is_empty()));
    // There is no kured.
    let spared = [
        "list pods",
        "delete pods",
        "delete configmaps",
        "get daemonsets",
        "patch daemonsets",
    ];
    assert_exactly(Aim::Cleanup, &lines, &spared);
}
