//! Reasons of what is not known of a node's packages in words: short for a table's cell, long for a sentence, and what
//! would help.

use std::fmt::Write as _;
use std::time::Duration;

use jiff::Timestamp;

use crate::core::reason::Reason;
use crate::core::updates::{Counts, DataAgeBy, Manager};

use super::text::{age, count, some_of};

/// A few words for a table; `None` for reasons of other things.
pub(super) fn in_short(reason: &Reason) -> Option<&'static str> {
    Some(match reason {
        Reason::NoPackageManager { .. } => "no package manager",
        Reason::PackageDataMissing { sources, more, .. } if sources.is_empty() && *more == 0 => {
            "no package data"
        }
        Reason::PackageDataMissing { .. } => "package data missing",
        Reason::PackageDataOld { .. } => "package data too old",
        Reason::PackageDataUndated => "package data undated",
        Reason::PackageQuestionFailed { .. } => "package manager failed",
        Reason::PackageListCut { .. } => "package list cut",
        Reason::PackageLocksHeld { .. } => "package manager busy",
        _ => return None,
    })
}

/// The whole story, as the end of a sentence; empty for reasons of other things.
pub(super) fn in_words(reason: &Reason) -> String {
    match reason {
        Reason::NoPackageManager { system } => {
            format!("{system} has none of the package managers that can be asked (apt, tdnf, dnf)")
        }
        Reason::PackageDataMissing {
            manager,
            sources,
            more,
        } if sources.is_empty() && *more == 0 => {
            format!("{} has no package data at all", word(*manager))
        }
        Reason::PackageDataMissing {
            manager,
            sources,
            more,
        } => {
            let total = sources.len() + *more as usize;
            let named = some_of(sources, sources.len());
            let named = match more {
                0 => named,
                more => format!("{named} and {more} more"),
            };
            format!(
                "{} has no package data of {}: {named}",
                word(*manager),
                count(total, "configured source")
            )
        }
        Reason::PackageDataOld {
            as_of,
            by,
            limit_seconds,
        } => format!(
            "the package data is of {} by {}, and may be {} old",
            date(*as_of),
            by_word(*by),
            age(Duration::from_secs(*limit_seconds))
        ),
        Reason::PackageDataUndated => "how old the package data is cannot be told".into(),
        Reason::PackageQuestionFailed { program, message } => {
            format!("{program} could not answer: {message}")
        }
        Reason::PackageListCut { message, counts } => format!(
            "the list of packages did not come whole ({message}); the node counted {}",
            numbers(*counts)
        ),
        Reason::PackageLocksHeld { paths } => format!(
            "a package manager is at work: {} held",
            if paths.len() == 1 {
                format!("{} is", paths[0])
            } else {
                format!("{} are", paths.join(", "))
            }
        ),
        _ => String::new(),
    }
}

/// What would end the doubt.
pub(super) fn remedy(reason: &Reason) -> Option<String> {
    Some(match reason {
        Reason::PackageDataMissing { .. } | Reason::PackageDataUndated => {
            "--refresh fetches package data for this question, beside the node's own".into()
        }
        Reason::PackageDataOld { .. } => {
            "--refresh fetches package data for this question; --max-data-age allows older data"
                .into()
        }
        _ => return None,
    })
}

fn word(manager: Manager) -> &'static str {
    match manager {
        Manager::Apt => "apt",
        Manager::Tdnf => "tdnf",
        Manager::Dnf => "dnf",
    }
}

fn by_word(by: DataAgeBy) -> &'static str {
    match by {
        DataAgeBy::Refresh => "this question's own fetch",
        DataAgeBy::SuccessStamp => "the stamp of the last update",
        DataAgeBy::Lists => "the files on the node",
    }
}

fn date(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

fn numbers(counts: Counts) -> String {
    let security = counts
        .security
        .map(|security| format!(" ({security} for security)"))
        .unwrap_or_default();
    let mut text = format!("{} pending{security}", counts.pending);
    for (number, word) in [(counts.phased, "phased"), (counts.kept_back, "kept back")] {
        if number > 0 {
            let _ = write!(text, ", {number} {word}");
        }
    }
    text
}
