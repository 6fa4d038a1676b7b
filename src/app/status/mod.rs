//! `status`: lists the nodes, has them read, and shows what came of it.

mod ground;
mod kured;
mod pick;
mod read;

use std::future::Future;

use jiff::Timestamp;

use crate::core::evidence::NodeStatus;
use crate::edge::clock::Clock;
use crate::edge::connect::{Cluster, connect};
use crate::edge::operator::Operator;
use crate::edge::signals::Signals;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::format::table::{Frame, table};
use crate::render::format::{json, name};
use crate::render::out;
use crate::render::status::{COLUMNS, Document, View, explanations, standing, summary};
use crate::request::flags::Output;
use crate::request::status::{StatusFlags, StatusRequest};

use read::{Reading, read};

/// What the command runs in: the time, the terminal, the person at it.
pub(crate) struct Session<Confirm, Stop> {
    pub(crate) now: Timestamp,
    /// Width of the terminal that stdout is, if it is one.
    pub(crate) width: Option<usize>,
    /// Somebody watches stderr.
    pub(crate) live: bool,
    /// Asks the operator; `None`: nobody is there to answer.
    pub(crate) confirm: Option<Confirm>,
    /// Ends with the exit code when a signal ends the command.
    pub(crate) stop: Stop,
}

/// `aksreboot status` on a real cluster.
pub(crate) async fn command(flags: StatusFlags) -> Result<Exit, Failure> {
    let request = flags.settle();
    let signals = Signals::listen()
        .map_err(|error| Failure::new(Exit::Failed, error).during("listen for signals"))?;
    let connected = tokio::select! {
        biased;
        signal = signals.wait_first() => return Ok(signal.exit()),
        connected = connect(&flags.connection, Operator::has_terminal()) => connected,
    };
    let cluster = match connected {
        Ok(cluster) => cluster,
        Err(failure) => {
            if request.output == Output::Json {
                print(&document_of(&failure)?)?;
            }
            return Err(failure);
        }
    };
    let operator = Operator::found(false);
    let session = Session {
        now: Clock::real().wall(),
        width: crate::render::format::stdout_width(),
        live: out::stderr_is_live(),
        confirm: (operator == Operator::Present)
            .then_some(async |question: &str| operator.confirm(question).await.unwrap_or(false)),
        stop: async { signals.wait_first().await.exit() },
    };
    run(&cluster, &request, session).await
}

/// Prints the status of the selected nodes. The exit code is [`Exit::Ok`] whenever the nodes were listed and every named
/// one was among them, whatever the verdicts.
pub(crate) async fn run<Confirm, Stop>(
    cluster: &Cluster,
    request: &StatusRequest,
    session: Session<Confirm, Stop>,
) -> Result<Exit, Failure>
where
    Confirm: AsyncFnOnce(&str) -> bool,
    Stop: Future<Output = Exit>,
{
    let (now, width) = (session.now, session.width);
    match read(cluster, request, session).await {
        Ok(Reading {
            nodes,
            errors,
            exit,
        }) => {
            let view = View { now };
            let text = match request.output {
                Output::Table | Output::Wide => table(
                    COLUMNS,
                    &nodes,
                    &view,
                    Frame {
                        headers: request.headers,
                        wide: request.output == Output::Wide,
                        width: width.filter(|_| request.output == Output::Table),
                    },
                ),
                Output::Name => name::lines("node", nodes.iter().map(|node| &node.name)),
                Output::Json => document(cluster, &nodes, &errors)?,
            };
            print(&text)?;
            // A command that a signal ends asks nothing more.
            if request.output != Output::Name && matches!(exit, Exit::Ok | Exit::Failed) {
                kured::tell(cluster, request, &nodes).await;
            }
            talk(request, &nodes, &errors, now);
            Ok(exit)
        }
        Err(failure) => {
            if request.output == Output::Json {
                print(&document(cluster, &[], &[format!("{:#}", failure.error)])?)?;
            }
            Err(failure)
        }
    }
}

/// The document of a failure before there was a cluster to ask: `-o json` prints one in every case.
pub(crate) fn document_of(failure: &Failure) -> Result<String, Failure> {
    let errors = [format!("{:#}", failure.error)];
    json::document(&Document::new("", "", &[], &errors)).map_err(unprintable)
}

fn document(cluster: &Cluster, nodes: &[NodeStatus], errors: &[String]) -> Result<String, Failure> {
    json::document(&Document::new(
        &cluster.context,
        &cluster.server,
        nodes,
        errors,
    ))
    .map_err(unprintable)
}

fn unprintable(error: serde_json::Error) -> Failure {
    Failure::new(Exit::Failed, error).during("write JSON")
}

fn print(text: &str) -> Result<(), Failure> {
    out::data(text).map_err(|error| Failure::new(Exit::Failed, error).during("write to stdout"))
}

/// What goes beside the data. `-o name` is for scripts, which want none of it.
fn talk(request: &StatusRequest, nodes: &[NodeStatus], errors: &[String], now: Timestamp) {
    for error in errors {
        out::talk(&format!("error: {}", crate::render::text::sanitise(error)));
    }
    if request.output == Output::Name {
        return;
    }
    if nodes.is_empty() {
        out::talk("no node is selected");
        return;
    }
    for line in explanations(nodes) {
        out::talk(&crate::render::text::sanitise(&line));
    }
    if let Some(standing) = standing(nodes, now) {
        out::talk(&format!("note: {standing}"));
    }
    out::talk(&summary(nodes));
}
