//! What whoever acts asks first: whether the lock was confirmed recently enough, by whichever clock advanced the most.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::lock::Renewed;
use crate::core::reason::Reason;
use crate::edge::clock::{Clock, Moment};

/// An act needs a renewal confirmed within this, so that at its time nobody can have seen a whole term pass.
const FRESH: Duration = Duration::from_secs(20);
/// Says whether the lock was confirmed recently enough to act. Cheap to copy into every act.
#[derive(Clone)]
pub(crate) struct Fence {
    pub(super) clock: Clock,
    /// `None` once the lock is known to be somebody else's.
    confirmed: Arc<Mutex<Option<Moment>>>,
}

impl Fence {
    pub(super) fn new(clock: Clock, confirmed: Moment) -> Self {
        Self {
            clock,
            confirmed: Arc::new(Mutex::new(Some(confirmed))),
        }
    }

    /// The lock was confirmed recently enough for one more act.
    pub(crate) fn holds(&self) -> bool {
        self.age() < FRESH
    }

    /// The lock is known to be somebody else's.
    pub(crate) fn is_lost(&self) -> bool {
        let confirmed = self.confirmed.lock();
        confirmed.unwrap_or_else(PoisonError::into_inner).is_none()
    }

    /// Since the last confirmed renewal, by whichever clock advanced the most.
    pub(crate) fn age(&self) -> Duration {
        let confirmed = *self
            .confirmed
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        confirmed.map_or(Duration::MAX, |moment| self.clock.since(&moment))
    }

    /// Takes in a confirmation by a request that was sent at `sent`; never for a lock that is lost.
    pub(super) fn confirm(&self, sent: Moment) {
        let mut confirmed = self
            .confirmed
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if confirmed.is_some() {
            *confirmed = Some(sent);
        }
    }

    /// From now on nothing is sent any more.
    pub(super) fn lose(&self, holder: String) -> Renewed {
        *self
            .confirmed
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = None;
        Renewed::Lost(Reason::LockLost { holder })
    }
}
