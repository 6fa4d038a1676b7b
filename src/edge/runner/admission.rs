//! Who may begin, and who may still go on to its cordon: the limit is the core's judgement, over the nodes as the watch has
//! them.

use super::Runner;
use crate::core::engine::{Admission, Check, Course, NO_LIMIT, Step, admit};
use crate::core::event::What;
use crate::core::model::NodeName;
use crate::core::plan::aks_signs;
use crate::core::reason::Reason;

impl Runner<'_> {
    /// Lets the next target begin if the limit admits it.
    pub(super) fn start_next(&mut self) -> Option<Reason> {
        let fleet = self.fleet.as_ref()?;
        let active: Vec<NodeName> = self
            .parts
            .active_parts()
            .map(|part| part.target.name.clone())
            .collect();
        let index = self.parts.waiting()?;
        let now = self.clock.now();
        if active.is_empty()
            && self.plan.spec.settings.course.is_roll()
            && let Some(sign) = aks_signs(fleet.values()).into_iter().next()
        {
            return Some(sign);
        }
        match admit(
            &self.parts[index].target,
            &active,
            fleet,
            &self.plan.spec.settings,
        ) {
            Admission::NotYet => None,
            Admission::Start => {
                self.waiting_since = None;
                self.admission_wait = None;
                self.part_begins(index);
                self.start_next()
            }
            Admission::Wait(reason) => {
                let since = *self.waiting_since.get_or_insert(now.mono);
                let until = since + self.plan.spec.settings.timeouts.ready;
                if now.mono >= until {
                    return Some(reason);
                }
                if self.admission_wait.as_ref() != Some(&reason) {
                    self.admission_wait = Some(reason.clone());
                    let name = self.parts[index].target.name.clone();
                    self.emit(
                        Some(name),
                        Some(Step::Gate),
                        What::StepWaiting {
                            reason,
                            until: now.wall_at(until),
                        },
                    );
                }
                None
            }
        }
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

    /// What is said instead of Gate's end when the limit has filled meanwhile: Gate can take minutes, and the limit is
    /// what it is at the cordon.
    fn full(&self, index: usize) -> Option<Check> {
        let part = &self.parts[index];
        if part.step != Some(Step::Gate) {
            return None;
        }
        let settings = &self.plan.spec.settings;
        let Admission::Wait(why) = admit(&part.target, &[], self.fleet.as_ref()?, settings) else {
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
