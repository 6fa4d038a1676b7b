//! Gate: everything that must hold before the node is touched. Reads only, except for a probe pod and the proof of
//! the reboot pod, both of which run beside the workloads and leave the node as it is, and for the run's own record.

use std::time::Duration;

use super::{Check, Sight, settle_on};
use crate::core::by_hand::by_hand;
use crate::core::drain;
use crate::core::engine::{Act, Course, KuredSeen, NodeSeen, Outcome, Probed};
use crate::core::evidence::{Listing, Need};
use crate::core::mark::{Marked, marked};
use crate::core::model::{Node, Readiness};
use crate::core::reason::Reason;

/// After an outage the node is read again this often.
const PROBE_AGAIN: Duration = Duration::from_secs(5);
/// A node whose package manager is at work is read again this often.
const BUSY_AGAIN: Duration = Duration::from_secs(15);

pub(super) fn check(sight: Sight<'_>) -> Check {
    settle_on(judge(sight))
}

fn judge(sight: Sight<'_>) -> Result<Check, Check> {
    let Sight {
        seen,
        settings,
        target,
        ..
    } = sight;
    let until = sight.since + settings.timeouts.ready;
    let reboots = settings.course == Course::Roll;
    // What was planned is no longer there: that is no failure of the roll, the node is left out and named.
    let skipped = |reason| Err(Check::Leave(Outcome::Skipped { reason }));
    match &seen.node {
        NodeSeen::Gone => return skipped(Reason::NodeGone),
        NodeSeen::Here(node) if node.uid != target.uid => {
            return skipped(Reason::NodeReplaced {
                planned: target.uid.clone(),
                found: node.uid.clone(),
            });
        }
        NodeSeen::Here(node) if reboots && node.boot.as_ref() != Some(&target.boot) => {
            let found = node.boot.clone().unwrap_or_else(|| "".into());
            return skipped(Reason::BootedMeanwhile {
                planned: target.boot.clone(),
                found,
            });
        }
        NodeSeen::NotYet | NodeSeen::Here(_) => {}
    }
    sight.pause(until)?;
    let node = sight.node()?;
    match marked(node) {
        Marked::No => {}
        Marked::By(mark) => {
            return Err(Check::Blocked(Reason::ForeignMark {
                node: node.name.clone(),
                run: mark.run.as_str().to_owned(),
            }));
        }
        Marked::Unreadable(run) => {
            return Err(Check::Blocked(Reason::ForeignMark {
                node: node.name.clone(),
                run,
            }));
        }
    }
    if let Some(reason) = by_hand(node)
        && reboots
    {
        return skipped(reason);
    }
    if !reboots {
        // All the rest is about the reboot; a node that is not Ready may well be drained.
        return Ok(Check::Done);
    }
    if !node.readiness.is_ready() {
        let why = Reason::NodeNotReady {
            detail: super::back::unready(node),
        };
        return Err(match seen.unheard_until(sight.now.mono) {
            Some(heard) if is_unheard(node) => sight.wait(why, Some(heard), until),
            Some(_) | None => Check::Blocked(why),
        });
    }

    let mut reads = Vec::new();
    match &seen.hold {
        None => reads.push(Act::ReadHold),
        Some((_, hold)) => {
            if let Some(by) = hold.blocks(sight.now.wall) {
                return Err(Check::Blocked(by));
            }
        }
    }
    if !settings.ignore_kured_lock {
        match &seen.kured {
            None => reads.push(Act::LookForKured),
            // It is waited for here, with the node untouched; taken only when the limit has let the node on to its cordon.
            Some((at, KuredSeen::Held(reason))) => {
                return Err(sight.wait_for_kured(*at, reason, until));
            }
            Some((_, KuredSeen::Absent | KuredSeen::Free | KuredSeen::Taken)) => {}
        }
    }
    match &seen.admission {
        None => reads.push(Act::TryAsk),
        Some(Err(reason)) => return Err(Check::Blocked(reason.clone())),
        Some(Ok(())) => {}
    }
    if seen.pods.is_none() {
        reads.push(Act::ListPods);
    } else {
        if let Some((flag, pods)) = drain::refused(
            seen.pods.iter().flat_map(|pods| pods.values()),
            &settings.drain,
        )
        .into_iter()
        .next()
        {
            return Err(Check::Blocked(Reason::DrainSettings {
                pods,
                flag: flag.to_owned(),
            }));
        }
        if seen.workloads.is_none() {
            reads.push(Act::ReadWorkloads);
        }
    }
    let Some(probed) = &seen.probe else {
        reads.push(Act::Probe);
        return Ok(Check::Act(reads));
    };
    match probed.verdict.need {
        Need::Yes => {}
        Need::No if settings.reboot_all => {}
        Need::No => return Err(Check::Leave(Outcome::NotNeeded)),
        // Nothing was learnt of the node; the API server was away.
        Need::Unknown if is_passing(sight, probed) => {
            let again = probed.at + PROBE_AGAIN;
            if sight.now.mono < again || sight.now.mono >= until {
                let because = probed.verdict.reasons.clone();
                return Err(sight.wait(Reason::VerdictUnknown { because }, Some(again), until));
            }
            reads.push(Act::Probe);
            return Ok(Check::Act(reads));
        }
        Need::Unknown | Need::NotApplicable => {
            return Err(Check::Blocked(Reason::VerdictUnknown {
                because: probed.verdict.reasons.clone(),
            }));
        }
    }
    if let Some(Listing::Read { names, .. }) = probed.answer.as_ref().map(|answer| &answer.busy)
        && !names.is_empty()
    {
        let again = probed.at + BUSY_AGAIN;
        if sight.now.mono < again {
            return Err(sight.wait(
                Reason::PackagingBusy {
                    processes: names.clone(),
                },
                Some(again),
                until,
            ));
        }
        return Ok(Check::Act(vec![Act::Probe]));
    }
    if !reads.is_empty() {
        return Ok(Check::Act(reads));
    }
    // The probe has just shown that the image is on the node, which the proof relies on.
    match (&seen.proof, sight.pool_is_proved) {
        // Last of all, so that it is as it was right before the cordon.
        (Some((_, Ok(()))), _) | (None, true) if seen.baseline.is_none() => {
            Ok(Check::Act(vec![Act::KeepBaseline]))
        }
        (Some((_, Ok(()))), _) | (None, true) => Ok(Check::Done),
        (Some((at, Err(Reason::RebootPodTimeout { .. }))), _)
            if began_unheard(sight, *at) && sight.now.mono < until =>
        {
            Ok(Check::Act(vec![Act::Prove]))
        }
        (Some((_, Err(reason))), _) => Err(Check::Blocked(reason.clone())),
        (None, false) => Ok(Check::Act(vec![Act::Prove])),
    }
}

/// The API server was away, or the kubelet was not heard again after that: neither says anything of the node.
fn is_passing(sight: Sight<'_>, probed: &Probed) -> bool {
    probed.verdict.reasons.iter().all(|reason| match reason {
        Reason::ApiUnavailable { .. } => true,
        Reason::ProbeTimeout { .. } => began_unheard(sight, probed.at),
        _ => false,
    })
}

/// A pod whose time was over at `at` was made while kubelets may have been unheard, or before that.
fn began_unheard(sight: Sight<'_>, at: Duration) -> bool {
    let began = at.saturating_sub(sight.settings.timeouts.probe);
    sight.seen.unheard_until(began).is_some()
}

/// Nothing is known of it; one that says itself that it is not Ready is heard.
fn is_unheard(node: &Node) -> bool {
    matches!(node.readiness, Readiness::Unknown(_))
}
