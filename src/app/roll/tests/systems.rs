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

#[test]
fn a_plan_that_goes_by_other_evidence_says_so() {
    use crate::core::evidence::Sentinel;
    use crate::core::plan::Plan;
    let plan = |sentinel: Sentinel| -> String {
        let mut value: serde_json::Value = serde_json::json!({
            "kind": "aksreboot/Plan", "v": 1, "hash": "0123456789abcdef",
            "spec": {
                "cluster": {"identity": "u", "server": "https://x"},
                "targets": [],
                "settings": {
                    "image": "i", "maxUnavailable": 1, "notCounted": [],
                    "drain": {"force": false, "deleteEmptydirData": false, "gracePeriod": null},
                    "timeouts": {"drain": 1, "reboot": 1, "ready": 1, "sustainedReady": 1, "settle": 1, "probe": 1},
                },
            },
            "report": {"context": "c", "excluded": [], "warnings": [], "podsLeaving": [], "madeAt": "2026-03-04T08:00:00Z", "madeBy": "x"},
        });
        // A plan of before this setting has none.
        if !sentinel.is_system() {
            value["spec"]["settings"]["sentinel"] = serde_json::to_value(sentinel).expect("JSON");
        }
        let plan: Plan = serde_json::from_value(value).expect("a plan");
        crate::render::plan::text(&plan)
    };
    assert!(!plan(Sentinel::System).contains("verified by"));
    assert!(
        plan(Sentinel::File("/run/mine".into()))
            .contains("Pending and verified by /run/mine, not by the system's own flag.")
    );
}
