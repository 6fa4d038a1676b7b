//! Volumes of the pods that left: a node is rebooted when they are detached, or not at all.

use std::time::Duration;

use super::{roll, three};
use crate::core::engine::{Left, Outcome, Step};
use crate::core::reason::Reason;
use crate::exit::Exit;
use crate::sim::{Workload, World};

fn with_disk(detaches_in: u64) -> World {
    let mut world =
        three().workload(Workload::deployment("db", 1).with_disk(Duration::from_secs(detaches_in)));
    // One node to reboot, and it is the one that the disk is on.
    world.workloads.retain(|workload| workload.name != "web");
    world
}

/// The node on which the scheduler put the only pod with a disk.
const NODE: &str = "node-1";

#[tokio::test(start_paused = true)]
async fn the_ask_waits_until_the_volumes_of_the_evicted_pods_are_detached() {
    let rolled = roll(with_disk(20), &[NODE]).await;
    assert_eq!(
        rolled.exit(),
        Exit::Ok,
        "{:?} {:?}",
        rolled.end,
        rolled.outcomes
    );
    let waited = rolled.waits().into_iter().any(
        |reason| matches!(reason, Reason::VolumesAttached { volumes } if volumes == &["pv-db"]),
    );
    assert!(waited, "{:?}", rolled.waits());
    let requests = rolled.sim.requests();
    let last_look = requests
        .iter()
        .rposition(|line| line.resource == "volumeattachments");
    let ask = requests.iter().position(|line| {
        line.verb == "create"
            && line.resource == "pods"
            && line.body.contains("\"name\":\"reboot-")
            && !line.target.contains("dryRun")
    });
    assert!(
        last_look.is_some() && last_look < ask,
        "{last_look:?} {ask:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_volume_that_is_never_detached_stops_the_roll_before_the_ask_and_the_node_is_restored() {
    let rolled = roll(with_disk(86_400), &[NODE]).await;
    assert_eq!(rolled.exit(), Exit::Stopped, "{:?}", rolled.end);
    assert!(matches!(
        rolled.outcome(NODE),
        Outcome::Failed {
            step: Step::Drain,
            reason: Reason::VolumesAttached { .. },
            left: Left::Restored,
        }
    ));
    assert_eq!(rolled.boots(NODE), 0);
    assert!(!rolled.cordoned(NODE));
}

#[tokio::test(start_paused = true)]
async fn where_no_pod_with_a_claim_leaves_nobody_looks_for_attachments() {
    let rolled = roll(three(), &[]).await;
    assert_eq!(rolled.exit(), Exit::Ok, "{:?}", rolled.end);
    let requests = rolled.sim.requests();
    assert!(
        requests
            .iter()
            .all(|line| line.resource != "volumeattachments")
    );
}
