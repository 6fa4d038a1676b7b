//! Which nodes a roll takes: by pool, by age, those that are kept out, and those on which nothing is pending.

use super::{Rolled, roll, three};
use crate::core::plan::EXCLUDE;
use crate::core::reason::Reason;
use crate::exit::Exit;
use crate::sim::World;

fn boots(rolled: &Rolled) -> [u32; 3] {
    ["node-1", "node-2", "node-3"].map(|node| rolled.boots(node))
}

fn left_out<'a>(rolled: &'a Rolled, node: &str) -> &'a Reason {
    let plan = rolled.plan.as_ref().expect("a plan");
    let mut excluded = plan.report.excluded.iter();
    let found = excluded.find(|excluded| excluded.name.as_str() == node);
    &found
        .unwrap_or_else(|| panic!("{node} is not left out"))
        .reason
}

#[tokio::test(start_paused = true)]
async fn with_reboot_all_a_node_without_a_pending_reboot_is_rebooted_too() {
    let rolled = roll(three(), &["--reboot-all"]).await;
    assert_eq!(rolled.exit(), Exit::Ok, "{:?}", rolled.outcomes);
    assert_eq!(boots(&rolled), [1, 1, 1]);
    let named = roll(three(), &["node-3", "--reboot-all"]).await;
    assert_eq!(named.exit(), Exit::Ok, "{:?}", named.outcomes);
    assert_eq!(boots(&named), [0, 0, 1]);
    let without = roll(three(), &["node-3"]).await;
    assert_eq!(without.exit(), Exit::Refused);
    assert_eq!(boots(&without), [0, 0, 0]);
}

#[tokio::test(start_paused = true)]
async fn only_what_has_been_pending_for_long_enough_is_rebooted() {
    // Three days and one.
    let rolled = roll(three(), &["--pending-for", "2d"]).await;
    assert_eq!(rolled.exit(), Exit::Ok, "{:?}", rolled.outcomes);
    assert_eq!(boots(&rolled), [1, 0, 0]);
    assert!(matches!(
        left_out(&rolled, "node-2"),
        Reason::PendingTooShort {
            seconds: 172_800,
            ..
        }
    ));
}

fn kept_out(why: &str) -> World {
    three().with_machine("node-1", |machine| {
        machine.annotations.push((EXCLUDE.into(), why.into()));
    })
}

#[tokio::test(start_paused = true)]
async fn a_node_that_somebody_keeps_out_is_left_out_with_what_they_said() {
    for flags in [&[][..], &["--reboot-all"]] {
        let rolled = roll(kept_out("until the disk is replaced"), flags).await;
        assert_eq!(rolled.exit(), Exit::Stopped, "{:?}", rolled.outcomes);
        assert_eq!(rolled.boots("node-1"), 0);
        assert_eq!(rolled.boots("node-2"), 1);
        assert_eq!(
            left_out(&rolled, "node-1"),
            &Reason::KeptOut {
                why: "until the disk is replaced".into()
            }
        );
    }
    let named = roll(kept_out(""), &["node-1", "node-2"]).await;
    assert_eq!(named.exit(), Exit::Refused);
    assert_eq!(
        named.refusal(),
        "node-1 is kept out of every roll by its annotation aksreboot.dev/exclude"
    );
    assert_eq!(boots(&named), [0, 0, 0]);
}

#[tokio::test(start_paused = true)]
async fn the_pools_that_are_named_are_rolled_and_a_pool_that_is_not_there_is_said() {
    let pools = || {
        three()
            .with_machine("node-1", |machine| machine.pool = "blue".into())
            .with_machine("node-2", |machine| machine.pool = "green".into())
    };
    let rolled = roll(pools(), &["--pool", "green"]).await;
    assert_eq!(rolled.exit(), Exit::Ok, "{:?}", rolled.outcomes);
    assert_eq!(boots(&rolled), [0, 1, 0]);
    let unknown = roll(pools(), &["--pool", "gren"]).await;
    assert_eq!(unknown.exit(), Exit::Refused);
    assert!(unknown.refusal().contains("pool gren was not found"));
    assert_eq!(boots(&unknown), [0, 0, 0]);
}
