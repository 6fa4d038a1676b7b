//! `roll`: read, plan, show, ask, take the lock, carry out, tell how it ended.

mod carry;
mod making;
#[cfg(test)]
mod tests;

use std::time::Duration;

use crate::core::model::RunId;
use crate::edge::clock::Clock;
use crate::edge::connect::{Cluster, connect};
use crate::edge::node::ShortPods;
use crate::edge::operator::Operator;
use crate::edge::runner::{Signal, Sink};
use crate::edge::signals::Signals;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::out;
use crate::request::roll::{RollFlags, RollRequest};

use making::{Planned, plan};

/// What a roll needs from outside, so that the embedded cluster can supply it too.
pub(crate) struct Surroundings {
    pub(crate) cluster: Cluster,
    pub(crate) clock: Clock,
    pub(crate) operator: Operator,
    pub(crate) signals: Signals,
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
const REMOVE_IN_PEACE: Duration = Duration::from_secs(15);

/// `aksreboot roll` on a real cluster.
pub(crate) async fn command(flags: RollFlags) -> Result<Exit, Failure> {
    let request = RollRequest::settle(&flags)?;
    let signals = Signals::listen()
        .map_err(|error| Failure::new(Exit::Failed, error).during("listen for signals"))?;
    let cluster = tokio::select! {
        biased;
        signal = signals.wait_first() => return Ok(signal.exit()),
        cluster = connect(&flags.connection, Operator::has_terminal()) => cluster?,
    };
    let clock = Clock::real();
    let run = crate::edge::identity::run_id(clock.wall());
    let around = Surroundings {
        cluster,
        clock,
        operator: Operator::found(flags.yes),
        signals,
        run,
        user: crate::edge::identity::user(),
        host: crate::edge::identity::host(),
        talk: out::talk,
        keep_journal: true,
    };
    run_with(request, around).await
}

/// Carries one roll out, or says why not.
pub(crate) async fn run_with(request: RollRequest, around: Surroundings) -> Result<Exit, Failure> {
    let probes = ShortPods::new(&around.cluster, request.probes_at_once);
    let planned = tokio::select! {
        biased;
        signal = around.signals.wait_first() => Err(Err(signal)),
        planned = plan(&request, &around, &probes) => planned.map_err(Ok),
    };
    let planned = match planned {
        Ok(planned) => planned,
        Err(ended) => {
            remove_leftovers(
                &probes,
                if ended.is_ok() {
                    REMOVE_IN_PEACE
                } else {
                    REMOVE_IN_HASTE
                },
            )
            .await;
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
        Planned::Nothing(exit) => {
            remove_leftovers(&probes, REMOVE_IN_PEACE).await;
            return Ok(exit);
        }
        Planned::Plan(plan) => plan,
    };
    let carried = tokio::select! {
        biased;
        () = around.signals.wait_second() => {
            out::talk("stopped at once; what the run was doing is in the nodes' annotation aksreboot.dev/run");
            return Ok(around.signals.first().borrow().map_or(Exit::Interrupted, Signal::exit));
        }
        carried = carry::carry_out(&plan, &around, &probes) => carried,
    };
    let in_haste = around.signals.first().borrow().is_some();
    remove_leftovers(
        &probes,
        if in_haste {
            REMOVE_IN_HASTE
        } else {
            REMOVE_IN_PEACE
        },
    )
    .await;
    carried
}

/// Plans and carries out without asking or telling: what there is to hear goes to `sink`.
pub(crate) async fn in_silence(
    request: &RollRequest,
    around: &Surroundings,
    sink: &mut dyn Sink,
) -> Result<Exit, Failure> {
    let probes = ShortPods::new(&around.cluster, request.probes_at_once);
    let plan = match plan(request, around, &probes).await? {
        Planned::Nothing(exit) => return Ok(exit),
        Planned::Plan(plan) => plan,
    };
    match carry::execute(&plan, around, &probes, sink).await? {
        carry::Executed::NotBegun(exit) => Ok(exit),
        carry::Executed::Ended { ended, outcomes } => {
            Ok(carry::exit_code(&plan, &ended, &outcomes))
        }
    }
}

async fn remove_leftovers(probes: &ShortPods, limit: Duration) {
    for name in probes.leftovers().remove_all(limit).await {
        out::talk(&format!(
            "warning: pod {name} may still be there: kubectl delete pod -n aksreboot {name}"
        ));
    }
}
