//! Reboot: the one ask. Its intent is in the mark first; the node is cordoned, empty by a list not older than a few
//! seconds, and on the planned boot. After a lost reply it looks before it asks again.

use std::time::Duration;

use super::{Check, Sight, settle_on};
use crate::core::engine::{Act, Ask, KuredSeen, NodeClock, Step};
use crate::core::reason::Reason;

/// A probe that did not say is repeated after this.
const PROBE_AGAIN: Duration = Duration::from_secs(5);

/// An empty list older than this is not good enough to reboot on, nor is the word that nobody holds all reboots.
const READ_IS_FRESH: Duration = Duration::from_secs(10);

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
    let until = sight.since + settings.timeouts.ready;
    match &seen.ask {
        Ask::Asked { .. } => return Ok(Check::Done),
        Ask::Denied(reason) => return Ok(Check::Blocked(reason.clone())),
        Ask::NotAsked | Ask::Lost => {}
    }
    if seen.ask == Ask::Lost
        && seen
            .here()
            .is_some_and(|node| node.boot.as_ref() != Some(&sight.target.boot))
    {
        // The boot that was to end has ended. Whatever became of the ask, there is nothing left to ask for.
        return Ok(Check::Done);
    }
    sight.pause(until)?;
    if seen.ask == Ask::Lost {
        return Ok(Check::Act(vec![Act::ReadAsk]));
    }
    let node = sight.node()?;
    let mark = sight.mark(node)?;
    sight.same_boot(node)?;
    sight.not_kept(node)?;
    if !node.cordoned {
        return Err(Check::Blocked(Reason::UncordonedByOther));
    }
    if mark.step != Step::Reboot {
        return Ok(Check::Act(vec![Act::Intend { step: Step::Reboot }]));
    }
    // Set while the node drained, it still stops the reboot.
    if let Some((_, hold)) = &seen.hold
        && let Some(by) = hold.blocks(now.wall)
    {
        return Err(Check::Blocked(by));
    }
    if seen.clock == NodeClock::Unknown {
        // The run was gone on with after Gate; besides, the probe shows that the image is still on the node.
        return Ok(clock(sight, until));
    }
    let leaving = seen.leaving(&settings.drain);
    if !leaving.is_empty() {
        let pods = leaving.iter().map(|pod| pod.key.clone()).collect();
        return Err(Check::Blocked(Reason::Terminating { pods }));
    }
    // Lost while the node drained: it is not waited for with the node out of service.
    if let Some((_, KuredSeen::Held(reason))) = &seen.kured {
        return Err(Check::Blocked(reason.clone()));
    }
    sight.kured_keeps_still(until)?;
    let is_fresh = |read: Option<Duration>| read.is_some_and(|at| now.mono <= at + READ_IS_FRESH);
    let mut reads = Vec::new();
    if !is_fresh(seen.last_list) {
        reads.push(Act::ListPods);
    }
    if !is_fresh(seen.hold.as_ref().map(|(at, _)| *at)) {
        reads.push(Act::ReadHold);
    }
    if !reads.is_empty() {
        return Ok(Check::Act(reads));
    }
    Ok(Check::Act(vec![Act::Ask]))
}

/// Reads the node's clock.
fn clock(sight: Sight<'_>, until: Duration) -> Check {
    let Some(probed) = &sight.seen.probe else {
        return Check::Act(vec![Act::Probe]);
    };
    let again = probed.at + PROBE_AGAIN;
    if sight.now.mono >= again && sight.now.mono < until {
        return Check::Act(vec![Act::Probe]);
    }
    let why = match &probed.answer {
        Some(_) => Reason::Unreadable {
            what: "the node's clock".into(),
            message: "the probe did not say".into(),
        },
        None => Reason::VerdictUnknown {
            because: probed.verdict.reasons.clone(),
        },
    };
    sight.wait(why, Some(again), until)
}
