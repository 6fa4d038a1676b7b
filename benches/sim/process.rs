//! What this process holds and how long it has computed, as Linux counts it.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// Resident memory in MiB: now, and at its peak.
pub(crate) fn resident() -> std::io::Result<(u64, u64)> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let of = |key: &str| {
        status
            .lines()
            .find_map(|line| {
                line.strip_prefix(key)?
                    .split_whitespace()
                    .next()?
                    .parse::<u64>()
                    .ok()
            })
            .unwrap_or(0)
            / 1024
    };
    Ok((of("VmRSS:"), of("VmHWM:")))
}

/// Processor time of this process. Virtual time waits for nothing, so this is what a thing takes, whoever else is at work
/// on the machine.
pub(crate) fn computed() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(
        time.tv_sec.try_into().unwrap_or(0),
        time.tv_nsec.try_into().unwrap_or(0),
    )
}

/// A stretch of computing.
pub(crate) struct Stretch(Duration);

impl Stretch {
    pub(crate) fn begin() -> Self {
        Self(computed())
    }

    pub(crate) fn so_far(&self) -> Duration {
        computed().saturating_sub(self.0)
    }
}
