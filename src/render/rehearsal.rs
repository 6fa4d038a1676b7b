//! A rehearsal as a person reads it under the plan: when each node goes and is back, what is waited for, who suffers.

use std::time::Duration;

use crate::core::engine::{Outcome, Step};
use crate::core::rehearsal::{Lowest, Rehearsal, Rehearsed, Wait};

use super::reason::in_words;
use super::text::{age, count};

/// A shorter wait is the pace of the cluster and not worth a word.
const WORTH_A_WORD: u64 = 5;
/// So many workloads are named; JSON has them all.
const LOWS: usize = 10;

/// Lines of text; the caller makes them harmless.
pub(super) fn lines(rehearsal: &Rehearsal) -> Vec<String> {
    let mut lines = vec![summary(rehearsal)];
    lines.extend(rehearsal.nodes.iter().map(node));
    lines.extend(lows(&rehearsal.lows));
    lines.push(format!(
        "  assumed: Ready again {} after the ask for the reboot (--assume-reboot); pods end and start within seconds",
        span(rehearsal.assumed.reboot)
    ));
    lines
}

fn summary(rehearsal: &Rehearsal) -> String {
    let good = rehearsal
        .nodes
        .iter()
        .filter(|node| node.outcome.as_ref().is_some_and(Outcome::is_good))
        .count();
    let of = count(rehearsal.nodes.len(), "node");
    let took = span(rehearsal.took);
    match &rehearsal.stopped {
        None => format!("Rehearsed on a copy of the cluster: {good} of {of} verified, in {took}."),
        Some(why) => format!(
            "Rehearsed on a copy of the cluster: it STOPS after {took}, with {good} of {of} verified: {}",
            in_words(why)
        ),
    }
}

fn node(node: &Rehearsed) -> String {
    let mut parts: Vec<String> = [
        ("begins", node.begins),
        ("drained", node.drained),
        ("Ready", node.back),
        ("done", node.done),
    ]
    .into_iter()
    .filter_map(|(word, at)| at.map(|at| format!("{word} {}", span(at))))
    .collect();
    match &node.outcome {
        None => parts.push("its turn does not come".into()),
        Some(Outcome::Failed { step, reason, .. }) => {
            parts.push(format!("FAILS in {}: {}", step.word(), in_words(reason)));
        }
        Some(Outcome::Skipped { reason }) => parts.push(format!("skipped: {}", in_words(reason))),
        Some(
            Outcome::Verified { .. }
            | Outcome::Drained { .. }
            | Outcome::NotNeeded
            | Outcome::Interrupted { .. },
        ) => {}
    }
    parts.extend(node.waits.iter().filter(|wait| is_worth_it(wait)).map(wait));
    format!("  {}: {}", node.name, parts.join(", "))
}

/// That a node takes its time to boot, and must be Ready for a while, is in the moments already.
fn is_worth_it(wait: &Wait) -> bool {
    wait.seconds >= WORTH_A_WORD && !matches!(wait.step, Step::Return | Step::Reboot)
}

fn wait(wait: &Wait) -> String {
    format!(
        "waits {} in {}: {}",
        span(wait.seconds),
        wait.step.word(),
        in_words(&wait.reason)
    )
}

fn lows(lows: &[Lowest]) -> Vec<String> {
    let mut worst: Vec<&Lowest> = lows.iter().collect();
    // Those that are gone altogether first, then by what is left of them.
    worst.sort_by_key(|low| {
        (
            low.ready * 1000 / low.before.max(1),
            &low.namespace,
            &low.name,
        )
    });
    let mut lines: Vec<String> = worst
        .iter()
        .take(LOWS)
        .map(|low| {
            let during = low.node.as_ref().map(|node| format!(", with {node}"));
            format!(
                "  at worst {} of {} Ready: {} {}/{}, at {}{}",
                low.ready,
                low.before,
                low.kind,
                low.namespace,
                low.name,
                span(low.at),
                during.unwrap_or_default()
            )
        })
        .collect();
    if lows.len() > LOWS {
        lines.push(format!(
            "  and {} more; -o json has them all",
            count(lows.len() - LOWS, "workload")
        ));
    }
    lines
}

fn span(seconds: u64) -> String {
    age(Duration::from_secs(seconds))
}
