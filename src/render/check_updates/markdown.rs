//! Markdown for a job's summary: the outcome as a heading, the nodes as a table, why some are unknown, and with packages each of
//! them. What comes from the cluster is code or escaped.

use std::fmt::Write as _;

use super::packages::{self, Row};
use super::{Report, words};
use crate::core::reason::Reason;
use crate::core::updates::decide::{Conclusion, Judged};
use crate::core::updates::image::Image;
use crate::render::format::markdown::{code, escaped, table};
use crate::render::reason::in_words;
use crate::render::status::{kernel, need};
use crate::render::text::count;

/// How much of it there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Extent {
    packages: bool,
    /// At most so many nodes.
    nodes: usize,
}

pub(crate) fn markdown(report: &Report<'_>, packages: bool) -> String {
    let nodes = usize::MAX;
    of(report, Extent { packages, nodes })
}

/// As much of it as fits into `room` bytes, and what is missing is said: packages go first, then nodes. Empty where not even the
/// heading fits.
pub(crate) fn markdown_within(report: &Report<'_>, packages: bool, room: usize) -> String {
    let fits = |text: &String| text.len() <= room;
    let mut extents = Vec::new();
    if packages {
        extents.push(Extent {
            packages,
            nodes: usize::MAX,
        });
    }
    let halves = std::iter::successors(Some(report.nodes.len()), |nodes| {
        (*nodes > 0).then_some(nodes / 2)
    });
    extents.extend(halves.map(|nodes| Extent {
        packages: false,
        nodes,
    }));
    let mut texts = extents.into_iter().map(|extent| {
        let mut text = of(report, extent);
        if packages && !extent.packages {
            text.push_str("\nThe packages are left out: there was no room for them.\n");
        }
        text
    });
    texts.find(fits).unwrap_or_default()
}

fn of(report: &Report<'_>, extent: Extent) -> String {
    let mut text = format!("## Node updates: {}\n\n", headline(report));
    let _ = writeln!(
        text,
        "{}\n\nCluster {} ({}), {}. What counts: {}.\n",
        escaped(&super::summary(report)),
        code(report.context),
        code(report.server),
        code(&report.at.strftime("%Y-%m-%d %H:%M UTC").to_string()),
        code(&words::criteria(&report.terms.criteria)),
    );
    for line in super::azure_lines(report) {
        let _ = writeln!(text, "{}\n", escaped(&line));
    }
    let (shown, left) = report.nodes.split_at(extent.nodes.min(report.nodes.len()));
    if !shown.is_empty() {
        text.push_str(&nodes(report, shown));
    }
    if !left.is_empty() {
        let _ = writeln!(
            text,
            "\nAnd {} more, left out for want of room.",
            count(left.len(), "node")
        );
    }
    doubts(&mut text, shown);
    ignores(&mut text, report);
    errors(&mut text, report);
    if extent.packages {
        each_package(&mut text, shown);
    }
    text
}

fn headline(report: &Report<'_>) -> &'static str {
    words::overall(report.overall)
}

fn nodes(report: &Report<'_>, shown: &[Judged]) -> String {
    table(
        [
            "Node",
            "Pool",
            "Pending",
            "Security",
            "Data age",
            "Reboot",
            "Kernel",
            "Node image",
            "Behind",
        ],
        shown.iter().map(|node| {
            let status = &node.updates.status;
            [
                code(status.name.as_str()),
                code(status.pool.as_deref().unwrap_or_default()),
                ours(&super::count(node, |counts| Some(counts.pending))),
                ours(&super::count(node, |counts| counts.security)),
                ours(&super::data_age(node, &report.at)),
                need(status.verdict.need).to_owned(),
                code(&kernel(status.verdict.running.as_ref())),
                image(node),
                if node.conclusion == Conclusion::Behind {
                    format!("**{}**", words::behind(node))
                } else {
                    words::behind(node)
                },
            ]
        }),
    )
}

/// The node's image, and the newest one where that is another.
fn image(node: &Judged) -> String {
    let image = code(node.updates.status.aks.image.as_deref().unwrap_or_default());
    match &node.updates.image {
        Image::Known {
            latest,
            is_behind: true,
        } => format!("{image}, newest {}", code(latest)),
        Image::Unknown(reason) if *reason != Reason::AzureNotAsked => {
            format!("{image}, newest unknown")
        }
        _ => image,
    }
}

/// A number or a word of ours; what is not known has no angle brackets here, which would be HTML.
fn ours(cell: &str) -> String {
    cell.replace(['<', '>'], "")
}

/// A point for each node that could not be decided.
fn doubts(text: &mut String, shown: &[Judged]) {
    let unknown: Vec<&Judged> = shown
        .iter()
        .filter(|node| node.conclusion == Conclusion::Unknown)
        .collect();
    if unknown.is_empty() {
        return;
    }
    text.push_str("\n### Unknown\n\n");
    for node in unknown {
        let reasons: Vec<String> = words::doubts(node).into_iter().map(in_words).collect();
        let _ = writeln!(
            text,
            "- {}: {}",
            code(node.updates.status.name.as_str()),
            escaped(&reasons.join("; "))
        );
    }
}

/// A point for each entry of the ignore file.
fn ignores(text: &mut String, report: &Report<'_>) {
    let lines = super::ignores(report);
    if lines.is_empty() {
        return;
    }
    text.push_str("\n### Ignore file\n\n");
    for line in lines {
        let _ = writeln!(text, "- {}", escaped(&line));
    }
}

fn errors(text: &mut String, report: &Report<'_>) {
    if report.errors.is_empty() {
        return;
    }
    text.push_str("\n### Errors\n\n");
    for error in report.errors {
        let _ = writeln!(text, "- {}", escaped(error));
    }
}

fn each_package(text: &mut String, shown: &[Judged]) {
    let rows: Vec<Row<'_>> = shown.iter().flat_map(packages::of).collect();
    if rows.is_empty() {
        return;
    }
    text.push_str("\n### Packages\n\n");
    text.push_str(&table(
        [
            "Node",
            "Package",
            "Installed",
            "Candidate",
            "Security",
            "Standing",
        ],
        rows.iter().map(|row| {
            [
                code(row.node.as_str()),
                code(&row.package.name),
                code(row.installed()),
                code(&row.package.candidate),
                words::security(row.package.security).to_owned(),
                row.standing().to_owned(),
            ]
        }),
    ));
    let omitted: u32 = shown.iter().map(packages::omitted).sum();
    if omitted > 0 {
        let _ = writeln!(text, "\nAnd {omitted} more that the nodes did not name.");
    }
}
