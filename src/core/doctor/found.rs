//! What can be found, as data.

use serde::Serialize;

use super::logins::{Lacking, LoginNeed};
use crate::core::kured::KuredFound;
use crate::core::model::NodeName;
use crate::core::reason::{Denier, Reason};
use crate::core::rights::{Aim, Right};

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
    Packages,
    Refresh,
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

/// What the user's configuration of ssh comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct SshSettled {
    pub(crate) user: String,
    pub(crate) port: String,
    pub(crate) jump: Option<String>,
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
    /// The ssh program, and what its configuration settles for the first node.
    SshProgram {
        version: String,
        settled: SshSettled,
    },
    SshUnusable {
        message: String,
    },
    /// So many nodes meet a need of a login; others may have been left out.
    LoginMet {
        need: LoginNeed,
        nodes: usize,
        left_out: usize,
    },
    /// Some of those that came so far do not.
    LoginLacks {
        need: LoginNeed,
        of: usize,
        lacking: Vec<Lacking>,
    },
    LoginRoot {
        nodes: usize,
    },
    /// `sudo -n` was tried and refused, in these words on the first.
    LoginNoRoot {
        of: usize,
        nodes: Vec<NodeName>,
        said: String,
    },
    /// Not root, and sudo is switched off.
    LoginRootUnasked {
        nodes: Vec<NodeName>,
    },
    /// There was nobody to log in to: none at all, or not these, which were named.
    NoLogin {
        named: Vec<NodeName>,
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
