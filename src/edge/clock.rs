//! Time: the forward clock for limits, the wall for people, and the clock that goes on while the machine sleeps for
//! the lock. The only code that reads a clock; under tokio's paused time all of them are virtual.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use crate::core::engine::Now;

/// Where time comes from.
#[derive(Clone, Debug)]
pub(crate) struct Clock {
    began: Instant,
    source: Source,
}

#[derive(Clone, Debug)]
enum Source {
    Real,
    Virtual {
        /// Wall time of the moment at which the clock was made; goes on with tokio's time.
        wall: Timestamp,
        /// Milliseconds by which somebody has set the wall clock since then, all together.
        jumped: Arc<AtomicI64>,
    },
}

/// One moment by every clock there is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    forward: Instant,
    wall: Timestamp,
    boot_time: Duration,
}

impl Clock {
    pub(crate) fn real() -> Self {
        Self {
            began: Instant::now(),
            source: Source::Real,
        }
    }

    /// A clock for simulated worlds, whose wall shows `wall` now.
    pub(crate) fn simulated(wall: Timestamp) -> Self {
        Self {
            began: Instant::now(),
            source: Source::Virtual {
                wall,
                jumped: Arc::default(),
            },
        }
    }

    /// Sets the simulated wall clock; the forward clock goes on as ever, as it does under a real one.
    #[cfg(test)]
    pub(crate) fn jump(&self, by: SignedDuration) {
        if let Source::Virtual { jumped, .. } = &self.source {
            let millis = i64::try_from(by.as_millis()).unwrap_or(0);
            jumped.fetch_add(millis, Ordering::Relaxed);
        }
    }

    pub(crate) fn now(&self) -> Now {
        Now {
            mono: self.began.elapsed(),
            wall: self.wall(),
        }
    }

    pub(crate) fn wall(&self) -> Timestamp {
        match &self.source {
            #[expect(
                clippy::disallowed_methods,
                reason = "this is the one place that reads the wall clock"
            )]
            Source::Real => Timestamp::now(),
            Source::Virtual { wall, jumped } => {
                let jumped = SignedDuration::from_millis(jumped.load(Ordering::Relaxed));
                wall.checked_add(self.began.elapsed())
                    .and_then(|wall| wall.checked_add(jumped))
                    .unwrap_or(*wall)
            }
        }
    }

    /// Sleeps until the forward clock shows `mono`.
    pub(crate) async fn sleep_until(&self, mono: Duration) {
        tokio::time::sleep_until(self.began + mono).await;
    }

    pub(crate) fn moment(&self) -> Moment {
        let forward = Instant::now();
        let boot_time = match &self.source {
            Source::Real => boot_time(),
            Source::Virtual { .. } => self.began.elapsed(),
        };
        Moment {
            forward,
            wall: self.wall(),
            boot_time,
        }
    }

    /// How long ago a moment was, by whichever clock has advanced the most: a forward clock stands still while the
    /// machine is suspended, and a lock that was confirmed before that is not a lock that was confirmed just now.
    pub(crate) fn since(&self, moment: &Moment) -> Duration {
        let now = self.moment();
        let forward = now.forward.duration_since(moment.forward);
        let wall = Duration::try_from(now.wall.duration_since(moment.wall)).unwrap_or_default();
        let boot_time = now.boot_time.saturating_sub(moment.boot_time);
        forward.max(wall).max(boot_time)
    }
}

/// Since the machine started, time of suspension included.
#[cfg(target_os = "linux")]
fn boot_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    Duration::new(
        time.tv_sec.try_into().unwrap_or(0),
        time.tv_nsec.try_into().unwrap_or(0),
    )
}

/// Other systems count suspension in their forward clock or not at all; the wall clock covers the rest.
#[cfg(not(target_os = "linux"))]
fn boot_time() -> Duration {
    Duration::ZERO
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_moment_is_as_old_as_the_clock_says_that_went_furthest() {
        let clock = Clock::simulated(Timestamp::UNIX_EPOCH);
        let moment = clock.moment();
        tokio::time::advance(Duration::from_secs(10)).await;
        assert_eq!(clock.since(&moment), Duration::from_secs(10));
        // A wall clock that is set back makes nothing young again; one that is set ahead makes it old.
        clock.jump(SignedDuration::from_hours(-1));
        assert_eq!(clock.since(&moment), Duration::from_secs(10));
        clock.jump(SignedDuration::from_hours(2));
        assert_eq!(clock.since(&moment), Duration::from_secs(3610));
        assert_eq!(clock.now().mono, Duration::from_secs(10));
    }
}
