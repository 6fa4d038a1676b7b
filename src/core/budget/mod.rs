//! What disruption budgets do to the drain of a node: *never*, *not now* or *slow*, each with the numbers that prove it.
//! The rules are those of the eviction API (kubernetes: pkg/registry/core/pod/storage/eviction.go) and of the controller
//! that counts (pkg/controller/disruption). Judges a snapshot; it neither evicts nor waits.

mod guards;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub(crate) use guards::Guards;
use guards::{Guard, Scale};

use super::model::{Amount, Bound, Budget, NodeName, Pod, PodKey, PodPhase};
use super::reason::{Held, Reason};

/// What a node's drain meets, every budget of it, in order of namespace and name. `leaving` are the pods that the drain
/// evicts.
pub(crate) fn judge<'a>(
    guards: &Guards<'a>,
    leaving: impl IntoIterator<Item = &'a Pod>,
) -> Vec<Reason> {
    let mut several = Vec::new();
    let mut charged: BTreeMap<(&str, &str), (usize, Vec<PodKey>)> = BTreeMap::new();
    for pod in leaving {
        if is_free(pod) {
            continue;
        }
        match guards.of(pod) {
            [] => {}
            [one] => {
                let budget = guards.guard(*one).budget;
                if is_charged(pod, budget) {
                    charged
                        .entry((&budget.namespace, &budget.name))
                        .or_insert_with(|| (*one, Vec::new()))
                        .1
                        .push(pod.key.clone());
                }
            }
            budgets => several.push(Reason::BudgetsOfPod {
                pod: pod.key.clone(),
                budgets: budgets
                    .iter()
                    .map(|place| guards.guard(*place).budget.name.clone())
                    .collect(),
            }),
        }
    }
    several.sort_by(|a, b| format!("{a:?}").cmp(&format!("{b:?}")));
    let held = charged.into_values().filter_map(|(place, mut pods)| {
        pods.sort();
        held(guards, guards.guard(place), pods)
    });
    several.into_iter().chain(held).collect()
}

/// Waiting does not end it: the node cannot be drained as its budgets and workloads are.
pub(crate) fn is_never(reason: &Reason) -> bool {
    matches!(
        reason,
        Reason::BudgetNever { .. } | Reason::BudgetUncountable { .. } | Reason::BudgetsOfPod { .. }
    )
}

/// Budgets that hold pods of several nodes which go at the same time, and allow fewer evictions than those need.
pub(crate) fn shared<'a>(
    guards: &Guards<'a>,
    together: &[(&NodeName, Vec<&'a Pod>)],
) -> Vec<Reason> {
    let mut by_budget: BTreeMap<(&str, &str), (usize, Vec<NodeName>, u32)> = BTreeMap::new();
    for (node, leaving) in together {
        for pod in leaving.iter().filter(|pod| !is_free(pod)) {
            if let [place] = guards.of(pod)
                && is_charged(pod, guards.guard(*place).budget)
            {
                let budget = guards.guard(*place).budget;
                let (_, nodes, pods) = by_budget
                    .entry((&budget.namespace, &budget.name))
                    .or_insert_with(|| (*place, Vec::new(), 0));
                if nodes.last() != Some(*node) {
                    nodes.push((*node).clone());
                }
                *pods += 1;
            }
        }
    }
    by_budget
        .into_iter()
        .filter(|(_, (place, nodes, pods))| {
            nodes.len() > 1 && i64::from(*pods) > i64::from(guards.guard(*place).allowed())
        })
        .map(
            |((namespace, name), (place, nodes, pods))| Reason::BudgetShared {
                namespace: namespace.to_owned(),
                budget: name.to_owned(),
                nodes,
                pods,
                allowed: count(guards.guard(place).allowed()),
            },
        )
        .collect()
}

/// The API deletes these without asking a budget.
fn is_free(pod: &Pod) -> bool {
    pod.phase.is_finished() || pod.phase == PodPhase::Pending || pod.deletion.is_some()
}

/// A pod that is not Ready goes when the budget says so, or has all the healthy ones it wants without it.
fn is_charged(pod: &Pod, budget: &Budget) -> bool {
    let counted = budget.counted;
    let enough = counted.desired > 0 && counted.healthy >= counted.desired;
    pod.ready || !(budget.always_allow_unhealthy || enough)
}

/// What one budget means for these pods, which it would be charged for; nothing when it lets all of them go at once.
fn held(guards: &Guards<'_>, guard: &Guard<'_>, pods: Vec<PodKey>) -> Option<Reason> {
    let counted = guard.budget.counted;
    let wanted = u32::try_from(pods.len()).unwrap_or(u32::MAX);
    let held = Box::new(Held {
        namespace: guard.budget.namespace.clone(),
        budget: guard.budget.name.clone(),
        bound: in_short(&guard.budget.bound),
        healthy: count(counted.healthy),
        desired: count(counted.desired),
        expected: count(counted.expected),
        allowed: count(guard.allowed()),
        pods,
    });
    let scale = guards.scale(guard);
    if let Scale::Uncountable { pod, controller } = &scale {
        return Some(Reason::BudgetUncountable {
            held,
            pod: pod.clone(),
            controller: controller.clone(),
        });
    }
    if counted.observed_generation < guard.budget.generation {
        return Some(Reason::BudgetBehind { held });
    }
    if let Some(most) = most(guard, &scale)
        && count(counted.desired) >= most
        && held.allowed == 0
    {
        return Some(Reason::BudgetNever { held, most });
    }
    if held.allowed == 0 {
        let (unready, missing) = guard.lacking(&scale);
        return Some(Reason::BudgetNotNow {
            held,
            unready,
            missing,
        });
    }
    (wanted > held.allowed).then(|| Reason::BudgetSlow {
        rounds: wanted.div_ceil(held.allowed),
        held,
    })
}

/// The most healthy pods there can be under the budget while nobody scales; nothing where that is not known.
fn most(guard: &Guard<'_>, scale: &Scale) -> Option<u32> {
    let expected = count(guard.budget.counted.expected);
    match guard.budget.bound {
        // The controller counts the pods that there are; there may be more to come.
        Bound::MinAvailable(Amount::Pods(_)) => match scale {
            Scale::Known(wanted) => Some(expected.max(*wanted)),
            Scale::NotRead | Scale::Uncountable { .. } => None,
        },
        // It counts what the workloads are scaled to.
        Bound::MinAvailable(Amount::Share(_)) | Bound::MaxUnavailable(_) => Some(expected),
        Bound::None => Some(0),
    }
}

/// As `spec` has it: `minAvailable 2`.
fn in_short(bound: &Bound) -> String {
    let amount = |amount: &Amount| match amount {
        Amount::Pods(pods) => pods.to_string(),
        Amount::Share(share) => share.clone(),
    };
    match bound {
        Bound::MinAvailable(least) => format!("minAvailable {}", amount(least)),
        Bound::MaxUnavailable(most) => format!("maxUnavailable {}", amount(most)),
        Bound::None => "neither minAvailable nor maxUnavailable".into(),
    }
}

fn count(number: i32) -> u32 {
    u32::try_from(number).unwrap_or(0)
}
