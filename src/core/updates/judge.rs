//! From what a node said of its packages to what is known of them. Whatever was not read, was read on another boot, or
//! rests on data that is missing or too old becomes *unknown* with its reasons, never *nothing pending*.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::answer::{Asked, NodeAnswer, PackagesAnswer};
use super::{DataAge, DataAgeBy, Packages, Updates};
use crate::core::evidence::{another_boot, image_managed, not_applicable, system_name};
use crate::core::model::Node;
use crate::core::reason::Reason;

/// A clock that is corrected jumps by less.
const SLACK: SignedDuration = SignedDuration::from_mins(10);

/// What is known of the packages of `node`, by data that may be as old as `max_data_age`. Ages are told by the node's
/// own clock, which its times are of; `now` is for one that does not say what its clock shows.
pub(crate) fn judge_packages(
    node: &Node,
    answer: Result<&NodeAnswer, &Reason>,
    max_data_age: Duration,
    now: Timestamp,
) -> Packages {
    if let Some(reason) = not_applicable(node.kind()) {
        return Packages::NotApplicable(reason);
    }
    let answer = match answer {
        Ok(answer) => answer,
        Err(reason) => return unknown(reason.clone()),
    };
    if let Some(doubt) = another_boot(node, &answer.evidence) {
        return unknown(doubt);
    }
    if let Some(reason) = image_managed(&answer.evidence) {
        return Packages::NotApplicable(reason);
    }
    let packages = match &answer.packages {
        Ok(Some(packages)) => packages,
        Ok(None) => {
            return unknown(Reason::NoPackageManager {
                system: system_name(&answer.evidence),
            });
        }
        Err(reason) => return unknown(reason.clone()),
    };
    let mut reasons = Vec::new();
    let (listed, omitted) = match &packages.said {
        Asked::NoData => {
            return unknown(Reason::PackageDataMissing {
                manager: packages.manager,
                sources: Vec::new(),
                more: 0,
            });
        }
        Asked::Failed { program, message } => {
            reasons.push(Reason::PackageQuestionFailed {
                program: program.clone(),
                message: message.clone(),
            });
            (Vec::new(), 0)
        }
        Asked::Read(list) => match &list.packages {
            Ok(listed) => {
                if list.omitted > 0 {
                    reasons.push(Reason::PackageListCut {
                        message: "too long".into(),
                        counts: list.counts,
                    });
                }
                (listed.clone(), list.omitted)
            }
            Err(message) => {
                reasons.push(Reason::PackageListCut {
                    message: message.clone(),
                    counts: list.counts,
                });
                (Vec::new(), list.counts.total())
            }
        },
    };
    let clock = answer.evidence.clock.unwrap_or(now);
    reasons.extend(stale(packages, max_data_age, clock));
    let updates = Updates {
        manager: packages.manager,
        packages: listed,
        omitted,
        data: DataAge {
            as_of: packages.data.map(|(_, at)| at),
            by: packages.data.map(|(by, _)| by),
            refreshed: matches!(packages.data, Some((DataAgeBy::Refresh, _))),
        },
        notes: locked(packages),
        cost: packages.cost,
    };
    if reasons.is_empty() {
        return Packages::Known(updates);
    }
    let was_read = matches!(packages.said, Asked::Read(_));
    Packages::Unknown {
        reasons,
        read: was_read.then_some(updates),
    }
}

fn unknown(reason: Reason) -> Packages {
    Packages::Unknown {
        reasons: vec![reason],
        read: None,
    }
}

/// Why the data under the answer does not carry it.
fn stale(packages: &PackagesAnswer, limit: Duration, clock: Timestamp) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let (sources, more) = &packages.sources_without_data;
    if !sources.is_empty() || *more > 0 {
        reasons.push(Reason::PackageDataMissing {
            manager: packages.manager,
            sources: sources.clone(),
            more: *more,
        });
    }
    let Asked::Read(_) = packages.said else {
        return reasons;
    };
    let Some((by, as_of)) = packages.data else {
        reasons.push(Reason::PackageDataUndated);
        return reasons;
    };
    let age = clock.duration_since(as_of);
    let limit = SignedDuration::try_from(limit).unwrap_or(SignedDuration::MAX);
    if age < -SLACK {
        reasons.push(Reason::PackageDataUndated);
    } else if age > limit {
        reasons.push(Reason::PackageDataOld {
            as_of,
            by,
            limit_seconds: limit.as_secs().unsigned_abs(),
        });
    }
    reasons
}

/// An upgrade would have to wait for these, or fail.
fn locked(packages: &PackagesAnswer) -> Vec<Reason> {
    if packages.locks.is_empty() {
        return Vec::new();
    }
    vec![Reason::PackageLocksHeld {
        paths: packages.locks.clone(),
    }]
}

#[cfg(test)]
mod tests;
