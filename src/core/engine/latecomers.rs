//! Pods that are put on a node after its drain began. A scheduler that has not heard of the cordon yet, as one that lost the API
//! server for a while, puts the next pod where the last was evicted: without a pause that is ten pods a second. So they go in rounds,
//! each later than the one before.

use std::time::Duration;

const FIRST_PAUSE: Duration = Duration::from_secs(2);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Latecomers {
    rounds: u32,
    next: Duration,
}

impl Latecomers {
    /// When those that are there then may be evicted, on the engine's clock; the first round at once.
    pub(crate) fn next(&self) -> Duration {
        self.next
    }

    /// One of them was evicted; all of a round are evicted together.
    pub(crate) fn evicted(&mut self, now: Duration) {
        if now >= self.next {
            let pause = FIRST_PAUSE.saturating_mul(1 << self.rounds.min(8));
            self.next = now + pause.min(LONGEST_PAUSE);
            self.rounds += 1;
        }
    }
}
