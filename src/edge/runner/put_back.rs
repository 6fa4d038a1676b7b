//! Undoing a cordon when a run ends before the ask: the node as it was, if it still is as we left it.

use super::perform::Hands;
use crate::core::by_hand::by_hand;
use crate::core::engine::{Left, Patched};
use crate::core::mark::{Marked, marked};
use crate::core::model::RunId;
use crate::core::plan::Target;
use crate::edge::cluster::node_patch;

/// Restores the node; repeats over conflicts and outages until it is done or the caller's time is up. Reads the node
/// first: nothing is undone on a guess, and what does not carry this run's mark is not this run's to undo.
pub(super) async fn restore(hands: &Hands, target: &Target, run: &RunId) -> Left {
    loop {
        if !hands.fence.holds() {
            // Without the lock the node may be in another run's hands by now.
            return Left::Unsure;
        }
        match node_patch::read(&hands.client, &target.name).await {
            Ok(Some(node)) if node.uid == target.uid => match marked(&node) {
                Marked::By(mark) if mark.run == *run => {
                    match node_patch::restore(&hands.client, &node, &mark).await {
                        Patched::Now(node) if by_hand(&node).is_some() => {
                            return Left::CordonedByHand;
                        }
                        Patched::Now(_) => return Left::Restored,
                        Patched::Conflict => continue,
                        Patched::Gone => return Left::Unsure,
                        Patched::Denied(_) => return Left::Cordoned,
                        Patched::Lost(_) => {}
                    }
                }
                // Somebody took the mark and left the cordon, or cordoned it just now: whose it is cannot be told any more.
                Marked::No if node.cordoned && !target.cordoned_before => return Left::Unsure,
                Marked::No => return Left::Untouched,
                Marked::By(_) | Marked::Unreadable(_) => return Left::Unsure,
            },
            Ok(_) => return Left::Unsure,
            Err(_) => {}
        }
        tokio::time::sleep(std::time::Duration::from_millis(250)).await;
    }
}
