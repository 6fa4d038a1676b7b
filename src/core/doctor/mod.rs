//! What `doctor` found, and how good that is for what somebody wants to do. Judgements only: what to ask the cluster is
//! the edge's, the words and the remedies are `render`'s.

mod found;
pub(crate) mod image;
pub(crate) mod logins;

use super::kured::KuredLock;
use super::rights::{Aim, Need};

pub(crate) use found::{
    Admission, Check, Found, Grade, LockSeen, PolicySeen, SshSettled, TrialPod,
};
use logins::LoginNeed;

/// The oldest Kubernetes that this is made for.
pub(crate) const OLDEST: (u32, u32) = (1, 30);
/// A request that takes longer is felt in every step of a roll.
const SLOW_MS: u64 = 2_000;
/// Certificates and tokens begin to fail at a few minutes; a reader of two logs is lost earlier.
const SKEW_MS: u64 = 30_000;

/// Judges what was found, for what somebody wants to do.
pub(crate) fn judge(found: Found, aims: &[Aim]) -> Check {
    Check {
        code: code(&found),
        grade: grade(&found, aims),
        found,
    }
}

const fn code(found: &Found) -> &'static str {
    match found {
        Found::Api { .. } | Found::ApiAway { .. } => "AKR001",
        Found::Connection { .. } => "AKR002",
        Found::Version { .. } | Found::VersionUnread { .. } => "AKR003",
        Found::Clock { .. } | Found::ClockUnread => "AKR004",
        Found::RightsHeld { .. } | Found::RightMissing { .. } | Found::RightsUnread { .. } => {
            "AKR010"
        }
        Found::NamespaceThere | Found::NamespaceMissing | Found::NamespaceUnread { .. } => "AKR020",
        Found::PodSecurity { .. } => "AKR021",
        Found::Admission {
            pod: TrialPod::Probe,
            ..
        } => "AKR030",
        Found::Admission {
            pod: TrialPod::Packages | TrialPod::Refresh,
            ..
        } => "AKR033",
        Found::Admission {
            pod: TrialPod::Prove | TrialPod::Reboot,
            ..
        } => "AKR031",
        Found::AnyPod { .. } => "AKR032",
        Found::Hosts { .. } | Found::HostsUnread { .. } => "AKR040",
        Found::Image { .. } => "AKR041",
        Found::SshProgram { .. } | Found::SshUnusable { .. } => "AKR050",
        Found::LoginMet { need, .. } | Found::LoginLacks { need, .. } => match need {
            LoginNeed::Address => "AKR051",
            LoginNeed::HostKey => "AKR052",
            LoginNeed::Login => "AKR053",
            LoginNeed::Boot => "AKR055",
        },
        Found::NoLogin { .. } => "AKR053",
        Found::LoginRoot { .. } | Found::LoginNoRoot { .. } | Found::LoginRootUnasked { .. } => {
            "AKR054"
        }
        Found::NoKured | Found::Kured { .. } | Found::KuredUnread { .. } => "AKR060",
        Found::AksAtWork { .. } | Found::NoAksAtWork => "AKR061",
        Found::Channel { .. } => "AKR062",
        Found::Lock { .. } => "AKR070",
        Found::Marks { .. } => "AKR071",
        Found::Leftovers { .. } | Found::LeftoversUnread { .. } => "AKR072",
    }
}

fn grade(found: &Found, aims: &[Aim]) -> Grade {
    let rolls = aims.contains(&Aim::Roll) || aims.contains(&Aim::RollBySsh);
    // What only a roll minds.
    let stops_a_roll = if rolls { Grade::Fail } else { Grade::Warn };
    match found {
        Found::Api { latency_ms } if *latency_ms > SLOW_MS => Grade::Warn,
        Found::Clock { ahead_ms } if ahead_ms.unsigned_abs() > SKEW_MS => Grade::Warn,
        Found::Connection { .. }
        | Found::Channel { .. }
        // Most evidence needs no root; the answer says what could not be read without.
        | Found::LoginNoRoot { .. }
        | Found::LoginRootUnasked { .. }
        // A login that was not tried may fail by itself: each host has a key of its own.
        | Found::LoginMet {
            need: LoginNeed::Login,
            left_out: 1..,
            ..
        } => Grade::Warn,
        Found::Version { version } => match numbers(version) {
            Some(numbers) if numbers >= OLDEST => Grade::Ok,
            Some(_) => Grade::Warn,
            None => Grade::Unknown,
        },
        Found::NoLogin { named } if !named.is_empty() => Grade::Fail,
        Found::ApiAway { .. }
        | Found::NamespaceMissing
        | Found::Hosts { ready: 0, .. }
        | Found::SshUnusable { .. }
        | Found::LoginLacks { .. } => Grade::Fail,
        Found::VersionUnread { .. }
        | Found::ClockUnread
        | Found::RightsUnread { .. }
        | Found::NamespaceUnread { .. }
        | Found::HostsUnread { .. }
        | Found::KuredUnread { .. }
        | Found::NoLogin { .. }
        | Found::LeftoversUnread { .. } => Grade::Unknown,
        Found::RightMissing { right, .. } => match right.need {
            Need::Must => Grade::Fail,
            Need::Helps => Grade::Warn,
        },
        Found::PodSecurity { enforce, warnings } => match enforce.as_deref() {
            // Every hostPath needs this level; a lower one that is enforced denies each pod.
            Some(level) if level != "privileged" => Grade::Fail,
            _ if warnings.is_empty() => Grade::Ok,
            _ => Grade::Warn,
        },
        Found::Admission { admission, pod } => match admission {
            Admission::Admitted => Grade::Ok,
            // Only `--refresh` needs it.
            Admission::Denied { .. } if *pod == TrialPod::Refresh => Grade::Warn,
            Admission::Denied { .. } => Grade::Fail,
            Admission::Outstanding { .. } => stops_a_roll,
            // That the namespace is missing is a failure of its own.
            Admission::NamespaceMissing | Admission::Unread { .. } | Admission::NoNode => {
                Grade::Unknown
            }
        },
        Found::AnyPod { admission, .. } => match admission {
            Admission::Denied { .. } => Grade::Ok,
            Admission::Admitted => Grade::Warn,
            Admission::NamespaceMissing
            | Admission::Outstanding { .. }
            | Admission::Unread { .. }
            | Admission::NoNode => Grade::Unknown,
        },
        Found::Hosts { ready, linux, .. } if ready < linux => Grade::Warn,
        // Kubelets list only some of their images, so one that is not seen may be there all the same.
        Found::Image {
            seen_on,
            of,
            moving,
            ..
        } if *moving || seen_on < of => Grade::Warn,
        Found::Kured { kured } => match kured.lock {
            KuredLock::Free | KuredLock::Elsewhere { .. } => Grade::Ok,
            // A roll takes it all the same, and leaves it in order.
            KuredLock::Stuck => Grade::Warn,
            KuredLock::Held { .. } | KuredLock::Unreadable { .. } => stops_a_roll,
        },
        Found::AksAtWork { .. } => stops_a_roll,
        Found::Lock { lock } => match lock {
            LockSeen::Free | LockSeen::Interrupted { .. } => Grade::Ok,
            LockSeen::Held { .. } => stops_a_roll,
            LockSeen::Unread { .. } => Grade::Unknown,
        },
        Found::Marks { nodes } if !nodes.is_empty() => stops_a_roll,
        Found::Leftovers { pods } if !pods.is_empty() => Grade::Warn,
        Found::Api { .. }
        | Found::Clock { .. }
        | Found::RightsHeld { .. }
        | Found::NamespaceThere
        | Found::Hosts { .. }
        | Found::Image { .. }
        | Found::SshProgram { .. }
        | Found::LoginMet { .. }
        | Found::LoginRoot { .. }
        | Found::NoKured
        | Found::NoAksAtWork
        | Found::Marks { .. }
        | Found::Leftovers { .. } => Grade::Ok,
    }
}

/// Major and minor of a version such as `v1.34.4-gke.1`.
fn numbers(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.trim_start_matches('v').split('.');
    let major = parts.next()?.parse().ok()?;
    let minor: String = parts
        .next()?
        .chars()
        .take_while(char::is_ascii_digit)
        .collect();
    Some((major, minor.parse().ok()?))
}

/// Whether nothing fails and everything could be decided.
pub(crate) fn is_good(checks: &[Check]) -> bool {
    checks
        .iter()
        .all(|check| matches!(check.grade, Grade::Ok | Grade::Warn))
}

#[cfg(test)]
mod tests;
