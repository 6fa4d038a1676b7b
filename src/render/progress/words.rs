//! One event in a few words; both ways of showing use the same.

use crate::core::engine::{Act, Outcome, Step};
use crate::core::event::{Event, Fact, What};
use crate::render::reason::in_words;
use crate::render::text::{count, sanitise};

/// What gives up later than this gives up never.
const FAR: jiff::SignedDuration = jiff::SignedDuration::from_hours(24 * 365);

/// The event as the rest of a line after the node's name; `None` for what is only of interest to a journal.
pub(super) fn of(event: &Event) -> Option<String> {
    let step = event.step.map(Step::word).unwrap_or_default();
    let text = match &event.what {
        What::RunStarted { targets, .. } => {
            format!("run {} begins: {}", event.run, count(targets.len(), "node"))
        }
        What::RunResumed { targets, .. } => {
            format!(
                "run {} goes on: {} left",
                event.run,
                count(targets.len(), "node")
            )
        }
        What::NodeStarted {} => "begins".into(),
        What::StepIntent {
            act: Act::Evict { pod, .. },
        } => format!("{step}: evicting {pod}"),
        What::StepIntent {
            act: Act::Delete { pod, .. },
        } => format!("{step}: deleting {pod}"),
        What::StepIntent { act: Act::Ask } => format!("{step}: asking for the reboot"),
        What::StepDone {} if event.step == Some(Step::Cordon) => "cordoned".into(),
        What::StepDone {} if event.step == Some(Step::Uncordon) => "uncordon: done".into(),
        What::StepIntent { .. }
        | What::StepDone {}
        | What::Question { .. }
        | What::Answer { .. } => return None,
        What::StepWaiting { reason, until } if until.duration_since(event.ts) > FAR => {
            format!("{step}: {}", in_words(reason))
        }
        What::StepWaiting { reason, until } => {
            format!(
                "{step}: {} (gives up at {})",
                in_words(reason),
                until.strftime("%H:%M:%SZ")
            )
        }
        What::StepBlocked { reason } => format!("{step}: stops: {}", in_words(reason)),
        What::Observed { fact } => format!("{step}: {}", observed(fact)),
        What::Warning { reason } => format!("warning: {}", in_words(reason)),
        What::NodeFinished { outcome } => finished(outcome),
        // The node that blocked has said why.
        What::RunStopped { reason: Some(_) } => "run stops".into(),
        What::RunStopped { reason: None } => "run interrupted".into(),
        What::RunFinished {} => "run finished".into(),
    };
    Some(sanitise(&text).into_owned())
}

fn observed(fact: &Fact) -> String {
    match fact {
        Fact::PodsToEvict { count: pods } => format!("{} to evict", count(*pods as usize, "pod")),
        Fact::PodsLeft { count: pods } => format!("{} left", count(*pods as usize, "pod")),
        Fact::NewBoot { after, .. } => format!("rebooted, new boot ID {after}"),
        Fact::Ready {} => "Ready".into(),
        Fact::NotReady { detail } => detail.clone(),
        Fact::Kernel { before, after } => format!("kernel {before} -> {after}"),
    }
}

fn finished(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Verified { .. } => "done: rebooted, verified, back in service".into(),
        Outcome::Drained { still_running } if still_running.is_empty() => {
            "done: drained, stays cordoned".into()
        }
        Outcome::Drained { still_running } => format!(
            "done but for {} that may still run; stays cordoned",
            count(still_running.len(), "pod")
        ),
        Outcome::NotNeeded => "done: nothing pending any more".into(),
        Outcome::Skipped { reason } => format!("left out: {}", in_words(reason)),
        Outcome::Failed { step, .. } => format!("failed at {}", step.word()),
        Outcome::Interrupted { step, .. } => format!("interrupted at {}", step.word()),
    }
}
