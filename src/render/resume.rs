//! A run that is to be gone on with, as a person reads it before saying yes: who began it, and where each node stands.

use std::fmt::Write as _;

use crate::core::engine::{Earlier, Fleet, Outcome, Step, TakenUp, taken_up};
use crate::core::plan::{Plan, Target};
use crate::core::reason::Reason;
use crate::core::record::{How, Recorded};

use super::reason::in_words;
use super::text::{count, sanitise};

/// The run and its nodes, in the order of the plan.
pub(crate) fn text(recorded: &Recorded, earlier: &Earlier, fleet: &Fleet) -> String {
    let mut out = String::new();
    let mut line = |text: &str| {
        let _ = writeln!(out, "{}", sanitise(text));
    };
    let Plan { spec, report, .. } = &recorded.plan;
    line(&format!(
        "Run {} in cluster {} ({})",
        recorded.run, report.context, spec.cluster.server
    ));
    if let Some(first) = recorded.sessions.get(&0) {
        line(&format!(
            "begun {} by {} on {}; {}",
            first.at,
            first.user,
            first.host,
            ending(recorded)
        ));
    }
    line("");
    let left = spec
        .targets
        .iter()
        .filter(|target| earlier.ended(&target.name).is_none())
        .count();
    line(&format!(
        "{} of {} left:",
        left,
        count(spec.targets.len(), "node")
    ));
    for target in &spec.targets {
        line(&format!(
            "  {}. {}: {}",
            target.wave,
            target.name,
            stands(target, recorded, earlier, fleet)
        ));
    }
    out
}

fn ending(recorded: &Recorded) -> String {
    let Some(closing) = &recorded.ended else {
        return "cut off".into();
    };
    let how = match closing.how {
        How::Finished => "finished",
        How::Stopped => "stopped",
        How::Interrupted => "interrupted",
    };
    match &closing.reason {
        Some(reason) => format!("{how} {}: {}", closing.at, in_words(reason)),
        None => format!("{how} {}", closing.at),
    }
}

fn stands(target: &Target, recorded: &Recorded, earlier: &Earlier, fleet: &Fleet) -> String {
    if let Some(outcome) = earlier.ended(&target.name) {
        return match outcome {
            Outcome::Verified { .. } => "rebooted and verified".into(),
            Outcome::Drained { .. } => "drained".into(),
            Outcome::NotNeeded => "needed nothing any more".into(),
            Outcome::Skipped { reason } => format!("left out: {}", in_words(reason)),
            Outcome::Failed { .. } | Outcome::Interrupted { .. } => "gets another turn".into(),
        };
    }
    let Some(node) = fleet.get(&target.name) else {
        return in_words(&Reason::NodeGone);
    };
    let TakenUp { step, .. } = taken_up(target, Some(node), &recorded.run);
    let booted = node.boot.clone().filter(|found| *found != target.boot);
    match (step, booted) {
        (Step::Gate, _) if node.uid != target.uid => in_words(&Reason::NodeReplaced {
            planned: target.uid.clone(),
            found: node.uid.clone(),
        }),
        (Step::Gate, Some(found)) => in_words(&Reason::BootedMeanwhile {
            planned: target.boot.clone(),
            found,
        }),
        (Step::Gate, None) => not_in_hand(target, recorded),
        (Step::Cordon, _) => "cordoned by the run; goes on with the drain".into(),
        (Step::Drain, _) => {
            "cordoned by the run, which meant to reboot it; looks first whether it asked".into()
        }
        (Step::Settle, _) => "back in service; goes on with its workloads".into(),
        (_, _) => "rebooted, not yet verified; goes on with that".into(),
    }
}

fn not_in_hand(target: &Target, recorded: &Recorded) -> String {
    let outcome = recorded
        .notes
        .get(&target.name)
        .and_then(|note| note.outcome.as_ref());
    match outcome {
        Some(Outcome::Failed { step, reason, .. }) => format!(
            "stopped at {}: {}; gets another turn",
            step.word(),
            in_words(reason)
        ),
        Some(Outcome::Interrupted { step, .. }) => {
            format!("interrupted at {}; gets another turn", step.word())
        }
        _ => "not begun".into(),
    }
}
