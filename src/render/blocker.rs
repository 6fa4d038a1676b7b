//! What a plan foresees of a drain, in words, with its numbers; and what a person can do about it.

use crate::core::reason::{Held, Reason};

use super::doubt::kind;
use super::reason::{in_words as any_in_words, names};
use super::text::{count, some_of};

pub(super) fn in_words(reason: &Reason) -> String {
    match reason {
        Reason::NeverDrains { because } => {
            let because: Vec<String> = because.iter().map(any_in_words).collect();
            format!("its drain would never end: {}", because.join("; "))
        }
        Reason::BudgetNever { held, most } => format!(
            "{} never lets {} go: it wants {} healthy, and there are never more than {most}",
            budget(held),
            pods(held),
            held.desired
        ),
        Reason::BudgetUncountable {
            held,
            pod,
            controller,
        } => format!(
            "{} never lets {} go: it cannot count {pod}, whose controller ({controller}) has no scale",
            budget(held),
            pods(held),
        ),
        Reason::BudgetsOfPod { pod, budgets } => format!(
            "{pod} has {} ({}), and the eviction API refuses such a pod for good",
            count(budgets.len(), "disruption budget"),
            some_of(budgets, 4)
        ),
        Reason::BudgetNotNow {
            held,
            unready,
            missing,
        } => {
            let mut lacking = Vec::new();
            if !unready.is_empty() {
                lacking.push(format!("not healthy: {}", some_of(&names(unready), 4)));
            }
            if *missing > 0 {
                lacking.push(format!("{missing} not there yet"));
            }
            let lacking = if lacking.is_empty() {
                String::new()
            } else {
                format!("; {}", lacking.join("; "))
            };
            format!(
                "{} does not let {} go now: {} of {} healthy, it wants {}{lacking}",
                budget(held),
                pods(held),
                held.healthy,
                held.expected,
                held.desired
            )
        }
        Reason::BudgetBehind { held } => format!(
            "{} does not let {} go now: it was changed, and its controller has not counted since",
            budget(held),
            pods(held)
        ),
        Reason::BudgetSlow { held, rounds } => format!(
            "{} lets {} of {} go at a time: {}",
            budget(held),
            held.allowed,
            pods(held),
            count(*rounds as usize, "round")
        ),
        Reason::BudgetShared {
            namespace,
            budget,
            nodes,
            pods,
            allowed,
        } => format!(
            "budget {namespace}/{budget} allows {allowed} of the {} that leave {} at the same time",
            count(*pods as usize, "pod"),
            some_of(
                &nodes.iter().map(ToString::to_string).collect::<Vec<_>>(),
                6
            )
        ),
        Reason::PlanDrift {
            field,
            planned,
            now,
            because,
        } => {
            let because: Vec<String> = because.iter().map(any_in_words).collect();
            let why = if because.is_empty() {
                String::new()
            } else {
                format!(" ({})", because.join("; "))
            };
            format!("{field} was {planned} and is {now}{why}")
        }
        Reason::NotProved { what, message } => {
            let proof = match what.as_str() {
                "poddisruptionbudgets" => "whether budgets hold a drain",
                "deployments" | "replicasets" | "statefulsets" => {
                    "whether a budget that is shut will ever open"
                }
                _ => "what the plan would prove by them",
            };
            format!("{what} cannot be listed, so it is not known {proof}: {message}")
        }
        other => kind(other),
    }
}

pub(super) fn remedies(reason: &Reason) -> Option<Vec<String>> {
    Some(match reason {
        Reason::NeverDrains { because } => {
            because.iter().flat_map(super::reason::remedies).collect()
        }
        Reason::BudgetNever { held, .. } => vec![format!(
            "scale its workload up, or loosen the budget: kubectl edit poddisruptionbudget -n {} {}",
            held.namespace, held.budget
        )],
        Reason::BudgetUncountable { held, .. } => vec![format!(
            "give the budget a number as minAvailable, or another selector: kubectl edit poddisruptionbudget -n {} {}",
            held.namespace, held.budget
        )],
        Reason::BudgetsOfPod { pod, .. } => vec![format!(
            "keep one of them: kubectl get poddisruptionbudget -n {}",
            pod.namespace
        )],
        Reason::BudgetNotNow { held, .. } | Reason::BudgetBehind { held } => vec![format!(
            "the budget opens when more of its pods are Ready: kubectl describe poddisruptionbudget -n {} {}",
            held.namespace, held.budget
        )],
        Reason::NotProved { .. } => {
            vec!["the role of a roll has this right: aksreboot manifests roll".into()]
        }
        Reason::BudgetSlow { .. } | Reason::BudgetShared { .. } => Vec::new(),
        Reason::PlanDrift { .. } => {
            vec!["make a new plan, and read it: aksreboot plan --out FILE".into()]
        }
        _ => return None,
    })
}

fn budget(held: &Held) -> String {
    format!("budget {}/{} ({})", held.namespace, held.budget, held.bound)
}

fn pods(held: &Held) -> String {
    match held.pods.as_slice() {
        [one] => one.to_string(),
        pods => format!(
            "{} ({})",
            count(pods.len(), "pod"),
            some_of(&names(pods), 3)
        ),
    }
}
