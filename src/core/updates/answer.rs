//! What a node said of its packages (`docs/packages.md`). Nothing here judges; what was not said is `None`, never zero.

use jiff::Timestamp;

use super::{Cost, Counts, DataAgeBy, Manager, PackageUpdate};
use crate::core::evidence::Answer;
use crate::core::reason::Reason;

/// What a node is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Question {
    /// Its evidence of a pending reboot alone.
    Reboot,
    /// Its pending packages too, by the package data that it has.
    Packages,
    /// The same by data that is fetched for this, beside the node's own.
    RefreshedPackages,
}

/// One node's answer, all of it from one reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NodeAnswer {
    pub(crate) evidence: Answer,
    /// What it said of its packages (`None`: no package manager that this version asks is there), or why nothing;
    /// [`Reason::NotProbed`] where they were not asked for.
    pub(crate) packages: Result<Option<PackagesAnswer>, Reason>,
}

/// What a node said of its packages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PackagesAnswer {
    /// Who was asked.
    pub(crate) manager: Manager,
    pub(crate) said: Asked,
    /// When its data was last compared with the source, by the node's clock, and how that is known.
    pub(crate) data: Option<(DataAgeBy, Timestamp)>,
    /// Sources that are configured and of which there is no data, and how many more.
    pub(crate) sources_without_data: (Vec<String>, u32),
    /// Locks of the package manager that somebody holds right now.
    pub(crate) locks: Vec<String>,
    pub(crate) cost: Option<Cost>,
}

/// What came of the question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// There is no package data at all.
    NoData,
    /// The program could not answer, in its own words.
    Failed {
        program: String,
        message: String,
    },
    Read(PackageList),
}

/// The packages, and their numbers as they were said before the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PackageList {
    pub(crate) counts: Counts,
    /// By name and then architecture, or why the list did not arrive whole.
    pub(crate) packages: Result<Vec<PackageUpdate>, String>,
    /// How many the node left out of the list.
    pub(crate) omitted: u32,
}
