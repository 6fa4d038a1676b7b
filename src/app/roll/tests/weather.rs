//! An API server that goes away, replies that are lost: nothing is done twice, nothing is forgotten.

use std::time::Duration;

use super::{Rolled, roll, roll_with, three};
use crate::core::engine::{Act, Step};
use crate::core::event::What;
use crate::core::reason::Reason;
use crate::exit::Exit;
use crate::sim::{Away, Disturbance, Matching, What as Happens, When, World};

fn reboot_pod() -> Matching {
    // The first is the dry run of its admission.
    Matching {
        nth: 2,
        ..Matching::first("create", "pods").holding("\"name\":\"reboot-")
    }
}

fn assert_one_reboot_each(rolled: &Rolled) {
    assert_eq!(
        rolled.exit(),
        Exit::Ok,
        "{:?} {:?}",
        rolled.end,
        rolled.outcomes
    );
    assert_eq!(
        (
            rolled.boots("node-1"),
            rolled.boots("node-2"),
            rolled.boots("node-3")
        ),
        (1, 1, 0)
    );
    rolled.assert_nothing_left(&["node-1", "node-2", "node-3"]);
}

fn lost(matching: Matching, how: Disturbance) -> World {
    three().happening(When::Before(matching), Happens::Disturb(how))
}

#[tokio::test(start_paused = true)]
async fn a_lost_reply_to_the_ask_is_looked_up_and_not_asked_again() {
    let rolled = roll(lost(reboot_pod(), Disturbance::LoseAnswer), &[]).await;
    assert_one_reboot_each(&rolled);
    let asks = rolled
        .acts()
        .iter()
        .filter(|act| act.starts_with("ask"))
        .count();
    assert_eq!(asks, 2, "{:?}", rolled.acts());
}

#[tokio::test(start_paused = true)]
async fn an_ask_that_never_arrived_is_made_again() {
    let rolled = roll(lost(reboot_pod(), Disturbance::LoseRequest), &[]).await;
    assert_one_reboot_each(&rolled);
}

#[tokio::test(start_paused = true)]
async fn a_lost_reply_to_the_cordon_is_read_back() {
    let cordon = Matching::first("patch", "nodes").named("node-1");
    let rolled = roll(lost(cordon, Disturbance::LoseAnswer), &[]).await;
    assert_one_reboot_each(&rolled);
    assert_eq!(
        rolled
            .acts()
            .iter()
            .filter(|act| act.starts_with("cordon and mark node-1"))
            .count(),
        1
    );
}

#[tokio::test(start_paused = true)]
async fn a_lost_reply_to_the_uncordon_is_read_back() {
    let uncordon = Matching::first("patch", "nodes")
        .named("node-1")
        .holding("Settle");
    let rolled = roll(lost(uncordon, Disturbance::LoseAnswer), &[]).await;
    assert_one_reboot_each(&rolled);
}

#[tokio::test(start_paused = true)]
async fn an_eviction_that_meets_a_server_error_is_tried_again() {
    let refuse = Disturbance::Refuse {
        code: 500,
        reason: "InternalError".into(),
        message: "failed calling webhook \"pods.example.com\": EOF".into(),
        retry_after: None,
    };
    let rolled = roll(
        lost(Matching::first("create", "pods/eviction"), refuse),
        &[],
    )
    .await;
    assert_one_reboot_each(&rolled);
}

#[tokio::test(start_paused = true)]
async fn throttling_is_not_called_a_budget() {
    let refuse = Disturbance::Refuse {
        code: 429,
        reason: "TooManyRequests".into(),
        message: "the server has received too many requests".into(),
        retry_after: Some(3),
    };
    let rolled = roll(
        lost(Matching::first("create", "pods/eviction"), refuse),
        &[],
    )
    .await;
    assert_one_reboot_each(&rolled);
    assert!(
        !rolled
            .waits()
            .iter()
            .any(|reason| matches!(reason, Reason::Budget { .. })),
        "{:?}",
        rolled.waits()
    );
}

/// The API server goes away for a minute right after the run's first event of each step.
#[tokio::test(start_paused = true)]
async fn an_api_server_that_is_away_for_a_minute_in_any_step_is_waited_for() {
    for away in [Away::Gone, Away::Unavailable] {
        for step in Step::ALL {
            let mut gone = false;
            let rolled = roll_with(three(), &[], |event, sim, _| {
                let comes = match &event.what {
                    What::StepDone {} => event.step.and_then(Step::next) == Some(step),
                    What::NodeStarted {} => step == Step::Gate,
                    _ => false,
                };
                if comes && !gone {
                    gone = true;
                    sim.happen(Happens::Away(away, Duration::from_secs(60)));
                }
            })
            .await;
            assert!(gone, "{step:?} did not come");
            assert_eq!(
                rolled.exit(),
                Exit::Ok,
                "{away:?} at {step:?}: {:?} {:?}",
                rolled.end,
                rolled.outcomes
            );
            assert_eq!(
                (rolled.boots("node-1"), rolled.boots("node-2")),
                (1, 1),
                "{away:?} at {step:?}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_watch_whose_version_is_too_old_starts_again() {
    let mut cut = false;
    let rolled = roll_with(three(), &[], |event, sim, _| {
        if matches!(&event.what, What::StepIntent { act: Act::Ask }) && !cut {
            cut = true;
            sim.happen(Happens::Forget);
            sim.happen(Happens::CutWatches);
        }
    })
    .await;
    assert!(cut);
    assert_one_reboot_each(&rolled);
}

/// Somebody takes the Lease in the middle of a drain: from then on nothing of ours is sent.
#[tokio::test(start_paused = true)]
async fn a_run_that_lost_its_lock_does_no_more_acts() {
    let mut taken = false;
    let rolled = roll_with(three(), &[], |event, sim, _| {
        if event.step == Some(Step::Return) && !taken {
            taken = true;
            sim.happen(Happens::TakeLease {
                namespace: "aksreboot".into(),
                name: "aksreboot".into(),
                holder: "20260304-090000-beef".into(),
            });
        }
    })
    .await;
    assert!(taken);
    assert_eq!(
        rolled.exit(),
        Exit::Locked,
        "{:?} {:?}",
        rolled.end,
        rolled.outcomes
    );
    let acts = rolled.acts();
    assert_eq!(acts.last().map(String::as_str), Some("ask"), "{acts:?}");
    // Not even into the run record, which a run that goes on with this one may be writing.
    let requests = rolled.sim.requests();
    let told = requests.iter().filter(|line| {
        // How the node was before its turn was written long before.
        line.verb == "patch" && line.resource == "configmaps" && !line.body.contains("baseline.")
    });
    assert_eq!(told.count(), 0);
}

/// The request for a probe pod arrives when its sender has long made the pod by another, read it and removed it.
#[tokio::test(start_paused = true)]
async fn a_probe_pod_that_comes_late_is_removed_at_the_end() {
    let probe = Matching::first("create", "pods").holding("\"name\":\"probe-");
    let rolled = roll(
        lost(
            Matching { nth: 4, ..probe },
            Disturbance::Delay(Duration::from_secs(37)),
        ),
        &[],
    )
    .await;
    assert_one_reboot_each(&rolled);
    assert_eq!(rolled.sim.pods_in("aksreboot"), Vec::<String>::new());
}
