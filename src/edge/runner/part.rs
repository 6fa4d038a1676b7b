//! One target's part in a run: where it stands, what was seen of it, what is under way.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::task::AbortHandle;

use crate::core::engine::{Act, Left, Now, Outcome, Seen, Sight, Step};
use crate::core::mark::{Marked, marked};
use crate::core::model::RunId;
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

impl Part {
    pub(super) fn new(target: Target) -> Self {
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

    /// Begun and not ended.
    pub(super) fn is_active(&self) -> bool {
        self.step.is_some() && self.outcome.is_none()
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

    /// The outcome after the last step.
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
