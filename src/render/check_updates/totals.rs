//! What is pending on all nodes together. A total with a part that is not known is no number; what was found of it stands beside.
//! Nodes that the ignore file passes over are no part of it.

use super::Report;
use crate::core::evidence::Need;
use crate::core::updates::decide::Judged;
use crate::core::updates::outcome::Listed;

/// A number of all nodes together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Total {
    /// `None` where a part of it is not known.
    pub(super) known: Option<u64>,
    /// By what was read; it may be old. `None` where nothing was.
    pub(super) at_least: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Totals {
    /// Packages that an upgrade would install now.
    pub(super) pending: Total,
    /// Those that mend a security fault.
    pub(super) security: Total,
    /// Nodes that wait for a reboot.
    pub(super) reboot: Total,
}

impl Report<'_> {
    pub(super) fn totals(&self) -> Totals {
        Totals {
            pending: self.total(
                |node| node.known_counts().map(|counts| counts.pending),
                |node| node.counts.map(|counts| counts.pending),
            ),
            security: self.total(
                |node| node.known_counts().and_then(|counts| counts.security),
                |node| {
                    node.counts
                        .map(|counts| counts.security.unwrap_or(node.mending))
                },
            ),
            reboot: self.total(
                |node| match node.updates.status.verdict.need {
                    Need::Yes => Some(1),
                    Need::No | Need::NotApplicable => Some(0),
                    Need::Unknown => None,
                },
                |_| None,
            ),
        }
    }

    fn total(
        &self,
        known: impl Fn(&Judged) -> Option<u32>,
        read: impl Fn(&Judged) -> Option<u32>,
    ) -> Total {
        let nodes = || self.nodes.iter().filter(|node| node.ignored_by.is_none());
        let is_whole = self.listed == Listed::Whole && !self.nodes.is_empty();
        let found = nodes().filter_map(|node| known(node).or_else(|| read(node)));
        let found: Vec<u64> = found.map(u64::from).collect();
        Total {
            known: nodes()
                .map(|node| known(node).map(u64::from))
                .sum::<Option<u64>>()
                .filter(|_| is_whole),
            at_least: (!found.is_empty()).then(|| found.iter().sum()),
        }
    }

    /// A number of nodes, where there is a list of them.
    pub(super) fn nodes_that(&self, counts: impl Fn(&Judged) -> bool) -> Option<usize> {
        (self.listed != Listed::Nothing)
            .then(|| self.nodes.iter().filter(|node| counts(node)).count())
    }
}
