//! A plan being carried out, by a roll or a drain: takes the lock, runs, gives the lock back, tells how it ended.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::core::engine::{Earlier, Outcome};
use crate::core::event::Event;
use crate::core::kured_lock::{lease, run_holder};
use crate::core::model::NodeName;
use crate::core::plan::{Plan, Timeouts};
use crate::core::reason::Reason;
use crate::core::record::{Closing, How, Session};
use crate::edge::clock::Clock;
use crate::edge::hold::kured_run::Claim;
use crate::edge::hold::lease::{Holder, Lock, Release, Taken, take};
use crate::edge::hold::record;
use crate::edge::journal::Journal;
use crate::edge::node::ShortPods;
use crate::edge::runner::{End, Ended, Means, Runner, Sink};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::progress::Progress;
use crate::render::text::sanitise;
use crate::render::{reason, story};

use super::planning::{blocked, refused_by_server};
use super::roll::{REMOVE_IN_PEACE, Surroundings};

/// How long the run record's last entry may take after a signal: the command is out within five seconds.
const RECORD_IN_HASTE: Duration = Duration::from_millis(200);
/// A runner that hears nothing for longer may end the job.
const HEARTBEAT: Duration = Duration::from_secs(45);

/// Carries out a plan that was agreed to, with journal and progress.
pub(super) async fn to_the_end(
    plan: &Plan,
    around: &Surroundings,
    probes: &ShortPods,
) -> Result<Exit, Failure> {
    let mut journal = None;
    if around.keep_journal {
        let begun = Journal::begin(&around.run).map_err(|error| {
            Failure::new(Exit::Failed, error)
                .during("begin the journal in the state directory")
                .hint("name a directory that can be written: XDG_STATE_HOME=DIR")
        })?;
        (around.talk)(&format!("journal: {}", begun.path().display()));
        journal = Some(begun);
    }
    let nodes = plan.spec.targets.len();
    let carried = shown(around, plan, nodes, journal, async |sink: &mut dyn Sink| {
        execute(plan, around, probes, sink).await
    });
    match carried.await? {
        Executed::Ended { ended, outcomes } => Ok(tell(plan, around, &ended, &outcomes)),
        Executed::NotBegun(exit) => Ok(exit),
    }
}

/// Lets `carry` tell its events to the journal and to whoever watches, until it is done.
pub(super) async fn shown<T>(
    around: &Surroundings,
    plan: &Plan,
    nodes: usize,
    journal: Option<Journal>,
    carry: impl AsyncFnOnce(&mut dyn Sink) -> T,
) -> T {
    let progress = Arc::new(Mutex::new(Progress::choose(
        nodes,
        plan.spec.settings.course,
    )));
    let mut sink = RunSink {
        journal,
        progress: Arc::clone(&progress),
    };
    let carried = tokio::select! {
        biased;
        carried = carry(&mut sink) => carried,
        never = heartbeat(&progress, &around.clock) => match never {},
    };
    progress
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .end();
    carried
}

/// What came of a plan that was agreed to.
pub(super) enum Executed {
    Ended {
        ended: Ended,
        outcomes: BTreeMap<NodeName, Outcome>,
    },
    /// A signal came before the lock was ours.
    NotBegun(Exit),
}

/// Takes the lock, writes the run record, runs, and gives the lock back.
pub(super) async fn execute(
    plan: &Plan,
    around: &Surroundings,
    probes: &ShortPods,
    sink: &mut dyn Sink,
) -> Result<Executed, Failure> {
    let (client, clock) = (&around.cluster.client, &around.clock);
    let holder = Holder::this_process(&plan.hash, around.user.clone(), around.host.clone());
    let taken = tokio::select! {
        biased;
        signal = around.signals.wait_first() => return Ok(Executed::NotBegun(signal.exit())),
        taken = take(client, &around.run, &holder, clock, around.talk) => taken,
    };
    let lock = match taken.map_err(|refusal| refused_by_server(&refusal, "take the lock"))? {
        Taken::Ours(lock) => lock,
        Taken::Held(reason) => {
            return Err(blocked(
                Exit::Locked,
                "the cluster is not free for a roll",
                &[reason],
            ));
        }
    };
    let session = Session::of(clock.wall(), &around.user, &around.host);
    let shape = probes.shape();
    if let Err(refusal) = record::write(client, &around.run, plan, &shape, &session).await {
        // Nothing has begun, so nothing is lost by stopping here; a run without its record could not be resumed.
        let released = lock.release(client, Release::Finished).await;
        let failure = refused_by_server(&refusal, "write the run record");
        return Err(match released {
            Ok(()) => failure,
            Err(refusal) => failure.hint(format!(
                "the lock could not be given back either: {refusal}"
            )),
        });
    }
    Ok(run(plan, around, probes, sink, lock, Earlier::default()).await)
}

/// Runs under the lock, and gives it back.
pub(in crate::app) async fn run(
    plan: &Plan,
    around: &Surroundings,
    probes: &ShortPods,
    sink: &mut dyn Sink,
    lock: Lock,
    earlier: Earlier,
) -> Executed {
    let means = Means {
        cluster: &around.cluster,
        run: around.run.clone(),
        clock: around.clock.clone(),
        lock,
        pods: probes.clone(),
        kured: claim(&plan.spec.settings.timeouts, around),
        ssh: around.ssh.clone(),
        sink,
        earlier,
    };
    let run = Runner::new(plan, means, around.signals.first()).run();
    let end = Box::pin(run).await;
    give_back(around, end).await
}

/// How the run takes kured's lock.
pub(in crate::app) fn claim(timeouts: &Timeouts, around: &Surroundings) -> Claim {
    Claim {
        holder: run_holder(&around.user, &around.host, &around.run),
        run: around.run.clone(),
        span: lease(timeouts),
    }
}

/// Gives the lock back, by what the run leaves behind.
async fn give_back(around: &Surroundings, end: End) -> Executed {
    let client = &around.cluster.client;
    let End {
        ended,
        outcomes,
        lock,
    } = end;
    let fence = lock.fence();
    if !matches!(ended, Ended::Stopped(Reason::LockLost { .. })) {
        // What is not known to be ours may be in the hands of a run that goes on with this one.
        if fence.holds() {
            close_record(around, &ended).await;
        }
        let how = if outcomes.values().any(Outcome::leaves_a_mark) {
            Release::Interrupted
        } else {
            Release::Finished
        };
        let limit = if matches!(ended, Ended::Interrupted(_)) {
            Duration::from_millis(500)
        } else {
            REMOVE_IN_PEACE
        };
        match tokio::time::timeout(limit, lock.release(client, how)).await {
            Ok(Ok(())) => {}
            Ok(Err(refusal)) => {
                (around.talk)(&format!(
                    "warning: the lock could not be given back: {refusal}"
                ));
            }
            Err(_) => (around.talk)(
                "warning: the lock could not be given back in time; it lapses by itself in a minute",
            ),
        }
    }
    if matches!(ended, Ended::Finished)
        && fence.holds()
        && let Err(refusal) = record::prune(client).await
    {
        (around.talk)(&format!(
            "warning: old run records were not removed: {refusal}"
        ));
    }
    Executed::Ended { ended, outcomes }
}

/// Writes the end into the record, under the lock still: after it another session may be writing. Without it the run counts
/// as cut off, which is gone on with in the same way.
async fn close_record(around: &Surroundings, ended: &Ended) {
    let (how, reason, limit) = match ended {
        Ended::Finished => (How::Finished, None, REMOVE_IN_PEACE),
        Ended::Stopped(reason) => (How::Stopped, Some(reason.clone()), REMOVE_IN_PEACE),
        Ended::Interrupted(_) => (How::Interrupted, None, RECORD_IN_HASTE),
    };
    let closing = Closing {
        at: around.clock.wall(),
        how,
        reason,
    };
    let written = record::end(&around.cluster.client, &around.run, &closing);
    let problem = match tokio::time::timeout(limit, written).await {
        Ok(Ok(())) => return,
        Ok(Err(refusal)) => refusal.to_string(),
        Err(_) => "no answer in time".into(),
    };
    (around.talk)(&format!(
        "warning: the end could not be written into the run record: {problem}"
    ));
}

/// Tells how it ended, and in which exit code.
pub(in crate::app) fn tell(
    plan: &Plan,
    around: &Surroundings,
    ended: &Ended,
    outcomes: &BTreeMap<NodeName, Outcome>,
) -> Exit {
    for line in story::of(plan, &around.run, outcomes) {
        (around.talk)(&sanitise(&line));
    }
    if let Ended::Stopped(why) = ended
        && !outcomes
            .values()
            .any(|outcome| matches!(outcome, Outcome::Failed { .. }))
    {
        (around.talk)(&sanitise(&format!(
            "the run stopped: {}",
            reason::in_words(why)
        )));
    }
    exit_code(plan, ended, outcomes)
}

/// 0 only if every selected node is verified or needs nothing.
pub(in crate::app) fn exit_code(
    plan: &Plan,
    ended: &Ended,
    outcomes: &BTreeMap<NodeName, Outcome>,
) -> Exit {
    match ended {
        Ended::Interrupted(signal) => signal.exit(),
        Ended::Stopped(
            Reason::Hold { .. }
            | Reason::KuredLock { .. }
            | Reason::KuredNotHeld { .. }
            | Reason::LockLost { .. }
            | Reason::AksOperation { .. },
        ) => Exit::Locked,
        Ended::Stopped(Reason::DeadlinePassed { .. }) => Exit::Deadline,
        Ended::Stopped(_) => Exit::Stopped,
        Ended::Finished => {
            let good = plan
                .spec
                .targets
                .iter()
                .all(|target| outcomes.get(&target.name).is_some_and(Outcome::is_good));
            let all_known = plan
                .report
                .excluded
                .iter()
                .all(|excluded| excluded.reason.leaves_nothing_undone());
            if good && all_known {
                Exit::Ok
            } else {
                Exit::Stopped
            }
        }
    }
}

/// Never returns.
async fn heartbeat(progress: &Mutex<Progress>, clock: &Clock) -> std::convert::Infallible {
    loop {
        tokio::time::sleep(HEARTBEAT).await;
        progress
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .heartbeat(clock.wall());
    }
}

/// The journal first, then the eyes.
struct RunSink {
    journal: Option<Journal>,
    progress: Arc<Mutex<Progress>>,
}

impl Sink for RunSink {
    fn take(&mut self, event: &Event) -> io::Result<()> {
        let written = self
            .journal
            .as_mut()
            .map_or(Ok(()), |journal| journal.append(event));
        self.progress
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .show(event);
        written
    }
}
