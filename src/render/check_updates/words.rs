//! The words for what was judged, the same in every form.

use std::time::Duration;

use crate::core::evidence::Need;
use crate::core::reason::Reason;
use crate::core::updates::decide::{Conclusion, Criterion, Found, Judged};
use crate::core::updates::ignore::Ignore;
use crate::core::updates::outcome::Overall;
use crate::core::updates::{DataAgeBy, Manager, Packages, Standing};

const DAY: u64 = 86_400;

/// As it is written on the command line.
pub(super) fn criterion(criterion: Criterion) -> String {
    match criterion {
        Criterion::Overdue(limit) => format!("overdue={}", span(limit)),
        other => name(other).to_owned(),
    }
}

/// What it is called, without its limit.
pub(super) fn name(criterion: Criterion) -> &'static str {
    match criterion {
        Criterion::Pending => "pending",
        Criterion::Security => "security",
        Criterion::Reboot => "reboot",
        Criterion::Image => "image",
        Criterion::Overdue(_) => "overdue",
    }
}

/// All of them, as they are written together.
pub(super) fn criteria(criteria: &[Criterion]) -> String {
    if criteria.is_empty() {
        return "none".to_owned();
    }
    let words: Vec<String> = criteria.iter().map(|one| criterion(*one)).collect();
    words.join(",")
}

/// A duration that somebody gave, in the largest unit that says it exactly.
pub(super) fn span(span: Duration) -> String {
    let seconds = span.as_secs();
    match seconds {
        seconds if seconds % DAY == 0 => format!("{}d", seconds / DAY),
        seconds if seconds % 3600 == 0 => format!("{}h", seconds / 3600),
        seconds if seconds % 60 == 0 => format!("{}m", seconds / 60),
        seconds => format!("{seconds}s"),
    }
}

/// In what the node is behind, or that it is not.
pub(super) fn behind(node: &Judged) -> String {
    match node.conclusion {
        Conclusion::Behind => behind_in(node).join(","),
        Conclusion::UpToDate => "no".to_owned(),
        Conclusion::Unknown if node.is_behind_at_least() => {
            format!("unknown ({})", behind_in(node).join(","))
        }
        Conclusion::Unknown => "unknown".to_owned(),
        Conclusion::Ignored => "ignored".to_owned(),
        Conclusion::NotApplicable => "n-a".to_owned(),
        Conclusion::NotAsked => "-".to_owned(),
    }
}

/// The conclusion alone, for programs that read it.
pub(super) fn conclusion(conclusion: Conclusion) -> &'static str {
    match conclusion {
        Conclusion::Behind => "behind",
        Conclusion::UpToDate => "up-to-date",
        Conclusion::Unknown => "unknown",
        Conclusion::Ignored => "ignored",
        Conclusion::NotApplicable => "n-a",
        Conclusion::NotAsked => "not-asked",
    }
}

/// What counts and is so on the node, whatever else may be unknown of it; each word once, though `overdue` may count by several
/// limits.
pub(super) fn behind_in(node: &Judged) -> Vec<&'static str> {
    let names = node
        .found
        .iter()
        .filter(|(_, found)| is_behind(found))
        .map(|(criterion, _)| name(*criterion));
    once_each(names)
}

/// Whether the node is behind in just this, whatever else may be unknown of it.
pub(super) fn is_behind_in(node: &Judged, criterion: Criterion) -> bool {
    let found = node.found.iter();
    found
        .filter(|(known, _)| *known == criterion)
        .any(|(_, found)| is_behind(found))
}

fn is_behind(found: &Found) -> bool {
    matches!(found, Found::Behind | Found::BehindAtLeast(_))
}

/// Why an entry of the ignore file passes over something, and until when.
pub(super) fn ignored_because(entry: &Ignore) -> String {
    format!("{} (until {})", entry.reason, entry.expires)
}

/// Why something that was asked for could not be decided, each reason once; where nothing was asked for, why something that
/// is shown is not known.
pub(super) fn doubts(node: &Judged) -> Vec<&Reason> {
    if node.conclusion == Conclusion::NotAsked {
        let packages = match &node.updates.packages {
            Packages::Unknown { reasons, .. } => reasons.as_slice(),
            Packages::Known(_) | Packages::NotApplicable(_) => &[],
        };
        let verdict = &node.updates.status.verdict;
        let reboot = match verdict.need {
            Need::Unknown => verdict.reasons.as_slice(),
            Need::Yes | Need::No | Need::NotApplicable => &[],
        };
        return once_each(packages.iter().chain(reboot));
    }
    let reasons = node.found.iter().flat_map(|(_, found)| match found {
        Found::Unknown(reasons) | Found::BehindAtLeast(reasons) => reasons.as_slice(),
        _ => &[],
    });
    once_each(reasons)
}

/// Why something that was asked for does not apply, each reason once.
pub(super) fn not_applicable(node: &Judged) -> Vec<&Reason> {
    let reasons = node.found.iter().flat_map(|(_, found)| match found {
        Found::NotApplicable(reasons) => reasons.as_slice(),
        _ => &[],
    });
    once_each(reasons)
}

pub(super) fn once_each<T: PartialEq>(items: impl Iterator<Item = T>) -> Vec<T> {
    items.fold(Vec::new(), |mut once, item| {
        if !once.contains(&item) {
            once.push(item);
        }
        once
    })
}

pub(super) fn overall(overall: Overall) -> &'static str {
    match overall {
        Overall::Behind => "behind",
        Overall::UpToDate => "up-to-date",
        Overall::Unknown => "unknown",
        Overall::NotAsked => "not-asked",
    }
}

pub(super) fn manager(manager: Manager) -> &'static str {
    match manager {
        Manager::Apt => "apt",
        Manager::Tdnf => "tdnf",
        Manager::Dnf => "dnf",
    }
}

pub(super) fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::Pending => "pending",
        Standing::Phased => "phased",
        Standing::KeptBack => "kept back",
    }
}

/// What the age of the data is known by.
pub(super) fn data_by(by: DataAgeBy) -> &'static str {
    match by {
        DataAgeBy::Refresh => "refresh",
        DataAgeBy::SuccessStamp => "stamp",
        DataAgeBy::Lists => "lists",
    }
}

/// `yes`, `no`, or that nobody says.
pub(super) fn security(security: Option<bool>) -> &'static str {
    match security {
        Some(true) => "yes",
        Some(false) => "no",
        None => "unknown",
    }
}
