//! Rolls by a plan that was made before: just that plan, on just that cluster.

use std::fs;
use std::path::Path;

use super::{Rolled, roll, three};
use crate::core::plan::Plan;
use crate::exit::Exit;
use crate::render::format::json;
use crate::sim::{Machine, World};

/// The plan of a roll of this world, in a file.
async fn planned(world: World, arguments: &[&str]) -> (Plan, tempfile::TempPath) {
    let rolled = roll(world, arguments).await;
    let plan = rolled.plan.expect("a plan");
    let file = tempfile::NamedTempFile::new()
        .expect("a file")
        .into_temp_path();
    fs::write(&file, json::document(&plan).expect("JSON")).expect("written");
    (plan, file)
}

async fn roll_by(world: World, file: &Path) -> Rolled {
    roll(world, &["--plan", file.to_str().expect("a path")]).await
}

async fn refused(world: World, file: &Path, words: &[&str]) {
    let rolled = roll_by(world, file).await;
    assert_eq!(rolled.exit(), Exit::Refused, "{:?}", rolled.end);
    let said = rolled.refusal();
    for word in words {
        assert!(said.contains(word), "`{word}` is not in: {said}");
    }
    assert_eq!(rolled.acts(), [""; 0]);
    let leases = rolled.sim.requests();
    assert!(
        !leases
            .iter()
            .any(|line| line.resource == "leases" && line.verb == "create")
    );
}

#[tokio::test(start_paused = true)]
async fn a_roll_by_a_plan_does_what_the_plan_says_with_its_settings() {
    let (plan, file) = planned(
        three(),
        &[
            "-l",
            "kubernetes.io/hostname=node-2",
            "--settle-timeout",
            "77s",
        ],
    )
    .await;
    let rolled = roll_by(three(), &file).await;
    assert_eq!(rolled.exit(), Exit::Ok, "{:?}", rolled.end);
    let carried = rolled.plan.as_ref().expect("a plan");
    assert_eq!(carried.hash, plan.hash);
    assert_eq!(carried.spec, plan.spec);
    assert_eq!(carried.spec.settings.timeouts.settle.as_secs(), 77);
    // The first node waits for a reboot too, and was not planned.
    assert_eq!((rolled.boots("node-1"), rolled.boots("node-2")), (0, 1));
}

#[tokio::test(start_paused = true)]
async fn a_cluster_that_is_another_than_planned_is_refused_by_the_name_of_what_differs() {
    let (_, file) = planned(three(), &[]).await;
    let cordoned = three().with_machine("node-1", |machine| machine.cordoned = true);
    refused(
        cordoned,
        &file,
        &[
            "not as it was planned",
            "targets.node-1.cordonedBefore was false and is true",
        ],
    )
    .await;
    let done = three().with_machine("node-2", |machine| machine.flag = None);
    refused(
        done,
        &file,
        &["targets.node-2 was to reboot and is not to reboot (no reboot pending)"],
    )
    .await;
    let moved = three().with_machine("node-2", |machine| machine.pool = "other".into());
    refused(moved, &file, &["targets.node-2.pool was user and is other"]).await;
}

#[tokio::test(start_paused = true)]
async fn a_node_that_is_gone_or_waits_too_is_told_apart() {
    let (_, file) = planned(three(), &[]).await;
    let mut without = three();
    without.machines.retain(|machine| machine.name != "node-2");
    refused(without, &file, &["targets.node-2"]).await;
    // One that came to wait since is none of the plan's business.
    let more = three()
        .machine(Machine::linux("node-4").pending(&["dbus"], std::time::Duration::from_secs(60)));
    let rolled = roll_by(more, &file).await;
    assert!(
        rolled.plan.is_none() || rolled.boots("node-4") == 0,
        "{:?}",
        rolled.end
    );
}

#[tokio::test(start_paused = true)]
async fn a_plan_for_another_cluster_or_one_that_was_changed_is_refused() {
    let (plan, file) = planned(three(), &[]).await;
    let text = fs::read_to_string(&file).expect("read");
    let changed = text.replace("\"node-2\"", "\"node-3\"");
    assert_ne!(changed, text);
    fs::write(&file, changed).expect("written");
    refused(three(), &file, &["was changed after it was made"]).await;

    let mut other = plan;
    other.spec.cluster.identity = crate::core::model::ClusterId::new("another");
    let other = Plan::new(other.spec, other.report).expect("a plan");
    fs::write(&file, json::document(&other).expect("JSON")).expect("written");
    refused(three(), &file, &["for another cluster", "another"]).await;
}

#[tokio::test(start_paused = true)]
async fn a_budget_that_shut_for_good_since_the_plan_is_a_drift_with_its_proof() {
    let (_, file) = planned(three(), &[]).await;
    let shut = three().with_budget("web", &crate::sim::Bound::MaxUnavailable("0".into()));
    refused(
        shut,
        &file,
        &[
            "is not to reboot",
            "budget default/web (maxUnavailable 0) never lets",
        ],
    )
    .await;
}
