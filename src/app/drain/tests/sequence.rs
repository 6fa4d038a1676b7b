//! The order of the requests, and how nodes are left.

use std::time::Duration;

use super::bench::{drain, drain_with, world};
use crate::app::roll::tests::{asked_rights, assert_exactly};
use crate::core::engine::{Left, Outcome, Step};
use crate::core::event::What as Told;
use crate::core::reason::Reason;
use crate::core::rights::Aim;
use crate::edge::runner::Signal;
use crate::exit::Exit;
use crate::sim::{Bound, Budget, Matching, What, When, Workload};

fn at(seconds: u64) -> When {
    When::At(Duration::from_secs(seconds))
}

#[tokio::test(start_paused = true)]
async fn a_drained_node_stays_cordoned_and_nothing_on_it_says_by_whom() {
    let drained = drain(world(), &["node-1"]).await;
    assert_eq!(drained.exit(), Exit::Ok, "{:?}", drained.end);
    let mut acts = drained.acts();
    // Where the scheduler put them decides how many of each leave.
    acts.dedup();
    acts.retain(|act| act != "evict web");
    acts.dedup();
    assert_eq!(
        acts,
        ["cordon and mark node-1", "evict db", "unmark node-1"]
    );
    assert!(drained.cordoned("node-1") && !drained.marked("node-1"));
    assert_eq!(
        drained.outcome("node-1"),
        &Outcome::Drained {
            still_running: vec![]
        }
    );
    let leases = drained.sim.requests();
    let given_back = leases
        .iter()
        .filter(|line| line.resource == "leases" && line.verb == "delete");
    assert_eq!(given_back.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn all_nodes_are_cordoned_before_the_first_eviction_and_drained_one_after_another() {
    let drained = drain(world(), &["node-1", "node-2"]).await;
    assert_eq!(
        drained.exit(),
        Exit::Ok,
        "{:?} {:?}",
        drained.end,
        drained.outcomes
    );
    let acts = drained.acts();
    let evicts = acts.iter().position(|act| act.starts_with("evict"));
    let cordons = acts.iter().rposition(|act| act.starts_with("cordon"));
    assert!(cordons < evicts, "{acts:?}");
    let drains: Vec<(&str, bool)> = drained
        .events
        .iter()
        .filter(|event| event.step == Some(Step::Drain))
        .filter_map(|event| {
            let node = event.node.as_ref()?.as_str();
            match event.what {
                Told::Observed { .. } => Some((node, false)),
                Told::StepDone {} => Some((node, true)),
                _ => None,
            }
        })
        .collect();
    let ends: Vec<&str> = drains
        .iter()
        .filter(|(_, done)| *done)
        .map(|(node, _)| *node)
        .collect();
    assert_eq!(ends, ["node-1", "node-2"]);
    let first_end = drains.iter().position(|(_, done)| *done);
    let second_begins = drains.iter().position(|(node, _)| *node == "node-2");
    assert!(first_end < second_begins, "{drains:?}");
    for node in ["node-1", "node-2"] {
        assert!(drained.cordoned(node) && !drained.marked(node), "{node}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_selector_picks_the_nodes() {
    let drained = drain(world(), &["-l", "kubernetes.io/hostname=node-1"]).await;
    assert_eq!(drained.exit(), Exit::Ok, "{:?}", drained.end);
    assert_eq!(drained.outcomes.len(), 1);
    assert!(drained.cordoned("node-1"));
}

#[tokio::test(start_paused = true)]
async fn a_drain_that_gives_up_opens_what_it_cordoned_on_every_node() {
    let shut = world().budget(Budget::of("db", Bound::MinAvailable("6".into())));
    let drained = drain(shut, &["node-1", "node-2", "--timeout", "20s"]).await;
    assert_eq!(drained.exit(), Exit::Stopped, "{:?}", drained.end);
    assert!(matches!(
        drained.failed("node-1"),
        (Step::Drain, Reason::Budget { budget, .. }) if budget == "db"
    ));
    assert_eq!(
        drained.outcome("node-2"),
        &Outcome::Interrupted {
            step: Step::Cordon,
            left: Left::Restored
        }
    );
    for node in ["node-1", "node-2"] {
        assert!(!drained.cordoned(node) && !drained.marked(node), "{node}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_node_that_was_cordoned_before_is_left_so_when_its_drain_gives_up() {
    let shut = world()
        .budget(Budget::of("db", Bound::MinAvailable("6".into())))
        .with_machine("node-1", |machine| machine.cordoned = true);
    let drained = drain(shut, &["node-1", "--timeout", "20s"]).await;
    assert_eq!(drained.exit(), Exit::Stopped, "{:?}", drained.end);
    assert!(drained.cordoned("node-1") && !drained.marked("node-1"));
}

#[tokio::test(start_paused = true)]
async fn without_a_timeout_a_drain_waits_as_long_as_the_budget_is_shut() {
    let late = world()
        .budget(Budget::of("db", Bound::MinAvailable("6".into())))
        .happening(
            at(7200),
            What::Bound {
                budget: "db".into(),
                bound: Bound::MinAvailable("0".into()),
            },
        );
    let drained = drain(late, &["node-1"]).await;
    assert_eq!(
        drained.exit(),
        Exit::Ok,
        "{:?} {:?}",
        drained.end,
        drained.outcomes
    );
}

#[tokio::test(start_paused = true)]
async fn a_signal_in_the_drain_opens_the_node_again() {
    let shut = world().budget(Budget::of("db", Bound::MinAvailable("6".into())));
    let drained = drain_with(shut, &["node-1"], |event, _, signal| {
        if matches!(event.what, Told::StepWaiting { .. }) {
            signal.send_replace(Some(Signal::Interrupt));
        }
    })
    .await;
    assert_eq!(drained.exit(), Exit::Interrupted);
    assert!(!drained.cordoned("node-1") && !drained.marked("node-1"));
}

#[tokio::test(start_paused = true)]
async fn somebody_elses_uncordon_stops_the_drain() {
    let evict = Matching::first("create", "pods/eviction");
    let shut = world()
        .budget(Budget::of("db", Bound::MinAvailable("6".into())))
        .happening(
            When::After(evict, Duration::from_secs(5)),
            What::Uncordon("node-1".into()),
        );
    let drained = drain(shut, &["node-1"]).await;
    assert_eq!(drained.exit(), Exit::Stopped);
    assert_eq!(
        drained.failed("node-1"),
        (Step::Drain, &Reason::UncordonedByOther)
    );
}

#[tokio::test(start_paused = true)]
async fn a_node_that_is_not_ready_is_drained_all_the_same() {
    let world = scenes_with_node_2_down();
    let drained = drain(world, &["node-2"]).await;
    assert_eq!(
        drained.exit(),
        Exit::Ok,
        "{:?} {:?}",
        drained.end,
        drained.outcomes
    );
    assert!(drained.cordoned("node-2"));
}

fn scenes_with_node_2_down() -> crate::sim::World {
    let mut world = world().with_machine("node-2", |machine| machine.ready = false);
    // Whatever runs there ends only when its kubelet is back.
    world
        .workloads
        .retain(|workload| workload.name == "kube-proxy");
    world
}

#[tokio::test(start_paused = true)]
async fn deletions_take_the_place_of_evictions_only_where_that_was_asked_for() {
    let shut = world().budget(Budget::of("db", Bound::MinAvailable("6".into())));
    let drained = drain(
        shut,
        &["node-1", "--disable-eviction", "--grace-period", "3"],
    )
    .await;
    assert_eq!(
        drained.exit(),
        Exit::Ok,
        "{:?} {:?}",
        drained.end,
        drained.outcomes
    );
    let requests = drained.sim.requests();
    assert!(requests.iter().all(|line| line.resource != "pods/eviction"));
    let deletes: Vec<_> = requests
        .iter()
        .filter(|line| line.verb == "delete" && line.resource == "pods")
        .collect();
    assert!(deletes.len() >= 2, "{deletes:?}");
    for line in deletes {
        let body: serde_json::Value = serde_json::from_str(&line.body).expect("JSON");
        assert!(body["preconditions"]["uid"].is_string(), "{line}");
        assert_eq!(body["gracePeriodSeconds"], 3, "{line}");
    }
}

#[tokio::test(start_paused = true)]
async fn pods_that_the_selector_does_not_pick_stay_and_are_not_waited_for() {
    let mut drained = drain(world(), &["node-1", "--pod-selector", "app=db"]).await;
    assert_eq!(drained.exit(), Exit::Ok, "{:?}", drained.end);
    drained.sim.requests().iter().for_each(|line| {
        assert!(
            line.resource != "pods/eviction" || line.name.starts_with("db"),
            "{line}"
        );
    });
    drained = drain(world(), &["node-1", "--pod-selector", "app in ("]).await;
    assert_eq!(drained.exit(), Exit::Usage, "{:?}", drained.end);
    assert!(
        drained.refusal().contains("--pod-selector"),
        "{}",
        drained.refusal()
    );
}

#[tokio::test(start_paused = true)]
async fn a_pod_that_is_not_waited_for_is_named_as_perhaps_still_running() {
    let mut stuck = Workload::bare("stuck", "node-1");
    stuck.finalizers = vec!["example.com/keep".into()];
    let arguments = ["node-1", "--force", "--skip-wait-for-delete-timeout", "10"];
    let drained = drain(world().workload(stuck.clone()), &arguments).await;
    assert_eq!(
        drained.exit(),
        Exit::Ok,
        "{:?} {:?}",
        drained.end,
        drained.outcomes
    );
    let Outcome::Drained { still_running } = drained.outcome("node-1") else {
        panic!("{:?}", drained.outcomes);
    };
    let names: Vec<String> = still_running.iter().map(ToString::to_string).collect();
    assert_eq!(names, ["default/stuck"]);
    // Without the flag it is waited for.
    let drained = drain(
        world().workload(stuck),
        &["node-1", "--force", "--timeout", "2m"],
    )
    .await;
    assert!(matches!(
        drained.failed("node-1"),
        (Step::Drain, Reason::Terminating { pods }) if pods.len() == 1
    ));
}

#[tokio::test(start_paused = true)]
async fn a_drain_asks_for_all_that_its_role_allows_and_for_nothing_else() {
    let touched = world().happening(
        When::Before(Matching::first("patch", "nodes")),
        What::Touch("node-1".into()),
    );
    let drained = drain(touched, &["-l", "kubernetes.io/hostname=node-1"]).await;
    assert_eq!(drained.exit(), Exit::Ok, "{:?}", drained.end);
    // The lock is renewed every 15 s, and old records are removed when there are more than twenty.
    let spared = [
        "delete configmaps",
        "patch leases",
        "get nodes",
        "get poddisruptionbudgets",
    ];
    assert_exactly(Aim::Drain, &asked_rights(&drained.sim), &spared);
}
