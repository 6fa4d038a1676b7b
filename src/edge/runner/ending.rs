//! How a part, or the whole run, comes to its end: what is under way is heard, what must be undone is undone, and the
//! outcome is written down. Which of these is due is the core's judgement.

use std::time::Duration;

use futures::StreamExt as _;

use crate::core::engine::{Conclusion, Ending, Left, Outcome, Step, Undo, undo};
use crate::core::event::What;
use crate::core::reason::Reason;
use crate::edge::hold::record;

use super::{End, Ended, Runner, put_back};

/// How long an ending may take: to hear from acts in flight, to undo, to write the outcome down.
#[derive(Clone, Copy)]
pub(super) struct Patience {
    last_words: Duration,
    put_back: Duration,
    record: Duration,
}

/// After a signal the command is out within five seconds; the lock and the probe pods need the rest of them.
const HASTE: Patience = Patience {
    last_words: Duration::from_secs(1),
    put_back: Duration::from_millis(1500),
    record: Duration::from_millis(500),
};
/// A roll that stops by itself has time to undo what it did, through a restart of the API server too.
pub(super) const PEACE: Patience = Patience {
    last_words: Duration::from_secs(30),
    put_back: Duration::from_secs(60),
    record: Duration::from_secs(5),
};

/// Why nothing is written into a record that may be in the hands of a run that goes on with this one.
const UNCONFIRMED: &str = "the lock could not be confirmed";

impl Runner<'_> {
    pub(super) async fn step_blocked(&mut self, index: usize, reason: Reason) {
        let part = &self.parts[index];
        let (Some(step), name) = (part.step, part.target.name.clone()) else {
            return;
        };
        let blocked = What::StepBlocked {
            reason: reason.clone(),
        };
        self.emit(Some(name), Some(step), blocked);
        let left = self.leave(index, step, Ending::Blocked, PEACE).await;
        let outcome = Outcome::Failed { step, reason, left };
        self.part_ends(index, outcome, PEACE).await;
    }

    /// Puts a part into the state in which it may be left, and says which that is.
    async fn leave(
        &mut self,
        index: usize,
        step: Step,
        ending: Ending,
        patience: Patience,
    ) -> Left {
        // What is under way may still change the node: first hear what it did.
        let deadline = self.clock.now().mono + patience.last_words;
        while self.parts[index].writes_in_flight() {
            tokio::select! {
                biased;
                Some(answered) = self.acts.next() => self.learn_answer(answered),
                () = self.clock.sleep_until(deadline) => break,
            }
        }
        let part = &self.parts[index];
        match undo(step, &part.seen, ending) {
            Undo::Nothing => Left::Untouched,
            Undo::Keep => part.as_it_stands(&self.run),
            Undo::Restore => {
                let undone = put_back::restore(&self.hands, &part.target, &self.run);
                tokio::time::timeout(patience.put_back, undone)
                    .await
                    .unwrap_or(Left::Unsure)
            }
        }
    }

    /// Ends a part from outside: by a signal, or because another node failed.
    pub(super) async fn break_off(&mut self, index: usize, step: Step, patience: Patience) {
        let left = self.leave(index, step, Ending::BrokenOff, patience).await;
        let outcome = Outcome::Interrupted { step, left };
        self.part_ends(index, outcome, patience).await;
    }

    pub(super) async fn part_ends(&mut self, index: usize, outcome: Outcome, patience: Patience) {
        self.write_down(index, outcome, patience).await;
        self.give_kured_back(patience.record).await;
    }

    async fn write_down(&mut self, index: usize, outcome: Outcome, patience: Patience) {
        let now = self.clock.now();
        let part = &mut self.parts[index];
        let (step, name) = (part.step, part.target.name.clone());
        if let Some(watch) = part.watch.take() {
            watch.abort();
        }
        self.parts.end(index, outcome.clone());
        let pause = self.plan.spec.settings.pace.pause;
        if !pause.is_zero() && self.parts.active().is_empty() {
            self.rested = now.wall.checked_add(pause).ok();
        }
        self.emit(
            Some(name.clone()),
            step,
            What::NodeFinished {
                outcome: outcome.clone(),
            },
        );
        if self.hands.fence.is_lost() {
            // The record may be in the hands of a run that goes on with this one.
            return;
        }
        let concluded = self.parts[index].seen.conclusion == Conclusion::WrittenDown;
        if concluded && matches!(outcome, Outcome::Verified { .. }) {
            // The record says so already.
            return;
        }
        // The record is what `resume` and `report` read; the node itself carries what matters for safety.
        let problem = if self.hands.fence.holds() {
            let finished = now.wall.to_string();
            let written = record::add_outcome(
                &self.cluster.client,
                &self.run,
                &name,
                &outcome,
                concluded,
                &finished,
                &self.hands.loose,
            );
            match tokio::time::timeout(patience.record, written).await {
                Ok(Ok(())) => None,
                Ok(Err(refusal)) => Some(refusal.to_string()),
                Err(_) => Some("no answer in time".into()),
            }
        } else {
            Some(UNCONFIRMED.into())
        };
        if let Some(message) = problem {
            self.emit(
                Some(name),
                step,
                What::Warning {
                    reason: Reason::RecordNotWritten { message },
                },
            );
        }
    }

    pub(super) async fn finish(mut self, ended: Ended) -> End {
        let patience = match ended {
            Ended::Interrupted(_) => HASTE,
            Ended::Stopped(_) | Ended::Finished => PEACE,
        };
        if let Ended::Interrupted(_) | Ended::Stopped(_) = ended {
            for index in self.parts.active().to_vec() {
                let Some(step) = self.parts[index].step else {
                    continue;
                };
                self.break_off(index, step, patience).await;
            }
        }
        self.give_kured_back(patience.record).await;
        self.say_that_kured_stays_out();
        let last = match &ended {
            Ended::Finished => What::RunFinished {},
            Ended::Stopped(reason) => What::RunStopped {
                reason: Some(reason.clone()),
            },
            Ended::Interrupted(_) => What::RunStopped { reason: None },
        };
        self.emit(None, None, last);
        self.watches.abort_all();
        let mut outcomes = self.parts.into_outcomes();
        for (name, step) in self.earlier.in_hand {
            // Whatever was not come to any more is as it was found, with its mark.
            outcomes.entry(name).or_insert(Outcome::Interrupted {
                step,
                left: match step {
                    Step::Settle => Left::InService,
                    _ => Left::Cordoned,
                },
            });
        }
        End {
            ended,
            outcomes,
            lock: self.lock,
        }
    }
}
