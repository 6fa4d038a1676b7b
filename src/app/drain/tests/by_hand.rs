//! `cordon` and `uncordon`: one patch of each node, read back.

use crate::app::cordon::{Wanted, run_with};
use jiff::Timestamp;

use crate::app::roll::tests::{asked_rights, assert_exactly};
use crate::core::by_hand::{CordonNote, KEY};
use crate::core::mark;
use crate::core::rights::Aim;
use crate::edge::connect::Cluster;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::request::drain::{DryRun, Nodes};
use crate::sim::{Disturbance, Matching, Sim, What, When, World, scenes};

const CORDONED: Wanted = Wanted::Cordoned { note: None };

async fn by_hand(
    world: World,
    nodes: &Nodes,
    wanted: &Wanted,
    dry_run: DryRun,
) -> (Sim, Result<Exit, Failure>) {
    let sim = Sim::start(world, 7);
    let cluster = Cluster::over(sim.service(), "sim", "https://sim.invalid");
    let end = run_with(&cluster, nodes, wanted, dry_run).await;
    (sim, end)
}

fn named(names: &[&str]) -> Nodes {
    Nodes::Named(names.iter().map(|&name| name.into()).collect())
}

fn cordoned(sim: &Sim, node: &str) -> bool {
    sim.node(node).expect("a node").cordoned
}

#[tokio::test(start_paused = true)]
async fn a_node_is_cordoned_and_uncordoned_by_one_patch_of_the_version_that_was_read() {
    let open = scenes::three();
    let shut = scenes::three().with_machine("node-1", |machine| machine.cordoned = true);
    for (world, wanted, after) in [(open, &CORDONED, true), (shut, &Wanted::Open, false)] {
        let (sim, end) = by_hand(world, &named(&["node-1"]), wanted, DryRun::None).await;
        assert_eq!(end.expect("an end"), Exit::Ok);
        assert_eq!(cordoned(&sim, "node-1"), after);
        let patches = sim.requests();
        let patches: Vec<_> = patches.iter().filter(|line| line.verb == "patch").collect();
        assert_eq!(patches.len(), 1);
        assert!(
            patches[0].body.contains("resourceVersion"),
            "{}",
            patches[0]
        );
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_so_already_is_not_patched_and_a_dry_run_changes_nothing() {
    let shut = || scenes::three().with_machine("node-1", |machine| machine.cordoned = true);
    let cases = [
        (shut(), &CORDONED, DryRun::None, 0),
        (shut(), &Wanted::Open, DryRun::Client, 0),
        (shut(), &Wanted::Open, DryRun::Server, 1),
    ];
    for (world, wanted, dry_run, patches) in cases {
        let (sim, end) = by_hand(world, &named(&["node-1"]), wanted, dry_run).await;
        assert_eq!(end.expect("an end"), Exit::Ok);
        assert!(cordoned(&sim, "node-1"), "{wanted:?} {dry_run:?}");
        let sent = sim.requests();
        assert_eq!(
            sent.iter().filter(|line| line.verb == "patch").count(),
            patches
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_conflict_and_a_lost_answer_are_read_again() {
    let patch = || Matching::first("patch", "nodes");
    let touched = scenes::three().happening(When::Before(patch()), What::Touch("node-1".into()));
    let lost = scenes::three().happening(
        When::Before(patch()),
        What::Disturb(Disturbance::LoseAnswer),
    );
    for world in [touched, lost] {
        let (sim, end) = by_hand(world, &named(&["node-1"]), &CORDONED, DryRun::None).await;
        assert_eq!(end.expect("an end"), Exit::Ok);
        assert!(cordoned(&sim, "node-1"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_node_with_the_mark_of_a_run_is_not_uncordoned_and_neither_are_the_others() {
    let world = scenes::three()
        .with_machine("node-1", |machine| machine.cordoned = true)
        .with_machine("node-2", |machine| {
            machine.cordoned = true;
            machine
                .annotations
                .push((mark::KEY.into(), "{\"v\":9}".into()));
        });
    let nodes = named(&["node-1", "node-2"]);
    let (sim, end) = by_hand(world, &nodes, &Wanted::Open, DryRun::None).await;
    assert_eq!(end.expect_err("a refusal").exit, Exit::Locked);
    assert!(cordoned(&sim, "node-1") && cordoned(&sim, "node-2"));
}

#[tokio::test(start_paused = true)]
async fn a_node_that_may_not_be_changed_fails_and_is_named() {
    let world = scenes::three().forbidden("patch", "nodes");
    let (sim, end) = by_hand(world, &named(&["node-1"]), &CORDONED, DryRun::None).await;
    assert_eq!(end.expect("an end"), Exit::Failed);
    assert!(!cordoned(&sim, "node-1"));
}

#[tokio::test(start_paused = true)]
async fn cordon_asks_for_all_that_its_role_allows_and_for_nothing_else() {
    let picked = Nodes::Picked("kubernetes.io/hostname=node-1".into());
    let touched = scenes::three().happening(
        When::Before(Matching::first("patch", "nodes")),
        What::Touch("node-1".into()),
    );
    let (sim, end) = by_hand(touched, &picked, &CORDONED, DryRun::None).await;
    assert_eq!(end.expect("an end"), Exit::Ok);
    assert_exactly(Aim::Cordon, &asked_rights(&sim), &[]);
}

#[tokio::test(start_paused = true)]
async fn a_reason_is_kept_on_the_node_and_goes_with_the_cordon() {
    let note = CordonNote::new("ann@desk".into(), "disk errors", Timestamp::UNIX_EPOCH);
    let with_reason = Wanted::Cordoned {
        note: Some(note.clone()),
    };
    let shut = scenes::three().with_machine("node-1", |machine| machine.cordoned = true);
    for world in [scenes::three(), shut] {
        let (sim, end) = by_hand(world, &named(&["node-1"]), &with_reason, DryRun::None).await;
        assert_eq!(end.expect("an end"), Exit::Ok);
        let kept = sim.node("node-1").expect("a node");
        assert!(kept.cordoned);
        assert_eq!(kept.annotations.get(KEY), Some(&note.text()));
        let cluster = Cluster::over(sim.service(), "sim", "https://sim.invalid");
        let end = run_with(&cluster, &named(&["node-1"]), &Wanted::Open, DryRun::None).await;
        assert_eq!(end.expect("an end"), Exit::Ok);
        let open = sim.node("node-1").expect("a node");
        assert!(!open.cordoned && !open.annotations.contains_key(KEY));
    }
}
