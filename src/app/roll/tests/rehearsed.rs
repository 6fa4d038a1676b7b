//! What a rehearsal says is what the roll then does, on the same cluster; and it asks nothing but reads of it.

use std::time::Duration;

use super::{Rolled, roll, three};
use crate::app::roll::agree::refuse_a_yes_given_before;
use crate::core::engine::{Outcome, Step};
use crate::core::reason::Reason;
use crate::core::rehearsal::{Rehearsal, Rehearsed, fold};
use crate::edge::operator::Operator;
use crate::exit::Exit;
use crate::sim::{Budget, Machine, Sim, What, When, Workload, World, scenes};

/// As the machines of these worlds do it.
const REBOOT: [&str; 3] = ["--rehearse", "--assume-reboot", "44s"];
/// The cluster's controllers and kubelets take a second more or less by chance, in the copy as in the original.
const CHANCE: u64 = 6;

async fn rehearsed_and_rolled(world: World, more: &[&str]) -> (Rehearsal, Rolled) {
    let arguments: Vec<&str> = REBOOT.iter().chain(more).copied().collect();
    let rolled = Box::pin(roll(world, &arguments)).await;
    let plan = rolled.plan.as_ref().expect("a plan");
    let rehearsal = plan.report.rehearsal.clone().expect("a rehearsal");
    (rehearsal, rolled)
}

/// Outcome without the boot IDs, and the kinds of what was waited for long enough to notice.
fn kinds(part: &Rehearsed) -> (String, Vec<(Step, String)>) {
    let outcome = match &part.outcome {
        None => "none".to_owned(),
        Some(outcome) if outcome.is_good() => "good".to_owned(),
        Some(Outcome::Failed { step, reason, .. }) => format!("{step:?} {reason:?}"),
        Some(other) => format!("{other:?}"),
    };
    let waits = part.waits.iter().filter(|wait| wait.seconds > CHANCE);
    let kind = |debug: String| {
        debug
            .split([' ', '{'])
            .next()
            .unwrap_or_default()
            .to_owned()
    };
    let waits = waits.map(|wait| (wait.step, kind(format!("{:?}", wait.reason))));
    (outcome, waits.collect())
}

fn lows(sim: &Sim) -> Vec<(String, usize, usize)> {
    let low = sim.lows().into_iter().filter(|low| low.ready < low.before);
    low.map(|low| {
        (
            format!("{}/{}", low.namespace, low.name),
            low.before,
            low.ready,
        )
    })
    .collect()
}

fn assert_alike(rehearsal: &Rehearsal, rolled: &Rolled) {
    let targets: Vec<_> = rehearsal
        .nodes
        .iter()
        .map(|node| node.name.clone())
        .collect();
    let nodes = fold(&targets, &rolled.events);
    assert_eq!(nodes.len(), rehearsal.nodes.len());
    for (index, (did, said)) in nodes.iter().zip(&rehearsal.nodes).enumerate() {
        assert_eq!(did.name, said.name);
        assert_eq!(kinds(did), kinds(said), "{}", did.name);
        let may_differ = CHANCE * (index as u64 + 1);
        for (did, said) in [
            (did.begins, said.begins),
            (did.drained, said.drained),
            (did.back, said.back),
            (did.done, said.done),
        ] {
            assert_eq!(did.is_some(), said.is_some());
            let apart = did.unwrap_or(0).abs_diff(said.unwrap_or(0));
            assert!(apart <= may_differ, "{apart} s apart: {did:?}, {said:?}");
        }
    }
    let said: Vec<_> = rehearsal
        .lows
        .iter()
        .map(|low| {
            (
                format!("{}/{}", low.namespace, low.name),
                low.before,
                low.ready,
            )
        })
        .collect();
    assert_eq!(said, lows(&rolled.sim));
}

#[tokio::test(start_paused = true)]
async fn a_good_roll_is_rehearsed_as_it_goes() {
    let (rehearsal, rolled) = rehearsed_and_rolled(three(), &[]).await;
    assert!(rehearsal.is_good(), "{rehearsal:?}");
    assert_eq!(rolled.exit(), Exit::Ok);
    assert_alike(&rehearsal, &rolled);
    assert!(rehearsal.took.abs_diff(rolled.took.as_secs()) <= 2 * CHANCE);
}

#[tokio::test(start_paused = true)]
async fn the_demo_is_rehearsed_with_the_same_lows() {
    let mut world = scenes::demo();
    // What comes over the demo later is in no snapshot, nor that one node and some pods are slow.
    world.happenings.clear();
    for workload in &mut world.workloads {
        workload.stops_in = Duration::from_secs(1);
    }
    for machine in &mut world.machines {
        machine.reboot = crate::sim::Reboot::default();
    }
    let (rehearsal, rolled) = rehearsed_and_rolled(
        world,
        &[
            "-l",
            "kubernetes.azure.com/scalesetpriority!=spot",
            "--not-counted",
            scenes::DEMO_BROKEN,
            "--delete-emptydir-data",
        ],
    )
    .await;
    assert!(rehearsal.is_good(), "{rehearsal:?}");
    assert!(!rehearsal.lows.is_empty());
    assert_alike(&rehearsal, &rolled);
}

/// One of two pods is not Ready for longer than a drain may take, so that the budget is shut.
fn shut() -> World {
    three().happening(
        When::At(Duration::ZERO),
        What::Unready {
            namespace: "default".into(),
            app: "web".into(),
            not_on: "node-1".into(),
            lasts: Duration::from_secs(100_000),
        },
    )
}

#[tokio::test(start_paused = true)]
async fn a_budget_that_stays_shut_stops_the_rehearsal_where_it_stops_the_roll() {
    let (rehearsal, rolled) = rehearsed_and_rolled(shut(), &[]).await;
    assert!(!rehearsal.is_good());
    assert!(rehearsal.stopped.is_some());
    assert_eq!(rehearsal.nodes[1].begins, None, "the second node's turn");
    assert_alike(&rehearsal, &rolled);
}

#[tokio::test(start_paused = true)]
async fn a_pod_that_fits_nowhere_else_is_seen_in_the_rehearsal() {
    let tight = |name: &str| Machine::linux(name).offering(1000, 2000, 20);
    let world = World::default()
        .machine(tight("node-1").pending(&["dbus"], Duration::from_secs(60)))
        .machine(tight("node-2"))
        .workload(Workload::deployment("web", 2).requesting(800, 500))
        .budget(Budget::min_available("web", 1));
    let (rehearsal, rolled) = rehearsed_and_rolled(world, &[]).await;
    assert_alike(&rehearsal, &rolled);
    // The plan says it before anything is rehearsed.
    let blockers = &rolled.plan.as_ref().expect("a plan").report.blockers;
    assert!(
        blockers.iter().any(|blocker| matches!(
            &blocker.reason,
            Reason::NoRoom { pods, nodes: 1, .. } if pods.len() == 1
        )),
        "{blockers:?}"
    );
    assert_eq!(rehearsal.lows.len(), 1, "{:?}", rehearsal.lows);
    assert_eq!(rehearsal.lows[0].ready, 1);
}

#[tokio::test(start_paused = true)]
async fn a_reboot_assumed_to_be_shorter_than_a_shutdown_is_that_short() {
    // The machines themselves take some ten seconds to shut down and to become Ready, booting aside.
    for (assumed, seconds) in [("44s", 44), ("9s", 9), ("4s", 4)] {
        let rolled = roll(three(), &["--rehearse", "--assume-reboot", assumed]).await;
        let plan = rolled.plan.as_ref().expect("a plan");
        let rehearsal = plan.report.rehearsal.as_ref().expect("a rehearsal");
        assert!(rehearsal.is_good(), "{rehearsal:?}");
        for node in &rehearsal.nodes {
            let (Some(drained), Some(back)) = (node.drained, node.back) else {
                panic!("{node:?}");
            };
            // Then it has to stay Ready for twenty seconds, and renew its lease once.
            let away = back - drained;
            assert!(
                (seconds + 19..seconds + 36).contains(&away),
                "{assumed}: {away} s"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_rehearsal_only_reads_the_cluster() {
    let plain = roll(three(), &[]).await;
    let (_, rehearsed) = rehearsed_and_rolled(three(), &[]).await;
    let writes = |rolled: &Rolled| {
        let requests = rolled.sim.requests();
        let writes = requests
            .iter()
            .filter(|line| !matches!(line.verb.as_str(), "get" | "list" | "watch"));
        writes.count()
    };
    assert_eq!(writes(&plain), writes(&rehearsed));
    assert_eq!(plain.acts(), rehearsed.acts());
}

#[tokio::test(start_paused = true)]
async fn a_yes_given_beforehand_is_not_for_a_rehearsal_that_ends_badly() {
    let plan_of = |rolled: Rolled| rolled.plan.expect("a plan");
    let (_, rolled) = rehearsed_and_rolled(shut(), &[]).await;
    let bad = plan_of(rolled);
    let refused = refuse_a_yes_given_before(&bad, Operator::SaidYes).expect_err("a refusal");
    assert_eq!(refused.exit, Exit::Refused);
    assert!(refuse_a_yes_given_before(&bad, Operator::Present).is_ok());
    let (_, rolled) = rehearsed_and_rolled(three(), &[]).await;
    assert!(refuse_a_yes_given_before(&plan_of(rolled), Operator::SaidYes).is_ok());
    let unrehearsed = plan_of(roll(three(), &[]).await);
    assert!(refuse_a_yes_given_before(&unrehearsed, Operator::SaidYes).is_ok());
}
