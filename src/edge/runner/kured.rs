//! When a run gives kured's lock back: as soon as no node is in its hands.

use std::time::Duration;

use crate::core::engine::Step;
use crate::core::event::What;
use crate::core::reason::Reason;
use crate::edge::hold::kured_run;

use super::Runner;

impl Runner<'_> {
    /// Gives it back, unless a node is under way or was left as it is with the run's mark: kured would take the next one down
    /// beside it. Then it expires by itself.
    pub(super) async fn give_kured_back(&mut self, limit: Duration) {
        // Another process may go on with this run, under the same name in kured's lock.
        if !self.has_kured || !self.hands.fence.holds() || self.a_node_is_in_hand() {
            return;
        }
        let given = kured_run::give_back(&self.cluster.client, &self.run);
        let message = match tokio::time::timeout(limit, given).await {
            Ok(Ok(())) => {
                self.has_kured = false;
                return;
            }
            Ok(Err(refusal)) => refusal.to_string(),
            Err(_) => "no answer in time".into(),
        };
        let until = self.kured_until;
        let reason = Reason::KuredNotFreed { message, until };
        self.emit(None, None, What::Warning { reason });
    }

    /// At the end: where it was not given back, and why.
    pub(super) fn say_that_kured_stays_out(&mut self) {
        let message = if !self.has_kured {
            return;
        } else if self.hands.fence.is_lost() {
            "the run's own lock is lost"
        } else if self.a_node_is_in_hand() {
            "a node is left in the run's hands"
        } else if !self.hands.fence.holds() {
            "the run's own lock could not be confirmed"
        } else {
            // That it was tried in vain is told already.
            return;
        };
        let reason = Reason::KuredNotFreed {
            message: message.into(),
            until: self.kured_until,
        };
        self.emit(None, None, What::Warning { reason });
    }

    fn a_node_is_in_hand(&self) -> bool {
        self.parts.iter().any(|part| match &part.outcome {
            Some(outcome) => outcome.leaves_a_mark(),
            None => {
                part.step.is_some_and(|step| step > Step::Gate)
                    || self.earlier.in_hand.contains_key(&part.target.name)
            }
        })
    }
}
