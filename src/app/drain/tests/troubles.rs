//! What is in the way of a drain, and what becomes of it.

use std::time::Duration;

use super::bench::{drain, world};
use crate::core::engine::{Outcome, Step};
use crate::core::reason::Reason;
use crate::exit::Exit;
use crate::sim::{Away, Bound, Budget, Disturbance, Matching, What, When};

fn shut() -> Budget {
    Budget::of("db", Bound::MinAvailable("6".into()))
}

#[tokio::test(start_paused = true)]
async fn a_shut_budget_is_told_with_its_counts_and_the_pods_that_are_not_ready_within_five_seconds()
{
    // One of six is not Ready, and five are needed.
    let world = world()
        .budget(Budget::of("db", Bound::MinAvailable("5".into())))
        .happening(
            When::Before(Matching::first("patch", "nodes").holding("unschedulable")),
            What::Unready {
                namespace: "default".into(),
                app: "db".into(),
                not_on: "node-1".into(),
                lasts: Duration::from_secs(60),
            },
        );
    let drained = drain(world, &["node-1"]).await;
    assert_eq!(drained.exit(), Exit::Ok, "{:?}", drained.end);
    let began = drained
        .events
        .iter()
        .find(|event| event.step == Some(Step::Drain));
    let told = drained.events.iter().find(|event| {
        matches!(&event.what, crate::core::event::What::StepWaiting {
            reason: Reason::Budget { message, unready, .. },
            ..
        } if message.contains("needs 5 healthy pods and has 5 currently") && unready.len() == 1)
    });
    let (began, told) = (began.expect("a drain"), told.expect("the budget told"));
    assert!(told.ts.duration_since(began.ts) <= jiff::SignedDuration::from_secs(5));
}

#[tokio::test(start_paused = true)]
async fn an_outage_of_the_api_stops_the_clock_of_the_drain() {
    // Twenty seconds are left of the time when the API goes for two minutes; the budget opens after it is back.
    let world = world()
        .budget(shut())
        .happening(
            When::At(Duration::from_secs(20)),
            What::Away(Away::Gone, Duration::from_secs(120)),
        )
        .happening(
            When::At(Duration::from_secs(150)),
            What::Bound {
                budget: "db".into(),
                bound: Bound::MinAvailable("0".into()),
            },
        );
    let drained = drain(world, &["node-1", "--timeout", "60s"]).await;
    assert_eq!(
        drained.exit(),
        Exit::Ok,
        "{:?} {:?}",
        drained.end,
        drained.outcomes
    );
}

#[tokio::test(start_paused = true)]
async fn a_namespace_that_ends_takes_its_pods_along_and_the_drain_goes_on() {
    let world = world().happening(
        When::Before(Matching::first("create", "pods/eviction")),
        What::EndNamespace("default".into()),
    );
    let drained = drain(world, &["node-1", "--timeout", "5m"]).await;
    assert_eq!(
        drained.exit(),
        Exit::Ok,
        "{:?} {:?}",
        drained.end,
        drained.outcomes
    );
}

#[tokio::test(start_paused = true)]
async fn a_token_that_ran_out_and_a_webhook_that_fails_are_tried_again() {
    let refused = |code, reason: &str, message: &str| {
        world().happening(
            When::Before(Matching::first("create", "pods/eviction")),
            What::Disturb(Disturbance::Refuse {
                code,
                reason: reason.into(),
                message: message.into(),
                retry_after: None,
            }),
        )
    };
    for (code, reason, message) in [
        (401, "Unauthorized", "Unauthorized"),
        (
            500,
            "InternalError",
            "failed calling webhook \"x.example\": EOF",
        ),
        (500, "InternalError", "etcdserver: leader changed"),
        (503, "ServiceUnavailable", "apiserver is shutting down"),
        (
            504,
            "Timeout",
            "couldn't update PodDisruptionBudget due to conflicts",
        ),
    ] {
        let drained = drain(refused(code, reason, message), &["node-1"]).await;
        assert_eq!(
            drained.exit(),
            Exit::Ok,
            "{code} {message}: {:?}",
            drained.outcomes
        );
        assert!(matches!(drained.outcome("node-1"), Outcome::Drained { .. }));
    }
}

#[tokio::test(start_paused = true)]
async fn a_cordon_that_is_refused_evicts_nothing() {
    let world = world().happening(
        When::Before(Matching::first("patch", "nodes")),
        What::Disturb(Disturbance::Refuse {
            code: 403,
            reason: "Forbidden".into(),
            message: "no cordons today".into(),
            retry_after: None,
        }),
    );
    let drained = drain(world, &["node-1"]).await;
    assert_eq!(drained.exit(), Exit::Stopped, "{:?}", drained.end);
    assert!(matches!(
        drained.failed("node-1"),
        (Step::Cordon, Reason::NodePatchDenied { .. })
    ));
    assert!(drained.acts().iter().all(|act| !act.starts_with("evict")));
}
