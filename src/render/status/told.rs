//! The sentences beside the table: how many nodes wait and why, why others are unknown, what would help, which pools
//! run different kernels.

use std::fmt::Write as _;

use jiff::Timestamp;

use crate::core::evidence::{Kernels, Need, NodeStatus, Route};
use crate::core::reason::Reason;
use crate::render::doubt::{in_short, in_words};
use crate::render::stories::{Stories, without_pod_names};
use crate::render::text::{age, count, some_of};

use super::{BEHIND, route};

/// More reasons than a line holds.
const MOST_REASONS: usize = 4;
/// More kernels, or pools, than anybody compares.
const MOST_KERNELS: usize = 6;

/// One line: how many wait and for what, for how long, and how many could not be judged and why.
pub(crate) fn summary(nodes: &[NodeStatus], now: Timestamp) -> String {
    let of = |need| -> Vec<&NodeStatus> {
        nodes
            .iter()
            .filter(|node| node.verdict.need == need)
            .collect()
    };
    let (waiting, unknown) = (of(Need::Yes), of(Need::Unknown));
    let mut text = format!(
        "{} of {} {} for a reboot",
        waiting.len(),
        count(nodes.len(), "node"),
        if waiting.len() == 1 { "waits" } else { "wait" }
    );
    let mut details = by_reason(&waiting);
    if let Some(oldest) = waiting.iter().filter_map(|node| node.verdict.since).min() {
        let span = now.duration_since(oldest).try_into().unwrap_or_default();
        details.push(format!("oldest {}", age(span)));
    }
    if !details.is_empty() {
        let _ = write!(text, ": {}", details.join(", "));
    }
    match (unknown.len(), by_reason(&unknown).as_slice()) {
        (0, _) => {}
        // With one reason its number is the number.
        (number, [only]) => {
            let reason = only.split_once(' ').map_or("", |(_, reason)| reason);
            let _ = write!(text, "; {number} unknown ({reason})");
        }
        (number, reasons) => {
            let _ = write!(text, "; {number} unknown ({})", reasons.join(", "));
        }
    }
    text
}

/// `3 kernel`, `2 libc6`: nodes by what comes first among their reasons, the most frequent first.
fn by_reason(nodes: &[&NodeStatus]) -> Vec<String> {
    let mut counts: Vec<(String, usize)> = Vec::new();
    for node in nodes {
        let reason = node.verdict.reasons.first().map(in_short);
        let reason = reason.as_deref().unwrap_or("no reason given");
        let first = reason.split(',').next().unwrap_or(reason);
        match counts.iter_mut().find(|(known, _)| known == first) {
            Some((_, count)) => *count += 1,
            None => counts.push((first.to_owned(), 1)),
        }
    }
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let others: usize = counts
        .iter()
        .skip(MOST_REASONS)
        .map(|(_, count)| count)
        .sum();
    counts
        .into_iter()
        .take(MOST_REASONS)
        .map(|(reason, count)| format!("{count} {reason}"))
        .chain((others > 0).then(|| format!("{others} for other reasons")))
        .collect()
}

/// A line for each pool whose nodes run different kernels; it begins with what marks the older ones in the table.
pub(crate) fn uneven_pools(kernels: &Kernels) -> Vec<String> {
    let uneven = kernels.uneven();
    let more = uneven.len().saturating_sub(MOST_KERNELS);
    uneven
        .into_iter()
        .take(MOST_KERNELS)
        .map(|pool| {
            let kernels: Vec<String> = pool
                .kernels
                .iter()
                .map(|count| format!("{} ({})", count.kernel, count.nodes))
                .collect();
            let who = match &pool.pool {
                Some(pool) => format!("pool {pool} runs"),
                None => "nodes without a pool run".to_owned(),
            };
            format!(
                "{BEHIND} {who} {} kernels: {}",
                kernels.len(),
                some_of(&kernels, MOST_KERNELS)
            )
        })
        .chain((more > 0).then(|| {
            format!(
                "and {} more that run different kernels",
                count(more, "pool")
            )
        }))
        .collect()
}

/// Why nodes are unknown, a line for each reason, and what would help, once each. Notes of the others too.
pub(crate) fn explanations(nodes: &[NodeStatus]) -> Vec<String> {
    let mut stories = Stories::of_role("probe");
    for node in nodes {
        let verdict = &node.verdict;
        if verdict.need == Need::Unknown {
            stories.doubts(&node.name, &verdict.reasons);
        }
        stories.notes(&node.name, &verdict.notes);
        if let Some(way) = way(node) {
            stories.tell(&node.name, "note", without_pod_names(&way));
        }
    }
    stories.lines()
}

/// Why the node was read by another way than a pod, where that is not said already.
fn way(node: &NodeStatus) -> Option<String> {
    let verdict = &node.verdict;
    let because = node.because.as_ref()?;
    let told = verdict
        .reasons
        .iter()
        .any(|reason| reason == because || *reason == Reason::NotProbed);
    (!told).then(|| match verdict.read_by {
        Route::Api => format!("no pod could read it: {}", in_words(because)),
        _ => format!("read by {}: {}", route(verdict.read_by), in_words(because)),
    })
}
