//! Who runs, as the Lease tells it, and whether that process is certainly gone from this machine.

use serde::{Deserialize, Serialize};

/// Who runs: told to whoever meets the Lease.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Holder {
    v: u32,
    pub(crate) user: String,
    pub(crate) host: String,
    pid: u32,
    /// Start of that process in clock ticks since boot (`/proc/PID/stat`), so that a reused number is not taken for it.
    pid_start: Option<u64>,
    /// Where that number counts: the machine's boot and the PID namespace. Two containers may share a host name.
    #[serde(default)]
    pid_space: Option<String>,
    version: String,
    plan_hash: String,
}

impl Holder {
    pub(crate) fn this_process(plan_hash: &str, user: String, host: String) -> Self {
        let pid = std::process::id();
        Self {
            v: 1,
            user,
            host,
            pid,
            pid_start: process_start(pid),
            pid_space: pid_space(),
            version: env!("CARGO_PKG_VERSION").into(),
            plan_hash: plan_hash.into(),
        }
    }

    /// The process is certainly gone: its number would count here, and nothing of that number and start runs.
    pub(super) fn is_gone(&self, this_host: &str) -> bool {
        self.host == this_host
            && self.pid_space.is_some()
            && self.pid_space == pid_space()
            && self.pid_start.is_some()
            && process_start(self.pid) != self.pid_start
    }
}

pub(super) fn text(holder: &Holder) -> String {
    serde_json::to_string(holder).unwrap_or_default()
}

/// Field 22 of `/proc/PID/stat`, counted after the command name, which may contain anything.
#[cfg(target_os = "linux")]
fn process_start(pid: u32) -> Option<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(')')?
        .1
        .split_whitespace()
        .nth(19)?
        .parse()
        .ok()
}

#[cfg(target_os = "linux")]
fn pid_space() -> Option<String> {
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let namespace = std::fs::read_link("/proc/self/ns/pid").ok()?;
    Some(format!("{} {}", boot.trim(), namespace.display()))
}

#[cfg(not(target_os = "linux"))]
fn pid_space() -> Option<String> {
    None
}

/// Not known elsewhere: then only the Lease's silence says that a holder is dead.
#[cfg(not(target_os = "linux"))]
fn process_start(_pid: u32) -> Option<u64> {
    None
}
