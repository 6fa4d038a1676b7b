//! The beginning of a run that is gone on with: every mark of it is written anew, against the one that is there, before
//! anything else. A patch of the run's first life that is still on its way tests the old one, and fails.

use std::time::Duration;

use super::Runner;
use super::perform::Hands;
use crate::core::engine::{Act, Patched};
use crate::core::event::What;
use crate::core::mark::{Marked, marked};
use crate::core::model::NodeName;
use crate::core::reason::Reason;
use crate::edge::cluster::node_patch;

/// An API server that is away for longer ends the run before it goes on.
const PATIENCE: Duration = Duration::from_secs(300);
pub(super) const PAUSE: Duration = Duration::from_millis(500);

impl Runner<'_> {
    /// Rewrites the marks. `Some`: the run cannot be gone on with.
    pub(super) async fn take_over(&mut self) -> Option<Reason> {
        let until = self.clock.now().mono + PATIENCE;
        let in_hand: Vec<NodeName> = self.earlier.in_hand.keys().cloned().collect();
        for name in in_hand {
            let mut told = false;
            loop {
                if self.signal().is_some() {
                    // The loop sees it next.
                    return None;
                }
                if let Some(lost) = self.keep_lock().await {
                    return Some(lost);
                }
                let (hands, sent) = (self.hands.clone(), |step| {
                    if !told {
                        told = true;
                        let act = Act::Intend { step };
                        self.emit(Some(name.clone()), Some(step), What::StepIntent { act });
                    }
                });
                match rewrite(&hands, &name, sent).await {
                    Rewritten::Done => break,
                    Rewritten::Again => {}
                    Rewritten::Denied(reason) => return Some(reason),
                    Rewritten::Passing(reason) => {
                        if self.clock.now().mono >= until {
                            return Some(reason);
                        }
                        tokio::time::sleep(PAUSE).await;
                    }
                }
            }
        }
        None
    }
}

enum Rewritten {
    Done,
    /// It changed meanwhile.
    Again,
    Passing(Reason),
    Denied(Reason),
}

/// One try at one node. What does not carry the run's mark any more is not the run's.
async fn rewrite(
    hands: &Hands,
    name: &NodeName,
    sent: impl FnOnce(crate::core::engine::Step),
) -> Rewritten {
    if !hands.fence.holds() {
        return Rewritten::Again;
    }
    let node = match node_patch::read(&hands.client, name).await {
        Ok(Some(node)) => node,
        Ok(None) => return Rewritten::Done,
        Err(refusal) => {
            return match super::perform::trouble(refusal) {
                Ok(passing) => Rewritten::Passing(passing),
                Err(denied) => Rewritten::Denied(denied),
            };
        }
    };
    let mark = match marked(&node) {
        Marked::By(mark) if mark.run == hands.run => mark,
        Marked::No | Marked::By(_) | Marked::Unreadable(_) => return Rewritten::Done,
    };
    sent(mark.step);
    let again = mark.intending(mark.step, hands.clock.wall());
    match node_patch::intend(&hands.client, &node, &again).await {
        Patched::Now(_) | Patched::Gone => Rewritten::Done,
        Patched::Conflict => Rewritten::Again,
        Patched::Denied(reason) => Rewritten::Denied(reason),
        Patched::Lost(reason) => Rewritten::Passing(reason),
    }
}
