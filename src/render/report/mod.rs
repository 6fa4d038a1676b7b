//! One run told afterwards, for a person or as one document.

mod document;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::core::engine::Outcome;
use crate::core::history::{Counts, State, Took};
use crate::core::model::NodeName;
use crate::core::plan::Target;
use crate::core::record::Recorded;

use super::reason::in_words;
use super::text::{count, sanitise};

pub(crate) use document::{Document, VERSION};

/// A run and, where its journal was found, the steps of its nodes.
pub(crate) struct Report<'a> {
    pub(crate) recorded: &'a Recorded,
    pub(crate) steps: Option<&'a BTreeMap<NodeName, Vec<Took>>>,
}

pub(crate) fn text(report: &Report<'_>) -> String {
    let recorded = report.recorded;
    let mut out = String::new();
    let mut line = |text: &str| {
        let _ = writeln!(out, "{}", sanitise(text));
    };
    let plan = &recorded.plan;
    line(&format!(
        "Run {} in cluster {} ({})",
        recorded.run, plan.report.context, plan.spec.cluster.server
    ));
    for (number, session) in &recorded.sessions {
        let began = if *number == 0 {
            "begun"
        } else {
            "gone on with"
        };
        line(&format!(
            "{began} {} by {} on {}, aksreboot {}",
            session.at, session.user, session.host, session.version
        ));
    }
    match &recorded.ended {
        None => line("no end is written down: it is carried out just now, or was cut off"),
        Some(closing) => {
            let state = State::of(recorded).word();
            match &closing.reason {
                Some(reason) => line(&format!("{state} {}: {}", closing.at, in_words(reason))),
                None => line(&format!("{state} {}", closing.at)),
            }
        }
    }
    let counts = Counts::of(recorded);
    line("");
    line(&format!(
        "{} of {} done",
        counts.done,
        count(counts.targets, "node")
    ));
    for target in &plan.spec.targets {
        line(&format!("  {}: {}", target.name, ended(target, recorded)));
        let steps = report.steps.and_then(|steps| steps.get(&target.name));
        for took in steps.into_iter().flatten() {
            line(&step(took));
        }
    }
    if !plan.report.excluded.is_empty() {
        line("");
        line(&format!(
            "{} left out of the plan:",
            count(plan.report.excluded.len(), "node")
        ));
        for excluded in &plan.report.excluded {
            line(&format!(
                "  {}: {}",
                excluded.name,
                in_words(&excluded.reason)
            ));
        }
    }
    out
}

fn step(took: &Took) -> String {
    let waited = took.waited.as_ref().map_or_else(String::new, |waited| {
        format!(
            ", of them {} s: {}",
            waited.seconds,
            in_words(&waited.reason)
        )
    });
    format!("    {}: {} s{waited}", took.step.word(), took.seconds)
}

fn ended(target: &Target, recorded: &Recorded) -> String {
    let note = recorded.notes.get(&target.name);
    let at = note
        .and_then(|note| note.finished)
        .map_or_else(String::new, |at| format!(" ({at})"));
    match note.and_then(|note| note.outcome.as_ref()) {
        Some(Outcome::Verified {
            kernel_before: Some(before),
            kernel_after: Some(after),
            ..
        }) if before != after => format!("rebooted and verified, kernel {before} -> {after}{at}"),
        Some(Outcome::Verified { .. }) => format!("rebooted and verified{at}"),
        Some(Outcome::Drained { still_running }) if still_running.is_empty() => {
            format!("drained, left cordoned{at}")
        }
        Some(Outcome::Drained { still_running }) => format!(
            "drained, left cordoned, {} not waited for{at}",
            count(still_running.len(), "pod")
        ),
        Some(Outcome::NotNeeded) => format!("needed nothing any more{at}"),
        Some(Outcome::Skipped { reason }) => format!("left out: {}{at}", in_words(reason)),
        Some(Outcome::Failed { step, reason, .. }) => {
            format!("stopped at {}: {}{at}", step.word(), in_words(reason))
        }
        Some(Outcome::Interrupted { step, .. }) => format!("interrupted at {}{at}", step.word()),
        None => match note.and_then(|note| note.baseline.as_ref()) {
            Some(_) => "begun, and no outcome is written down".into(),
            None => "not begun".into(),
        },
    }
}
