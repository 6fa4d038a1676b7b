//! Uncordon: only what this run cordoned, only with our own mark still on it, and never with an ask outstanding.

use super::{Check, Sight, settle_on};
use crate::core::engine::{Act, Step};
use crate::core::reason::Reason;

pub(super) fn check(sight: Sight<'_>) -> Check {
    settle_on(judge(sight))
}

fn judge(sight: Sight<'_>) -> Result<Check, Check> {
    let until = sight.since + sight.settings.timeouts.ready;
    sight.pause(until)?;
    let node = sight.node()?;
    let mark = sight.mark(node)?;
    if node.boot.as_ref() == Some(&sight.target.boot) || !sight.seen.ask_removed {
        return Err(Check::Blocked(Reason::AwaitingBoot {
            boot: sight.target.boot.clone(),
        }));
    }
    if mark.step == Step::Settle && node.cordoned == mark.cordoned_before {
        return Ok(Check::Done);
    }
    if mark.step == Step::Settle {
        // Somebody cordoned it again right after us: theirs to undo.
        return Ok(Check::Done);
    }
    Ok(Check::Act(vec![Act::Uncordon]))
}
