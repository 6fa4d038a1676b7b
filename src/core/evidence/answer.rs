//! What a probe says of a node (`docs/probes.md`). Nothing here judges; a field that was not read is `None` or
//! `NotRead`, never a "no".

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::sentinel::{Sentinel, SentinelSaid};
use crate::core::model::{BootId, Kernel};

/// One probe's answer. Every field is `None` (or `NotRead`) when the probe did not say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) boot: Option<BootId>,
    /// `uname -r` on the node.
    pub(crate) kernel: Option<Kernel>,
    pub(crate) os: OsRelease,
    /// `/run/reboot-required`.
    pub(crate) flag: Flag,
    /// `/run/reboot-needed`, SUSE's name for it.
    pub(crate) reboot_needed: Flag,
    /// What the operator takes for evidence in place of the flag; not on the wire, set by who asked.
    pub(crate) asked: Sentinel,
    /// What became of that.
    pub(crate) sentinel: SentinelSaid,
    /// `/run/reboot-required.pkgs`, sorted, each name once.
    pub(crate) packages: Listing,
    /// The releases of `/boot/vmlinuz-*`.
    pub(crate) kernels: Listing,
    /// The releases in `/lib/modules`, where `/boot` could not be listed.
    pub(crate) modules: Listing,
    /// Package managers at work right now, by process name.
    pub(crate) busy: Listing,
    /// The node's own clock.
    pub(crate) clock: Option<Timestamp>,
    pub(crate) watch: Watch,
    /// Who raises a flag here: `kernel:HOOK`, `packages:update-notifier`, `zypp`.
    pub(crate) writers: Listing,
    /// What changes how the rest is to be read: `livepatch`, `needrestart`, `ostree`, `uki`.
    pub(crate) traits: Listing,
    pub(crate) patching: PatchFacts,
    pub(crate) needrestart: Option<Needrestart>,
}

/// `/etc/os-release`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct OsRelease {
    pub(crate) id: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) variant: Option<String>,
}

/// A flag that is a file. Its existence counts, never its content.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Flag {
    #[default]
    NotRead,
    Absent,
    /// With its modification time, where that could be read.
    Present(Option<Timestamp>),
    /// There may be a flag; why that could not be seen, in the script's words.
    Unreadable(String),
}

/// A list of names on the node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Listing {
    #[default]
    NotRead,
    Absent,
    Unreadable(String),
    /// The names, and how many more were left out for want of room.
    Read {
        names: Vec<String>,
        omitted: u32,
    },
}

impl Listing {
    /// All the names, or `None` where that is not known.
    pub(crate) fn whole(&self) -> Option<&[String]> {
        match self {
            Self::Read { names, omitted: 0 } => Some(names),
            Self::Absent => Some(&[]),
            Self::NotRead | Self::Unreadable(_) | Self::Read { .. } => None,
        }
    }

    /// The name is among those that were read.
    pub(crate) fn names(&self, name: &str) -> bool {
        matches!(self, Self::Read { names, .. } if names.iter().any(|known| known == name))
    }

    /// Why the list is not known whole, in the script's words.
    pub(crate) fn gap(&self) -> &str {
        match self {
            Self::Unreadable(why) => why,
            Self::Read { .. } => "too many to list",
            Self::NotRead | Self::Absent => "not in the answer",
        }
    }
}

/// When the node booted, and when the parts that only a reboot takes into use were installed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Watch {
    /// By the kernel, in the clock as it is set now.
    pub(crate) booted: Option<Timestamp>,
    /// By a socket that systemd made as it started, in the clock as it was then.
    pub(crate) started: Option<Timestamp>,
    pub(crate) components: BTreeMap<String, Installed>,
    pub(crate) by: Option<WatchedBy>,
}

/// What the moments of installation come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WatchedBy {
    /// The change times of files.
    Files,
    /// rpm's own database.
    Rpm,
}

/// When a part was installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Installed {
    Absent,
    At(Timestamp),
    Unreadable(String),
}

/// What the node says of its own updates.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PatchFacts {
    /// `NAME:enabled`, `NAME:masked`.
    pub(crate) timers: Listing,
    /// `APT::Periodic::*`, as `NAME:VALUE`.
    pub(crate) apt: Listing,
    /// `apply_updates` of dnf-automatic.
    pub(crate) dnf_apply: Option<String>,
    /// When the package database last changed.
    pub(crate) changed: Option<Timestamp>,
    /// When an automatic update last ran.
    pub(crate) ran: Option<Timestamp>,
}

/// What needrestart says of the kernel, and which it expects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Needrestart {
    pub(crate) state: KernelState,
    pub(crate) expected: Option<Kernel>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KernelState {
    Unknown,
    Current,
    Pending,
}
