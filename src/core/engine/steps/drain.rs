//! Drain: every pod that should leave has left, shown by two consistent lists in a row. Evicts with the pod's UID, deletes
//! only where that was asked for by name, and waits by UID: a StatefulSet's pod of the same name elsewhere is another pod.
//! A drain by hand ends by taking the run's mark off the node, which stays cordoned.

use std::collections::BTreeSet;
use std::time::Duration;

use super::{Check, Sight, settle_on};
use crate::core::drain::{DrainSettings, Fate, classify, not_waited_for_after, tier};
use crate::core::engine::{Act, Ask, Course, Eviction, Now, Volumes};
use crate::core::mark::{Marked, marked};
use crate::core::model::Pod;
use crate::core::reason::Reason;

/// A blocked eviction is tried again this long after the refusal: soon enough that a budget which opens is used
/// within two seconds (kubectl waits five), seldom enough for one request a budget.
pub(crate) const EVICT_AGAIN: Duration = Duration::from_secs(2);

/// The pods of a budget that is shut are looked at again after this.
const LOOK_AGAIN: Duration = Duration::from_secs(10);

/// Pods that go are listed again after this, whatever the watch says: nobody may have told of their end.
const LIST_AGAIN: Duration = Duration::from_secs(60);

/// What is still attached is read again after this.
const ATTACHED_AGAIN: Duration = Duration::from_secs(2);

/// Kubernetes itself detaches by force after as long.
const DETACHED_WITHIN: Duration = Duration::from_secs(360);

/// An API server that is away for longer is no outage to be waited out.
const MOST_AWAY: Duration = Duration::from_secs(3600);

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
    // An outage is nobody's fault on the node: it stops the clock, for a while.
    let away = seen.away(now.mono).min(MOST_AWAY);
    let until = sight.since + settings.timeouts.drain + away;
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
    let leaving = seen.awaited(&settings.drain, now.wall);
    let is_empty = leaving.is_empty() && seen.empty_lists >= EMPTY_LISTS;
    let by_hand = settings.course == Course::Drain;
    if by_hand && is_empty && node.cordoned && marked(node) == Marked::No {
        return Ok(Check::Done);
    }
    sight.mark(node)?;
    sight.same_boot(node)?;
    sight.not_kept(node)?;
    if !node.cordoned {
        return Err(Check::Blocked(Reason::UncordonedByOther));
    }
    sight.pause(until)?;
    if is_empty {
        return Ok(if by_hand {
            Check::Act(vec![Act::Unmark])
        } else {
            detached(sight)
        });
    }
    if leaving.is_empty() {
        return Ok(Check::Act(vec![Act::ListPods]));
    }

    let mut acts = Vec::new();
    let goes = leaving.iter().any(|pod| seen.terminates(pod));
    let list_again = goes.then(|| seen.last_list.unwrap_or_default().max(sight.since) + LIST_AGAIN);
    if list_again.is_some_and(|at| now.mono >= at && now.mono < until) {
        acts.push(Act::ListPods);
    }
    let mut blocked: Option<(&Reason, Duration)> = None;
    let mut later: Option<Duration> = None;
    let mut asked_budgets = BTreeSet::new();
    let first = leaving.iter().map(|pod| tier(pod, &settings.drain)).min();
    for pod in &leaving {
        if let Fate::Refused { flags } = classify(pod, &settings.drain) {
            // It appeared after Gate had looked.
            let flag = flags.first().copied().unwrap_or_default().to_owned();
            return Err(Check::Blocked(Reason::DrainSettings {
                pods: vec![pod.key.clone()],
                flag,
            }));
        }
        if pod.deletion.is_some() || Some(tier(pod, &settings.drain)) > first {
            continue;
        }
        match seen.evictions.get(&pod.uid) {
            Some(Eviction::Granted) => {}
            Some(Eviction::Denied(reason)) => return Err(Check::Blocked(reason.clone())),
            None if seen.came_late(&pod.uid) && now.mono < seen.latecomers.next() => {
                later = Some(seen.latecomers.next());
            }
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
                if leads && let Some(act) = look_at_budget(sight, reason) {
                    acts.push(act);
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
    let sooner = |at: Option<Duration>| at.into_iter().chain(later).chain(list_again).min();
    Ok(match blocked {
        Some((reason, again)) => {
            sight.wait(with_unready(sight, reason), sooner(Some(again)), until)
        }
        None => sight.wait(
            Reason::Terminating {
                pods: match later {
                    None => seen.terminating(&settings.drain),
                    Some(_) => leaving.iter().map(|pod| pod.key.clone()).collect(),
                },
            },
            sooner(skipped_at(&leaving, &settings.drain, now)),
            until,
        ),
    })
}

/// Before a reboot the volumes of the pods that left are detached: a node that goes down with one attached keeps the pod that wants it
/// waiting for six minutes, until it is detached by force.
fn detached(sight: Sight<'_>) -> Check {
    let (seen, now) = (sight.seen, sight.now);
    if seen.volumes == Volumes::None {
        return Check::Done;
    }
    let until = seen.empty_since.unwrap_or(now.mono) + DETACHED_WITHIN;
    match &seen.attached {
        None => Check::Act(vec![Act::ReadAttachments]),
        Some((_, volumes)) if volumes.is_empty() => Check::Done,
        Some((at, _)) if now.mono >= *at + ATTACHED_AGAIN && now.mono < until => {
            Check::Act(vec![Act::ReadAttachments])
        }
        Some((at, volumes)) => sight.wait(
            Reason::VolumesAttached {
                volumes: volumes.clone(),
            },
            Some(*at + ATTACHED_AGAIN),
            until,
        ),
    }
}

/// The budget's pods are looked at when it is first in the way, and again from time to time.
fn look_at_budget(sight: Sight<'_>, reason: &Reason) -> Option<Act> {
    let Reason::Budget { pod, budget, .. } = reason else {
        return None;
    };
    let key = (pod.namespace.clone(), budget.clone());
    let known = sight.seen.unready.get(&key);
    if budget.is_empty() || known.is_some_and(|(at, _)| sight.now.mono < *at + LOOK_AGAIN) {
        return None;
    }
    let (namespace, budget) = key;
    Some(Act::ReadBudget { namespace, budget })
}

/// The reason with the pods that hold the budget, where they are known.
fn with_unready(sight: Sight<'_>, reason: &Reason) -> Reason {
    let mut reason = reason.clone();
    if let Reason::Budget {
        pod,
        budget,
        unready,
        ..
    } = &mut reason
        && let Some((_, pods)) = sight
            .seen
            .unready
            .get(&(pod.namespace.clone(), budget.clone()))
    {
        unready.clone_from(pods);
    }
    reason
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
