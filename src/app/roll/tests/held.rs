//! Rolls that meet a hold on the way.

use super::{roll_with, three};
use crate::app::hold::set;
use crate::core::engine::{Act, Step};
use crate::core::event::What as Told;
use crate::core::hold::Hold;
use crate::core::reason::Reason;
use crate::edge::connect::Cluster;
use crate::exit::Exit;

/// Set while a node drains it stops the roll before the ask, and the node is put back.
#[tokio::test(start_paused = true)]
async fn a_roll_that_is_under_way_asks_no_node_any_more() {
    let mut setting = None;
    let rolled = roll_with(three().namespace("aksreboot"), &[], |event, sim, _| {
        if event.step == Some(Step::Drain) && setting.is_none() {
            let sim = sim.clone();
            setting = Some(tokio::spawn(async move {
                let cluster = Cluster::over(sim.service(), "sim", "https://sim.invalid");
                let hold = Hold::new("ann", "bastion", sim.now(), None, "month-end freeze");
                set(&cluster, &hold, |_| {}).await.expect("a hold");
            }));
        }
    })
    .await;
    assert_eq!(rolled.exit(), Exit::Locked, "{:?}", rolled.outcomes);
    let (step, why) = rolled.failed("node-1");
    assert_eq!(step, Step::Reboot);
    assert!(matches!(why, Reason::Hold { .. }), "{why:?}");
    assert_eq!(rolled.boots("node-1"), 0);
    assert!(!rolled.cordoned("node-1") && !rolled.marked("node-1"));
    let asks = rolled
        .events
        .iter()
        .filter(|event| matches!(event.what, Told::StepIntent { act: Act::Ask }));
    assert_eq!(asks.count(), 0);
}
