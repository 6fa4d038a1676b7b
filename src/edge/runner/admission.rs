//! Who may begin, and who may still go on to its cordon: the limit is the core's judgement, over the nodes as the watch has
//! them.

use super::Runner;
use crate::core::engine::{Admission, Check, Step, admit};
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
            && let Some(sign) = aks_signs(fleet.values()).into_iter().next()
        {
            return Some(sign);
        }
        if self
            .earlier
            .in_hand
            .contains(&self.parts[index].target.name)
        {
            // It is the run's already: to leave it waiting would end nobody's outage.
            if active.is_empty() {
                self.part_begins(index);
            }
            return None;
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
                None
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

    /// What is said instead of Gate's end when the limit has filled meanwhile: Gate can take minutes, and the limit is
    /// what it is at the cordon.
    pub(super) fn full(&self, index: usize) -> Option<Check> {
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
