//! Drain: every pod that should leave has left, shown by two consistent lists in a row. Evicts with the pod's UID,
//! never deletes, and waits by UID: a StatefulSet's pod of the same name elsewhere is another pod.

use std::collections::BTreeSet;
use std::time::Duration;

use super::{Check, Sight, settle_on};
use crate::core::drain::{Fate, classify};
use crate::core::engine::{Act, Ask, Eviction};
use crate::core::reason::Reason;

/// A blocked eviction is tried again this long after the refusal: soon enough that a budget which opens is used
/// within two seconds (kubectl waits five), seldom enough for one request a budget.
pub(crate) const EVICT_AGAIN: Duration = Duration::from_secs(2);

/// Consistent lists in a row that must show an empty node: a pod can bind between the first and the cordon's effect
/// on the scheduler.
const EMPTY_LISTS: u32 = 2;

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
    let until = sight.since + settings.timeouts.drain;
    match seen.ask {
        // The run is gone on with, and its first life meant to ask: what became of that comes before everything.
        Ask::Lost => {
            sight.pause(until)?;
            return Ok(Check::Act(vec![Act::ReadAsk]));
        }
        Ask::Asked { .. } => return Ok(Check::Done),
        Ask::NotAsked | Ask::Denied(_) => {}
    }
    let node = sight.node()?;
    sight.mark(node)?;
    sight.same_boot(node)?;
    if !node.cordoned {
        return Err(Check::Blocked(Reason::UncordonedByOther));
    }
    sight.pause(until)?;
    let leaving = seen.leaving(&settings.drain);
    if leaving.is_empty() {
        return Ok(if seen.empty_lists >= EMPTY_LISTS {
            Check::Done
        } else {
            Check::Act(vec![Act::ListPods])
        });
    }

    let mut acts = Vec::new();
    let mut blocked: Option<(&Reason, Duration)> = None;
    let mut asked_budgets = BTreeSet::new();
    for pod in &leaving {
        if let Fate::Refused { flags } = classify(pod, &settings.drain) {
            // It appeared after Gate had looked.
            let flag = flags.first().copied().unwrap_or_default().to_owned();
            return Err(Check::Blocked(Reason::DrainSettings {
                pods: vec![pod.key.clone()],
                flag,
            }));
        }
        if pod.deletion.is_some() {
            continue;
        }
        match seen.evictions.get(&pod.uid) {
            Some(Eviction::Granted) => {}
            Some(Eviction::Denied(reason)) => return Err(Check::Blocked(reason.clone())),
            None => acts.push(evict(pod)),
            Some(Eviction::Blocked {
                at,
                reason,
                not_before,
            }) => {
                // Pods behind one budget wait for the same thing: one of them asks for all.
                let leads = match reason {
                    Reason::Budget { budget, pod, .. } => {
                        asked_budgets.insert((pod.namespace.clone(), budget.clone()))
                    }
                    _ => true,
                };
                let again = (*at + EVICT_AGAIN).max(*not_before);
                if leads && now.mono >= again && now.mono < until {
                    acts.push(evict(pod));
                }
                if leads && blocked.is_none_or(|(_, first)| again < first) {
                    blocked = Some((reason, again));
                }
            }
        }
    }
    if !acts.is_empty() {
        return Ok(Check::Act(acts));
    }
    Ok(match blocked {
        Some((reason, again)) => sight.wait(reason.clone(), Some(again), until),
        None => sight.wait(
            Reason::Terminating {
                pods: seen.terminating(&settings.drain),
            },
            None,
            until,
        ),
    })
}

fn evict(pod: &crate::core::model::Pod) -> Act {
    Act::Evict {
        pod: pod.key.clone(),
        uid: pod.uid.clone(),
    }
}
