//! `roll`: read, plan, show, ask, take the lock, carry out, tell how it ended.

mod agree;
#[cfg(test)]
pub(super) mod tests;

use std::sync::Arc;
use std::time::Duration;

use crate::core::model::RunId;
use crate::edge::clock::Clock;
use crate::edge::connect::{Cluster, connect};
use crate::edge::identity;
use crate::edge::node::{Form, ShortPods};
use crate::edge::operator::Operator;
use crate::edge::runner::{Signal, Sink};
use crate::edge::signals::Signals;
use crate::edge::ssh::Ssh;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::out;
use crate::request::flags::SshSettings;
use crate::request::planning::RollRequest;
use crate::request::roll::RollFlags;

use super::planning::{Planned, request_of};
use super::rehearsal::tried;

use super::run::{self, Executed};
pub(in crate::app) use agree::confirmed;

/// What a roll needs from outside, so that the embedded cluster can supply it too.
pub(crate) struct Surroundings {
    pub(crate) cluster: Cluster,
    pub(crate) clock: Clock,
    pub(crate) operator: Operator,
    pub(crate) signals: Signals,
    /// For a plan by SSH.
    pub(crate) ssh: Option<Arc<Ssh>>,
    pub(crate) run: RunId,
    pub(crate) user: String,
    pub(crate) host: String,
    /// Hears what is said beside the data.
    pub(crate) talk: fn(&str),
    /// Whether a journal is kept in the user's state directory.
    pub(crate) keep_journal: bool,
}

/// After a signal the probe pods must be gone within this.
const REMOVE_IN_HASTE: Duration = Duration::from_millis(1200);
pub(super) const REMOVE_IN_PEACE: Duration = Duration::from_secs(15);

/// `aksreboot roll` on a real cluster.
pub(crate) async fn command(flags: RollFlags) -> Result<Exit, Failure> {
    let request = request_of(&flags)?;
    let signals = Signals::listen()
        .map_err(|error| Failure::new(Exit::Failed, error).during("listen for signals"))?;
    let cluster = tokio::select! {
        biased;
        signal = signals.wait_first() => return Ok(signal.exit()),
        cluster = connect(&flags.planning.connection, Operator::has_terminal()) => cluster?,
    };
    let mut around = on_this_machine(cluster, Operator::found(flags.yes), signals);
    around.ssh = logins(request.ssh.clone())?;
    run_with(request, around).await
}

/// The logins of a plan by SSH.
pub(super) fn logins(settings: Option<SshSettings>) -> Result<Option<Arc<Ssh>>, Failure> {
    Ok(settings.map(Ssh::new).transpose()?.map(Arc::new))
}

/// What this machine and its user bring to a run.
pub(super) fn on_this_machine(
    cluster: Cluster,
    operator: Operator,
    signals: Signals,
) -> Surroundings {
    let clock = Clock::real();
    let run = identity::run_id(clock.wall());
    Surroundings {
        cluster,
        clock,
        operator,
        signals,
        ssh: None,
        run,
        user: identity::user(),
        host: identity::host(),
        talk: out::talk,
        keep_journal: true,
    }
}

/// Carries one roll out, or says why not.
pub(crate) async fn run_with(request: RollRequest, around: Surroundings) -> Result<Exit, Failure> {
    let probes = probes_for(&request, &around);
    let planned = tokio::select! {
        biased;
        signal = around.signals.wait_first() => Err(Err(signal)),
        planned = tried(&request, &around, &probes) => planned.map_err(Ok),
    };
    let planned = match planned {
        Ok(planned) => planned,
        Err(ended) => {
            remove_leftovers_of(&probes, &around).await;
            return match ended {
                Ok(failure) => Err(failure),
                Err(signal) => {
                    Operator::leave_question();
                    out::talk("interrupted before anything was changed");
                    Ok(signal.exit())
                }
            };
        }
    };
    let plan = match planned {
        Planned::Nothing(exit, _) => {
            remove_leftovers_of(&probes, &around).await;
            return Ok(exit);
        }
        Planned::Plan(plan, _) => plan,
    };
    let carried = tokio::select! {
        biased;
        () = around.signals.wait_second() => {
            out::talk("stopped at once; what the run was doing is in the nodes' annotation aksreboot.dev/run");
            return Ok(around.signals.first().borrow().map_or(Exit::Interrupted, Signal::exit));
        }
        carried = agree::carry_out(&plan, &around, &probes) => carried,
    };
    remove_leftovers_of(&probes, &around).await;
    carried
}

/// The probe pods of a plan or a roll, as this cluster wants them.
pub(crate) fn probes_for(request: &RollRequest, around: &Surroundings) -> ShortPods {
    ShortPods::of(
        &around.cluster,
        request.probes_at_once,
        Form::Own(request.pod_shape.clone()),
    )
}

/// Plans and carries out without asking or telling: what there is to hear goes to `sink`.
pub(crate) async fn in_silence(
    request: &RollRequest,
    around: &Surroundings,
    sink: &mut dyn Sink,
) -> Result<Exit, Failure> {
    let probes = probes_for(request, around);
    let plan = match tried(request, around, &probes).await? {
        Planned::Nothing(exit, _) => return Ok(exit),
        Planned::Plan(plan, _) => plan,
    };
    match run::execute(&plan, around, &probes, sink).await? {
        Executed::NotBegun(exit) => Ok(exit),
        Executed::Ended { ended, outcomes } => Ok(run::exit_code(&plan, &ended, &outcomes)),
    }
}

/// Deletes the probe pods that are left, in haste when a signal came.
pub(super) async fn remove_leftovers_of(probes: &ShortPods, around: &Surroundings) {
    let in_haste = around.signals.first().borrow().is_some();
    let limit = if in_haste {
        REMOVE_IN_HASTE
    } else {
        REMOVE_IN_PEACE
    };
    for name in probes.leftovers().remove_all(limit).await {
        out::talk(&format!(
            "warning: pod {name} may still be there: kubectl delete pod -n aksreboot {name}"
        ));
    }
}
