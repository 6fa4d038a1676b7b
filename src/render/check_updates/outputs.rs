//! The outcome as names and values that a later step reads: words and numbers of ours, nothing that a node said.

use super::{Report, words};
use crate::core::updates::decide::Conclusion;

/// In lower case with dashes between words. A number that is not known is empty.
pub(crate) fn outputs(report: &Report<'_>) -> Vec<(&'static str, String)> {
    let totals = report.totals();
    let number = |wanted| report.number(wanted).to_string();
    vec![
        ("verdict", words::overall(report.overall).to_owned()),
        ("exit-code", report.exit.to_string()),
        ("nodes", report.nodes.len().to_string()),
        ("behind", number(Conclusion::Behind)),
        ("up-to-date", number(Conclusion::UpToDate)),
        ("unknown", number(Conclusion::Unknown)),
        ("ignored", number(Conclusion::Ignored)),
        ("not-applicable", number(Conclusion::NotApplicable)),
        ("pending-packages", totals.pending.to_string()),
        (
            "security-packages",
            totals
                .security
                .map_or_else(String::new, |number| number.to_string()),
        ),
        ("reboot-pending", totals.reboot.to_string()),
    ]
}
