//! Drain: every pod that should leave has left, shown by two consistent lists in a row. Evicts with the pod's UID, deletes
//! only where that was asked for by name, and waits by UID: a StatefulSet's pod of the same name elsewhere is another pod.
//! A drain by hand ends by taking the run's mark off the node, which stays cordoned.

use std::collections::BTreeSet;
use std::time::Duration;

use super::{Check, Sight, settle_on};
use crate::core::drain::{DrainSettings, Fate, classify, not_waited_for_after};
use crate::core::engine::{Act, Course, Eviction, Now};
use crate::core::mark::{Marked, marked};
use crate::core::model::Pod;
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
    let node = sight.node()?;
    let leaving = seen.awaited(&settings.drain, now.wall);
    let is_empty = leaving.is_empty() && seen.empty_lists >= EMPTY_LISTS;
    let by_hand = settings.course == Course::Drain;
    if by_hand && is_empty && node.cordoned && marked(node) == Marked::No {
        return Ok(Check::Done);
    }
    sight.mark(node)?;
    sight.same_boot(node)?;
    if !node.cordoned {
        return Err(Check::Blocked(Reason::UncordonedByOther));
    }
    sight.pause(until)?;
    if is_empty {
        return Ok(if by_hand {
            Check::Act(vec![Act::Unmark])
        } else {
            Check::Done
        });
    }
    if leaving.is_empty() {
        return Ok(Check::Act(vec![Act::ListPods]));
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
            None => acts.push(remove(pod, settings.drain.disable_eviction)),
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
                    acts.push(remove(pod, settings.drain.disable_eviction));
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
            skipped_at(&leaving, &settings.drain, now),
            until,
        ),
    })
}

fn remove(pod: &Pod, deletes: bool) -> Act {
    let (uid, pod) = (pod.uid.clone(), pod.key.clone());
    if deletes {
        Act::Delete { pod, uid }
    } else {
        Act::Evict { pod, uid }
    }
}

/// When the first of these pods is no longer waited for.
fn skipped_at(pods: &[&Pod], settings: &DrainSettings, now: Now) -> Option<Duration> {
    let first = pods
        .iter()
        .filter_map(|pod| not_waited_for_after(pod, settings))
        .min()?;
    let ahead = Duration::try_from(first.duration_since(now.wall)).unwrap_or_default();
    // Strictly later than that.
    Some(now.mono + ahead + Duration::from_millis(1))
}
