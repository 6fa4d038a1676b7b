//! Who may begin, and who may still go on to its cordon: the limit is the core's judgement, over the nodes as the watch has
//! them.

use std::time::Duration;

use jiff::Timestamp;

use super::Runner;
use crate::core::engine::{Admission, Check, Course, NO_LIMIT, Opening, Step, admit, opening};
use crate::core::event::What;
use crate::core::plan::Target;
use crate::core::reason::Reason;

/// How long to sleep for a moment of the clock on the wall: that clock may be set meanwhile, so it is looked at now and then.
fn until_then(now: Timestamp, then: Timestamp) -> Duration {
    const LOOK: Duration = Duration::from_secs(60);
    Duration::try_from(then.duration_since(now)).map_or(LOOK, |left| left.min(LOOK))
}

impl Runner<'_> {
    /// Lets the next targets begin, as many as the limits admit. Returns why none ever will.
    pub(super) fn start_next(&mut self) -> Option<Reason> {
        // Whoever still waits for that moment says so again; one that has passed must not be slept for.
        self.look_again = None;
        while self.stopping.is_none() {
            let fleet = self.fleet.as_ref()?;
            let index = self.parts.waiting()?;
            let active: Vec<&Target> = self.parts.active_parts().map(|part| &part.target).collect();
            if active.is_empty()
                && self.plan.spec.settings.course.is_roll()
                && let Some(sign) = self.upgrading.values().next()
            {
                return Some(sign.clone());
            }
            let now = self.clock.now();
            let target = &self.parts[index].target;
            if self.earlier.in_hand.contains_key(&target.name) {
                // It is the run's already: to leave it waiting would end nobody's outage.
                self.part_begins(index);
                continue;
            }
            let rested = self.rested.filter(|_| active.is_empty());
            match opening(&self.plan.spec.settings.pace, now, self.began, rested) {
                Opening::Open => {}
                // What is under way comes to its end first.
                Opening::Closed { .. } | Opening::Over(_) if !active.is_empty() => return None,
                Opening::Closed { why, until } => {
                    self.look_again = Some(now.mono + until_then(now.wall, until));
                    // Room is waited for only while a node might begin; the next time begins anew.
                    self.waiting_since = None;
                    self.tell_admission(index, why, until);
                    return None;
                }
                Opening::Over(reason) => return Some(reason),
            }
            match admit(target, &active, fleet, &self.plan.spec.settings) {
                Admission::NotYet => return None,
                Admission::Start => {
                    self.waiting_since = None;
                    self.admission_wait = None;
                    self.part_begins(index);
                }
                // As long as nodes of ours are under way, they may be what makes room.
                Admission::Wait(_) if !active.is_empty() => return None,
                Admission::Wait(reason) => return self.wait_for_room(index, reason),
            }
        }
        None
    }

    /// What is said instead of a step's end while something else has to come first.
    pub(super) fn held_back(&self, index: usize) -> Option<Check> {
        match self.plan.spec.settings.course {
            Course::Roll => self.full(index),
            Course::Drain => self.not_its_turn(index),
        }
    }

    /// Drained by hand, the nodes are cordoned all before the first is drained, so that no pod moves to the next of them, and
    /// drained one after another.
    fn not_its_turn(&self, index: usize) -> Option<Check> {
        let part = &self.parts[index];
        if part.step != Some(Step::Cordon) {
            return None;
        }
        let first = self.parts.active_of_others(index).find(|(other, part)| {
            *other < index || part.step < Some(Step::Cordon) || !part.is_cordoned_by(&self.run)
        });
        let (_, other) = first?;
        Some(Check::Wait {
            why: Reason::AwaitingTurn {
                node: other.target.name.clone(),
            },
            again: None,
            until: self.clock.now().mono + NO_LIMIT,
        })
    }

    /// Tells what the next target waits for, and since when; returns the reason when that was for long enough.
    fn wait_for_room(&mut self, index: usize, reason: Reason) -> Option<Reason> {
        let now = self.clock.now();
        let since = *self.waiting_since.get_or_insert(now.mono);
        let until = since + self.plan.spec.settings.timeouts.ready;
        if now.mono >= until {
            return Some(reason);
        }
        self.tell_admission(index, reason, now.wall_at(until));
        None
    }

    /// Tells why the next target does not begin, when that is another reason than was told last.
    fn tell_admission(&mut self, index: usize, reason: Reason, until: Timestamp) {
        if self.admission_wait.as_ref() == Some(&reason) {
            return;
        }
        self.admission_wait = Some(reason.clone());
        let name = self.parts[index].target.name.clone();
        let waiting = What::StepWaiting { reason, until };
        self.emit(Some(name), Some(Step::Gate), waiting);
    }

    /// What is said instead of Gate's end when a limit has filled meanwhile: Gate can take minutes, and the limit is
    /// what it is at the cordon. Of the run's own nodes those count that are past their Gate: were two to wait for
    /// each other, neither would ever go on.
    fn full(&self, index: usize) -> Option<Check> {
        let part = &self.parts[index];
        if part.step != Some(Step::Gate) {
            return None;
        }
        let settings = &self.plan.spec.settings;
        let gone_on: Vec<&Target> = self
            .parts
            .active_parts()
            .filter(|other| other.step > Some(Step::Gate))
            .map(|other| &other.target)
            .collect();
        let Admission::Wait(why) = admit(&part.target, &gone_on, self.fleet.as_ref()?, settings)
        else {
            return None;
        };
        let until = part.since + settings.timeouts.ready;
        Some(if self.clock.now().mono >= until {
            Check::Blocked(why)
        } else {
            Check::Wait {
                why,
                again: None,
                until,
            }
        })
    }
}
