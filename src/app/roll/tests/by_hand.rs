//! A roll and what people do with `cordon --reason` meanwhile: the node is theirs.

use std::time::Duration;

use jiff::Timestamp;

use super::{roll, three};
use crate::core::by_hand::{CordonNote, KEY};
use crate::core::engine::{Left, Outcome, Step};
use crate::core::event::What as Told;
use crate::core::reason::Reason;
use crate::exit::Exit;
use crate::sim::{Bound, Matching, What, When};

fn note() -> String {
    CordonNote::new("ann@desk".into(), "disk errors", Timestamp::UNIX_EPOCH).text()
}

fn said() -> What {
    What::Annotate {
        node: "node-1".into(),
        key: KEY.into(),
        value: Some(note()),
    }
}

#[tokio::test(start_paused = true)]
async fn a_node_that_was_cordoned_by_hand_with_a_reason_is_left_out_and_named() {
    let world = three().with_machine("node-1", |machine| {
        machine.cordoned = true;
        machine.annotations.push((KEY.into(), note()));
    });
    let rolled = roll(world, &["--not-counted", "node-1"]).await;
    assert_eq!(rolled.exit(), Exit::Stopped, "{:?}", rolled.end);
    assert_eq!((rolled.boots("node-1"), rolled.boots("node-2")), (0, 1));
    assert!(rolled.cordoned("node-1") && !rolled.marked("node-1"));
    let plan = rolled.plan.as_ref().expect("a plan");
    assert!(plan.report.excluded.iter().any(|excluded| {
        excluded.name.as_str() == "node-1"
            && matches!(&excluded.reason, Reason::CordonedByHand { by, .. } if by == "ann@desk")
    }));
}

#[tokio::test(start_paused = true)]
async fn a_reason_given_while_the_node_is_drained_stops_the_roll_and_the_cordon_stays() {
    let evict = Matching::first("create", "pods/eviction");
    let world = three()
        .with_budget_once_locked("web", &Bound::MinAvailable("2".into()))
        .happening(When::After(evict, Duration::from_secs(5)), said());
    let rolled = roll(world, &[]).await;
    assert_eq!(rolled.exit(), Exit::Stopped, "{:?}", rolled.end);
    assert!(matches!(
        rolled.outcome("node-1"),
        Outcome::Failed {
            step: Step::Drain,
            reason: Reason::CordonedByHand { .. },
            left: Left::CordonedByHand,
        }
    ));
    assert!(rolled.cordoned("node-1") && !rolled.marked("node-1"));
    assert_eq!(rolled.boots("node-1"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_reason_given_while_the_node_reboots_keeps_it_cordoned_at_the_end() {
    let ask = Matching::first("create", "pods").holding("\"name\":\"reboot-");
    let world = three().happening(
        When::After(Matching { nth: 2, ..ask }, Duration::from_secs(3)),
        said(),
    );
    let rolled = roll(world, &["node-1"]).await;
    assert_eq!(
        rolled.exit(),
        Exit::Ok,
        "{:?} {:?}",
        rolled.end,
        rolled.outcomes
    );
    assert!(rolled.cordoned("node-1") && !rolled.marked("node-1"));
    assert_eq!(rolled.boots("node-1"), 1);
    assert!(rolled.events.iter().any(|event| matches!(
        &event.what,
        Told::Warning {
            reason: Reason::CordonedByHand { .. }
        }
    )));
}
