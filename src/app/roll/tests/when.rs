//! When a node may begin: windows, pauses, the deadline.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::{Rolled, roll, three};
use crate::core::event::What;
use crate::core::model::NodeName;
use crate::core::reason::Reason;
use crate::exit::Exit;
use crate::sim::{What as Happens, When};

/// When each node began and ended, in the order of their beginning.
fn turns(rolled: &Rolled) -> Vec<(Timestamp, Timestamp)> {
    let at = |node: &NodeName, begins: bool| {
        let of_node = rolled
            .events
            .iter()
            .filter(|event| event.node.as_ref() == Some(node));
        let mut times = of_node.filter(|event| match event.what {
            What::NodeStarted {} => begins,
            What::NodeFinished { .. } => !begins,
            _ => false,
        });
        times.next().expect("an event").ts
    };
    let begun = rolled
        .events
        .iter()
        .filter(|event| matches!(event.what, What::NodeStarted {}));
    begun
        .map(|event| event.node.clone().expect("a node"))
        .map(|node| (at(&node, true), at(&node, false)))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn a_node_begins_only_within_a_window_and_is_brought_to_its_end_after_it() {
    let began = roll(three(), &[]).await.began;
    // Opens in about ten minutes for a minute, every day: each day has room for the beginning of one node.
    let opens = began + SignedDuration::from_mins(10);
    let closes = opens + SignedDuration::from_mins(1);
    let window = format!(
        "{}-{} UTC",
        opens.strftime("%H:%M"),
        closes.strftime("%H:%M")
    );
    let rolled = roll(three(), &["--window", &window]).await;
    assert_eq!(rolled.exit(), Exit::Ok, "{:?}", rolled.outcomes);
    let turns = turns(&rolled);
    let minute = |at: Timestamp| at.strftime("%H:%M").to_string();
    assert_eq!(turns.len(), 2);
    for (begin, end) in &turns {
        assert_eq!(minute(*begin), minute(opens));
        assert_ne!(
            minute(*end),
            minute(opens),
            "a reboot takes longer than the window"
        );
    }
    let apart = turns[1].0.duration_since(turns[0].0);
    assert!(apart >= SignedDuration::from_hours(23), "{apart}");
    assert!(
        rolled
            .waits()
            .iter()
            .any(|reason| matches!(reason, Reason::OutsideWindows { opens: Some(_), .. }))
    );
    // While it waited, the lock was kept; nothing but the run's own books was written.
    rolled.assert_nothing_left(&["node-1", "node-2"]);
}

/// The window opens and finds the limit full; it closes again, and opens the next day with room. Whoever slept until a moment
/// that has passed would never sleep again.
#[tokio::test(start_paused = true)]
async fn a_window_that_opens_or_closes_while_there_is_no_room_is_waited_through() {
    let began = roll(three(), &[]).await.began;
    let opens = began + SignedDuration::from_mins(10);
    let closes = opens + SignedDuration::from_mins(4);
    let window = format!(
        "{}-{} UTC",
        opens.strftime("%H:%M"),
        closes.strftime("%H:%M")
    );
    let at = |minutes: u64| When::At(Duration::from_secs(minutes * 60));
    let world = three()
        .happening(at(5), Happens::Cordon("node-3".into()))
        .happening(at(30), Happens::Uncordon("node-3".into()));
    let rolled = roll(world, &["--window", &window, "node-1"]).await;
    assert_eq!(rolled.exit(), Exit::Ok, "{:?}", rolled.outcomes);
    let waits = rolled.waits();
    assert!(waits.iter().any(|why| matches!(why, Reason::Limit { .. })));
    let begin = turns(&rolled)[0].0;
    assert!(
        begin.duration_since(began) >= SignedDuration::from_hours(23),
        "{begin}"
    );
}

#[tokio::test(start_paused = true)]
async fn the_next_wave_begins_after_the_pause() {
    let rolled = roll(three(), &["--pause-between", "7m"]).await;
    assert_eq!(rolled.exit(), Exit::Ok, "{:?}", rolled.outcomes);
    let turns = turns(&rolled);
    let pause = turns[1].0.duration_since(turns[0].1);
    let seven = SignedDuration::from_mins(7);
    assert!(
        pause >= seven && pause < seven + SignedDuration::from_secs(2),
        "{pause}"
    );
    let waits = rolled.waits();
    let pauses = waits
        .iter()
        .filter(|reason| matches!(reason, Reason::Pausing { .. }));
    assert_eq!(pauses.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn after_the_deadline_no_node_begins_and_the_one_under_way_is_brought_to_its_end() {
    let rolled = roll(three(), &["--deadline", "30s"]).await;
    assert_eq!(rolled.exit(), Exit::Deadline, "{:?}", rolled.outcomes);
    assert_eq!(rolled.outcomes.len(), 1);
    assert!(rolled.outcome("node-1").is_good());
    assert_eq!((rolled.boots("node-1"), rolled.boots("node-2")), (1, 0));
    rolled.assert_nothing_left(&["node-1", "node-2"]);

    let in_time = roll(three(), &["--deadline", "1h"]).await;
    assert_eq!(in_time.exit(), Exit::Ok);
    assert!(in_time.took < Duration::from_secs(3600));
}
