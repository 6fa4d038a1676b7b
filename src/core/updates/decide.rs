//! Whether a node is behind, by what was asked for. What could not be told is never taken for up to date, and a question that
//! nobody asked makes no node unknown.

use std::time::Duration;

use jiff::Timestamp;

use super::ignore::{Ignores, Place};
use super::image::Image;
use super::{Counts, PackageUpdate, Packages, Standing, Updates};
use crate::core::evidence::{Need, NodeStatus};
use crate::core::reason::Reason;

/// One thing that a node can be behind in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Criterion {
    /// A package that an upgrade would install now.
    Pending,
    /// One of them mends a security fault.
    Security,
    /// The node waits for a reboot.
    Reboot,
    /// The node was made from another image than the newest of its pool.
    Image,
    /// It has waited for a reboot longer than this.
    Overdue(Duration),
}

/// On what terms nodes are judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Terms {
    /// What counts.
    pub(crate) criteria: Vec<Criterion>,
    pub(crate) unknowns: Unknowns,
    /// Older package data says nothing; `None`: of any age.
    pub(crate) max_data_age: Option<Duration>,
    /// Package data is fetched for the question.
    pub(crate) refresh: bool,
}

/// What is known of one node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NodeUpdates {
    pub(crate) status: NodeStatus,
    pub(crate) packages: Packages,
    pub(crate) image: Image,
}

/// The answer to one criterion on one node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    Behind,
    UpToDate,
    /// Behind by what was read; there may be more, and what was read may be old.
    BehindAtLeast(Vec<Reason>),
    Unknown(Vec<Reason>),
    NotApplicable(Vec<Reason>),
}

/// What all criteria come to on one node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Conclusion {
    Behind,
    UpToDate,
    /// Something that was asked for could not be decided.
    Unknown,
    /// It would be behind or unknown, but for entries of the ignore file.
    Ignored,
    NotApplicable,
    /// Nothing counts, so nobody asked whether it is behind.
    NotAsked,
}

/// Whether nodes that could not be decided fail the command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unknowns {
    Fail,
    Tolerated,
}

/// One node, judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Judged {
    pub(crate) updates: NodeUpdates,
    /// An answer to each criterion, in their order.
    pub(crate) found: Vec<(Criterion, Found)>,
    pub(crate) conclusion: Conclusion,
    /// The entry that passes over the whole node.
    pub(crate) ignored_by: Option<Place>,
    /// For each package in the list, the entry that passes over it.
    pub(crate) ignored_packages: Vec<Option<Place>>,
    /// Of the packages that no entry passes over; `None` where nothing was read.
    pub(crate) counts: Option<Counts>,
    /// How many of the pending ones that the list names are known to mend a security fault.
    pub(crate) mending: u32,
    /// Packages of the node are passed over by name, so that numbers alone do not tell what is left.
    by_name: bool,
}

/// Judges one node.
pub(crate) fn judge(
    updates: NodeUpdates,
    criteria: &[Criterion],
    ignores: &Ignores,
    now: Timestamp,
) -> Judged {
    let node = &updates.status;
    let read = updates.packages.read();
    let ignored_packages: Vec<Option<Place>> = read.map_or_else(Vec::new, |read| {
        let entry = |package| ignores.package(node, package);
        read.packages.iter().map(entry).collect()
    });
    let all = answers(&updates, criteria, &Left::whole(), now);
    let left = Left {
        ignored: &ignored_packages,
        by_name: ignores.names_packages_of(node),
    };
    let found = answers(&updates, criteria, &left, now);
    let ignored_by = ignores.node(node);
    let wanting = |conclusion| matches!(conclusion, Conclusion::Behind | Conclusion::Unknown);
    let conclusion = match (conclude(&found), conclude(&all)) {
        (now, _) if wanting(now) && ignored_by.is_none() => now,
        (now, before) if wanting(now) || wanting(before) => Conclusion::Ignored,
        (now, _) => now,
    };
    Judged {
        counts: numbers(&updates.packages, &left)
            .or_else(|| read.map(|read| counted(read, &ignored_packages))),
        mending: read.map_or(0, |read| mending(read, &ignored_packages)),
        found,
        conclusion,
        ignored_by,
        by_name: left.by_name,
        ignored_packages,
        updates,
    }
}

impl Packages {
    /// What was read, though it may not be enough to say what is pending.
    pub(crate) fn read(&self) -> Option<&Updates> {
        match self {
            Self::NotApplicable(_) => None,
            Self::Unknown { read, .. } => read.as_ref(),
            Self::Known(updates) => Some(updates),
        }
    }
}

fn conclude(found: &[(Criterion, Found)]) -> Conclusion {
    let any = |wanted: fn(&Found) -> bool| found.iter().any(|(_, found)| wanted(found));
    if found.is_empty() {
        Conclusion::NotAsked
    } else if any(|found| matches!(found, Found::Unknown(_) | Found::BehindAtLeast(_))) {
        Conclusion::Unknown
    } else if any(|found| *found == Found::Behind) {
        Conclusion::Behind
    } else if any(|found| *found == Found::UpToDate) {
        Conclusion::UpToDate
    } else {
        Conclusion::NotApplicable
    }
}

fn answers(
    updates: &NodeUpdates,
    criteria: &[Criterion],
    left: &Left<'_>,
    now: Timestamp,
) -> Vec<(Criterion, Found)> {
    let answer = |criterion| match criterion {
        Criterion::Pending => packages(&updates.packages, left, pending, |counts| {
            Some(counts.pending)
        }),
        Criterion::Security => {
            packages(&updates.packages, left, security, |counts| counts.security)
        }
        Criterion::Reboot => reboot(&updates.status),
        Criterion::Image => image(&updates.image),
        Criterion::Overdue(limit) => overdue(&updates.status, limit, now),
    };
    criteria
        .iter()
        .map(|criterion| (*criterion, answer(*criterion)))
        .collect()
}

/// What is left of a node's packages when entries of the ignore file have passed over some.
struct Left<'a> {
    /// For each package, the entry that passes over it.
    ignored: &'a [Option<Place>],
    /// There are entries for packages of this node, so that numbers without names are not enough.
    by_name: bool,
}

impl Left<'_> {
    fn whole() -> Self {
        Self {
            ignored: &[],
            by_name: false,
        }
    }
}

/// An answer by packages: by what `of` says of the list, or by what `number` says where the node's numbers came and its list
/// did not.
fn packages(
    packages: &Packages,
    left: &Left<'_>,
    of: fn(&Updates, &[Option<Place>]) -> Found,
    number: fn(Counts) -> Option<u32>,
) -> Found {
    match packages {
        Packages::NotApplicable(reason) => Found::NotApplicable(vec![reason.clone()]),
        Packages::Known(updates) => of(updates, left.ignored),
        Packages::Unknown { reasons, read } => {
            let doubtful = || match read.as_ref().map(|read| of(read, left.ignored)) {
                Some(Found::Behind) => Found::BehindAtLeast(reasons.clone()),
                _ => Found::Unknown(reasons.clone()),
            };
            match numbers(packages, left).and_then(number) {
                None => doubtful(),
                Some(0) if is_list_alone(reasons) => Found::UpToDate,
                Some(0) => Found::Unknown(reasons.clone()),
                Some(_) if is_list_alone(reasons) => Found::Behind,
                Some(_) => Found::BehindAtLeast(reasons.clone()),
            }
        }
    }
}

/// The node's own numbers, where its list did not come whole and no entry needs the names.
fn numbers(packages: &Packages, left: &Left<'_>) -> Option<Counts> {
    match packages {
        Packages::Unknown { reasons, .. } if !left.by_name => {
            reasons.iter().find_map(|reason| match reason {
                Reason::PackageListCut { counts, .. } => Some(*counts),
                _ => None,
            })
        }
        Packages::Unknown { .. } | Packages::Known(_) | Packages::NotApplicable(_) => None,
    }
}

/// Whether the one doubt is that the list did not come whole, so that the numbers hold.
fn is_list_alone(reasons: &[Reason]) -> bool {
    matches!(reasons, [Reason::PackageListCut { .. }])
}

impl Judged {
    /// Whether the node is behind: for certain, or by what was read though something could not be decided.
    pub(crate) fn is_behind(&self) -> bool {
        self.conclusion == Conclusion::Behind || self.is_behind_at_least()
    }

    /// Whether the node could not be decided and is behind all the same, in something that counts, or by data that is too old.
    pub(crate) fn is_behind_at_least(&self) -> bool {
        let behind = |found: &Found| matches!(found, Found::Behind | Found::BehindAtLeast(_));
        self.conclusion == Conclusion::Unknown && self.found.iter().any(|(_, found)| behind(found))
    }

    /// What an upgrade would install, where that is known for certain; zeros where no packages are installed singly.
    pub(crate) fn known_counts(&self) -> Option<Counts> {
        match &self.updates.packages {
            Packages::NotApplicable(_) => Some(Counts::NONE),
            Packages::Known(updates) if updates.omitted == 0 => self.counts,
            Packages::Unknown { reasons, .. } if is_list_alone(reasons) && !self.by_name => {
                self.counts
            }
            Packages::Known(_) | Packages::Unknown { .. } => None,
        }
    }
}

fn pending(updates: &Updates, ignored: &[Option<Place>]) -> Found {
    if wanting(updates, ignored).next().is_some() {
        Found::Behind
    } else if updates.omitted > 0 {
        Found::Unknown(vec![cut(updates)])
    } else {
        Found::UpToDate
    }
}

/// One that is known to mend a fault is enough; without one, none may be unclassed.
fn security(updates: &Updates, ignored: &[Option<Place>]) -> Found {
    match (mending(updates, ignored), unclassed(updates, ignored)) {
        (1.., _) => Found::Behind,
        (_, 0) if updates.omitted == 0 => Found::UpToDate,
        (_, 0) => Found::Unknown(vec![cut(updates)]),
        (_, packages) => Found::Unknown(vec![Reason::SecurityNotKnown { packages }]),
    }
}

fn reboot(node: &NodeStatus) -> Found {
    let reasons = || node.verdict.reasons.clone();
    match node.verdict.need {
        Need::Yes => Found::Behind,
        Need::No => Found::UpToDate,
        Need::Unknown => Found::Unknown(reasons()),
        Need::NotApplicable => Found::NotApplicable(reasons()),
    }
}

fn image(image: &Image) -> Found {
    match image {
        Image::Known {
            is_behind: true, ..
        } => Found::Behind,
        Image::Known { .. } => Found::UpToDate,
        Image::Unknown(reason) => Found::Unknown(vec![reason.clone()]),
        Image::NotApplicable(reason) => Found::NotApplicable(vec![reason.clone()]),
    }
}

fn overdue(node: &NodeStatus, limit: Duration, now: Timestamp) -> Found {
    match (reboot(node), node.verdict.since) {
        (Found::Behind, None) => Found::Unknown(vec![Reason::SinceNotKnown]),
        (Found::Behind, Some(since)) => {
            // A node's clock may be ahead of ours.
            let waited: Duration = now.duration_since(since).try_into().unwrap_or_default();
            if waited > limit {
                Found::Behind
            } else {
                Found::UpToDate
            }
        }
        (other, _) => other,
    }
}

/// The packages that an upgrade would install now and that no entry passes over.
fn wanting<'a>(
    updates: &'a Updates,
    ignored: &'a [Option<Place>],
) -> impl Iterator<Item = &'a PackageUpdate> {
    remaining(updates, ignored).filter(|package| package.standing == Standing::Pending)
}

fn remaining<'a>(
    updates: &'a Updates,
    ignored: &'a [Option<Place>],
) -> impl Iterator<Item = &'a PackageUpdate> {
    let entries = ignored.iter().chain(std::iter::repeat(&None));
    updates
        .packages
        .iter()
        .zip(entries)
        .filter(|(_, entry)| entry.is_none())
        .map(|(package, _)| package)
}

/// How many pending packages are known to mend a security fault.
fn mending(updates: &Updates, ignored: &[Option<Place>]) -> u32 {
    number(wanting(updates, ignored).filter(|package| package.security == Some(true)))
}

/// Of how many pending packages nobody says whether they mend a security fault.
fn unclassed(updates: &Updates, ignored: &[Option<Place>]) -> u32 {
    number(wanting(updates, ignored).filter(|package| package.security.is_none()))
}

/// The list names fewer than there are.
fn cut(updates: &Updates) -> Reason {
    Reason::PackageListCut {
        message: format!("{} more than it names", updates.omitted),
        counts: Counts::of(&updates.packages),
    }
}

/// Of what no entry passes over.
fn counted(updates: &Updates, ignored: &[Option<Place>]) -> Counts {
    let left: Vec<PackageUpdate> = remaining(updates, ignored).cloned().collect();
    Counts::of(&left)
}

fn number(packages: impl Iterator<Item = impl Sized>) -> u32 {
    u32::try_from(packages.count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
