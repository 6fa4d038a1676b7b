//! `plan`: the plan that a roll with the same flags would show, as text or data. It carries nothing out.

use crate::core::plan::Plan;
use crate::edge::connect::connect;
use crate::edge::operator::Operator;
use crate::edge::signals::Signals;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::format::{json, name};
use crate::render::out;
use crate::render::plan::{self as rendered, Unplanned};
use crate::request::plan::{PlanFlags, PlanOutput};
use crate::request::planning::RollRequest;

use super::planning::{Planned, could_write, write_plan};
use super::rehearsal::tried;
use super::roll::{Surroundings, logins, on_this_machine, probes_for, remove_leftovers_of};

/// `aksreboot plan` on a real cluster.
pub(crate) async fn command(flags: PlanFlags) -> Result<Exit, Failure> {
    with_document(on_cluster(&flags).await, flags.output)
}

/// `-o json` prints one document in every case: here that of a failure.
pub(crate) fn with_document(
    ended: Result<Exit, Failure>,
    output: PlanOutput,
) -> Result<Exit, Failure> {
    if let Err(failure) = &ended
        && output == PlanOutput::Json
    {
        write(&json::document(&Unplanned::of(failure)).map_err(unprintable)?)?;
    }
    ended
}

async fn on_cluster(flags: &PlanFlags) -> Result<Exit, Failure> {
    let request = RollRequest::settle(&flags.planning)?;
    let signals = Signals::listen()
        .map_err(|error| Failure::new(Exit::Failed, error).during("listen for signals"))?;
    let cluster = tokio::select! {
        biased;
        signal = signals.wait_first() => return Ok(signal.exit()),
        cluster = connect(&flags.planning.connection, Operator::has_terminal()) => cluster?,
    };
    let mut around = on_this_machine(cluster, Operator::found(false), signals);
    around.ssh = logins(request.ssh.clone())?;
    run_with(&request, &around, flags).await
}

/// Makes the plan and prints it, or says why there is none.
pub(crate) async fn run_with(
    request: &RollRequest,
    around: &Surroundings,
    flags: &PlanFlags,
) -> Result<Exit, Failure> {
    if let Some(path) = &flags.out {
        could_write(path)?;
    }
    let probes = probes_for(request, around);
    let planned = tokio::select! {
        biased;
        signal = around.signals.wait_first() => Err(signal),
        planned = tried(request, around, &probes) => Ok(planned),
    };
    remove_leftovers_of(&probes, around).await;
    match planned {
        Err(signal) => {
            Operator::leave_question();
            Ok(signal.exit())
        }
        Ok(Err(failure)) => Err(failure),
        Ok(Ok(Planned::Nothing(exit, plan))) => {
            hand_out(&plan, flags)?;
            Ok(exit)
        }
        Ok(Ok(Planned::Plan(plan, _))) => {
            hand_out(&plan, flags)?;
            Ok(Exit::Ok)
        }
    }
}

/// The file first: who reads the plan may count on it.
fn hand_out(plan: &Plan, flags: &PlanFlags) -> Result<(), Failure> {
    if let Some(path) = &flags.out {
        write_plan(path, plan)?;
    }
    print(plan, flags.output)
}

fn print(plan: &Plan, output: PlanOutput) -> Result<(), Failure> {
    let text = match output {
        PlanOutput::Text => rendered::text(plan),
        PlanOutput::Json => json::document(plan).map_err(unprintable)?,
        PlanOutput::Name => {
            name::lines("node", plan.spec.targets.iter().map(|target| &target.name))
        }
    };
    write(&text)
}

fn unprintable(error: serde_json::Error) -> Failure {
    Failure::new(Exit::Failed, error).during("write JSON")
}

fn write(text: &str) -> Result<(), Failure> {
    out::data(text).map_err(|error| Failure::new(Exit::Failed, error).during("write to stdout"))
}
