//! Settle: the workloads whose pods left have their Ready pods back, as many as before or as they now want. That is
//! written down first, where a resumed run finds it; then the mark goes, and with it the last trace of the run on the node.

use std::time::Duration;

use super::{Check, SOON, Sight, settle_on};
use crate::core::engine::{Act, Conclusion, Workload};
use crate::core::mark::{Marked, marked};
use crate::core::reason::{Reason, WorkloadGap};

pub(super) fn check(sight: Sight<'_>) -> Check {
    settle_on(judge(sight))
}

fn judge(sight: Sight<'_>) -> Result<Check, Check> {
    let Sight {
        seen,
        settings,
        now,
        ..
    } = sight;
    let until = sight.since + settings.timeouts.settle;
    sight.pause(until)?;
    let node = sight.node()?;
    if marked(node) == Marked::No {
        return Ok(Check::Done);
    }
    sight.mark(node)?;
    if seen.conclusion == Conclusion::WrittenDown {
        return Ok(Check::Act(vec![Act::Unmark]));
    }
    let Some(baseline) = &seen.baseline else {
        return Err(Check::Blocked(Reason::BaselineMissing));
    };
    let before = &baseline.workloads;
    let read_at = seen
        .workloads
        .as_ref()
        .map_or(Duration::ZERO, |(at, _)| *at);
    let Some((_, workloads)) = &seen.workloads else {
        return Ok(Check::Act(vec![if before.is_empty() {
            Act::Conclude
        } else {
            Act::ReadWorkloads
        }]));
    };
    let behind = behind(before, workloads);
    if behind.is_empty() {
        return Ok(Check::Act(vec![Act::Conclude]));
    }
    if now.mono >= read_at + SOON && now.mono < until {
        return Ok(Check::Act(vec![Act::ReadWorkloads]));
    }
    Ok(sight.wait(
        Reason::AwaitingWorkloads { behind },
        Some(read_at + SOON),
        until,
    ))
}

/// Workloads with fewer Ready pods than they had and still want. One that was scaled down or deleted meanwhile is
/// not behind, and one that was broken before need not be better now.
fn behind(before: &[Workload], now: &[Workload]) -> Vec<WorkloadGap> {
    before
        .iter()
        .filter_map(|then| {
            let now = now.iter().find(|now| now.key == then.key)?;
            let wanted = then.ready.min(now.wanted);
            (now.ready < wanted).then(|| WorkloadGap {
                workload: format!("{}/{}", then.key.namespace, then.key.owner.name),
                ready: now.ready,
                wanted,
            })
        })
        .collect()
}
