//! The sentences beside the table: how many nodes wait, why others are unknown, what would help.

use std::fmt::Write as _;

use crate::core::evidence::{Need, NodeStatus, Route};
use crate::core::model::NodeName;
use crate::core::reason::Reason;
use crate::render::doubt::{in_words, remedy};
use crate::render::text::{count, some_of};

use super::route;

/// One line: how many wait, and how many could not be judged.
pub(crate) fn summary(nodes: &[NodeStatus]) -> String {
    let of = |need| {
        nodes
            .iter()
            .filter(|node| node.verdict.need == need)
            .count()
    };
    let (waiting, unknown) = (of(Need::Yes), of(Need::Unknown));
    let mut text = format!(
        "{waiting} of {} {} for a reboot",
        count(nodes.len(), "node"),
        if waiting == 1 { "waits" } else { "wait" }
    );
    if unknown > 0 {
        let _ = write!(text, ", {unknown} unknown");
    }
    text
}

/// More lines than a person reads.
const MOST_LINES: usize = 20;

/// Why nodes are unknown, a line for each reason, and what would help, once each. Notes of the others too.
pub(crate) fn explanations(nodes: &[NodeStatus]) -> Vec<String> {
    let mut told: Vec<(String, Vec<&NodeName>)> = Vec::new();
    let mut remedies: Vec<String> = Vec::new();
    for node in nodes {
        let verdict = &node.verdict;
        let doubts: &[Reason] = match verdict.need {
            Need::Unknown => &verdict.reasons,
            _ => &[],
        };
        let lines = doubts
            .iter()
            .map(|doubt| format!("unknown: {}", without_pod_names(&in_words(doubt))))
            .chain(
                verdict
                    .notes
                    .iter()
                    .map(|note| format!("note: {}", in_words(note))),
            )
            .chain(way(node).map(|way| format!("note: {}", without_pod_names(&way))));
        for line in lines {
            match told.iter_mut().find(|(known, _)| *known == line) {
                Some((_, names)) => names.push(&node.name),
                None => told.push((line, vec![&node.name])),
            }
        }
        for remedy in doubts.iter().filter_map(remedy) {
            if !remedies.contains(&remedy) {
                remedies.push(remedy);
            }
        }
    }
    let more = told.len().saturating_sub(MOST_LINES);
    told.into_iter()
        .take(MOST_LINES)
        .map(|(line, names)| {
            let (kind, words) = line.split_once(": ").unwrap_or(("", &line));
            format!("{kind}: {}: {words}", some_of(&names, 3))
        })
        .chain((more > 0).then(|| format!("and {more} more such lines; -o json has them all")))
        .chain(remedies.into_iter().map(|remedy| format!("hint: {remedy}")))
        .collect()
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

/// The server names the refused pod in its answer, a random name that would keep equal stories apart.
fn without_pod_names(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((at, (prefix, least))) = PREFIXES
        .iter()
        .filter_map(|prefix| Some((rest.find(prefix.0)?, *prefix)))
        .min()
    {
        let (before, name) = rest.split_at(at);
        let end = name
            .find(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c)))
            .unwrap_or(name.len());
        out.push_str(before);
        if end > least {
            out.push_str(prefix);
            out.push('\u{2026}');
        } else {
            out.push_str(&name[..end]);
        }
        rest = &name[end..];
    }
    out + rest
}

/// How the names of pods that read a node begin, and what is no longer a word but a name: with two hashes, or a node's name and
/// five letters.
const PREFIXES: [(&str, usize); 2] = [("node-debugger-", 20), ("probe-", 20)];
