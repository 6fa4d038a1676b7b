//! Cordon: unschedulable and marked, in one patch against the version that was judged. Done only when the node was
//! read back so, where kubectl goes on evicting after a cordon that failed (kubectl#1568).

use super::{Check, Sight, settle_on};
use crate::core::engine::{Act, Course};
use crate::core::mark::{Marked, marked};
use crate::core::reason::Reason;

pub(super) fn check(sight: Sight<'_>) -> Check {
    settle_on(judge(sight))
}

fn judge(sight: Sight<'_>) -> Result<Check, Check> {
    let until = sight.since + sight.settings.timeouts.ready;
    sight.pause(until)?;
    let node = sight.node()?;
    sight.same_boot(node)?;
    match marked(node) {
        Marked::By(mark) if mark.run == *sight.run && node.cordoned => Ok(Check::Done),
        // Marked, and yet open: somebody uncordoned between our patch and now.
        Marked::By(mark) if mark.run == *sight.run => Ok(Check::Blocked(Reason::UncordonedByOther)),
        Marked::No => {
            if sight.settings.course == Course::Roll {
                sight.kured_keeps_still(until)?;
            }
            Ok(Check::Act(vec![Act::Cordon]))
        }
        Marked::By(mark) => Ok(Check::Blocked(Reason::ForeignMark {
            node: node.name.clone(),
            run: mark.run.as_str().to_owned(),
        })),
        Marked::Unreadable(run) => Ok(Check::Blocked(Reason::ForeignMark {
            node: node.name.clone(),
            run,
        })),
    }
}
