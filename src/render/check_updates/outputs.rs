//! The outcome as names and values that a later step reads: words and numbers of ours, nothing that a node said.

use super::totals::Total;
use super::{Report, words};
use crate::core::updates::decide::{Conclusion, Judged};

/// In lower case with dashes between words. A number that is not known is empty.
pub(crate) fn outputs(report: &Report<'_>) -> Vec<(&'static str, String)> {
    let totals = report.totals();
    let of = |wanted| number(report.nodes_that(|node| node.conclusion == wanted));
    let known = |total: Total| number(total.known);
    let at_least = |total: Total| number(total.at_least);
    vec![
        ("overall", words::overall(report.overall).to_owned()),
        ("exit-code", report.exit.to_string()),
        ("nodes", number(report.nodes_that(|_| true))),
        ("behind", of(Conclusion::Behind)),
        ("up-to-date", of(Conclusion::UpToDate)),
        ("unknown", of(Conclusion::Unknown)),
        (
            "behind-at-least",
            number(report.nodes_that(Judged::is_behind_at_least)),
        ),
        ("ignored", of(Conclusion::Ignored)),
        ("not-applicable", of(Conclusion::NotApplicable)),
        ("not-asked", of(Conclusion::NotAsked)),
        ("pending-packages", known(totals.pending)),
        ("pending-packages-at-least", at_least(totals.pending)),
        ("security-packages", known(totals.security)),
        ("security-packages-at-least", at_least(totals.security)),
        ("reboot-pending", known(totals.reboot)),
        ("reboot-pending-at-least", at_least(totals.reboot)),
    ]
}

fn number(known: Option<impl ToString>) -> String {
    known.map_or_else(String::new, |number| number.to_string())
}
