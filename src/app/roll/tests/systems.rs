//! Rolls of nodes whose pending reboot is no flag, or whose absent flag proves nothing.

use std::time::Duration;

use super::roll;
use crate::core::engine::Outcome;
use crate::exit::Exit;
use crate::sim::{Machine, World};

const DAY: Duration = Duration::from_secs(86_400);

fn one(machine: Machine) -> World {
    World::default()
        .namespace("aksreboot")
        .machine(machine)
        .machine(Machine::linux("other"))
}

fn is_verified(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Verified { .. })
}

#[tokio::test(start_paused = true)]
async fn a_replaced_part_is_rebooted_for_and_verified_by_the_same_check() {
    let rolled = roll(one(Machine::azure_linux("azl").replaced("glibc", DAY)), &[]).await;
    assert!(matches!(rolled.end, Ok(Exit::Ok)), "{:?}", rolled.end);
    assert!(
        rolled.outcomes.values().all(is_verified),
        "{:?}",
        rolled.outcomes
    );
    assert_eq!(rolled.sim.node("azl").map(|node| node.boots), Some(1));
}

#[tokio::test(start_paused = true)]
async fn an_image_managed_node_with_a_flag_is_good_when_the_flag_is_gone() {
    let rolled = roll(
        one(Machine::image_managed("acl").pending(&[], DAY)),
        &["acl"],
    )
    .await;
    assert!(matches!(rolled.end, Ok(Exit::Ok)), "{:?}", rolled.end);
    assert!(
        rolled.outcomes.values().all(is_verified),
        "{:?}",
        rolled.outcomes
    );
    assert_eq!(rolled.sim.node("acl").map(|node| node.boots), Some(1));
}

#[tokio::test(start_paused = true)]
async fn the_operators_own_evidence_decides_who_is_rebooted() {
    let world = one(Machine::linux("flagged").pending(&["dbus"], DAY));
    let rolled = roll(world, &["--sentinel-file", "/run/mine"]).await;
    // Nobody has that file, so nobody is rebooted, flag or no flag.
    assert!(matches!(rolled.end, Ok(Exit::Ok)), "{:?}", rolled.end);
    assert!(
        !rolled
            .outcomes
            .values()
            .any(|outcome| matches!(outcome, Outcome::Verified { .. }))
    );
    assert_eq!(rolled.sim.node("flagged").map(|node| node.boots), Some(0));
}
