//! SIGINT in each step: out within five seconds, in the stated condition.

use std::time::Duration;

use super::{Rolled, roll_with, three};
use crate::core::engine::{Left, Outcome, Step};
use crate::core::event::What;
use crate::edge::runner::Signal;
use crate::exit::Exit;
use crate::sim::{Bound, World};

/// Interrupts the first node as it comes to `step`, and tells how long the rest took.
async fn interrupted_at(step: Step, world: World) -> (Rolled, Duration) {
    let mut sent = None;
    let mut last = None;
    let rolled = roll_with(world, &[], |event, _, signal| {
        let comes = match &event.what {
            What::StepDone {} => event.step.and_then(Step::next) == Some(step),
            What::NodeStarted {} => step == Step::Gate,
            _ => false,
        };
        if comes && sent.is_none() {
            sent = Some(event.ts);
            signal
                .send(Some(Signal::Interrupt))
                .expect("somebody listens");
        }
        last = Some(event.ts);
    })
    .await;
    let took = last
        .expect("events")
        .duration_since(sent.expect("the step came"));
    (rolled, Duration::try_from(took).expect("time goes forward"))
}

#[tokio::test(start_paused = true)]
async fn an_interrupted_node_is_restored_before_the_ask_and_kept_cordoned_after_it() {
    for step in Step::ALL {
        let (rolled, took) = interrupted_at(step, three()).await;
        assert_eq!(rolled.exit(), Exit::Interrupted, "{step:?}");
        assert!(took <= Duration::from_secs(5), "{step:?} took {took:?}");
        let Outcome::Interrupted { left, .. } = rolled.outcome("node-1") else {
            panic!("{step:?}: {:?}", rolled.outcomes)
        };
        let (cordoned, marked) = (rolled.cordoned("node-1"), rolled.marked("node-1"));
        match step {
            Step::Gate | Step::Cordon | Step::Drain => {
                assert!(
                    !cordoned && !marked,
                    "{step:?}: cordoned {cordoned}, marked {marked}"
                );
                assert!(
                    matches!(left, Left::Untouched | Left::Restored),
                    "{step:?}: {left:?}"
                );
            }
            Step::Reboot | Step::Return | Step::Verify | Step::Uncordon => {
                assert!(
                    cordoned && marked,
                    "{step:?}: cordoned {cordoned}, marked {marked}"
                );
                assert_eq!(*left, Left::Cordoned, "{step:?}");
            }
            Step::Settle => {
                assert!(
                    !cordoned && marked,
                    "{step:?}: cordoned {cordoned}, marked {marked}"
                );
                assert_eq!(*left, Left::InService);
            }
        }
        assert_eq!(rolled.boots("node-2"), 0, "{step:?}");
        assert!(!rolled.marked("node-2"), "{step:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_drain_that_is_interrupted_while_a_budget_blocks_it_is_undone() {
    let world = three().with_budget_once_locked("web", &Bound::MinAvailable("2".into()));
    let mut sent = false;
    let rolled = roll_with(world, &[], |event, _, signal| {
        if matches!(&event.what, What::StepWaiting { .. })
            && event.step == Some(Step::Drain)
            && !sent
        {
            sent = true;
            signal
                .send(Some(Signal::Terminate))
                .expect("somebody listens");
        }
    })
    .await;
    assert_eq!(rolled.exit(), Exit::Terminated);
    assert!(!rolled.cordoned("node-1") && !rolled.marked("node-1"));
    rolled.assert_nothing_left(&["node-1"]);
}
