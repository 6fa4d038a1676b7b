//! A rehearsal as a person reads it below the plan: how long, who waits for what, how each node would end.

use std::fmt::Write as _;
use std::time::Duration;

use crate::core::engine::Outcome;
use crate::core::reason::Reason;
use crate::core::timeline::{NodeTime, Timeline};

use super::reason::in_words;
use super::text::{age, count, sanitise};

/// Waits that are part of every reboot, or too short to plan for, are not told.
const WORTH_TELLING: Duration = Duration::from_secs(5);

/// The rehearsal as text. `reboot` is what a reboot was taken to last.
pub(crate) fn text(timeline: &Timeline, reboot: Duration) -> String {
    let mut out = String::new();
    let mut line = |text: &str| {
        let _ = writeln!(out, "{}", sanitise(text));
    };
    line("");
    line(&format!(
        "Rehearsed on a copy of this cluster, a reboot taken to last {}:",
        age(reboot)
    ));
    for node in &timeline.nodes {
        line(&format!("  {}: {}", node.name, course(node)));
        for wait in &node.waits {
            let Some(took) = wait.took().filter(|took| *took >= WORTH_TELLING) else {
                continue;
            };
            if !is_of_every_reboot(&wait.reason) {
                line(&format!(
                    "    {} at {}: {}",
                    age(took),
                    wait.step.word(),
                    in_words(&wait.reason)
                ));
            }
        }
    }
    let good = timeline
        .nodes
        .iter()
        .filter(|node| node.outcome.as_ref().is_some_and(Outcome::is_good))
        .count();
    line(&format!(
        "  {good} of {} would end verified, after {} in all",
        count(timeline.nodes.len(), "node"),
        age(timeline.took())
    ));
    out
}

fn course(node: &NodeTime) -> String {
    let end = match &node.outcome {
        Some(Outcome::Verified { .. }) => "verified".to_owned(),
        Some(Outcome::NotNeeded) => "nothing to do".to_owned(),
        Some(Outcome::Skipped { reason }) => format!("left out: {}", in_words(reason)),
        Some(Outcome::Failed { step, reason, .. }) => {
            format!("stops at {}: {}", step.word(), in_words(reason))
        }
        Some(Outcome::Interrupted { step, .. }) => format!("interrupted at {}", step.word()),
        None => "not ended".to_owned(),
    };
    match node.took() {
        Some(took) => format!("{end} after {}", age(took)),
        None => end,
    }
}

fn is_of_every_reboot(reason: &Reason) -> bool {
    matches!(
        reason,
        Reason::AwaitingBoot { .. }
            | Reason::AwaitingReady { .. }
            | Reason::AwaitingSustainedReady { .. }
            | Reason::AwaitingLease
    )
}
