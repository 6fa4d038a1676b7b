//! `resume`: finds the run, shows where it stands, asks, takes the lock over, and carries the rest out by the same runner
//! as a roll. It plans nothing: the plan is the run's own.

mod find;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::app::planning::{blocked, held, refuse_without_rights, refused_by_server};
use crate::app::roll::{Surroundings, confirmed, logins, on_this_machine, remove_leftovers_of};
use crate::app::run::{self, Executed, exit_code};
use crate::core::engine::{Course, Earlier, Fleet, Outcome};
use crate::core::mark::{Marked, marked};
use crate::core::model::{NodeName, RunId};
use crate::core::plan::Via;
use crate::core::record::{Recorded, Session};
use crate::edge::cluster::list_nodes;
use crate::edge::connect::{connect, explain};
use crate::edge::hold::lease::{Holder, Lock, Release, Taken, take};
use crate::edge::hold::record;
use crate::edge::journal::Journal;
use crate::edge::node::{Form, PodShape, ShortPods, remove_pods_of};
use crate::edge::operator::Operator;
use crate::edge::runner::{Ended, Signal, Sink};
use crate::edge::signals::Signals;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::text::count;
use crate::render::{out, resume as resume_text};
use crate::request::flags::SshFlags;
use crate::request::resume::ResumeFlags;

/// A run probes one node at a time.
const PROBES_AT_ONCE: usize = 1;

/// `aksreboot resume` on a real cluster.
pub(crate) async fn command(flags: ResumeFlags) -> Result<Exit, Failure> {
    let signals = Signals::listen()
        .map_err(|error| Failure::new(Exit::Failed, error).during("listen for signals"))?;
    let cluster = tokio::select! {
        biased;
        signal = signals.wait_first() => return Ok(signal.exit()),
        cluster = connect(&flags.connection, Operator::has_terminal()) => cluster?,
    };
    let around = on_this_machine(cluster, Operator::found(flags.yes), signals);
    Box::pin(run_with(flags.run.as_ref(), Some(&flags.ssh), around)).await
}

/// Goes on with a run, or says why not.
pub(crate) async fn run_with(
    named: Option<&RunId>,
    ssh: Option<&SshFlags>,
    mut around: Surroundings,
) -> Result<Exit, Failure> {
    let found = tokio::select! {
        biased;
        signal = around.signals.wait_first() => return Ok(signal.exit()),
        found = look(named, &around) => found?,
    };
    let Some(run) = found else {
        (around.talk)("there is no run to go on with; nothing was changed");
        return Ok(Exit::Ok);
    };
    around.run = run.recorded.run.clone();
    if let Some(ssh) = ssh {
        around.ssh = logins(ssh.logins_for(run.recorded.plan.spec.settings.via)?)?;
    }
    out::data(&resume_text::text(&run.recorded, &run.earlier, &run.fleet))
        .map_err(|error| Failure::new(Exit::Failed, error))?;
    if run.is_over() {
        (around.talk)("the run is finished; nothing was changed");
        return Ok(exit_code(
            &run.recorded.plan,
            &Ended::Finished,
            &run.outcomes(),
        ));
    }
    if let Some(exit) = ask(&run, &around).await? {
        return Ok(exit);
    }
    let probes = run.probes(&around);
    let journal = if around.keep_journal {
        Some(journal(&around)?)
    } else {
        None
    };
    let plan = &run.recorded.plan;
    let carried = run::shown(
        &around,
        plan,
        run.left(),
        journal,
        async |sink: &mut dyn Sink| go_on(&run, &around, &probes, sink).await,
    );
    let carried = tokio::select! {
        biased;
        () = around.signals.wait_second() => {
            out::talk("stopped at once; what the run was doing is in the nodes' annotation aksreboot.dev/run");
            return Ok(around.signals.first().borrow().map_or(Exit::Interrupted, Signal::exit));
        }
        carried = carried => carried,
    };
    remove_leftovers_of(&probes, &around).await;
    match carried? {
        Executed::Ended { ended, outcomes } => Ok(run::tell(plan, &around, &ended, &outcomes)),
        Executed::NotBegun(exit) => Ok(exit),
    }
}

/// A run that was found, and the cluster at that moment.
pub(crate) struct Found {
    pub(in crate::app) recorded: Recorded,
    shape: PodShape,
    holds_lock: bool,
    earlier: Earlier,
    fleet: Fleet,
}

impl Found {
    /// Nothing is left of it: the process that finished it gave the lock back too.
    fn is_over(&self) -> bool {
        self.recorded.is_finished() && self.earlier.in_hand.is_empty() && !self.holds_lock
    }

    /// How many nodes are left.
    fn left(&self) -> usize {
        let targets = &self.recorded.plan.spec.targets;
        targets
            .iter()
            .filter(|target| self.earlier.ended(&target.name).is_none())
            .count()
    }

    fn outcomes(&self) -> BTreeMap<NodeName, Outcome> {
        let targets = &self.recorded.plan.spec.targets;
        targets
            .iter()
            .filter_map(|target| {
                let outcome = self.earlier.ended(&target.name)?;
                Some((target.name.clone(), outcome.clone()))
            })
            .collect()
    }

    /// Its pods, as this cluster wanted them when the run began.
    pub(crate) fn probes(&self, around: &Surroundings) -> ShortPods {
        let form = Form::Own(self.shape.clone());
        ShortPods::of(&around.cluster, PROBES_AT_ONCE, form)
    }
}

/// Finds the run. Changes nothing.
pub(crate) async fn look(
    named: Option<&RunId>,
    around: &Surroundings,
) -> Result<Option<Found>, Failure> {
    let cluster = &around.cluster;
    for warning in &cluster.warnings {
        (around.talk)(&format!("warning: {warning}"));
    }
    if let Some(by) = held(cluster, around.clock.wall()).await? {
        return Err(blocked(
            Exit::Locked,
            "the cluster is not free to go on with a run",
            &[by],
        ));
    }
    let identity = cluster
        .identity()
        .await
        .map_err(|error| explain(error, "read namespace `kube-system`"))?;
    let fleet: Fleet = list_nodes(&cluster.client, "")
        .await
        .map_err(|error| explain(error, "list nodes"))?
        .items
        .into_iter()
        .map(|node| (node.name.clone(), node))
        .collect();
    let Some(((recorded, shape), holds_lock)) = find::find(named, cluster, &fleet).await? else {
        return Ok(None);
    };
    refuse_without_rights(cluster, recorded.plan.spec.settings.via).await?;
    if recorded.plan.spec.settings.course != Course::Roll {
        return Err(Failure::say(
            Exit::Refused,
            format!("run {} is a drain, which is not gone on with", recorded.run),
        )
        .hint("to put back what it left: aksreboot cleanup; then drain again"));
    }
    let planned_for = &recorded.plan.spec.cluster;
    if planned_for.identity != identity {
        return Err(Failure::say(
            Exit::Refused,
            format!(
                "run {} is of another cluster ({}, identity {}); this one has identity {identity}",
                recorded.run, planned_for.server, planned_for.identity
            ),
        )
        .hint("name that cluster: --context"));
    }
    let earlier = Earlier {
        sessions: recorded.next_session(),
        notes: recorded.notes.clone(),
        in_hand: fleet
            .values()
            .filter_map(|node| match marked(node) {
                Marked::By(mark) if mark.run == recorded.run => {
                    Some((node.name.clone(), mark.step))
                }
                Marked::No | Marked::By(_) | Marked::Unreadable(_) => None,
            })
            .collect(),
    };
    Ok(Some(Found {
        recorded,
        shape,
        holds_lock,
        earlier,
        fleet,
    }))
}

/// Asks for the yes. `Some`: it was not given, and the command ends so.
async fn ask(run: &Found, around: &Surroundings) -> Result<Option<Exit>, Failure> {
    let question = format!(
        "Go on with {} of cluster {}?",
        count(run.left(), "node"),
        around.cluster.context
    );
    let needs_terminal = Failure::say(
        Exit::Usage,
        "to go on with a run needs a yes, and there is no terminal to ask on",
    )
    .hint("nothing was changed; to go on: the same command with --yes");
    confirmed(around, &question, needs_terminal).await
}

fn journal(around: &Surroundings) -> Result<Journal, Failure> {
    let journal = Journal::go_on(&around.run).map_err(|error| {
        Failure::new(Exit::Failed, error)
            .during("go on with the journal in the state directory")
            .hint("name a directory that can be written: XDG_STATE_HOME=DIR")
    })?;
    (around.talk)(&format!("journal: {}", journal.path().display()));
    Ok(journal)
}

/// Takes the lock, says so in the record, and carries the rest out.
pub(in crate::app) async fn go_on(
    run: &Found,
    around: &Surroundings,
    probes: &ShortPods,
    sink: &mut dyn Sink,
) -> Result<Executed, Failure> {
    let (client, clock, plan) = (&around.cluster.client, &around.clock, &run.recorded.plan);
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
                "the cluster is not free to go on with the run",
                &[reason],
            ));
        }
    };
    // What was read before the lock was ours may be older than what the last session did.
    let now = match look(Some(&around.run), around).await {
        Ok(Some(now)) => now,
        Ok(None) => {
            give_back(lock, around).await;
            return Err(Failure::say(
                Exit::Refused,
                format!("the record of run {} is gone meanwhile", around.run),
            ));
        }
        Err(failure) => {
            give_back(lock, around).await;
            return Err(failure);
        }
    };
    let session = Session::of(clock.wall(), &around.user, &around.host);
    let written = record::go_on(client, &around.run, now.earlier.sessions, &session).await;
    if let Err(refusal) = written {
        give_back(lock, around).await;
        return Err(refused_by_server(&refusal, "write the run record"));
    }
    // By SSH no pod was made, and there may be no right to look for one.
    let left = match plan.spec.settings.via {
        Via::Pod => remove_pods_of(client, &around.run).await,
        Via::Ssh => Vec::new(),
    };
    for (pod, why) in left {
        (around.talk)(&format!(
            "warning: pod {pod} of the earlier session may still be there: {why}"
        ));
    }
    let Found {
        recorded, earlier, ..
    } = now;
    Ok(run::run(&recorded.plan, around, probes, sink, lock, earlier).await)
}

/// Nothing was gone on with: the Lease says again whose marks are left.
async fn give_back(lock: Lock, around: &Surroundings) {
    if let Err(refusal) = lock
        .release(&around.cluster.client, Release::Interrupted)
        .await
    {
        (around.talk)(&format!(
            "warning: the lock could not be given back: {refusal}"
        ));
    }
}
