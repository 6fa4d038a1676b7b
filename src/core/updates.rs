//! What a node's own package manager would install now, and how far that is known. A count that is not known is `None`,
//! never zero; a list is whole or says how many it left out. Nothing here reads a node or prints.

mod answer;
pub(crate) mod decide;
pub(crate) mod ignore;
pub(crate) mod image;
mod judge;
pub(crate) mod outcome;
mod parse;
mod pattern;
mod write;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::reason::Reason;

pub(crate) use answer::{Asked, NodeAnswer, PackageList, PackagesAnswer, Question};
pub(crate) use judge::judge_packages;
pub(crate) use parse::{has_list, parse_packages};
pub(crate) use write::{list_sum, write_node_answer, write_packages};

/// What came of asking one node for its pending packages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Packages {
    /// Nothing installs single packages here: an image, Windows, a virtual node.
    NotApplicable(Reason),
    /// It cannot be said what is pending: why, and what was read all the same (data that is too old, a list cut short).
    Unknown {
        reasons: Vec<Reason>,
        read: Option<Updates>,
    },
    Known(Updates),
}

/// The packages that would be installed, by name and then architecture, and what they rest on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Updates {
    pub(crate) manager: Manager,
    pub(crate) packages: Vec<PackageUpdate>,
    /// How many more there are that the list does not name.
    pub(crate) omitted: u32,
    /// How old what it rests on is.
    pub(crate) data: DataAge,
    /// What else is worth knowing and decides nothing: a lock that is held, so that an upgrade would fail now.
    pub(crate) notes: Vec<Reason>,
    /// What the question cost the node, where it could be measured.
    pub(crate) cost: Option<Cost>,
}

/// Which program was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Manager {
    Apt,
    Tdnf,
    Dnf,
}

/// One package that has a newer version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PackageUpdate {
    pub(crate) name: String,
    pub(crate) architecture: Option<String>,
    /// The installed version; absent for a package that comes along with another (a kernel's is a new name each time).
    pub(crate) installed: Option<String>,
    pub(crate) candidate: String,
    /// Whether the update mends a security fault; absent where the repository does not say.
    pub(crate) security: Option<bool>,
    pub(crate) standing: Standing,
    /// The repository it comes from, in the package manager's words.
    pub(crate) origin: Option<String>,
}

/// What an upgrade would do with a package now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Standing {
    /// Installed by an upgrade as unattended-upgrades makes it: new packages allowed, none removed.
    Pending,
    /// Held until this machine's turn in a phased update.
    Phased,
    /// Kept back: an upgrade would have to remove something, or somebody put it on hold.
    KeptBack,
}

/// When the package data was last compared with its source, and how that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DataAge {
    /// `None`: there is no data, or its age cannot be told.
    pub(crate) as_of: Option<Timestamp>,
    pub(crate) by: Option<DataAgeBy>,
    /// The data was fetched for this question, beside the node's own.
    pub(crate) refreshed: bool,
}

/// What the moment is taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum DataAgeBy {
    /// Fetched for this question.
    Refresh,
    /// The stamp of the last update of apt's lists that fetched something.
    SuccessStamp,
    /// When each source was last looked at with success, by the files on the node; the oldest.
    Lists,
}

/// What one question cost the node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cost {
    /// CPU time of the package manager, user and system, in milliseconds.
    pub(crate) cpu_milliseconds: u64,
    /// From its start to its end, in milliseconds.
    pub(crate) milliseconds: u64,
}

/// How many packages of each standing there are on a node. `security` counts those among the pending ones that mend a
/// security fault, and is `None` where that was not known of one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Counts {
    pub(crate) pending: u32,
    pub(crate) security: Option<u32>,
    pub(crate) phased: u32,
    pub(crate) kept_back: u32,
}

impl Counts {
    /// Of a node on which no packages are installed singly.
    pub(crate) const NONE: Self = Self {
        pending: 0,
        security: Some(0),
        phased: 0,
        kept_back: 0,
    };

    pub(crate) fn of(packages: &[PackageUpdate]) -> Self {
        let count = |standing| {
            let those = packages.iter().filter(|it| it.standing == standing);
            u32::try_from(those.count()).unwrap_or(u32::MAX)
        };
        let pending = || {
            packages
                .iter()
                .filter(|it| it.standing == Standing::Pending)
        };
        let known = pending().all(|it| it.security.is_some());
        let security = pending().filter(|it| it.security == Some(true)).count();
        Self {
            pending: count(Standing::Pending),
            security: known.then_some(u32::try_from(security).unwrap_or(u32::MAX)),
            phased: count(Standing::Phased),
            kept_back: count(Standing::KeptBack),
        }
    }

    /// All of them, whatever their standing.
    pub(crate) fn total(self) -> u32 {
        self.pending
            .saturating_add(self.phased)
            .saturating_add(self.kept_back)
    }
}
