//! JUnit: a suite with a test case a node. Behind is a failure, unknown an error, ignored and not applicable are skipped. Within
//! the schema of Ant's JUnit task, which is the strictest that readers go by.

use std::fmt::Write as _;

use jiff::Unit;
use jiff::tz::TimeZone;

use super::packages::{self, Row};
use super::told::gaps;
use super::{Report, words};
use crate::core::updates::decide::{Conclusion, Judged};
use crate::render::format::xml::Xml;
use crate::render::reason::in_words;

/// What the suite and its cases are called.
const SUITE: &str = "aksreboot check-updates";
const CLASS: &str = "aksreboot.check-updates";

pub(crate) fn junit(report: &Report<'_>) -> String {
    let number = |wanted| report.number(wanted);
    let gaps = gaps(report);
    let tests = (report.nodes.len() + gaps.len()).to_string();
    let failures = number(Conclusion::Behind).to_string();
    let errors = (number(Conclusion::Unknown) + gaps.len()).to_string();
    let skipped = [
        Conclusion::Ignored,
        Conclusion::NotApplicable,
        Conclusion::NotAsked,
    ];
    let skipped: usize = skipped.into_iter().map(number).sum();
    let mut xml = Xml::new();
    xml.open("testsuites", &[]);
    xml.open(
        "testsuite",
        &[
            ("id", "0"),
            ("package", "aksreboot"),
            ("name", SUITE),
            ("hostname", or(report.context, "none")),
            ("timestamp", &without_zone(report)),
            ("tests", &tests),
            ("failures", &failures),
            ("errors", &errors),
            ("skipped", &skipped.to_string()),
            ("time", "0"),
        ],
    );
    properties(&mut xml, report);
    for node in report.nodes {
        case(&mut xml, report, node);
    }
    for gap in &gaps {
        xml.open("testcase", &named("selection", CLASS));
        xml.lines(
            "error",
            &[("message", gap), ("type", "unknown")],
            std::slice::from_ref(gap),
        );
        xml.close();
    }
    xml.lines("system-out", &[], &super::beside(report));
    xml.empty("system-err", &[]);
    xml.end()
}

fn properties(xml: &mut Xml, report: &Report<'_>) {
    let terms = report.terms;
    let age = terms
        .max_data_age
        .map_or_else(|| "any".to_owned(), words::span);
    xml.open("properties", &[]);
    for (name, value) in [
        ("server", or(report.server, "none")),
        ("fail-on", &words::criteria(&terms.criteria)),
        ("max-data-age", &age),
        ("exit-code", &report.exit.to_string()),
    ] {
        xml.empty("property", &[("name", name), ("value", value)]);
    }
    xml.close();
}

fn case(xml: &mut Xml, report: &Report<'_>, node: &Judged) {
    let status = &node.updates.status;
    let class = match &status.pool {
        Some(pool) => format!("{CLASS}.{pool}"),
        None => CLASS.to_owned(),
    };
    let attributes = named(status.name.as_str(), &class);
    match node.conclusion {
        Conclusion::UpToDate => xml.empty("testcase", &attributes),
        Conclusion::Ignored | Conclusion::NotApplicable | Conclusion::NotAsked => {
            xml.open("testcase", &attributes);
            xml.empty("skipped", &[("message", &skipped(report, node))]);
            xml.close();
        }
        Conclusion::Behind => {
            xml.open("testcase", &attributes);
            let message = format!("behind in {}", words::behind_in(node).join(", "));
            xml.lines(
                "failure",
                &[("message", &message), ("type", "behind")],
                &story(node),
            );
            xml.close();
        }
        Conclusion::Unknown => {
            xml.open("testcase", &attributes);
            let doubts: Vec<String> = words::doubts(node).into_iter().map(in_words).collect();
            let mut message = format!("unknown: {}", doubts.join("; "));
            if node.is_behind_at_least() {
                let behind = words::behind_in(node).join(", ");
                let _ = write!(message, "; behind by what was read in {behind}");
            }
            xml.lines(
                "error",
                &[("message", &message), ("type", "unknown")],
                &story(node),
            );
            xml.close();
        }
    }
}

fn named<'a>(name: &'a str, class: &'a str) -> [(&'static str, &'a str); 3] {
    [("classname", class), ("name", name), ("time", "0")]
}

fn skipped(report: &Report<'_>, node: &Judged) -> String {
    match node.conclusion {
        Conclusion::Ignored => {
            let entries = report.entries_for(node);
            let reasons: Vec<String> = entries.map(words::ignored_because).collect();
            format!("ignored: {}", reasons.join("; "))
        }
        Conclusion::NotAsked => "not asked: nothing counts (--fail-on none)".to_owned(),
        _ => {
            let reasons = words::not_applicable(node).into_iter().map(in_words);
            format!("does not apply: {}", reasons.collect::<Vec<_>>().join("; "))
        }
    }
}

/// Everything that is known of the node.
fn story(node: &Judged) -> Vec<String> {
    let verdict = &node.updates.status.verdict;
    let mut lines = vec![format!(
        "reboot pending: {}",
        crate::render::status::need(verdict.need)
    )];
    lines.extend(
        verdict
            .reasons
            .iter()
            .map(|reason| format!("  {}", in_words(reason))),
    );
    if let Some(latest) = node.updates.image.latest() {
        let image = node.updates.status.aks.image.as_deref().unwrap_or_default();
        lines.push(format!("node image: {image}, the newest is {latest}"));
    }
    let rows: Vec<Row<'_>> = packages::of(node).collect();
    if !rows.is_empty() {
        lines.push("packages:".to_owned());
        lines.extend(rows.iter().map(|row| format!("  {}", row.in_words())));
    }
    let omitted = packages::omitted(node);
    if omitted > 0 {
        lines.push(format!("and {omitted} more that the node did not name"));
    }
    lines
}

/// The schema wants a moment without a zone; it is in UTC.
fn without_zone(report: &Report<'_>) -> String {
    let moment = report.at.to_zoned(TimeZone::UTC).datetime();
    let moment = moment.round(Unit::Second).unwrap_or(moment);
    moment.strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

fn or<'a>(text: &'a str, otherwise: &'a str) -> &'a str {
    if text.is_empty() { otherwise } else { text }
}
