//! Return: the boot ID is new, the kubelet is back, and Ready has held for a while. Only the boot ID proves a reboot:
//! not an exit code, not a pod's phase, not a Ready that is still the old one.

use std::time::Duration;

use super::{Check, SOON, Sight, settle_on};
use crate::core::engine::{Act, Ask, NodeSeen};
use crate::core::model::{Node, Readiness};
use crate::core::reason::Reason;

/// Between two reads of the Lease whose renewal is not urgent.
const LEISURE: Duration = Duration::from_secs(5);

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
    let Some(booted_at) = seen.booted_at else {
        return not_booted(sight);
    };
    let until = booted_at + settings.timeouts.ready;
    let node = sight.node()?;
    sight.mark(node)?;
    let Some(ready_since) = seen.ready_since else {
        return Ok(sight.wait(
            Reason::AwaitingReady {
                detail: unready(node),
            },
            None,
            until,
        ));
    };
    let lease = seen.lease.as_ref();
    let renewed = lease.is_some_and(|lease| lease.first != lease.latest);
    let sustained_at = ready_since + settings.timeouts.sustained_ready;
    let next_read = lease.map_or(now.mono, |lease| {
        lease.read_at + pause(lease.read_at, sustained_at)
    });
    if !renewed && now.mono >= next_read {
        sight.pause(until)?;
        return Ok(Check::Act(vec![Act::ReadNodeLease]));
    }
    if now.mono < sustained_at {
        let seconds = settings.timeouts.sustained_ready.as_secs();
        let again = if renewed {
            sustained_at
        } else {
            sustained_at.min(next_read)
        };
        return Ok(sight.wait(
            Reason::AwaitingSustainedReady { seconds },
            Some(again),
            until,
        ));
    }
    if !renewed {
        return Ok(sight.wait(Reason::AwaitingLease, Some(next_read), until));
    }
    Ok(Check::Done)
}

/// How long after a read of the Lease it is read again: seldom while Ready must hold for longer anyway, and as soon as may
/// be once nothing else is waited for. A kubelet renews every ten seconds.
fn pause(read_at: Duration, sustained_at: Duration) -> Duration {
    sustained_at.saturating_sub(read_at).clamp(SOON, LEISURE)
}

fn not_booted(sight: Sight<'_>) -> Result<Check, Check> {
    let Sight {
        seen,
        settings,
        target,
        ..
    } = sight;
    let asked_at = match seen.ask {
        Ask::Asked { at } => at,
        Ask::NotAsked | Ask::Lost | Ask::Denied(_) => sight.since,
    };
    let until = asked_at + settings.timeouts.reboot;
    if let NodeSeen::Here(node) = &seen.node
        && node.uid != target.uid
    {
        return Err(Check::Blocked(Reason::NodeReplaced {
            planned: target.uid.clone(),
            found: node.uid.clone(),
        }));
    }
    if let Some(refused) = &seen.ask_refused {
        return Err(Check::Blocked(refused.clone()));
    }
    Ok(sight.wait(
        Reason::AwaitingBoot {
            boot: target.boot.clone(),
        },
        None,
        until,
    ))
}

/// Why a node is not Ready, in the words of its condition.
pub(super) fn unready(node: &Node) -> String {
    match &node.readiness {
        Readiness::Ready => "Ready".into(),
        Readiness::NotReady(reason) => format!("NotReady ({reason})"),
        Readiness::Unknown(reason) => format!("Unknown ({reason})"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{LEISURE, SOON, pause};

    #[test]
    fn the_lease_is_read_often_only_when_nothing_else_is_waited_for() {
        let pause = |read_at, sustained_at| {
            pause(
                Duration::from_secs(read_at),
                Duration::from_secs(sustained_at),
            )
        };
        assert_eq!(pause(0, 20), LEISURE);
        // The read that falls on the moment itself is not put off.
        assert_eq!(pause(17, 20), Duration::from_secs(3));
        assert_eq!(pause(20, 20), SOON);
        assert_eq!(pause(31, 20), SOON);
    }
}
