//! AKS begins to work on a node while a roll is under way: no further node is begun, and what was begun comes to its end.

use std::time::Duration;

use super::{Rolled, roll, three};
use crate::core::reason::Reason;
use crate::edge::runner::Ended;
use crate::exit::Exit;
use crate::sim::{What as Happens, When};

const SIGN: &str = "kubernetes.azure.com/azure-cluster-autoscaler-scale-down-disabled-reason";

/// That long after the first node was asked to reboot.
fn in_reboot(seconds: u64) -> When {
    When::Marked {
        node: "node-1".into(),
        step: "Reboot".into(),
        later: Duration::from_secs(seconds),
    }
}

fn sign(value: Option<&str>) -> Happens {
    Happens::Annotate {
        node: "node-3".into(),
        key: SIGN.into(),
        value: value.map(str::to_owned),
    }
}

fn assert_held(rolled: &Rolled) {
    assert!(
        matches!(
            &rolled.ended,
            Some(Ended::Stopped(Reason::AksOperation { node, .. })) if node.as_str() == "node-3"
        ),
        "{:?}",
        rolled.ended
    );
    assert_eq!(rolled.exit(), Exit::Locked);
    assert_eq!((rolled.boots("node-1"), rolled.boots("node-2")), (1, 0));
    assert!(!rolled.cordoned("node-1") && !rolled.cordoned("node-2"));
}

#[tokio::test(start_paused = true)]
async fn a_sign_that_appears_holds_the_next_node() {
    let world = three().happening(in_reboot(5), sign(Some("upgrade")));
    assert_held(&roll(world, &[]).await);
}

#[tokio::test(start_paused = true)]
async fn a_sign_outlives_watches_that_break_off() {
    let world = three()
        .happening(in_reboot(5), sign(Some("upgrade")))
        .happening(in_reboot(10), Happens::Forget)
        .happening(in_reboot(10), Happens::CutWatches);
    assert_held(&roll(world, &[]).await);
}

#[tokio::test(start_paused = true)]
async fn a_sign_that_is_gone_again_holds_nothing_whichever_way_it_went() {
    let world = three().happening(in_reboot(5), sign(Some("upgrade")));
    let missed = || {
        world
            .clone()
            .happening(in_reboot(10), Happens::Forget)
            .happening(in_reboot(10), Happens::CutWatches)
    };
    let gone = || Happens::RemoveNode("node-3".into());
    for world in [
        world.clone().happening(in_reboot(10), sign(None)),
        world.clone().happening(in_reboot(10), gone()),
        missed().happening(in_reboot(10), sign(None)),
        missed().happening(in_reboot(10), gone()),
    ] {
        let rolled = roll(world, &[]).await;
        assert_eq!(rolled.exit(), Exit::Ok, "{:?}", rolled.ended);
        assert_eq!((rolled.boots("node-1"), rolled.boots("node-2")), (1, 1));
    }
}
