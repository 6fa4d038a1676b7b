//! The sentences beside the data: why nodes are unknown and what would help, what is ignored and what is no longer, and the
//! summary, which is also the one annotation.

use std::fmt::Write as _;

use super::{Report, words};
use crate::core::azure::{AzureTrouble, AzureView, Latest};
use crate::core::evidence::NodeStatus;
use crate::core::updates::Packages;
use crate::core::updates::decide::{Conclusion, Criterion, Judged, Unknowns};
use crate::core::updates::ignore::{Ignore, Pattern, Place};
use crate::core::updates::image::Azure;
use crate::core::updates::outcome::{Listed, Overall};
use crate::render::azure;
use crate::render::doubt::in_short;
use crate::render::format::ci::Grave;
use crate::render::status::standing;
use crate::render::stories::Stories;
use crate::render::text::{count, some_of};

/// More reasons than a line holds.
const MOST_REASONS: usize = 3;
/// More names than a line holds.
const MOST_NAMES: usize = 3;

/// The lines on these nodes, the summary last.
pub(crate) fn beside(report: &Report<'_>) -> Vec<String> {
    let mut stories = Stories::of_role("check-updates");
    for node in report.nodes {
        let status = &node.updates.status;
        if matches!(node.conclusion, Conclusion::Unknown | Conclusion::NotAsked) {
            stories.doubts(&status.name, words::doubts(node));
        }
        if let Some(read) = node.updates.packages.read() {
            stories.notes(&status.name, &read.notes);
        }
        stories.notes(&status.name, &status.verdict.notes);
    }
    let mut lines = stories.lines();
    lines.extend(azure_lines(report));
    // Where pending packages are known, they say how far behind a node is.
    let others: Vec<NodeStatus> = report
        .nodes
        .iter()
        .filter(|node| !matches!(node.updates.packages, Packages::Known(_)))
        .map(|node| node.updates.status.clone())
        .collect();
    lines.extend(standing(&others, report.at).map(|standing| format!("note: {standing}")));
    lines.extend(ignores(report));
    lines.push(summary(report));
    lines
}

/// What Azure says of the cluster, or why it says nothing.
pub(super) fn azure_lines(report: &Report<'_>) -> Vec<String> {
    let trouble = |what: &str, trouble: &AzureTrouble| {
        [
            format!("note: {what} was not read: {}", azure::in_words(trouble)),
            format!("hint: {}", azure::remedy(trouble)),
        ]
    };
    match report.azure {
        Azure::NotAsked | Azure::Interrupted => Vec::new(),
        Azure::Asked(Err(because)) => trouble("Azure", because).into(),
        Azure::Asked(Ok(view)) => {
            let told =
                |channel: &Option<String>| channel.clone().unwrap_or_else(|| "not told".into());
            let channels = format!(
                "note: Azure: cluster {}, node OS channel {}, upgrade channel {}",
                view.cluster,
                told(&view.channels.node_os),
                told(&view.channels.upgrade)
            );
            let operations = view.operations.iter().map(|operation| {
                let what = operation
                    .pool
                    .as_ref()
                    .map_or_else(|| "the cluster".to_owned(), |pool| format!("pool {pool}"));
                let since = operation
                    .since
                    .map(|since| format!(" since {since}"))
                    .unwrap_or_default();
                format!(
                    "note: Azure is at work on {what}: {}{since}",
                    operation.state
                )
            });
            let pools = unread_pools(view).into_iter().flat_map(|(because, pools)| {
                let whose = if pools.len() == 1 {
                    "pool"
                } else {
                    "the pools"
                };
                let pools = some_of(&pools, MOST_NAMES);
                trouble(
                    &format!("the newest node image of {whose} {pools}"),
                    because,
                )
            });
            let rest = view.unread.iter();
            let rest = rest.flat_map(|because| trouble("part of what Azure knows", because));
            let lines = [channels].into_iter().chain(operations);
            // Several may have the same remedy.
            words::once_each(lines.chain(pools).chain(rest))
        }
    }
}

/// Why the newest image of a pool could not be asked for, with the pools of which that is so.
fn unread_pools(view: &AzureView) -> Vec<(&AzureTrouble, Vec<&str>)> {
    let mut unread: Vec<(&AzureTrouble, Vec<&str>)> = Vec::new();
    for pool in &view.pools {
        let Latest::Unread { trouble } = &pool.latest else {
            continue;
        };
        match unread.iter_mut().find(|(known, _)| *known == trouble) {
            Some((_, pools)) => pools.push(&pool.name),
            None => unread.push((trouble, vec![&pool.name])),
        }
    }
    unread
}

/// What there is no node to say it by.
pub(super) fn gaps(report: &Report<'_>) -> Vec<String> {
    if report.nodes.is_empty() && report.errors.is_empty() {
        return vec![summary(report)];
    }
    report.errors.to_vec()
}

/// One line: how many nodes are behind and in what, and how many could not be decided and why.
pub(crate) fn summary(report: &Report<'_>) -> String {
    if report.nodes.is_empty() {
        return match report.errors {
            [] => "no node is selected, so nothing could be decided".to_owned(),
            errors => format!("nothing could be decided: {}", errors.join("; ")),
        };
    }
    let nodes = count(report.nodes.len(), "node");
    let mut text = if report.terms.criteria.is_empty() {
        format!("{nodes} read, and none judged: nothing counts (--fail-on none)")
    } else {
        let behind = report.number(Conclusion::Behind);
        let are = if behind == 1 || report.nodes.len() == 1 {
            "is"
        } else {
            "are"
        };
        format!("{behind} of {nodes} {are} behind")
    };
    let details = by_criterion(report);
    if !details.is_empty() {
        let _ = write!(text, ": {}", details.join(", "));
    }
    if let Some(packages) = packages(report) {
        let _ = write!(text, "; {packages}");
    }
    let unknown = report.number(Conclusion::Unknown);
    if unknown > 0 {
        let _ = write!(text, "; {unknown} unknown ({})", reasons(report).join(", "));
        let behind = report.nodes.iter().filter(|node| node.is_behind_at_least());
        let behind: Vec<_> = behind.map(|node| &node.updates.status.name).collect();
        if !behind.is_empty() {
            let (number, names) = (behind.len(), some_of(&behind, MOST_NAMES));
            let _ = write!(text, ", {number} of them behind by what was read: {names}");
        }
        if report.terms.unknowns == Unknowns::Tolerated {
            text.push_str(", tolerated by --tolerate-unknown");
        }
    }
    let ignored = report.number(Conclusion::Ignored);
    if ignored > 0 {
        let _ = write!(text, "; {ignored} ignored");
    }
    if !report.errors.is_empty() {
        let _ = write!(text, "; {}", report.errors.join("; "));
    }
    text
}

/// That the answer is not the whole one, for forms that cannot say it.
pub(crate) fn undecided(report: &Report<'_>) -> Option<String> {
    let unknown = report.number(Conclusion::Unknown);
    if report.nodes.is_empty() {
        return Some(summary(report));
    }
    (unknown > 0).then(|| {
        format!(
            "note: {} could not be decided; aksreboot check-updates says why",
            count(unknown, "node")
        )
    })
}

/// How grave the outcome is; `None`: nothing to annotate.
pub(crate) fn gravity(report: &Report<'_>) -> Option<Grave> {
    match report.overall {
        // Tolerated is not unsaid.
        Overall::Unknown
            if report.terms.unknowns == Unknowns::Tolerated
                && report.listed == Listed::Whole
                && !report.nodes.is_empty() =>
        {
            Some(Grave::Warning)
        }
        Overall::Unknown => Some(Grave::Error),
        Overall::Behind => Some(Grave::Warning),
        Overall::UpToDate | Overall::NotAsked => None,
    }
}

/// `3 pending`, `2 reboot`: nodes that are behind by what they are behind in.
fn by_criterion(report: &Report<'_>) -> Vec<String> {
    let is_behind = |node: &&Judged| node.conclusion == Conclusion::Behind;
    let number = |criterion: &Criterion| {
        report
            .nodes
            .iter()
            .filter(is_behind)
            .filter(|node| words::is_behind_in(node, *criterion))
            .count()
    };
    let criteria = report.terms.criteria.iter();
    criteria
        .map(|criterion| (number(criterion), words::criterion(*criterion)))
        .filter(|(number, _)| *number > 0)
        .map(|(number, word)| format!("{number} {word}"))
        .collect()
}

/// What is pending on all nodes, or as far as it was read, unless something else alone counts.
fn packages(report: &Report<'_>) -> Option<String> {
    let criteria = &report.terms.criteria;
    let about_packages =
        |criterion: &Criterion| matches!(criterion, Criterion::Pending | Criterion::Security);
    let totals = report.totals();
    let number = totals.pending.known.or(totals.pending.at_least)?;
    if number == 0 || !criteria.is_empty() && !criteria.iter().any(about_packages) {
        return None;
    }
    let packages = count(usize::try_from(number).unwrap_or(usize::MAX), "package");
    let packages = match totals.pending.known {
        Some(_) => format!("{packages} pending in all"),
        None => format!("at least {packages} pending by what was read"),
    };
    Some(match (totals.security.known, totals.security.at_least) {
        (Some(security), _) => format!("{packages}, {security} for security"),
        (None, Some(security @ 1..)) => format!("{packages}, at least {security} for security"),
        (None, _) => format!("{packages}, security not known everywhere"),
    })
}

/// The first doubt of each unknown node, the most frequent first.
fn reasons(report: &Report<'_>) -> Vec<String> {
    let mut counts: Vec<(String, usize)> = Vec::new();
    let unknown = |node: &&Judged| node.conclusion == Conclusion::Unknown;
    for node in report.nodes.iter().filter(unknown) {
        let doubt = words::doubts(node).first().map(|doubt| in_short(doubt));
        let doubt = doubt.unwrap_or_else(|| "no reason given".to_owned());
        match counts.iter_mut().find(|(known, _)| *known == doubt) {
            Some((_, count)) => *count += 1,
            None => counts.push((doubt, 1)),
        }
    }
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let more = counts.len().saturating_sub(MOST_REASONS);
    counts
        .into_iter()
        .take(MOST_REASONS)
        .map(|(doubt, _)| doubt)
        .chain((more > 0).then(|| "others".to_owned()))
        .collect()
}

/// What entries of the ignore file do and no longer do, a line each.
pub(crate) fn ignores(report: &Report<'_>) -> Vec<String> {
    report
        .ignores
        .iter()
        .map(|(place, entry)| {
            let what = what(entry);
            if report.ignores.is_expired(entry) {
                return format!(
                    "note: the ignore entry for {what} ended on {}; what it names counts again ({})",
                    entry.expires, entry.reason
                );
            }
            match done(report, place) {
                None => format!(
                    "note: the ignore entry for {what} passes over nothing ({})",
                    entry.reason
                ),
                Some(done) => format!(
                    "ignored until {}: {done}, by the entry for {what}: {}",
                    entry.expires, entry.reason
                ),
            }
        })
        .collect()
}

/// What an entry is about, in the words of the file.
fn what(entry: &Ignore) -> String {
    let named = |word: &str, pattern: &Option<Pattern>| {
        pattern
            .as_ref()
            .map(|pattern| format!("{word} {}", pattern.as_str()))
    };
    let parts = [
        named("package", &entry.package),
        named("node", &entry.node),
        named("pool", &entry.pool),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// What it passes over here.
fn done(report: &Report<'_>, place: Place) -> Option<String> {
    let by = |entry: Option<Place>| entry == Some(place);
    let nodes = report.nodes.iter().filter(|node| by(node.ignored_by));
    let packages = report.nodes.iter().map(|node| {
        let entries = node.ignored_packages.iter();
        entries.filter(|entry| by(**entry)).count()
    });
    match (nodes.count(), packages.sum::<usize>()) {
        (0, 0) => None,
        (0, packages) => Some(count(packages, "package")),
        (nodes, _) => Some(count(nodes, "node")),
    }
}
