//! `doctor`: finds out what will not work, and shows the command that mends it.

use crate::core::doctor::{Check, Found, is_good, judge};
use crate::edge::clock::Clock;
use crate::edge::connect::{Cluster, connect, explain};
use crate::edge::doctor::{Examination, examine};
use crate::edge::operator::Operator;
use crate::edge::signals::Signals;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::doctor::{Document, summary, text};
use crate::render::format::json;
use crate::render::out;
use crate::request::doctor::{DoctorFlags, Form};

/// `aksreboot doctor` on a real cluster.
pub(crate) async fn command(flags: DoctorFlags) -> Result<Exit, Failure> {
    let examination = flags.settle()?;
    let signals = Signals::listen()
        .map_err(|error| Failure::new(Exit::Failed, error).during("listen for signals"))?;
    let stop = async { signals.wait_first().await.exit() };
    tokio::select! {
        biased;
        exit = stop => Ok(exit),
        done = look(&flags, &examination) => done,
    }
}

async fn look(flags: &DoctorFlags, examination: &Examination) -> Result<Exit, Failure> {
    match connect(&flags.connection, Operator::has_terminal()).await {
        Ok(cluster) => run(&cluster, &Clock::real(), examination, flags.output).await,
        Err(failure) => {
            let found = away(&failure);
            show(flags.output, ("", ""), &found, Some(&failure))?;
            Err(failure)
        }
    }
}

/// Examines `cluster` and shows what came of it.
pub(crate) async fn run(
    cluster: &Cluster,
    clock: &Clock,
    examination: &Examination,
    form: Form,
) -> Result<Exit, Failure> {
    let named = (cluster.context.as_str(), cluster.server.as_str());
    match examine(cluster, clock, examination).await {
        Ok(checks) => {
            show(form, named, &checks, None)?;
            out::talk(&summary(&checks));
            Ok(if is_good(&checks) {
                Exit::Ok
            } else {
                Exit::Failed
            })
        }
        Err(error) => {
            let failure = explain(error, &format!("ask the API server of {}", cluster.context));
            show(form, named, &away(&failure), Some(&failure))?;
            Err(failure)
        }
    }
}

/// The one check that is left when the API server cannot be asked.
fn away(failure: &Failure) -> Vec<Check> {
    let found = Found::ApiAway {
        message: format!("{:#}", failure.error),
    };
    vec![judge(found, &[])]
}

fn show(
    form: Form,
    (context, server): (&str, &str),
    checks: &[Check],
    failure: Option<&Failure>,
) -> Result<(), Failure> {
    let text = match form {
        Form::Table => text(checks),
        Form::Json => {
            let errors: Vec<String> = failure
                .iter()
                .map(|failure| format!("{:#}", failure.error))
                .collect();
            json::document(&Document::new(context, server, checks, &errors))
                .map_err(|error| Failure::new(Exit::Failed, error).during("write JSON"))?
        }
    };
    out::data(&text).map_err(|error| Failure::new(Exit::Failed, error).during("write to stdout"))
}

#[cfg(test)]
mod tests;
