//! Who runs, where, and under which name: what others read in the Lease and the run record. In a pod, which one.

use std::hash::{BuildHasher as _, RandomState};

use jiff::Timestamp;

use crate::core::model::{PodKey, RunId};

/// A new run's ID: the time, for people and for sorting, and four random digits, for two runs of one second.
pub(crate) fn run_id(now: Timestamp) -> RunId {
    // The standard library seeds each of these from the system's randomness.
    let random = RandomState::new().hash_one(std::process::id()) & 0xffff;
    named(now, random)
}

/// The run ID of this time and these digits.
pub(crate) fn named(now: Timestamp, digits: u64) -> RunId {
    RunId::new(format!(
        "{}-{:04x}",
        now.strftime("%Y%m%d-%H%M%S"),
        digits & 0xffff
    ))
}

/// The operator's name on this machine.
pub(crate) fn user() -> String {
    ["USER", "LOGNAME", "USERNAME"]
        .iter()
        .find_map(|key| std::env::var(key).ok())
        .unwrap_or_else(nameless)
}

/// A user whom the environment does not name.
#[cfg(unix)]
fn nameless() -> String {
    format!("uid {}", rustix::process::getuid().as_raw())
}

#[cfg(not(unix))]
fn nameless() -> String {
    "unknown".into()
}

/// The name of this machine.
#[cfg(unix)]
pub(crate) fn host() -> String {
    rustix::system::uname()
        .nodename()
        .to_string_lossy()
        .into_owned()
}

/// The name of this machine.
#[cfg(not(unix))]
pub(crate) fn host() -> String {
    std::env::var("COMPUTERNAME").unwrap_or_else(|_| "unknown".into())
}

/// Where a pod finds the namespace of its service account, its own.
const OWN_NAMESPACE: &str = "/var/run/secrets/kubernetes.io/serviceaccount/namespace";

/// The pod that this program runs in: its service account's namespace, and the name of the machine as the pod sees it.
/// Nothing outside of pods; a pod on the host's network has the node's name, and is not known. Whether the pod is one of
/// the cluster in question is not said.
pub(crate) fn own_pod() -> Option<PodKey> {
    let namespace = std::fs::read_to_string(OWN_NAMESPACE).ok()?;
    Some(PodKey {
        namespace: namespace.trim().to_owned(),
        name: host(),
    })
}
