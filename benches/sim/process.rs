//! What this process holds and how long it has computed, as Linux counts it.

use std::time::{Duration, Instant};

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
fn computed() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(
        time.tv_sec.try_into().unwrap_or(0),
        time.tv_nsec.try_into().unwrap_or(0),
    )
}

/// What a measurement is timed with.
pub(crate) trait Timer {
    fn begin() -> Self;
    fn so_far(&self) -> Duration;
}

/// A stretch of computing.
pub(crate) struct Computing(Duration);

impl Timer for Computing {
    fn begin() -> Self {
        Self(computed())
    }

    fn so_far(&self) -> Duration {
        computed().saturating_sub(self.0)
    }
}

/// A stretch of real time, for what waits for others.
pub(crate) struct Wall(Instant);

impl Timer for Wall {
    fn begin() -> Self {
        Self(Instant::now())
    }

    fn so_far(&self) -> Duration {
        self.0.elapsed()
    }
}
