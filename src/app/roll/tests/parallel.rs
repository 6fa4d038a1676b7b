//! Several nodes at once: waves, limits of places, and what becomes of the others when one fails.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Rolled, roll, roll_with};
use crate::core::engine::{Left, Outcome, Step};
use crate::core::event::What;
use crate::core::model::NodeName;
use crate::core::reason::{LimitScope, Reason};
use crate::edge::runner::Signal;
use crate::exit::Exit;
use crate::sim::{Ending, Machine, What as Happens, When, Workload, World};

/// So many pending nodes in one zone, over two pools.
fn fleet(nodes: usize) -> World {
    (1..=nodes)
        .fold(World::default(), |world, ordinal| {
            world.machine(
                Machine::linux(&format!("node-{ordinal}"))
                    .zone("1")
                    .pool(["even", "odd"][ordinal % 2])
                    .pending(&["dbus"], Duration::from_secs(3600)),
            )
        })
        .machine(Machine::linux("spare").zone("1").pool("even"))
        .workload(Workload::daemon_set("kube-proxy"))
        .workload(Workload::deployment("web", 6))
}

/// How many nodes were in the run's hands at most, all in all and by what `place` says.
fn at_most_at_once(rolled: &Rolled, place: impl Fn(&NodeName) -> String) -> usize {
    let mut hands: BTreeMap<String, usize> = BTreeMap::new();
    let mut most = 0;
    for event in &rolled.events {
        let Some(node) = &event.node else { continue };
        let count = hands.entry(place(node)).or_default();
        match event.what {
            What::NodeStarted {} => *count += 1,
            What::NodeFinished { .. } => *count -= 1,
            _ => {}
        }
        most = most.max(*count);
    }
    most
}

/// A pod on that node which takes hours to end.
fn slow_to_stop(node: &str) -> Workload {
    let hours = |hours: u64| Duration::from_secs(hours * 3600);
    Workload::bare("slow", node).stopping_in(hours(2), hours(3))
}

fn wave_of(rolled: &Rolled, node: &NodeName) -> u32 {
    let plan = rolled.plan.as_ref().expect("a plan");
    let target = plan.spec.targets.iter().find(|target| target.name == *node);
    target.expect("a target").wave
}

fn everywhere(_: &NodeName) -> String {
    String::new()
}

#[tokio::test(start_paused = true)]
async fn nodes_of_a_wave_are_away_side_by_side_and_never_more_than_the_limit_allows() {
    let one = roll(fleet(6), &[]).await;
    let two = roll(fleet(6), &["--max-unavailable", "2", "--no-canary"]).await;
    for rolled in [&one, &two] {
        assert_eq!(rolled.exit(), Exit::Ok, "{:?}", rolled.outcomes);
        for ordinal in 1..=6 {
            assert_eq!(rolled.boots(&format!("node-{ordinal}")), 1);
        }
        rolled.assert_nothing_left(&["node-1", "node-6"]);
    }
    assert_eq!(at_most_at_once(&one, everywhere), 1);
    assert_eq!(at_most_at_once(&two, everywhere), 2);
    assert!(
        two.took * 10 < one.took * 7,
        "{:?}, {:?}",
        two.took,
        one.took
    );
}

#[tokio::test(start_paused = true)]
async fn the_first_wave_is_a_single_node_and_a_wave_begins_when_the_last_has_ended() {
    let rolled = roll(fleet(5), &["--max-unavailable", "50%"]).await;
    assert_eq!(rolled.exit(), Exit::Ok, "{:?}", rolled.outcomes);
    // Half of six nodes; one, then three, then one.
    assert_eq!(at_most_at_once(&rolled, everywhere), 3);
    let mut open: Vec<u32> = Vec::new();
    let mut began = Vec::new();
    for event in &rolled.events {
        let Some(node) = &event.node else { continue };
        let wave = wave_of(&rolled, node);
        match event.what {
            What::NodeStarted {} => {
                assert!(open.iter().all(|other| *other == wave), "{open:?}, {wave}");
                open.push(wave);
                began.push(wave);
            }
            What::NodeFinished { .. } => {
                open.pop();
            }
            _ => {}
        }
    }
    assert_eq!(began, [1, 2, 2, 2, 3]);
}

#[tokio::test(start_paused = true)]
async fn a_limit_of_each_pool_holds_beside_the_clusters() {
    let arguments = [
        "--max-unavailable",
        "4",
        "--max-unavailable-per-pool",
        "1",
        "--no-canary",
    ];
    let rolled = roll(fleet(6), &arguments).await;
    assert_eq!(rolled.exit(), Exit::Ok, "{:?}", rolled.outcomes);
    let pool = |node: &NodeName| {
        let odd = node.as_str().ends_with(['1', '3', '5']);
        if odd { "odd" } else { "even" }.to_owned()
    };
    assert_eq!(at_most_at_once(&rolled, pool), 1);
    assert_eq!(at_most_at_once(&rolled, everywhere), 2);
}

#[tokio::test(start_paused = true)]
async fn a_node_that_is_down_in_a_pool_takes_the_place_of_a_target_there() {
    let world = fleet(2).machine(Machine::linux("broken").zone("1").pool("odd").not_ready());
    let arguments = [
        "--max-unavailable",
        "3",
        "--max-unavailable-per-pool",
        "1",
        "--ready-timeout",
        "1m",
    ];
    let rolled = roll(world, &arguments).await;
    assert_eq!(rolled.exit(), Exit::Refused);
    assert!(
        rolled
            .refusal()
            .contains("the limit of 1 unavailable node of pool odd is full: broken"),
        "{}",
        rolled.refusal()
    );
}

/// The first never returns, the second cannot be drained, the third is back but has to stay Ready for a while.
#[tokio::test(start_paused = true)]
async fn where_one_of_a_wave_fails_the_others_are_put_back_or_seen_through() {
    let world = fleet(4)
        .with_machine("node-1", |machine| {
            machine.reboot.ending = Ending::NeverReturns;
        })
        .workload(slow_to_stop("node-2"));
    let arguments = [
        "--max-unavailable",
        "3",
        "--no-canary",
        "--force",
        "--reboot-timeout",
        "2m",
        "--sustained-ready",
        "4m",
        "node-1",
        "node-2",
        "node-3",
        "node-4",
    ];
    let rolled = roll(world, &arguments).await;
    assert_eq!(rolled.exit(), Exit::Stopped, "{:?}", rolled.outcomes);
    let waves: Vec<u32> = ["node-1", "node-2", "node-3", "node-4"]
        .map(|node| wave_of(&rolled, &node.into()))
        .into();
    let first = waves.iter().filter(|wave| **wave == 1).count();
    assert_eq!(first, 3, "{waves:?}");
    for (node, wave) in ["node-1", "node-2", "node-3", "node-4"].iter().zip(&waves) {
        if *wave > 1 {
            assert_eq!(rolled.outcomes.get(&NodeName::from(*node)), None);
            assert_eq!(rolled.boots(node), 0);
            continue;
        }
        match *node {
            "node-1" => {
                let (step, reason) = rolled.failed(node);
                assert!(matches!(
                    (step, reason),
                    (Step::Return, Reason::AwaitingBoot { .. })
                ));
                assert!(rolled.cordoned(node) && rolled.marked(node));
            }
            "node-2" => {
                assert!(
                    matches!(
                        rolled.outcome(node),
                        Outcome::Interrupted {
                            step: Step::Drain,
                            left: Left::Restored
                        }
                    ),
                    "{:?}",
                    rolled.outcome(node)
                );
                assert!(!rolled.cordoned(node) && !rolled.marked(node));
                assert_eq!(rolled.boots(node), 0);
            }
            _ => {
                assert!(
                    matches!(rolled.outcome(node), Outcome::Verified { .. }),
                    "{:?}",
                    rolled.outcome(node)
                );
                assert!(!rolled.cordoned(node) && !rolled.marked(node));
            }
        }
    }
}

/// Both gates wait for a package manager; meanwhile somebody cordons another node, for good.
#[tokio::test(start_paused = true)]
async fn two_gates_do_not_wait_for_each_other_when_somebody_takes_one_of_their_places() {
    let at = |seconds| When::At(Duration::from_secs(seconds));
    let mut world = fleet(2).happening(at(30), Happens::Cordon("spare".into()));
    for node in ["node-1", "node-2"] {
        for (second, processes) in [(0, vec!["dpkg".to_owned()]), (60, vec![])] {
            let node = node.into();
            world = world.happening(at(second), Happens::Packaging { node, processes });
        }
    }
    let arguments = ["--max-unavailable", "2", "--no-canary"];
    let rolled = roll(world, &arguments).await;
    assert_eq!(rolled.exit(), Exit::Ok, "{:?}", rolled.outcomes);
    assert!(rolled.waits().iter().any(|reason| matches!(
        reason,
        Reason::Limit { limit: 2, scope: LimitScope::Cluster, unavailable } if unavailable.len() == 2
    )));
}

#[tokio::test(start_paused = true)]
async fn a_signal_puts_back_who_is_drained_and_keeps_who_was_asked() {
    let world = fleet(2).workload(slow_to_stop("node-2"));
    let arguments = ["--max-unavailable", "2", "--no-canary", "--force"];
    let rolled = roll_with(world, &arguments, |event, _, signal| {
        let asked = event.node == Some("node-1".into()) && event.step == Some(Step::Return);
        if asked && matches!(event.what, What::StepWaiting { .. }) {
            signal.send_replace(Some(Signal::Interrupt));
        }
    })
    .await;
    assert_eq!(rolled.exit(), Exit::Interrupted, "{:?}", rolled.outcomes);
    let left = |node: &str| match rolled.outcome(node) {
        Outcome::Interrupted { left, .. } => *left,
        other => panic!("{node} ended as {other:?}"),
    };
    assert_eq!(left("node-1"), Left::Cordoned);
    assert_eq!(left("node-2"), Left::Restored);
    assert!(rolled.marked("node-1") && !rolled.marked("node-2"));
}
