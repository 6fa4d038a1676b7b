//! The lock, renewed where the loop does not do it: before a run that is gone on with begins, and before a node's part ends.
//! Whoever was suspended for longer than the Lease's term judges by what it knew before; the run may be somebody else's now.

use std::time::Duration;

use super::Runner;
use crate::core::reason::Reason;
use crate::edge::hold::lease::Renewed;

/// So long an end waits for an API server that does not say whose the lock is.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(500);

impl Runner<'_> {
    /// Renews the lock when it is not fresh enough for one more act. `Some`: it is lost.
    pub(super) async fn keep_lock(&mut self) -> Option<Reason> {
        if self.hands.fence.holds() {
            return None;
        }
        let renewed = self.lock.renew(self.cluster.client.clone()).await;
        let is_unsure = matches!(renewed, Renewed::Unsure(_));
        let lost = self.learn_renewal(renewed);
        if is_unsure {
            tokio::time::sleep(PAUSE).await;
        }
        lost
    }

    /// The lock, confirmed before a part ends: an end writes, and tells how the node is left. `Some`: it is lost. Gives up after
    /// a while, or when a signal comes; what is not confirmed then is not written.
    pub(super) async fn confirm_lock(&mut self) -> Option<Reason> {
        let until = self.clock.now().mono + PATIENCE;
        let mut signals = self.signals.clone();
        self.renewal = None;
        while !self.hands.fence.holds() && self.clock.now().mono < until && self.signal().is_none()
        {
            tokio::select! {
                biased;
                Ok(()) = signals.changed() => {}
                lost = self.keep_lock() => if lost.is_some() {
                    return lost;
                },
            }
        }
        None
    }
}
