//! The order of the requests of rolls that go well.

use std::time::Duration;

use super::{Rolled, roll, roll_with, three};
use crate::core::engine::Outcome;
use crate::core::event::What;
use crate::core::reason::Reason;
use crate::exit::Exit;
use crate::sim::{Ending, Machine, Matching, What as Happens, When, Workload};

const BOTH: [&str; 2] = ["node-1", "node-2"];

fn assert_all_good(rolled: &Rolled) {
    assert_eq!(
        rolled.exit(),
        Exit::Ok,
        "{:?} {:?}",
        rolled.end,
        rolled.outcomes
    );
    for node in BOTH {
        assert_eq!(rolled.boots(node), 1, "{node}");
        assert!(!rolled.cordoned(node), "{node}");
        assert!(matches!(rolled.outcome(node), Outcome::Verified { .. }));
    }
    assert_eq!(rolled.boots("node-3"), 0);
    rolled.assert_nothing_left(&["node-1", "node-2", "node-3"]);
}

#[tokio::test(start_paused = true)]
async fn each_pending_node_is_cordoned_drained_rebooted_verified_and_opened_before_the_next() {
    let rolled = roll(three(), &[]).await;
    assert_all_good(&rolled);
    let mut acts = rolled.acts();
    // Where the controllers put the two pods decides how many leave which node.
    acts.retain(|act| !act.starts_with("evict"));
    assert_eq!(
        acts,
        [
            "prove",
            "cordon and mark node-1",
            "intend Reboot, node-1",
            "ask",
            "remove ask",
            "uncordon, intend Settle, node-1",
            "unmark node-1",
            "cordon and mark node-2",
            "intend Reboot, node-2",
            "ask",
            "remove ask",
            "uncordon, intend Settle, node-2",
            "unmark node-2",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn evictions_come_after_the_cordon_and_before_the_ask() {
    let rolled = roll(three(), &[]).await;
    let acts = rolled.acts();
    let place = |what: &str| {
        acts.iter()
            .position(|act| act.starts_with(what))
            .expect(what)
    };
    assert!(place("cordon and mark node-1") < place("evict"));
    assert!(
        acts.iter().filter(|act| act.starts_with("evict")).count() >= 1,
        "{acts:?}"
    );
    for (at, act) in acts
        .iter()
        .enumerate()
        .filter(|(_, act)| act.starts_with("evict"))
    {
        let before = &acts[..at];
        let open = before
            .iter()
            .rev()
            .find(|act| act.starts_with("cordon") || act.starts_with("ask"));
        assert!(
            open.is_some_and(|open| open.starts_with("cordon")),
            "{act} out of place in {acts:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn never_more_nodes_are_unavailable_than_the_limit_allows() {
    let mut most = 0;
    roll_with(three(), &[], |_, sim, _| {
        let down = ["node-1", "node-2", "node-3"]
            .iter()
            .filter_map(|name| sim.node(name))
            .filter(|node| node.cordoned || !node.ready)
            .count();
        most = most.max(down);
    })
    .await;
    assert_eq!(most, 1);
}

#[tokio::test(start_paused = true)]
async fn a_node_that_was_cordoned_before_stays_cordoned() {
    let world = three().with_machine("node-1", |machine| machine.cordoned = true);
    let rolled = roll(world, &["node-1"]).await;
    assert_eq!(rolled.exit(), Exit::Ok, "{:?}", rolled.end);
    assert_eq!(rolled.boots("node-1"), 1);
    assert!(rolled.cordoned("node-1"));
    assert!(!rolled.marked("node-1"));
    assert!(
        !rolled.acts().iter().any(|act| act.contains("uncordon")),
        "{:?}",
        rolled.acts()
    );
}

#[tokio::test(start_paused = true)]
async fn a_node_whose_version_moves_under_the_cordon_is_read_again_and_cordoned() {
    let touch = Happens::Touch("node-1".into());
    let world = three().happening(
        When::Before(Matching::first("patch", "nodes").named("node-1")),
        touch,
    );
    let rolled = roll(world, &[]).await;
    assert_all_good(&rolled);
    let acts = rolled.acts();
    assert_eq!(
        acts.iter()
            .filter(|act| act.starts_with("cordon and mark node-1"))
            .count(),
        2,
        "{acts:?}"
    );
    assert!(
        acts.contains(&"cordon and mark node-1 -> 409".to_owned()),
        "{acts:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_kernel_that_moved_backwards_is_told_and_stops_nothing() {
    let world = three().with_machine("node-1", |machine| {
        machine.reboot.ending = Ending::Kernel("6.8.0-1001-azure".into());
    });
    let rolled = roll(world, &[]).await;
    assert_eq!(
        rolled.exit(),
        Exit::Ok,
        "{:?} {:?}",
        rolled.end,
        rolled.outcomes
    );
    let told = rolled
        .events
        .iter()
        .filter(|event| {
            matches!(
                &event.what,
                What::Warning {
                    reason: Reason::KernelBackwards { .. }
                }
            )
        })
        .count();
    assert_eq!(told, 1);
}

#[tokio::test(start_paused = true)]
async fn a_package_manager_at_work_is_waited_for_before_anything_is_touched() {
    let world = three().with_machine("node-1", |machine| machine.packaging = vec!["dpkg".into()]);
    let rolled = roll(world, &["--ready-timeout", "1m"]).await;
    assert_eq!(rolled.exit(), Exit::Stopped);
    assert!(
        rolled
            .waits()
            .iter()
            .any(|reason| matches!(reason, Reason::PackagingBusy { .. }))
    );
    assert!(
        !rolled.acts().iter().any(|act| act.contains("cordon")),
        "{:?}",
        rolled.acts()
    );
}

#[tokio::test(start_paused = true)]
async fn the_same_seed_gives_the_same_bytes_of_events() {
    let told = |rolled: &Rolled| serde_json::to_string(&rolled.events).expect("events as JSON");
    let (first, second) = (roll(three(), &[]).await, roll(three(), &[]).await);
    assert_eq!(told(&first), told(&second));
}

#[tokio::test(start_paused = true)]
async fn a_roll_of_a_slow_node_waits_without_asking_again() {
    let world = three().with_machine("node-2", |machine| {
        *machine = Machine {
            ..machine.clone().boots_in(Duration::from_secs(200))
        };
    });
    let rolled = roll(world, &[]).await;
    assert_all_good(&rolled);
    assert_eq!(
        rolled
            .acts()
            .iter()
            .filter(|act| act.starts_with("ask"))
            .count(),
        2
    );
}

/// The pods of a node as they were asked for: by a watch, or by a list of all.
fn reads_of(rolled: &Rolled, node: &str, verb: &str) -> Vec<String> {
    let requests = rolled.sim.requests().into_iter();
    let on_node = format!("spec.nodeName%3D{node}");
    requests
        .filter(|line| line.resource == "pods" && line.verb == verb)
        .map(|line| line.target)
        .filter(|target| target.contains(&on_node))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn probes_are_told_of_by_their_own_watch_alone_and_lists_show_all() {
    let rolled = roll(three(), &[]).await;
    assert_all_good(&rolled);
    let others = "labelSelector=aksreboot.dev%2Fpurpose%21%3Dprobe";
    let watches = reads_of(&rolled, "node-1", "watch");
    assert!(!watches.is_empty());
    assert!(watches.iter().all(|target| target.contains(others)));
    let lists = reads_of(&rolled, "node-1", "list");
    // One begins the watch; of the others two in a row show that the node is empty.
    let all = lists
        .iter()
        .filter(|target| !target.contains("labelSelector"));
    assert_eq!((lists.len(), all.count()), (4, 3), "{lists:?}");
}

#[tokio::test(start_paused = true)]
async fn a_pod_that_passes_for_a_probe_is_drained_as_any_other() {
    let world = three()
        .workload(Workload::bare("odd", "node-1").labelled("aksreboot.dev/purpose", "probe"));
    let rolled = roll(world, &["--force"]).await;
    assert_all_good(&rolled);
    let acts = rolled.acts();
    let place = |act: &str| {
        acts.iter()
            .position(|line| line.starts_with(act))
            .expect(act)
    };
    assert!(place("evict odd") < place("ask"), "{acts:?}");
    assert!(rolled.took < Duration::from_secs(300), "{:?}", rolled.took);
}
