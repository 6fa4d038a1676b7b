//! CSV: a line a node, or with packages a line a package (and one for a node that has none, so that no node is missing). What
//! there is no node to say it by has a line without one, so that a failure is more than a heading.

use super::packages::{self, Row};
use super::told::gaps;
use super::{Report, words};
use crate::core::updates::decide::{Conclusion, Judged};
use crate::core::updates::{Counts, Packages};
use crate::render::format::csv::table;
use crate::render::reason::in_words;
use crate::render::status::need;

/// Whether packages have lines of their own.
pub(crate) fn csv(report: &Report<'_>, with_packages: bool) -> String {
    if with_packages {
        return by_package(report);
    }
    let gaps = gaps(report).into_iter();
    table(
        NODE,
        nodes(report).chain(gaps.map(|gap| line_of(&gap, NODE))),
    )
}

const NODE: [&str; 20] = [
    "node",
    "pool",
    "conclusion",
    "behind_in",
    "pending",
    "security",
    "phased",
    "kept_back",
    "ignored",
    "not_listed",
    "data_as_of",
    "data_by",
    "reboot",
    "reboot_since",
    "kernel",
    "newest_kernel",
    "node_image",
    "latest_image",
    "why_unknown",
    "ignored_because",
];

fn nodes(report: &Report<'_>) -> impl Iterator<Item = [String; NODE.len()]> {
    report.nodes.iter().map(|node| {
        let status = &node.updates.status;
        let verdict = &status.verdict;
        let read = node.updates.packages.read();
        let because: Vec<String> = report
            .entries_for(node)
            .map(words::ignored_because)
            .collect();
        [
            status.name.to_string(),
            text(status.pool.as_deref()),
            words::conclusion(node.conclusion).to_owned(),
            words::behind_in(node).join(" "),
            count(node, |counts| Some(counts.pending)),
            count(node, |counts| counts.security),
            count(node, |counts| Some(counts.phased)),
            count(node, |counts| Some(counts.kept_back)),
            super::ignored_packages(node).to_string(),
            packages::omitted(node).to_string(),
            text(read.and_then(|read| read.data.as_of)),
            text(read.and_then(|read| read.data.by).map(words::data_by)),
            need(verdict.need).to_owned(),
            text(verdict.since),
            text(verdict.running.as_ref()),
            text(verdict.newest_installed.as_ref()),
            text(status.aks.image.as_deref()),
            text(node.updates.image.latest()),
            why_unknown(node),
            because.join("; "),
        ]
    })
}

fn why_unknown(node: &Judged) -> String {
    let why: Vec<String> = words::doubts(node).into_iter().map(in_words).collect();
    why.join("; ")
}

fn by_package(report: &Report<'_>) -> String {
    let line = |node: &Judged, row: Option<&Row<'_>>| {
        let of = |field: fn(&Row<'_>) -> String| row.map_or_else(String::new, field);
        [
            node.updates.status.name.to_string(),
            text(node.updates.status.pool.as_deref()),
            words::conclusion(node.conclusion).to_owned(),
            of(|row| row.package.name.clone()),
            of(|row| text(row.package.architecture.as_deref())),
            of(|row| text(row.package.installed.as_deref())),
            of(|row| row.package.candidate.clone()),
            of(|row| words::security(row.package.security).to_owned()),
            of(|row| row.standing().to_owned()),
            of(|row| text(row.package.origin.as_deref())),
            packages::omitted(node).to_string(),
            why_unknown(node),
            ignored_because(report, node, row),
        ]
    };
    let rows = report.nodes.iter().flat_map(|node| {
        let mut lines: Vec<_> = packages::of(node)
            .map(|row| line(node, Some(&row)))
            .collect();
        if lines.is_empty() {
            lines.push(line(node, None));
        }
        lines
    });
    let gaps = gaps(report).into_iter();
    table(PACKAGE, rows.chain(gaps.map(|gap| line_of(&gap, PACKAGE))))
}

const PACKAGE: [&str; 13] = [
    "node",
    "pool",
    "conclusion",
    "package",
    "architecture",
    "installed",
    "candidate",
    "security",
    "standing",
    "origin",
    "not_listed",
    "why_unknown",
    "ignored_because",
];

/// What there is no node to say it by, as a line under these headings.
fn line_of<const N: usize>(gap: &str, headings: [&str; N]) -> [String; N] {
    headings.map(|heading| match heading {
        "conclusion" => words::conclusion(Conclusion::Unknown).to_owned(),
        "why_unknown" => gap.to_owned(),
        _ => String::new(),
    })
}

/// Of the package, or of the whole node.
fn ignored_because(report: &Report<'_>, node: &Judged, row: Option<&Row<'_>>) -> String {
    let place = row.and_then(|row| row.ignored).or(node.ignored_by);
    let entry = place.and_then(|place| report.entry(place));
    entry.map_or_else(String::new, words::ignored_because)
}

/// Empty where it is not known: what was read of an unknown node is in the other forms, marked.
fn count(node: &Judged, of: fn(Counts) -> Option<u32>) -> String {
    match &node.updates.packages {
        Packages::NotApplicable(_) => String::new(),
        Packages::Known(_) | Packages::Unknown { .. } => text(node.known_counts().and_then(of)),
    }
}

fn text(value: Option<impl ToString>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}
