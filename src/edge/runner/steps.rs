//! One node's way through its steps: begun, judged, acted for, waited for, done. What comes next is the core's judgement.

use std::time::Duration;

use super::Runner;
use super::ending::PEACE;
use super::news::News;
use crate::core::by_hand::by_hand;
use crate::core::engine::{Act, Check, Conclusion, Course, NodeSeen, Note, Step, check, taken_up};
use crate::core::event::What;
use crate::core::plan::Via;
use crate::core::reason::Reason;
use crate::edge::cluster::pods;
use crate::edge::cluster::watch::follow;
use crate::edge::node::all_but_probes;

/// At most this many acts of one node are in flight; the rest wait their turn. Pods that terminate do not count.
const ACTS_AT_ONCE: usize = 10;

impl Runner<'_> {
    pub(super) fn judge(&self, index: usize) -> Option<Check> {
        let part = &self.parts[index];
        let step = part.step.filter(|_| part.outcome.is_none())?;
        // Pods are the same for every node of a pool; who may log in and become root there is each node's own affair.
        let proved = self.plan.spec.settings.via == Via::Pod
            && self.proved_pools.contains(&part.target.pool);
        Some(check(
            step,
            part.sight(
                &self.run,
                &self.plan.spec.settings,
                proved,
                self.clock.now(),
            ),
        ))
    }

    pub(super) fn part_begins(&mut self, index: usize) {
        let now = self.clock.now();
        let name = self.parts[index].target.name.clone();
        let node = self.fleet.as_ref().and_then(|fleet| fleet.get(&name));
        let at = taken_up(&self.parts[index].target, node, &self.run);
        self.parts.begin_next(at, now.mono);
        let part = &mut self.parts[index];
        part.seen.back_at = self.back_at;
        if part.step != Some(Step::Gate)
            && let Some(Note {
                settled, baseline, ..
            }) = self.earlier.notes.get(&name)
        {
            part.seen.baseline.clone_from(baseline);
            if *settled {
                part.seen.conclusion = Conclusion::WrittenDown;
            }
        }
        match node {
            Some(node) => part.seen.learn_node(node.clone(), &part.target.boot, now),
            None => part.seen.node = NodeSeen::Gone,
        }
        // Nodes that are drained by hand are begun all at once, and their pods looked at when each one's turn has come.
        if self.plan.spec.settings.course.is_roll() {
            self.watch_pods(index);
        }
        self.emit(Some(name), None, What::NodeStarted {});
    }

    fn watch_pods(&mut self, index: usize) {
        let part = &mut self.parts[index];
        let told = part.target.name.clone();
        let mut selector = all_but_probes();
        if let Some(picked) = &self.plan.spec.settings.drain.pod_selector {
            selector = format!("{picked},{selector}");
        }
        part.watch = Some(self.watches.spawn(follow(
            self.cluster.client.clone(),
            pods::on_node(&told, Some(&selector)),
            self.tell.clone(),
            move |change| News::Pods(told.clone(), change),
        )));
    }

    pub(super) async fn step_done(&mut self, index: usize) {
        let now = self.clock.now();
        let drain = &self.plan.spec.settings.drain;
        let part = &mut self.parts[index];
        let (Some(step), name) = (part.step, part.target.name.clone()) else {
            return;
        };
        if step == Step::Gate && part.seen.proof.is_some() {
            self.proved_pools.insert(part.target.pool.clone());
        }
        if step == Step::Drain {
            let pods = part.seen.back_again(drain);
            if !pods.is_empty() {
                let reason = Reason::CameBack { pods };
                self.emit(Some(name.clone()), Some(step), What::Warning { reason });
            }
        }
        if step == Step::Uncordon
            && let Some(node) = self.parts[index].seen.here()
            && let Some(reason) = by_hand(node)
        {
            self.emit(Some(name.clone()), Some(step), What::Warning { reason });
        }
        self.emit(Some(name.clone()), Some(step), What::StepDone {});
        let part = &mut self.parts[index];
        let course = self.plan.spec.settings.course;
        if let Some(next) = course.after(step) {
            part.begin(next, now.mono);
            if next == Step::Drain && part.watch.is_none() {
                // How many there are is told by the first list.
                self.watch_pods(index);
            } else if next == Step::Drain {
                part.seen.note_residents();
                part.seen.note_volumes(drain);
                self.tell_pods_left(&name, None);
            }
        } else {
            let outcome = match course {
                Course::Roll => part.verified(),
                Course::Drain => part.drained(drain, now.wall),
            };
            self.part_ends(index, outcome, PEACE).await;
        }
    }

    pub(super) fn note_wait(
        &mut self,
        index: usize,
        why: Reason,
        again: Option<Duration>,
        until: Duration,
    ) {
        let now = self.clock.now();
        let part = &mut self.parts[index];
        part.wake = Some(again.map_or(until, |again| again.min(until)));
        if part.waits_for.as_ref() == Some(&why) {
            return;
        }
        part.waits_for = Some(why.clone());
        let (name, step) = (part.target.name.clone(), part.step);
        self.emit(
            Some(name),
            step,
            What::StepWaiting {
                reason: why,
                until: now.wall_at(until),
            },
        );
    }

    /// Starts those acts that are not under way already. `false`: there is nothing to do but wait for answers.
    pub(super) fn begin_acts(&mut self, index: usize, acts: Vec<Act>) -> bool {
        let has_lock = self.hands.fence.holds();
        for act in acts {
            let part = &mut self.parts[index];
            part.wake = None;
            if part.in_flight.contains(&act) || part.in_flight.len() >= ACTS_AT_ONCE {
                continue;
            }
            if act.needs_lock() && !has_lock {
                // The renewal's answer wakes us.
                self.next_renewal = self.clock.now().mono;
                self.renew_when_due();
                continue;
            }
            if act.writes() {
                let (name, step) = (part.target.name.clone(), part.step);
                self.emit(Some(name), step, What::StepIntent { act: act.clone() });
            }
            let part = &mut self.parts[index];
            part.in_flight.insert(act.clone());
            part.wake = None;
            self.acts.push(self.hands.perform(index, part, act));
        }
        false
    }
}
