//! How a roll ended, as a person reads it: which node, which step, in what state it was left, how to go on, how to undo by hand.

use std::collections::BTreeMap;

use crate::core::engine::{Course, Left, Outcome, Step};
use crate::core::model::{NodeName, RunId};
use crate::core::plan::{Plan, Target};
use crate::core::reason::Reason;

use super::reason::{in_words, remedies};
use super::text::count;

/// The lines of the end, to be told one by one.
pub(crate) fn of(plan: &Plan, run: &RunId, outcomes: &BTreeMap<NodeName, Outcome>) -> Vec<String> {
    let mut lines = Vec::new();
    let done = outcomes
        .values()
        .filter(|outcome| matches!(outcome, Outcome::Verified { .. } | Outcome::Drained { .. }))
        .count();
    let nodes = count(plan.spec.targets.len(), "node");
    lines.push(match plan.spec.settings.course {
        Course::Roll => format!("run {run}: {done} of {nodes} rebooted and verified"),
        Course::Drain => format!("run {run}: {done} of {nodes} drained"),
    });
    for target in &plan.spec.targets {
        let name = &target.name;
        match outcomes.get(name) {
            Some(Outcome::Verified { .. }) => {}
            Some(Outcome::Drained { still_running }) => {
                if !still_running.is_empty() {
                    let pods = still_running.clone();
                    lines.push(format!(
                        "{name}: {}",
                        in_words(&Reason::StillRunning { pods })
                    ));
                }
                lines.push(format!(
                    "{name}: stays cordoned; to open it again: aksreboot uncordon {name}"
                ));
            }
            Some(Outcome::NotNeeded) => {
                lines.push(format!("{name}: nothing pending any more, left as it was"));
            }
            Some(Outcome::Skipped { reason }) => {
                lines.push(format!("{name}: left out: {}", in_words(reason)));
            }
            Some(Outcome::Failed { step, reason, left }) => {
                lines.push(format!(
                    "{name}: stopped at {}: {}",
                    step.word(),
                    in_words(reason)
                ));
                lines.push(format!("{name}: {}", state(*left)));
                lines.extend(
                    remedies(reason)
                        .into_iter()
                        .map(|remedy| format!("hint: {remedy}")),
                );
                lines.extend(by_hand(run, target, *step, *left));
            }
            Some(Outcome::Interrupted { step, left }) => {
                lines.push(format!(
                    "{name}: interrupted at {}; {}",
                    step.word(),
                    state(*left)
                ));
                lines.extend(by_hand(run, target, *step, *left));
            }
            None => lines.push(format!("{name}: not begun, untouched")),
        }
    }
    let broken_off = |outcome: &Outcome| {
        matches!(
            outcome,
            Outcome::Failed { .. } | Outcome::Interrupted { .. }
        )
    };
    if outcomes.len() < plan.spec.targets.len() || outcomes.values().any(broken_off) {
        lines.push(format!(
            "hint: to go on, once that is settled: aksreboot resume {run}"
        ));
    } else if outcomes.values().any(|outcome| !outcome.is_good()) {
        lines.push("hint: what was left out is planned anew by the same roll again".into());
    }
    lines
}

fn state(left: Left) -> &'static str {
    match left {
        Left::Untouched => "the node was not touched",
        Left::Restored => "the node is as it was before: cordon and mark are undone",
        Left::CordonedByHand => {
            "the run's mark is off again; somebody cordoned the node by hand, and it stays so"
        }
        Left::Cordoned => "the node stays cordoned, with the run's mark",
        Left::InService => "the node is back in service, with the run's mark",
        Left::Unsure => "how the node was left could not be confirmed",
    }
}

/// What a person does to put right what the run left. With an ask outstanding the order matters: an open node that
/// reboots late takes its pods with it.
fn by_hand(run: &RunId, target: &Target, step: Step, left: Left) -> Vec<String> {
    let name = &target.name;
    let open = if target.cordoned_before {
        String::new()
    } else {
        format!("kubectl uncordon {name}; ")
    };
    let undo = format!("{open}kubectl annotate node {name} aksreboot.dev/run-");
    match left {
        Left::Untouched | Left::Restored | Left::CordonedByHand => Vec::new(),
        Left::Cordoned if matches!(step, Step::Reboot | Step::Return) => vec![
            format!(
                "hint: a reboot may still come; it has come when the boot ID is no longer {}: kubectl get node {name} -o jsonpath='{{.status.nodeInfo.bootID}}'",
                target.boot
            ),
            format!(
                "hint: first take the ask back: kubectl delete pod -n aksreboot -l aksreboot.dev/purpose=reboot,aksreboot.dev/run={run}"
            ),
            format!("hint: then, once the node is healthy: {undo}"),
        ],
        Left::Cordoned => vec![format!("hint: once the node is healthy: {undo}")],
        Left::InService => vec![format!(
            "hint: once its workloads are back: kubectl annotate node {name} aksreboot.dev/run-"
        )],
        Left::Unsure => vec![format!(
            "hint: look: kubectl get node {name} -o yaml; the annotation aksreboot.dev/run says what the run intended"
        )],
    }
}
