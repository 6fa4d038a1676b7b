//! One target's part in a run: where it stands, what was seen of it, what is under way. And all of them, those under way
//! found without looking through the rest.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::{Index, IndexMut};
use std::time::Duration;

use jiff::Timestamp;
use tokio::task::AbortHandle;

use crate::core::drain::DrainSettings;
use crate::core::engine::{Act, Earlier, Left, Now, Outcome, Seen, Sight, Step, TakenUp};
use crate::core::mark::{Marked, marked};
use crate::core::model::{NodeName, RunId};
use crate::core::plan::{Settings, Target};
use crate::core::reason::Reason;

pub(super) struct Part {
    pub(super) target: Target,
    /// `None` until its turn.
    pub(super) step: Option<Step>,
    pub(super) since: Duration,
    pub(super) seen: Seen,
    pub(super) in_flight: BTreeSet<Act>,
    /// The reason told last, so that a change of it is told and nothing else.
    pub(super) waits_for: Option<Reason>,
    /// When to judge again although nothing was seen.
    pub(super) wake: Option<Duration>,
    pub(super) outcome: Option<Outcome>,
    pub(super) watch: Option<AbortHandle>,
    pub(super) warned_of_kernel: bool,
}

/// The parts of all targets, in the plan's order; those that are in hand already come first.
pub(super) struct Parts {
    all: Vec<Part>,
    /// Begun and not ended, in the order of their beginning.
    active: Vec<usize>,
    /// Those that have not begun, in the order of their turns.
    waiting: VecDeque<usize>,
}

impl Parts {
    pub(super) fn of(targets: &[Target], earlier: &Earlier) -> Self {
        let mut all: Vec<Part> = targets.iter().cloned().map(Part::new).collect();
        for part in &mut all {
            part.outcome = earlier.ended(&part.target.name).cloned();
        }
        let in_hand = |index: &usize| earlier.in_hand.contains_key(&targets[*index].name);
        let (first, then): (Vec<usize>, Vec<usize>) = (0..all.len())
            .filter(|index| all[*index].outcome.is_none())
            .partition(in_hand);
        Self {
            all,
            active: Vec::new(),
            waiting: first.into_iter().chain(then).collect(),
        }
    }

    /// The part whose turn is next.
    pub(super) fn waiting(&self) -> Option<usize> {
        self.waiting.front().copied()
    }

    /// Lets the part whose turn it is begin.
    pub(super) fn begin_next(&mut self, at: TakenUp, now: Duration) {
        let Some(index) = self.waiting.pop_front() else {
            return;
        };
        let part = &mut self.all[index];
        part.step = Some(at.step);
        part.since = now;
        part.seen.ask = at.ask;
        part.seen.ask_may_come = at.ask_may_come;
        self.active.push(index);
    }

    pub(super) fn end(&mut self, index: usize, outcome: Outcome) {
        self.all[index].outcome = Some(outcome);
        self.active.retain(|active| *active != index);
    }

    /// Those under way, by index.
    pub(super) fn active(&self) -> &[usize] {
        &self.active
    }

    pub(super) fn active_parts(&self) -> impl Iterator<Item = &Part> {
        self.active.iter().filter_map(|index| self.all.get(*index))
    }

    /// The other parts under way, with their places.
    pub(super) fn active_of_others(&self, index: usize) -> impl Iterator<Item = (usize, &Part)> {
        self.active
            .iter()
            .filter(move |other| **other != index)
            .map(|other| (*other, &self.all[*other]))
    }

    /// The part of a node, while it is under way.
    pub(super) fn active_of(&mut self, node: &NodeName) -> Option<&mut Part> {
        let index = self
            .active
            .iter()
            .copied()
            .find(|index| self.all[*index].target.name == *node)?;
        self.all.get_mut(index)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Part> {
        self.all.iter()
    }

    pub(super) fn for_each_active(&mut self, mut act: impl FnMut(&mut Part)) {
        for index in &self.active {
            act(&mut self.all[*index]);
        }
    }

    /// The nodes whose part has not ended, in the order of the plan.
    pub(super) fn left(&self) -> Vec<NodeName> {
        self.all
            .iter()
            .filter(|part| part.outcome.is_none())
            .map(|part| part.target.name.clone())
            .collect()
    }

    pub(super) fn all_ended(&self) -> bool {
        self.active.is_empty() && self.waiting().is_none()
    }

    pub(super) fn into_outcomes(self) -> BTreeMap<NodeName, Outcome> {
        self.all
            .into_iter()
            .filter_map(|part| Some((part.target.name, part.outcome?)))
            .collect()
    }
}

impl Index<usize> for Parts {
    type Output = Part;

    fn index(&self, index: usize) -> &Part {
        &self.all[index]
    }
}

impl IndexMut<usize> for Parts {
    fn index_mut(&mut self, index: usize) -> &mut Part {
        &mut self.all[index]
    }
}

impl Part {
    fn new(target: Target) -> Self {
        Self {
            target,
            step: None,
            since: Duration::ZERO,
            seen: Seen::default(),
            in_flight: BTreeSet::new(),
            waits_for: None,
            wake: None,
            outcome: None,
            watch: None,
            warned_of_kernel: false,
        }
    }

    pub(super) fn begin(&mut self, step: Step, now: Duration) {
        self.step = Some(step);
        self.since = now;
        self.waits_for = None;
        self.wake = None;
        self.seen.begin_step();
    }

    pub(super) fn sight<'a>(
        &'a self,
        run: &'a RunId,
        settings: &'a Settings,
        pool_is_proved: bool,
        now: Now,
    ) -> Sight<'a> {
        Sight {
            run,
            target: &self.target,
            settings,
            seen: &self.seen,
            since: self.since,
            pool_is_proved,
            now,
        }
    }

    pub(super) fn writes_in_flight(&self) -> bool {
        self.in_flight.iter().any(Act::writes)
    }

    /// Known to be cordoned, by this run's own mark.
    pub(super) fn is_cordoned_by(&self, run: &RunId) -> bool {
        self.seen.here().is_some_and(|node| {
            node.cordoned && matches!(marked(node), Marked::By(mark) if mark.run == *run)
        })
    }

    /// The outcome after the last step of a drain by hand.
    pub(super) fn drained(&self, settings: &DrainSettings, wall: Timestamp) -> Outcome {
        Outcome::Drained {
            still_running: self.seen.left_running(settings, wall),
        }
    }

    /// The outcome after the last step of a roll.
    pub(super) fn verified(&self) -> Outcome {
        let node = self.seen.here();
        Outcome::Verified {
            boot_before: self.target.boot.clone(),
            boot_after: node
                .and_then(|node| node.boot.clone())
                .unwrap_or_else(|| "".into()),
            kernel_before: self.target.kernel.clone(),
            kernel_after: node.and_then(|node| node.kernel.clone()),
        }
    }

    /// How the node is left when nothing is undone.
    pub(super) fn as_it_stands(&self, run: &RunId) -> Left {
        match self.seen.here() {
            Some(node) if node.cordoned => Left::Cordoned,
            Some(node) => match marked(node) {
                Marked::By(mark) if mark.run == *run => Left::InService,
                Marked::No | Marked::By(_) | Marked::Unreadable(_) => Left::Unsure,
            },
            None => Left::Unsure,
        }
    }
}
