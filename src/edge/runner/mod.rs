//! The loop of a run: seen → check → acts → events. It decides nothing: which act comes next, what is waited for and when
//! to give up are the core's judgements. It sleeps until something was seen or a judgement's time has come.

mod admission;
mod asking;
mod ending;
mod keep_lock;
mod kured;
mod news;
mod part;
mod perform;
mod put_back;
mod steps;
mod take_over;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use futures::stream::{FuturesUnordered, StreamExt as _};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::core::engine::{Check, Earlier, Ending, Fleet, Outcome, Step, Undo, undo};
use crate::core::event::{self, Event, Fact, What};
use crate::core::model::{NodeName, RunId};
use crate::core::plan::Plan;
use crate::core::reason::Reason;
use crate::edge::clock::Clock;
use crate::edge::cluster::watch::{Scope, follow};
use crate::edge::cluster::{NODES, SlimNode};
use crate::edge::connect::Cluster;
use crate::edge::hold::kured_run::Claim;
use crate::edge::hold::lease::{Lock, RENEW_EVERY, Renewed};
use crate::edge::node::ShortPods;
use crate::edge::ssh::Ssh;

use ending::PEACE;
use news::News;
use part::Parts;
use perform::{Answered, Hands};

/// A signal from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signal {
    Interrupt,
    Terminate,
}

impl Signal {
    /// The exit code of a command that the signal ended.
    pub(crate) fn exit(self) -> crate::exit::Exit {
        match self {
            Self::Interrupt => crate::exit::Exit::Interrupted,
            Self::Terminate => crate::exit::Exit::Terminated,
        }
    }
}

/// How a run ended.
#[derive(Debug)]
pub(crate) enum Ended {
    /// Every target has its outcome.
    Finished,
    /// A node could not be gone on with.
    Stopped(Reason),
    Interrupted(Signal),
}

/// Where a run's events go: the journal and whoever shows them.
pub(crate) trait Sink {
    /// Takes one event; returns when the journal has it.
    fn take(&mut self, event: &Event) -> io::Result<()>;
}

/// Where the numbers of a resumed run's events go on, for each session before it: what was told last is known to the
/// journal alone, which need not be on this machine.
const SEQ_OF_A_SESSION: u64 = 1_000_000;

/// One run being carried out.
pub(crate) struct Runner<'a> {
    cluster: &'a Cluster,
    plan: &'a Plan,
    run: RunId,
    clock: Clock,
    lock: Lock,
    sink: &'a mut dyn Sink,
    hands: Hands,
    fleet: Option<Fleet>,
    /// The nodes that AKS works on by itself, by the signs that it leaves on them.
    upgrading: BTreeMap<NodeName, Reason>,
    parts: Parts,
    earlier: Earlier,
    proved_pools: BTreeSet<Option<String>>,
    /// Why no further node is begun; those that are past their ask come to their end all the same.
    stopping: Option<Reason>,
    /// This run may have kured's lock.
    has_kured: bool,
    /// Until about when it was taken last.
    kured_until: Option<jiff::Timestamp>,
    /// When the run began.
    began: Duration,
    /// When the pause after the last wave is over.
    rested: Option<jiff::Timestamp>,
    /// When the next target may begin, for all that is known now.
    look_again: Option<Duration>,
    /// Since when the next target waits for the limit.
    waiting_since: Option<Duration>,
    admission_wait: Option<Reason>,
    seq: u64,
    news: UnboundedReceiver<News>,
    tell: UnboundedSender<News>,
    watches: JoinSet<()>,
    acts: FuturesUnordered<BoxFuture<'static, Answered>>,
    renewal: Option<BoxFuture<'static, Renewed>>,
    next_renewal: Duration,
    /// A renewal that failed is not tried again before this, however urgent it is.
    renew_not_before: Duration,
    signals: watch::Receiver<Option<Signal>>,
    sink_failed: bool,
    /// It was told that the lock cannot be renewed for now.
    renewal_is_late: bool,
    /// When it last could be again: known to nodes whose turn comes after an outage.
    back_at: Option<Duration>,
}

/// What a run needs beside its plan.
pub(crate) struct Means<'a> {
    pub(crate) cluster: &'a Cluster,
    pub(crate) run: RunId,
    pub(crate) clock: Clock,
    pub(crate) lock: Lock,
    pub(crate) pods: ShortPods,
    /// How it takes kured's lock.
    pub(crate) kured: Claim,
    /// For a plan that is carried out over SSH.
    pub(crate) ssh: Option<Arc<Ssh>>,
    pub(crate) sink: &'a mut dyn Sink,
    /// What earlier sessions of the same run left; empty for a run that begins.
    pub(crate) earlier: Earlier,
}

/// What is left when a run has ended.
pub(crate) struct End {
    pub(crate) ended: Ended,
    pub(crate) outcomes: BTreeMap<NodeName, Outcome>,
    pub(crate) lock: Lock,
}

impl<'a> Runner<'a> {
    pub(crate) fn new(
        plan: &'a Plan,
        means: Means<'a>,
        signals: watch::Receiver<Option<Signal>>,
    ) -> Self {
        let (tell, news) = unbounded_channel();
        let hands = Hands::new(&means, plan);
        let parts = Parts::of(&plan.spec.targets, &means.earlier);
        let seq = means.earlier.sessions * SEQ_OF_A_SESSION;
        let began = means.clock.now().mono;
        let next_renewal = began + RENEW_EVERY;
        Self {
            cluster: means.cluster,
            plan,
            run: means.run,
            clock: means.clock,
            lock: means.lock,
            sink: means.sink,
            hands,
            fleet: None,
            upgrading: BTreeMap::new(),
            parts,
            earlier: means.earlier,
            proved_pools: BTreeSet::new(),
            stopping: None,
            // An earlier session may not have come to give it back.
            has_kured: seq > 0 && !plan.spec.settings.ignore_kured_lock,
            kured_until: None,
            began,
            rested: None,
            look_again: None,
            waiting_since: None,
            admission_wait: None,
            seq,
            news,
            tell,
            watches: JoinSet::new(),
            acts: FuturesUnordered::new(),
            renewal: None,
            next_renewal,
            renew_not_before: Duration::ZERO,
            signals,
            sink_failed: false,
            renewal_is_late: false,
            back_at: None,
        }
    }

    /// Carries the plan out until it is done, a node blocks, or a signal comes.
    pub(crate) async fn run(mut self) -> End {
        let begins = self.begins();
        self.emit(None, None, begins);
        if let Some(reason) = self.take_over().await {
            return self.finish(Ended::Stopped(reason)).await;
        }
        let client = self.cluster.client.clone();
        self.watches.spawn(follow::<SlimNode, _>(
            client,
            Scope::all(NODES),
            self.tell.clone(),
            News::Fleet,
        ));
        let ended = loop {
            if let Some(signal) = self.signal() {
                break Ended::Interrupted(signal);
            }
            if let Some(reason) = self.advance().await {
                if self.hands.fence.is_lost() {
                    break Ended::Stopped(reason);
                }
                self.stop_for(reason).await;
            }
            if self.parts.active().is_empty() {
                if let Some(reason) = self.stopping.take() {
                    break Ended::Stopped(reason);
                }
                if self.parts.all_ended() {
                    break Ended::Finished;
                }
            }
            let wake = self.next_wake();
            tokio::select! {
                biased;
                // Whoever could signal lives as long as the command; should it be gone, no signal comes.
                Ok(()) = self.signals.changed() => {}
                Some(answered) = self.acts.next() => self.learn_answer(answered),
                Some(news) = self.news.recv() => self.learn(news),
                renewed = renewing(&mut self.renewal) => if let Some(reason) = self.learn_renewal(renewed) {
                    break Ended::Stopped(reason);
                },
                () = self.clock.sleep_until(wake) => {}
            }
            // Everything that came meanwhile counts before the next judgement.
            while let Ok(news) = self.news.try_recv() {
                self.learn(news);
            }
        };
        self.finish(ended).await
    }

    /// What is told first.
    fn begins(&self) -> What {
        let report = &self.plan.report;
        let (context, server, plan_hash) = (
            report.context.clone(),
            self.cluster.server.clone(),
            self.plan.hash.clone(),
        );
        let targets = self.parts.left();
        if self.earlier.sessions == 0 {
            What::RunStarted {
                context,
                server,
                plan_hash,
                targets,
            }
        } else {
            What::RunResumed {
                context,
                server,
                plan_hash,
                targets,
            }
        }
    }

    /// Begins no further node, and breaks off those that can be put back. What was asked to reboot is seen through:
    /// the others' failure is no reason to leave it cordoned.
    async fn stop_for(&mut self, reason: Reason) {
        for index in self.parts.active().to_vec() {
            let part = &self.parts[index];
            let Some(step) = part.step else { continue };
            if undo(step, &part.seen, Ending::BrokenOff) != Undo::Keep {
                self.break_off(index, step, PEACE).await;
            }
        }
        self.stopping.get_or_insert(reason);
    }

    /// Judges every part until none can go on at once. Returns why the roll stops, if it does.
    async fn advance(&mut self) -> Option<Reason> {
        self.renew_when_due();
        if let Some(reason) = self.start_next() {
            return Some(reason);
        }
        let mut turn = 0;
        while let Some(index) = self.parts.active().get(turn).copied() {
            while let Some(judged) = self.judge(index) {
                if self.signal().is_some() {
                    // Nothing more is begun; the loop sees the signal next.
                    return None;
                }
                let judged = match (judged, self.held_back(index)) {
                    (Check::Done, Some(held_back)) => held_back,
                    (judged, _) => judged,
                };
                if matches!(judged, Check::Leave(_) | Check::Blocked(_))
                    && !self.hands.fence.holds()
                {
                    if let Some(lost) = self.confirm_lock().await {
                        return Some(lost);
                    }
                    if self.hands.fence.holds() || self.signal().is_some() {
                        // Judged on what was known before.
                        continue;
                    }
                }
                match judged {
                    Check::Done => self.step_done(index).await,
                    Check::Leave(outcome) => self.part_ends(index, outcome, PEACE).await,
                    Check::Act(acts) => {
                        if !self.begin_acts(index, acts) {
                            break;
                        }
                    }
                    Check::Wait { why, again, until } => {
                        self.note_wait(index, why, again, until);
                        break;
                    }
                    Check::Blocked(reason) => {
                        self.step_blocked(index, reason.clone()).await;
                        return Some(reason);
                    }
                }
            }
            if self.parts[index].outcome.is_none() {
                turn += 1;
            } else if let Some(reason) = self.start_next() {
                return Some(reason);
            }
        }
        None
    }

    /// The signal that ends the run, once it has come.
    fn signal(&self) -> Option<Signal> {
        *self.signals.borrow()
    }

    fn renew_when_due(&mut self) {
        let due = self.next_renewal.max(self.renew_not_before);
        if self.renewal.is_none() && self.clock.now().mono >= due {
            self.renewal = Some(Box::pin(self.lock.renew(self.cluster.client.clone())));
        }
    }

    /// The earliest time at which a judgement may change without anything being seen.
    fn next_wake(&self) -> Duration {
        let parts = self.parts.active_parts().filter_map(|part| part.wake);
        let limit = self
            .waiting_since
            .map(|since| since + self.plan.spec.settings.timeouts.ready);
        let renewal = self
            .renewal
            .is_none()
            .then(|| self.next_renewal.max(self.renew_not_before));
        parts
            .chain(limit)
            .chain(self.look_again)
            .chain(renewal)
            .min()
            .unwrap_or_else(|| self.clock.now().mono + RENEW_EVERY)
    }

    fn observed(&mut self, node: &NodeName, step: Step, fact: Fact) {
        self.emit(Some(node.clone()), Some(step), What::Observed { fact });
    }

    fn emit(&mut self, node: Option<NodeName>, step: Option<Step>, what: What) {
        self.seq += 1;
        let event = Event {
            v: event::VERSION,
            run: self.run.clone(),
            seq: self.seq,
            ts: self.clock.wall(),
            node,
            step,
            what,
        };
        if let Err(error) = self.sink.take(&event)
            && !self.sink_failed
        {
            // Said once: a full disk must not end a roll in the middle of a node.
            self.sink_failed = true;
            let message = error.to_string();
            self.emit(
                None,
                None,
                What::Warning {
                    reason: Reason::JournalNotWritten { message },
                },
            );
        }
    }
}

/// The renewal under way; never ready when there is none.
async fn renewing(renewal: &mut Option<BoxFuture<'static, Renewed>>) -> Renewed {
    match renewal {
        Some(future) => {
            let renewed = future.await;
            *renewal = None;
            renewed
        }
        None => std::future::pending().await,
    }
}
