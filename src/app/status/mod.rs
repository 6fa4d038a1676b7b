//! `status`: lists the nodes, has them read, and shows what came of it.

mod form;
mod kured;
mod read;
mod watch;

use std::future::Future;

use crate::app::session::{Session, here};
use crate::core::evidence::{Need, NodeStatus};
use crate::edge::clock::Clock;
use crate::edge::connect::{Cluster, connect};
use crate::edge::operator::Operator;
use crate::edge::signals::Signals;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::out;
use crate::render::status::{View, explanations, standing, summary, uneven_pools};
use crate::render::text::{count, sanitise};
use crate::request::status::{StatusFlags, StatusRequest};

use read::{Reading, read};

pub(crate) use form::Form;

/// `aksreboot status` on a real cluster.
pub(crate) async fn command(flags: StatusFlags) -> Result<Exit, Failure> {
    let request = flags.settle()?;
    let form = Form::understand(request.show.clone())?;
    let signals = Signals::listen()
        .map_err(|error| Failure::new(Exit::Failed, error).during("listen for signals"))?;
    let connected = tokio::select! {
        biased;
        signal = signals.wait_first() => return Ok(signal.exit()),
        connected = connect(&flags.connection, Operator::has_terminal()) => connected,
    };
    let cluster = match connected {
        Ok(cluster) => cluster,
        Err(failure) => return failed(&request, ("", ""), failure),
    };
    run(&cluster, &request, &form, here(Clock::real(), &signals)).await
}

/// Prints the status of the selected nodes. The exit code is [`Exit::Ok`] whenever the nodes were listed and every named
/// one was among them, whatever the verdicts.
pub(crate) async fn run<Confirm, Stop>(
    cluster: &Cluster,
    request: &StatusRequest,
    form: &Form,
    session: Session<Confirm, Stop>,
) -> Result<Exit, Failure>
where
    Confirm: AsyncFnOnce(&str) -> bool,
    Stop: Future<Output = Exit>,
{
    if let Some(every) = request.watch {
        return watch::watch(cluster, request, form, every, session).await;
    }
    let (clock, screen) = (session.clock.clone(), session.screen);
    match read(cluster, request, session).await {
        Ok(Reading {
            mut nodes,
            errors,
            exit,
            ..
        }) => {
            let view = View::of(&nodes, clock.wall());
            form.sort(&mut nodes, &view)?;
            print(&form.text(cluster, &nodes, &view, &errors, screen())?)?;
            // A command that a signal ends asks nothing more; a script asked for its data alone.
            let is_shown = form.show.output.is_table() || form.show.output.is_document();
            if is_shown && matches!(exit, Exit::Ok | Exit::Failed) {
                kured::tell(cluster, request, &nodes).await;
            }
            talk(form, &nodes, &view, &errors);
            Ok(exit)
        }
        Err(failure) => failed(request, (&cluster.context, &cluster.server), failure),
    }
}

/// Ends with `failure`, after the document that some formats print in every case.
fn failed(
    request: &StatusRequest,
    cluster: (&str, &str),
    failure: Failure,
) -> Result<Exit, Failure> {
    // A watch prints a document a change, and none of this kind.
    if request.watch.is_none()
        && let Some(document) = form::of_failure(&request.show.output, cluster, &failure)?
    {
        print(&document)?;
    }
    Err(failure)
}

fn print(text: &str) -> Result<(), Failure> {
    out::data(text).map_err(|error| Failure::new(Exit::Failed, error).during("write to stdout"))
}

/// What goes beside the data. Formats for scripts get none of it but what would be missed.
fn talk(form: &Form, nodes: &[NodeStatus], view: &View, errors: &[String]) {
    for error in errors {
        out::talk(&format!("error: {}", sanitise(error)));
    }
    let show = &form.show;
    if !show.output.is_table() && !show.output.is_document() {
        let unknown = nodes
            .iter()
            .filter(|node| node.verdict.need == Need::Unknown)
            .count();
        if show.pending_only && unknown > 0 {
            out::talk(&format!(
                "note: {} may be pending too and could not be judged; aksreboot status says why",
                count(unknown, "node")
            ));
        }
        return;
    }
    if nodes.is_empty() {
        out::talk("no node is selected");
        return;
    }
    for line in beside(nodes, view) {
        out::talk(&line);
    }
}

/// The sentences on these nodes, the summary last.
fn beside(nodes: &[NodeStatus], view: &View) -> Vec<String> {
    let lines = explanations(nodes)
        .into_iter()
        .chain(uneven_pools(&view.kernels))
        .chain(standing(nodes, view.now).map(|standing| format!("note: {standing}")))
        .chain([summary(nodes, view.now)]);
    lines.map(|line| sanitise(&line).into_owned()).collect()
}
