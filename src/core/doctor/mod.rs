//! What `doctor` found, and how good that is for what somebody wants to do. Judgements only: what to ask the cluster is
//! the edge's, the words and the remedies are `render`'s.

pub(crate) mod image;
pub(crate) mod kured;

use serde::Serialize;

use super::model::NodeName;
use super::reason::{Denier, Reason};
use super::rights::{Aim, Need, Right};
use kured::KuredFound;

/// The oldest Kubernetes that this is made for.
pub(crate) const OLDEST: (u32, u32) = (1, 30);
/// A request that takes longer is felt in every step of a roll.
const SLOW_MS: u64 = 2_000;
/// Certificates and tokens begin to fail at a few minutes; a reader of two logs is lost earlier.
const SKEW_MS: u64 = 30_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Grade {
    Ok,
    /// It will work, and something should be known.
    Warn,
    /// It could not be found out.
    Unknown,
    /// It will not work.
    Fail,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Check {
    /// Stable; `docs/doctor.md` has the table.
    pub(crate) code: &'static str,
    pub(crate) grade: Grade,
    pub(crate) found: Found,
}

/// Pods whose admission is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum TrialPod {
    Probe,
    Prove,
    Reboot,
}

/// What came of having the API server admit a pod without making it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(
    tag = "answer",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub(crate) enum Admission {
    Admitted,
    Denied {
        by: Denier,
        message: String,
    },
    NamespaceMissing,
    /// A pod of that name is there: a reboot of this boot was asked for.
    Outstanding {
        pod: String,
    },
    Unread {
        message: String,
    },
    /// There is no node to try it for.
    NoNode,
}

/// How much of the admission policy could be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum PolicySeen {
    Bound,
    /// There is one, which nothing binds to the namespace.
    Unbound,
    Missing,
    /// The role does not let the user look.
    Hidden,
}

/// Whoever has the lock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(
    tag = "state",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub(crate) enum LockSeen {
    Free,
    /// Given back by a run that left nodes marked.
    Interrupted {
        run: String,
    },
    /// By whom. Whether that run lives is not decided here.
    Held {
        by: Reason,
    },
    Unread {
        message: String,
    },
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(
    tag = "kind",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub(crate) enum Found {
    Api {
        latency_ms: u64,
    },
    ApiAway {
        message: String,
    },
    Connection {
        warning: String,
    },
    Version {
        version: String,
    },
    VersionUnread {
        message: String,
    },
    /// The API server's clock against the local one.
    Clock {
        ahead_ms: i64,
    },
    ClockUnread,
    RightsHeld {
        aim: Aim,
        count: usize,
    },
    RightMissing {
        aims: Vec<Aim>,
        right: Right,
    },
    RightsUnread {
        message: String,
    },
    NamespaceThere,
    NamespaceMissing,
    NamespaceUnread {
        message: String,
    },
    /// The level that the namespace enforces, and what the server warned of at the trial of our pods.
    PodSecurity {
        enforce: Option<String>,
        warnings: Vec<String>,
    },
    Admission {
        pod: TrialPod,
        admission: Admission,
    },
    /// A pod that is root on its node, tried as well.
    AnyPod {
        admission: Admission,
        policy: PolicySeen,
    },
    Hosts {
        ready: usize,
        linux: usize,
        others: usize,
    },
    HostsUnread {
        message: String,
    },
    Image {
        image: String,
        seen_on: usize,
        of: usize,
        moving: bool,
    },
    NoKured,
    Kured {
        kured: KuredFound,
    },
    KuredUnread {
        message: String,
    },
    AksAtWork {
        signs: Vec<Reason>,
    },
    NoAksAtWork,
    /// AKS nodes, by how many of them AKS patches while they run, and the node images that they were made from.
    Channel {
        nodes: usize,
        patched_live: usize,
        images: Vec<String>,
    },
    Lock {
        lock: LockSeen,
    },
    Marks {
        nodes: Vec<NodeName>,
    },
    Leftovers {
        pods: Vec<String>,
    },
    LeftoversUnread {
        message: String,
    },
}

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
            pod: TrialPod::Prove | TrialPod::Reboot,
            ..
        } => "AKR031",
        Found::AnyPod { .. } => "AKR032",
        Found::Hosts { .. } | Found::HostsUnread { .. } => "AKR040",
        Found::Image { .. } => "AKR041",
        Found::NoKured | Found::Kured { .. } | Found::KuredUnread { .. } => "AKR060",
        Found::AksAtWork { .. } | Found::NoAksAtWork => "AKR061",
        Found::Channel { .. } => "AKR062",
        Found::Lock { .. } => "AKR070",
        Found::Marks { .. } => "AKR071",
        Found::Leftovers { .. } | Found::LeftoversUnread { .. } => "AKR072",
    }
}

fn grade(found: &Found, aims: &[Aim]) -> Grade {
    let rolls = aims.contains(&Aim::Roll);
    // What only a roll minds.
    let stops_a_roll = if rolls { Grade::Fail } else { Grade::Warn };
    match found {
        Found::Api { latency_ms } if *latency_ms > SLOW_MS => Grade::Warn,
        Found::Clock { ahead_ms } if ahead_ms.unsigned_abs() > SKEW_MS => Grade::Warn,
        Found::Connection { .. } | Found::Channel { .. } => Grade::Warn,
        Found::Version { version } => match numbers(version) {
            Some(numbers) if numbers >= OLDEST => Grade::Ok,
            Some(_) => Grade::Warn,
            None => Grade::Unknown,
        },
        Found::ApiAway { .. } | Found::NamespaceMissing | Found::Hosts { ready: 0, .. } => {
            Grade::Fail
        }
        Found::VersionUnread { .. }
        | Found::ClockUnread
        | Found::RightsUnread { .. }
        | Found::NamespaceUnread { .. }
        | Found::HostsUnread { .. }
        | Found::KuredUnread { .. }
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
        Found::Admission { admission, .. } => match admission {
            Admission::Admitted => Grade::Ok,
            Admission::Denied { .. } | Admission::NamespaceMissing => Grade::Fail,
            Admission::Outstanding { .. } => stops_a_roll,
            Admission::Unread { .. } | Admission::NoNode => Grade::Unknown,
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
        Found::Kured { .. } | Found::AksAtWork { .. } => stops_a_roll,
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
mod tests {
    use super::*;
    use crate::core::rights::rights;

    fn of(found: Found, aims: &[Aim]) -> Grade {
        judge(found, aims).grade
    }

    #[test]
    fn what_was_not_read_is_never_fine() {
        let unread = || "connection reset".to_owned();
        for found in [
            Found::VersionUnread { message: unread() },
            Found::Version {
                version: "unheard of".into(),
            },
            Found::ClockUnread,
            Found::RightsUnread { message: unread() },
            Found::KuredUnread { message: unread() },
            Found::HostsUnread { message: unread() },
            Found::Lock {
                lock: LockSeen::Unread { message: unread() },
            },
            Found::AnyPod {
                admission: Admission::NoNode,
                policy: PolicySeen::Bound,
            },
        ] {
            let check = judge(found, &Aim::ALL);
            assert_eq!(check.grade, Grade::Unknown, "{check:?}");
            assert!(!is_good(&[check]));
        }
    }

    #[test]
    fn an_old_version_is_said_and_the_oldest_is_fine() {
        let version = |text: &str| Found::Version {
            version: text.into(),
        };
        assert_eq!(of(version("v1.30.0"), &[]), Grade::Ok);
        assert_eq!(of(version("v1.34.4+k3s1"), &[]), Grade::Ok);
        assert_eq!(of(version("v1.29.9"), &[]), Grade::Warn);
        assert_eq!(of(version("v2.0.0"), &[]), Grade::Ok);
        assert_eq!(numbers("v1.30-rc.1+x"), Some((1, 30)));
    }

    #[test]
    fn what_stops_a_roll_fails_only_for_who_wants_to_roll() {
        let marks = || Found::Marks {
            nodes: vec![NodeName::from("n1")],
        };
        assert_eq!(of(marks(), &[Aim::Probe]), Grade::Warn);
        assert_eq!(of(marks(), &[Aim::Probe, Aim::Roll]), Grade::Fail);
    }

    #[test]
    fn a_right_that_only_helps_is_no_failure() {
        for right in rights(Aim::Roll) {
            let wanted = match right.need {
                Need::Must => Grade::Fail,
                Need::Helps => Grade::Warn,
            };
            let aims = vec![Aim::Roll];
            let found = Found::RightMissing { aims, right };
            assert_eq!(of(found, &[Aim::Roll]), wanted);
        }
    }

    #[test]
    fn an_open_namespace_is_a_warning_and_a_policy_that_denies_our_own_pod_a_failure() {
        let denied = || Admission::Denied {
            by: Denier::Policy,
            message: "no".into(),
        };
        let any = |admission| Found::AnyPod {
            admission,
            policy: PolicySeen::Hidden,
        };
        assert_eq!(of(any(denied()), &[]), Grade::Ok);
        assert_eq!(of(any(Admission::Admitted), &[]), Grade::Warn);
        let probe = |admission| Found::Admission {
            pod: TrialPod::Probe,
            admission,
        };
        assert_eq!(of(probe(denied()), &[]), Grade::Fail);
        assert_eq!(of(probe(Admission::Admitted), &[]), Grade::Ok);
    }
}
