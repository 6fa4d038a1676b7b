//! `drain`: nodes emptied by hand, by the same engine as in a roll, and left cordoned as kubectl leaves them.

mod dry_run;
mod planning;
#[cfg(test)]
mod tests;

use crate::edge::connect::connect;
use crate::edge::node::{Form, PodShape, ShortPods};
use crate::edge::operator::Operator;
use crate::edge::runner::Signal;
use crate::edge::signals::Signals;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::{drain as shown, out};
use crate::request::drain::{DrainCommandFlags, DrainRequest, DryRun};

use super::roll::{Surroundings, on_this_machine};
use super::run;

/// `aksreboot drain` on a real cluster.
pub(crate) async fn command(flags: DrainCommandFlags) -> Result<Exit, Failure> {
    let request = DrainRequest::settle(&flags)?;
    let signals = Signals::listen()
        .map_err(|error| Failure::new(Exit::Failed, error).during("listen for signals"))?;
    let cluster = tokio::select! {
        biased;
        signal = signals.wait_first() => return Ok(signal.exit()),
        cluster = connect(&flags.connection, Operator::has_terminal()) => cluster?,
    };
    let around = on_this_machine(cluster, Operator::found(flags.yes), signals);
    run_with(&request, &around).await
}

/// Carries one drain out, or says why not.
pub(crate) async fn run_with(
    request: &DrainRequest,
    around: &Surroundings,
) -> Result<Exit, Failure> {
    let prepared = tokio::select! {
        biased;
        signal = around.signals.wait_first() => {
            Operator::leave_question();
            (around.talk)("interrupted before anything was changed");
            return Ok(signal.exit());
        }
        prepared = prepare(request, around) => prepared?,
    };
    let plan = match prepared {
        Prepared::Plan(plan) => plan,
        Prepared::Told(exit) => return Ok(exit),
    };
    let pods = no_pods(around);
    tokio::select! {
        biased;
        () = around.signals.wait_second() => {
            (around.talk)("stopped at once; what the run was doing is in the nodes' annotation aksreboot.dev/run");
            Ok(around.signals.first().borrow().map_or(Exit::Interrupted, Signal::exit))
        }
        carried = run::to_the_end(&plan, around, &pods) => carried,
    }
}

enum Prepared {
    Plan(Box<crate::core::plan::Plan>),
    /// It was a dry run, and this is its end.
    Told(Exit),
}

async fn prepare(request: &DrainRequest, around: &Surroundings) -> Result<Prepared, Failure> {
    let scene = planning::look(request, around).await?;
    out::data(&shown::plan(&scene, &request.settings))
        .map_err(|error| Failure::new(Exit::Failed, error).during("write to stdout"))?;
    if request.dry_run == DryRun::None {
        let plan = planning::plan(request, around, scene).await?;
        return Ok(Prepared::Plan(Box::new(plan)));
    }
    let exit = dry_run::tried(request, around, &scene).await?;
    Ok(Prepared::Told(exit))
}

/// A drain makes no pods; the runner takes what makes them all the same.
fn no_pods(around: &Surroundings) -> ShortPods {
    ShortPods::of(&around.cluster, 1, Form::Own(PodShape::default()))
}
