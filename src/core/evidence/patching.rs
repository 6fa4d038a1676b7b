//! Whether anything installs updates on a node, and when something last did. Where nothing does, no flag appears either,
//! and a node without one may be far behind.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::aks::AksHints;
use super::answer::{Answer, PatchFacts};
use super::system::System;

/// Who brings updates to a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum PatchedBy {
    /// unattended-upgrades, every night.
    UnattendedUpgrades,
    /// dnf-automatic.
    DnfAutomatic,
    /// AKS's channel SecurityPatch, in place where it can.
    AksSecurityPatch,
    /// A new node in place of the old one, from a newer image.
    NodeImage,
    /// Nothing that was found, though it was looked for.
    Nothing,
    /// Not read, or not understood.
    Unknown,
}

/// What is known of a node's updates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Patching {
    pub(crate) by: PatchedBy,
    /// When packages last changed on the node, by whomever.
    pub(crate) changed: Option<Timestamp>,
    /// When an automatic update last ran, whether or not it found anything.
    pub(crate) ran: Option<Timestamp>,
}

impl Patching {
    /// Of a node that was not probed: only what AKS writes on the node itself.
    pub(crate) fn unprobed(aks: &AksHints) -> Self {
        Self {
            by: if aks.golden.is_some() {
                PatchedBy::AksSecurityPatch
            } else {
                PatchedBy::Unknown
            },
            changed: None,
            ran: None,
        }
    }

    pub(crate) fn of(answer: &Answer, aks: &AksHints) -> Self {
        Self {
            by: patched_by(answer, aks),
            changed: answer.patching.changed,
            ran: answer.patching.ran,
        }
    }

    /// Nothing updates the node where it stands.
    pub(crate) fn never_in_place(&self) -> bool {
        matches!(self.by, PatchedBy::NodeImage | PatchedBy::Nothing)
    }
}

fn patched_by(answer: &Answer, aks: &AksHints) -> PatchedBy {
    let facts = &answer.patching;
    let enabled = |timer: &str| facts.timers.names(&format!("{timer}:enabled"));
    let system = System::of(answer);
    if aks.golden.is_some() || enabled("snapshot-update") {
        return PatchedBy::AksSecurityPatch;
    }
    let found = match system {
        System::Image => Some(PatchedBy::NodeImage),
        System::Debian | System::Ubuntu => apt(facts),
        System::Rpm => dnf(facts),
        System::Suse | System::Other => Some(PatchedBy::Unknown),
    };
    match found {
        Some(PatchedBy::Nothing) if aks.image.is_some() => PatchedBy::NodeImage,
        Some(by) => by,
        None => PatchedBy::Unknown,
    }
}

/// apt's daily work upgrades when its timer is on and its settings say so; both are off where AKS masks them.
fn apt(facts: &PatchFacts) -> Option<PatchedBy> {
    let settings = facts.apt.whole()?;
    let timers = facts.timers.whole()?;
    let setting = |name: &str| {
        settings
            .iter()
            .find_map(|setting| setting.strip_prefix(name)?.strip_prefix(':'))
    };
    let on = |value: Option<&str>, default| value.map_or(default, |value| value != "0");
    let timer = timers
        .iter()
        .any(|timer| timer == "apt-daily-upgrade:enabled");
    Some(
        if timer && on(setting("Enable"), true) && on(setting("Unattended-Upgrade"), false) {
            PatchedBy::UnattendedUpgrades
        } else {
            PatchedBy::Nothing
        },
    )
}

/// The timer `-install` installs whatever the settings say; the plain one asks them.
fn dnf(facts: &PatchFacts) -> Option<PatchedBy> {
    let timers = facts.timers.whole()?;
    let on = |name: &str| timers.iter().any(|timer| timer == name);
    let applies = facts.dnf_apply.as_deref().is_some_and(|apply| {
        ["yes", "true", "1", "on"].contains(&apply.to_ascii_lowercase().as_str())
    });
    Some(
        if on("dnf-automatic-install:enabled")
            || (applies && (on("dnf-automatic:enabled") || on("dnf5-automatic:enabled")))
        {
            PatchedBy::DnfAutomatic
        } else {
            PatchedBy::Nothing
        },
    )
}
