//! The cluster's time. It is counted from a wall time that the world names, by the runtime's own clock, which a test
//! may pause: nothing here reads the time of day.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

/// Time since the cluster's beginning, which lies before the moment at which a client first sees it.
pub(super) type Moment = Duration;

#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    /// Wall time of moment zero.
    start: Timestamp,
    /// When the runtime's clock stood at `offset`.
    origin: Instant,
    offset: Moment,
    /// Durations are divided by this; the clock itself is not.
    speed: u32,
}

impl Clock {
    /// A clock that stands at `offset` now, and whose moment zero is `start`.
    pub(super) fn new(start: Timestamp, offset: Moment, speed: u32) -> Self {
        Self {
            start,
            origin: Instant::now(),
            offset,
            speed: speed.max(1),
        }
    }

    pub(super) fn now(&self) -> Moment {
        self.offset + self.origin.elapsed()
    }

    /// The runtime's instant of a moment that is not in the past.
    pub(super) fn instant(&self, moment: Moment) -> Instant {
        self.origin + moment.saturating_sub(self.offset)
    }

    /// A duration of the world as it lasts at this speed.
    pub(super) fn scaled(&self, duration: Duration) -> Duration {
        duration / self.speed
    }

    pub(super) fn timestamp(&self, moment: Moment) -> Timestamp {
        self.start.checked_add(moment).unwrap_or(Timestamp::MAX)
    }

    /// As in `metadata.creationTimestamp`: whole seconds.
    pub(super) fn seconds(&self, moment: Moment) -> String {
        format!("{:.0}", self.timestamp(moment))
    }

    /// As in a Lease's `renewTime`: microseconds.
    pub(super) fn micros(&self, moment: Moment) -> String {
        format!("{:.6}", self.timestamp(moment))
    }
}
