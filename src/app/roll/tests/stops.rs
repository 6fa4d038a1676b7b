//! What stops a roll: each in its own words, with the node in the stated condition and the next one untouched.

use std::time::Duration;

use super::{Rolled, roll, three};
use crate::core::engine::{Left, Outcome, Step};
use crate::core::event::Fact;
use crate::core::reason::Reason;
use crate::exit::Exit;
use crate::sim::{Bound, Budget, Ending, Matching, What as Happens, When, Workload};

fn assert_next_untouched(rolled: &Rolled) {
    assert_eq!(
        rolled.exit(),
        Exit::Stopped,
        "{:?} {:?}",
        rolled.end,
        rolled.outcomes
    );
    assert_eq!(rolled.boots("node-2"), 0);
    assert!(!rolled.cordoned("node-2"));
    assert!(!rolled.marked("node-2"));
    assert!(
        !rolled.acts().iter().any(|act| act.contains("node-2")),
        "{:?}",
        rolled.acts()
    );
}

fn assert_kept(rolled: &Rolled) {
    assert!(rolled.cordoned("node-1"));
    assert!(rolled.marked("node-1"));
    assert!(matches!(
        rolled.outcome("node-1"),
        Outcome::Failed {
            left: Left::Cordoned,
            ..
        }
    ));
    assert!(
        !rolled.acts().iter().any(|act| act.starts_with("uncordon")),
        "{:?}",
        rolled.acts()
    );
}

fn assert_restored(rolled: &Rolled) {
    assert!(!rolled.cordoned("node-1"));
    assert!(!rolled.marked("node-1"));
    assert_eq!(rolled.boots("node-1"), 0);
    assert!(matches!(
        rolled.outcome("node-1"),
        Outcome::Failed {
            left: Left::Restored,
            ..
        }
    ));
    assert!(
        !rolled.acts().iter().any(|act| act.starts_with("ask")),
        "{:?}",
        rolled.acts()
    );
}

async fn ending(ending: Ending) -> Rolled {
    let world = three().with_machine("node-1", |machine| machine.reboot.ending = ending.clone());
    roll(world, &[]).await
}

#[tokio::test(start_paused = true)]
async fn an_ask_that_changes_nothing_stops_at_return_and_keeps_the_node_cordoned() {
    let rolled = ending(Ending::NothingHappens).await;
    assert_next_untouched(&rolled);
    assert_kept(&rolled);
    assert!(matches!(
        rolled.failed("node-1"),
        (Step::Return, Reason::AwaitingBoot { .. })
    ));
    assert!(rolled.took >= Duration::from_secs(300), "{:?}", rolled.took);
}

#[tokio::test(start_paused = true)]
async fn a_node_that_never_returns_stops_at_return() {
    let rolled = ending(Ending::NeverReturns).await;
    assert_next_untouched(&rolled);
    assert_kept(&rolled);
    assert!(matches!(
        rolled.failed("node-1"),
        (Step::Return, Reason::AwaitingBoot { .. })
    ));
}

#[tokio::test(start_paused = true)]
async fn a_node_that_returns_not_ready_stops_with_other_words_than_one_that_does_not_return() {
    let rolled = ending(Ending::StaysNotReady).await;
    assert_next_untouched(&rolled);
    assert_kept(&rolled);
    assert!(matches!(
        rolled.failed("node-1"),
        (Step::Return, Reason::AwaitingReady { .. })
    ));
    assert_eq!(rolled.boots("node-1"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_flag_that_stays_stops_at_verify() {
    let rolled = ending(Ending::KeepsFlag).await;
    assert_next_untouched(&rolled);
    assert_kept(&rolled);
    assert!(matches!(
        rolled.failed("node-1"),
        (Step::Verify, Reason::StillPending { .. })
    ));
    assert_eq!(rolled.boots("node-1"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_budget_that_allows_nothing_is_named_within_five_seconds_and_the_node_restored() {
    let world = three().with_budget_once_locked("web", &Bound::MinAvailable("2".into()));
    let rolled = roll(world, &["--drain-timeout", "40s"]).await;
    assert_next_untouched(&rolled);
    assert_restored(&rolled);
    let (step, reason) = rolled.failed("node-1");
    assert_eq!(step, Step::Drain);
    assert!(
        matches!(reason, Reason::Budget { budget, message, .. }
            if budget == "web" && message.contains("needs 2 healthy pods and has 2 currently")),
        "{reason:?}"
    );
    let evicting = rolled
        .events
        .iter()
        .find(|event| event.step == Some(Step::Drain))
        .expect("a drain");
    let named = rolled
        .events
        .iter()
        .find(|event| {
            matches!(
                &event.what,
                crate::core::event::What::StepWaiting {
                    reason: Reason::Budget { .. },
                    ..
                }
            )
        })
        .expect("the budget named");
    assert!(named.ts.duration_since(evicting.ts) <= jiff::SignedDuration::from_secs(5));
    // A budget that is shut is asked about every two seconds, not in a loop.
    let tries = rolled
        .acts()
        .iter()
        .filter(|act| act.contains("evict") && act.contains("429"))
        .count();
    assert!((10..=25).contains(&tries), "{tries}");
}

#[tokio::test(start_paused = true)]
async fn a_pod_with_two_budgets_stops_the_drain_at_once() {
    // Who may not list budgets learns it by the eviction alone.
    let world = three()
        .budget(Budget::min_available("web", 1).named("web-too"))
        .forbidden("list", "poddisruptionbudgets");
    let rolled = roll(world, &[]).await;
    assert_next_untouched(&rolled);
    assert_restored(&rolled);
    assert!(matches!(
        rolled.failed("node-1"),
        (Step::Drain, Reason::SeveralBudgets { .. })
    ));
    assert!(rolled.took < Duration::from_secs(60), "{:?}", rolled.took);
}

#[tokio::test(start_paused = true)]
async fn a_pod_that_does_not_go_is_named_and_the_node_never_rebooted() {
    let mut stubborn = Workload::deployment("stuck", 6);
    stubborn.finalizers = vec!["example.com/keep".into()];
    let rolled = roll(three().workload(stubborn), &["--drain-timeout", "1m"]).await;
    assert_next_untouched(&rolled);
    assert_restored(&rolled);
    let (step, reason) = rolled.failed("node-1");
    assert_eq!(step, Step::Drain);
    assert!(
        matches!(reason, Reason::Terminating { pods } if !pods.is_empty()),
        "{reason:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn somebody_elses_uncordon_stops_the_drain_and_is_not_fought() {
    let evict = Matching::first("create", "pods/eviction");
    let world = three()
        .with_budget_once_locked("web", &Bound::MinAvailable("2".into()))
        .happening(
            When::After(evict, Duration::from_secs(5)),
            Happens::Uncordon("node-1".into()),
        );
    let rolled = roll(world, &[]).await;
    assert_next_untouched(&rolled);
    assert_eq!(
        rolled.failed("node-1"),
        (Step::Drain, &Reason::UncordonedByOther)
    );
    assert_restored(&rolled);
    assert_eq!(
        rolled
            .acts()
            .iter()
            .filter(|act| act.starts_with("cordon"))
            .count(),
        1
    );
}

#[tokio::test(start_paused = true)]
async fn a_node_replaced_while_it_reboots_is_not_taken_for_the_old_one() {
    let ask = Matching::first("create", "pods").holding("\"name\":\"reboot-");
    let world = three().happening(
        When::After(Matching { nth: 2, ..ask }, Duration::from_secs(20)),
        Happens::ReplaceNode("node-1".into()),
    );
    let rolled = roll(world, &[]).await;
    assert_next_untouched(&rolled);
    assert!(
        matches!(
            rolled.failed("node-1"),
            (Step::Return, Reason::NodeReplaced { .. })
        ),
        "{:?}",
        rolled.outcomes
    );
}

#[tokio::test(start_paused = true)]
async fn a_node_that_boots_by_another_hand_before_the_ask_is_not_rebooted_again() {
    let evict = Matching::first("create", "pods/eviction");
    let world = three()
        .with_budget_once_locked("web", &Bound::MinAvailable("2".into()))
        .happening(
            When::After(evict, Duration::from_secs(3)),
            Happens::RebootNode("node-1".into()),
        );
    let rolled = roll(world, &[]).await;
    assert_next_untouched(&rolled);
    assert!(
        matches!(
            rolled.failed("node-1"),
            (Step::Drain, Reason::BootedMeanwhile { .. })
        ),
        "{:?}",
        rolled.outcomes
    );
    assert_eq!(rolled.boots("node-1"), 1);
    assert!(!rolled.acts().iter().any(|act| act.starts_with("ask")));
}

#[tokio::test(start_paused = true)]
async fn a_script_that_refuses_on_the_node_stops_in_its_words() {
    let rolled = ending(Ending::Refuses("init".into())).await;
    // The proof before the first cordon finds it out.
    assert_eq!(rolled.exit(), Exit::Stopped);
    assert!(
        matches!(
            rolled.failed("node-1"),
            (Step::Gate, Reason::RebootRefused { .. })
        ),
        "{:?}",
        rolled.outcomes
    );
    assert!(
        !rolled.acts().iter().any(|act| act.contains("cordon")),
        "{:?}",
        rolled.acts()
    );
}

#[tokio::test(start_paused = true)]
async fn a_cordon_whose_mark_somebody_took_is_not_told_as_untouched() {
    let evict = Matching::first("create", "pods/eviction");
    let world = three()
        .with_budget_once_locked("web", &Bound::MinAvailable("2".into()))
        .happening(
            When::After(evict, Duration::from_secs(5)),
            Happens::Annotate {
                node: "node-1".into(),
                key: crate::core::mark::KEY.into(),
                value: None,
            },
        );
    let rolled = roll(world, &[]).await;
    assert_next_untouched(&rolled);
    assert!(rolled.cordoned("node-1"));
    assert!(
        matches!(
            rolled.outcome("node-1"),
            Outcome::Failed {
                step: Step::Drain,
                reason: Reason::MarkChanged,
                left: Left::Unsure,
            }
        ),
        "{:?}",
        rolled.outcomes
    );
}

/// The first node's gate waits for a package manager; meanwhile somebody cordons the third.
#[tokio::test(start_paused = true)]
async fn a_limit_that_fills_while_the_gate_waits_is_seen_before_the_cordon() {
    let busy = |processes: &[&str]| Happens::Packaging {
        node: "node-1".into(),
        processes: processes.iter().map(|&name| name.into()).collect(),
    };
    let at = |seconds| When::At(Duration::from_secs(seconds));
    let world = three()
        .happening(at(0), busy(&["dpkg"]))
        .happening(at(60), busy(&[]))
        .happening(at(30), Happens::Cordon("node-3".into()));
    let rolled = roll(world.clone(), &["--ready-timeout", "3m"]).await;
    assert_eq!(rolled.exit(), Exit::Stopped, "{:?}", rolled.outcomes);
    assert!(matches!(
        rolled.failed("node-1"),
        (Step::Gate, Reason::Limit { limit: 1, unavailable, .. }) if unavailable == &["node-3".into()]
    ));
    assert!(
        !rolled.acts().iter().any(|act| act.starts_with("cordon")),
        "{:?}",
        rolled.acts()
    );

    let rolled = roll(
        world.happening(at(90), Happens::Uncordon("node-3".into())),
        &["--ready-timeout", "3m"],
    )
    .await;
    assert_eq!(rolled.exit(), Exit::Ok, "{:?}", rolled.outcomes);
}

#[tokio::test(start_paused = true)]
async fn what_another_machine_under_the_name_does_is_not_told_as_the_nodes_own() {
    let ask = Matching::first("create", "pods").holding("\"name\":\"reboot-");
    let world = three().happening(
        When::After(Matching { nth: 2, ..ask }, Duration::from_secs(20)),
        Happens::ReplaceNode("node-1".into()),
    );
    let rolled = roll(world, &[]).await;
    let told = rolled.events.iter().filter(|event| {
        matches!(
            &event.what,
            crate::core::event::What::Observed {
                fact: Fact::NewBoot { .. } | Fact::Ready {}
            }
        )
    });
    assert_eq!(told.count(), 0);
}
