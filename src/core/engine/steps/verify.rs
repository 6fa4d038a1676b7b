//! Verify: the node is as good as before. DaemonSet pods that were Ready are so again, a fresh probe finds nothing
//! pending any more, and the reboot pod is gone, so that nothing can ask a second time.

use std::time::Duration;

use super::{Check, Sight, settle_on};
use crate::core::engine::Act;
use crate::core::evidence::{Need, unknown_by_absence_alone};
use crate::core::reason::Reason;

/// Taints of a node that is not whole yet; they go a little after Ready comes.
const UNHEALTHY: [&str; 3] = [
    "node.kubernetes.io/not-ready",
    "node.kubernetes.io/unreachable",
    "node.kubernetes.io/network-unavailable",
];
/// A probe that could not read a freshly booted node is repeated after this.
const PROBE_AGAIN: Duration = Duration::from_secs(5);

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
    sight.pause(until)?;
    let node = sight.node()?;
    sight.mark(node)?;
    let mut acts = Vec::new();
    if !seen.ask_removed {
        acts.push(Act::RemoveAsk);
    }
    if !node.readiness.is_ready() {
        return Ok(sight.wait(
            Reason::AwaitingReady {
                detail: super::back::unready(node),
            },
            None,
            until,
        ));
    }
    let Some(probed) = &seen.probe else {
        acts.push(Act::Probe);
        return Ok(Check::Act(acts));
    };
    match probed.verdict.need {
        Need::No => {}
        Need::Yes => {
            let packages = probed
                .verdict
                .reasons
                .iter()
                .find_map(|reason| match reason {
                    Reason::Flag { packages, .. } => Some(packages.clone()),
                    Reason::Replaced { components } => Some(components.clone()),
                    _ => None,
                });
            return Err(Check::Blocked(Reason::StillPending {
                packages: packages.unwrap_or_default(),
            }));
        }
        Need::Unknown if flag_is_gone(probed) => {}
        Need::Unknown | Need::NotApplicable => {
            let again = probed.at + PROBE_AGAIN;
            if now.mono < again || now.mono >= until {
                let because = probed.verdict.reasons.clone();
                return Ok(sight.wait(Reason::VerdictUnknown { because }, Some(again), until));
            }
            acts.push(Act::Probe);
        }
    }
    if !acts.is_empty() {
        return Ok(Check::Act(acts));
    }
    let Some(baseline) = &seen.baseline else {
        return Err(Check::Blocked(Reason::BaselineMissing));
    };
    let back = seen.ready_daemons(&settings.drain);
    let missing: Vec<String> = baseline
        .daemons
        .iter()
        .filter(|(uid, _)| !back.contains_key(*uid))
        .map(|(_, name)| name.clone())
        .collect();
    if !missing.is_empty() {
        return Ok(sight.wait(Reason::AwaitingDaemons { missing }, None, until));
    }
    if let Some(taint) = node
        .taints
        .iter()
        .find(|taint| UNHEALTHY.contains(&taint.key.as_str()))
    {
        let detail = format!("still tainted {}:{}", taint.key, taint.effect);
        return Ok(sight.wait(Reason::AwaitingReady { detail }, None, until));
    }
    Ok(Check::Done)
}

/// That the flag is gone is all that can be shown on such a system, and it is shown.
fn flag_is_gone(probed: &crate::core::engine::Probed) -> bool {
    probed
        .answer
        .as_ref()
        .is_some_and(|answer| unknown_by_absence_alone(answer, &probed.verdict.reasons))
}
