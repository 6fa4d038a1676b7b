//! What a roll refuses before anything is touched.

use super::{Rolled, roll, three};
use crate::core::mark;
use crate::exit::Exit;
use crate::sim::{Machine, Workload, World};

fn assert_untouched(rolled: &Rolled) {
    assert_eq!(rolled.acts(), Vec::<String>::new());
    let leases = rolled
        .sim
        .requests()
        .iter()
        .filter(|line| line.resource == "leases" && line.verb != "get")
        .count();
    assert_eq!(leases, 0);
}

async fn refused(world: World, arguments: &[&str], exit: Exit, words: &[&str]) {
    let rolled = Box::pin(roll(world, arguments)).await;
    assert_eq!(rolled.exit(), exit, "{arguments:?}: {:?}", rolled.end);
    let said = rolled.refusal();
    for word in words {
        assert!(said.contains(word), "`{word}` is not in: {said}");
    }
    assert_untouched(&rolled);
}

#[tokio::test(start_paused = true)]
async fn names_that_are_wrong_are_named() {
    refused(
        three(),
        &["node-9"],
        Exit::Refused,
        &["no such node", "`node-9`"],
    )
    .await;
    refused(
        three(),
        &["node-1", "node-1"],
        Exit::Usage,
        &["`node-1` is named twice"],
    )
    .await;
    refused(
        three(),
        &["node-3"],
        Exit::Refused,
        &["node-3 has no pending reboot"],
    )
    .await;
    refused(
        three(),
        &["-l", "team=none"],
        Exit::Refused,
        &["no node matches", "team=none"],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_windows_node_that_is_named_is_refused() {
    let world = three().machine(Machine::windows("akswin000000"));
    refused(
        world,
        &["akswin000000"],
        Exit::Refused,
        &["akswin000000 cannot be rebooted", "Windows"],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn nothing_pending_is_nothing_to_do() {
    let world = World::default()
        .machine(Machine::linux("node-1"))
        .machine(Machine::windows("akswin000000"));
    let rolled = roll(world, &[]).await;
    assert_eq!(rolled.exit(), Exit::Ok);
    assert_untouched(&rolled);
}

#[tokio::test(start_paused = true)]
async fn a_node_that_cannot_be_read_is_not_taken_for_one_that_needs_nothing() {
    let world = World::default()
        .machine(Machine::linux("node-1"))
        .machine(Machine::linux("node-2").not_ready());
    let rolled = roll(world, &[]).await;
    assert_eq!(rolled.exit(), Exit::Stopped);
    assert_untouched(&rolled);
}

#[tokio::test(start_paused = true)]
async fn pods_that_may_not_go_are_refused_for_all_targets_at_once() {
    let world = three()
        .workload(Workload::bare("alone", "node-2"))
        .workload(Workload::deployment("cache", 6).with_empty_dir());
    let said = [
        "default/alone",
        "default/cache",
        "no controller",
        "emptyDir",
    ];
    refused(world.clone(), &[], Exit::Refused, &said).await;
    let rolled = roll(world, &["--force", "--delete-emptydir-data"]).await;
    assert_eq!(
        rolled.exit(),
        Exit::Ok,
        "{:?} {:?}",
        rolled.end,
        rolled.outcomes
    );
}

#[tokio::test(start_paused = true)]
async fn a_limit_that_is_full_before_the_start_names_each_node() {
    let world = three().with_machine("node-3", |machine| machine.cordoned = true);
    refused(world.clone(), &[], Exit::Refused, &["limit of 1", "node-3"]).await;
    let rolled = roll(world, &["--not-counted", "node-3"]).await;
    assert_eq!(
        rolled.exit(),
        Exit::Ok,
        "{:?} {:?}",
        rolled.end,
        rolled.outcomes
    );
}

#[tokio::test(start_paused = true)]
async fn a_mark_of_another_run_holds_the_roll_whether_it_can_be_read_or_not() {
    for text in ["{\"v\":9}", "nonsense\u{1b}[2J"] {
        let world = three().with_machine("node-3", |machine| {
            machine.annotations.push((mark::KEY.into(), text.into()));
        });
        refused(world, &[], Exit::Locked, &["node-3", "mark of another run"]).await;
    }
}

#[tokio::test(start_paused = true)]
async fn signs_of_an_aks_operation_hold_the_roll() {
    let world = three().with_machine("node-3", |machine| {
        machine.labels.push((
            "kubernetes.azure.com/upgrade-status".into(),
            "Quarantined".into(),
        ));
    });
    refused(
        world,
        &[],
        Exit::Locked,
        &["node-3", "upgrade-status=Quarantined"],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_denied_reboot_pod_stops_at_the_gate() {
    let rolled = roll(
        three().denial("pods", "aksreboot", "denied by policy: no hostPath"),
        &[],
    )
    .await;
    // Probes are denied too: nothing is known, so nothing is done.
    assert_eq!(rolled.exit(), Exit::Stopped);
    assert!(!rolled.acts().iter().any(|act| act.contains("cordon")));
}
