//! One predicate a step. The same judgement serves acting, waiting, skipping what is done already, and explaining.

mod back;
mod cordon;
mod drain;
mod gate;
mod reboot;
mod settle;
mod uncordon;
mod verify;

use std::time::Duration;

use super::seen::Trouble;
use super::{Act, Course, KuredSeen, NodeSeen, Now, Outcome, Seen, Step};
use crate::core::by_hand::by_hand;
use crate::core::mark::{Marked, OwnerMark, marked};
use crate::core::model::{Node, RunId};
use crate::core::plan::{Settings, Target};
use crate::core::reason::Reason;

/// What a step may look at.
#[derive(Clone, Copy)]
pub(crate) struct Sight<'a> {
    pub(crate) run: &'a RunId,
    pub(crate) target: &'a Target,
    pub(crate) settings: &'a Settings,
    pub(crate) seen: &'a Seen,
    /// When the step began.
    pub(crate) since: Duration,
    /// A node of the same pool has proved the reboot pod in this run.
    pub(crate) pool_is_proved: bool,
    pub(crate) now: Now,
}

/// What a step says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Check {
    /// Go on with the next step.
    Done,
    /// The node's part ends here, untouched.
    Leave(Outcome),
    Act(Vec<Act>),
    Wait {
        why: Reason,
        /// Look again then at the latest, even when nothing new was seen.
        again: Option<Duration>,
        /// The step gives up then.
        until: Duration,
    },
    /// The roll stops here.
    Blocked(Reason),
}

/// Judges one step of one node.
pub(crate) fn check(step: Step, sight: Sight<'_>) -> Check {
    match step {
        Step::Gate => gate::check(sight),
        Step::Cordon => cordon::check(sight),
        Step::Drain => drain::check(sight),
        Step::Reboot => reboot::check(sight),
        Step::Return => back::check(sight),
        Step::Verify => verify::check(sight),
        Step::Uncordon => uncordon::check(sight),
        Step::Settle => settle::check(sight),
    }
}

/// kured's lock, once taken, is lost to a person's hand alone, and not within a minute to its end. Shorter, and a slow API server
/// would have it taken again before what is read after it has come.
const TAKEN_IS_FRESH: Duration = Duration::from_secs(60);
/// kured has its lock for minutes: one look in this time finds the end soon enough, and is one request.
const KURED_AGAIN: Duration = Duration::from_secs(10);

/// A second, for reads that are repeated until they say something else.
const SOON: Duration = Duration::from_secs(1);

impl<'a> Sight<'a> {
    /// Waits for `why`, or blocks on it when the step's time is up.
    fn wait(self, why: Reason, again: Option<Duration>, until: Duration) -> Check {
        if self.now.mono >= until {
            return Check::Blocked(why);
        }
        Check::Wait {
            why,
            again: again.map(|at| at.max(self.now.mono)),
            until,
        }
    }

    /// The node, if it is the planned one and known well enough to judge; else what to do about that.
    fn node(self) -> Result<&'a Node, Check> {
        if let Some(denied) = &self.seen.denied {
            return Err(Check::Blocked(denied.clone()));
        }
        match &self.seen.node {
            NodeSeen::NotYet => Err(Check::Act(vec![Act::ReadNode])),
            NodeSeen::Gone => Err(Check::Blocked(Reason::NodeGone)),
            NodeSeen::Here(node) if node.uid != self.target.uid => {
                Err(Check::Blocked(Reason::NodeReplaced {
                    planned: self.target.uid.clone(),
                    found: node.uid.clone(),
                }))
            }
            NodeSeen::Here(_) if self.seen.node_is_stale => Err(Check::Act(vec![Act::ReadNode])),
            NodeSeen::Here(node) => Ok(node),
        }
    }

    /// Our mark on the node; anybody else's, or none, ends the step.
    fn mark(self, node: &Node) -> Result<OwnerMark, Check> {
        match marked(node) {
            Marked::By(mark) if mark.run == *self.run => Ok(mark),
            Marked::No | Marked::By(_) | Marked::Unreadable(_) => {
                Err(Check::Blocked(Reason::MarkChanged))
            }
        }
    }

    /// Somebody cordoned the node by hand and said why. A roll keeps its hands off it from then on; a drain by hand is by one of them.
    fn not_kept(self, node: &Node) -> Result<(), Check> {
        match by_hand(node) {
            Some(reason) if self.settings.course == Course::Roll => Err(Check::Blocked(reason)),
            Some(_) | None => Ok(()),
        }
    }

    /// The node booted, and nobody asked for it.
    fn same_boot(self, node: &Node) -> Result<(), Check> {
        match &node.boot {
            // A drain by hand asks for no reboot, and minds none.
            _ if self.settings.course == Course::Drain => Ok(()),
            Some(found) if *found != self.target.boot => {
                Err(Check::Blocked(Reason::BootedMeanwhile {
                    planned: self.target.boot.clone(),
                    found: found.clone(),
                }))
            }
            _ => Ok(()),
        }
    }

    /// kured's lock is this run's, just taken, or there is no kured; else what to do about that. One process after the other
    /// has the cluster, by kured's own rule, so it is taken before the cordon and anew before the ask.
    fn kured_keeps_still(self, until: Duration) -> Result<(), Check> {
        if self.settings.ignore_kured_lock {
            return Ok(());
        }
        match &self.seen.kured {
            Some((at, KuredSeen::Held(reason))) => Err(self.wait_for_kured(*at, reason, until)),
            Some((_, KuredSeen::Free)) => Err(Check::Act(vec![Act::TakeKured])),
            Some((at, KuredSeen::Absent | KuredSeen::Taken))
                if self.now.mono <= *at + TAKEN_IS_FRESH =>
            {
                Ok(())
            }
            None | Some((_, KuredSeen::Absent | KuredSeen::Taken)) => {
                Err(Check::Act(vec![Act::LookForKured]))
            }
        }
    }

    /// A lock that somebody has is given back some time; one that cannot be had stays so.
    fn wait_for_kured(self, read_at: Duration, reason: &Reason, until: Duration) -> Check {
        if !matches!(reason, Reason::KuredLock { .. }) {
            return Check::Blocked(reason.clone());
        }
        let again = read_at + KURED_AGAIN;
        if self.now.mono >= again && self.now.mono < until {
            return Check::Act(vec![Act::LookForKured]);
        }
        self.wait(reason.clone(), Some(again), until)
    }

    /// After a failure that may pass: a pause that doubles from half a second to five, then the act again.
    fn pause(self, until: Duration) -> Result<(), Check> {
        let Some(Trouble { reason, at, times }) = &self.seen.trouble else {
            return Ok(());
        };
        let pause = Duration::from_millis(500 << (*times).clamp(1, 5).saturating_sub(1))
            .min(Duration::from_secs(5));
        let again = *at + pause;
        if self.now.mono < again {
            return Err(self.wait(reason.clone(), Some(again), until));
        }
        if self.now.mono >= until {
            return Err(Check::Blocked(reason.clone()));
        }
        Ok(())
    }
}

/// `Err` carries what the step says instead of going on; this makes both ends one.
fn settle_on(judged: Result<Check, Check>) -> Check {
    judged.unwrap_or_else(|instead| instead)
}
