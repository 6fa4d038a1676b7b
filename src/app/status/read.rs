//! Reading the selected nodes by the ways that are open, until a signal ends it.

use std::future::Future;
use std::pin::{Pin, pin};

use crate::core::evidence::{NodeStatus, judge_unprobed};
use crate::core::reason::Reason;
use crate::edge::cluster::{NodeRow, list_node_rows, list_nodes};
use crate::edge::connect::{Cluster, explain};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::request::flags::Selection;
use crate::request::status::StatusRequest;

use super::Session;
use super::ground::ways;
use super::pick::pick;
use super::readers::Readers;

/// What was read.
pub(super) struct Reading {
    pub(super) nodes: Vec<NodeStatus>,
    /// Names that no node has.
    pub(super) errors: Vec<String>,
    pub(super) exit: Exit,
}

pub(super) async fn read<Confirm, Stop>(
    cluster: &Cluster,
    request: &StatusRequest,
    session: Session<Confirm, Stop>,
) -> Result<Reading, Failure>
where
    Confirm: AsyncFnOnce(&str) -> bool,
    Stop: Future<Output = Exit>,
{
    let mut stop = pin!(session.stop);
    let selector = match &request.selection {
        Selection::Names(_) => "",
        Selection::Labels(selector) => selector,
    };
    let listing = format!("list nodes in context {}", cluster.context);
    let ways =
        unless_stopped(&mut stop, ways(cluster, &request.probing, session.confirm)).await??;
    if ways.is_api_alone() {
        let because = ways.why_no_pods();
        let rows = unless_stopped(&mut stop, list_node_rows(&cluster.client, selector))
            .await?
            .map_err(|error| explain(error, &listing))?;
        let (rows, errors) = pick(&request.selection, rows, |row| &row.name);
        return Ok(Reading {
            nodes: rows.into_iter().map(|row| of_row(row, because)).collect(),
            exit: exit_of(&errors),
            errors,
        });
    }
    // Before the list, since it may turn out that this machine cannot do it.
    let readers = Readers::new(cluster, &request.probing, ways)?;
    let nodes = unless_stopped(&mut stop, list_nodes(&cluster.client, selector))
        .await?
        .map_err(|error| explain(error, &listing))?
        .items;
    let (nodes, errors) = pick(&request.selection, nodes, |node| &node.name);
    let (nodes, signal) = readers.read(&nodes, session.live, stop).await;
    Ok(Reading {
        nodes,
        exit: signal.unwrap_or_else(|| exit_of(&errors)),
        errors,
    })
}

/// What `work` comes to, or the failure that a signal makes of the command before it has anything to show.
async fn unless_stopped<Stop: Future<Output = Exit>, T>(
    stop: &mut Pin<&mut Stop>,
    work: impl Future<Output = T>,
) -> Result<T, Failure> {
    tokio::select! {
        biased;
        exit = stop => Err(Failure::say(exit, "ended before the nodes were listed")),
        done = work => Ok(done),
    }
}

fn of_row(row: NodeRow, because: Option<&Reason>) -> NodeStatus {
    NodeStatus {
        verdict: judge_unprobed(&row.os, row.is_virtual, row.kernel),
        because: because.cloned(),
        name: row.name,
        uid: row.uid,
        status: row.status,
        boot: None,
        pool: row.pool,
        zone: row.zone,
        os_image: row.os_image,
        node_image: row.node_image,
        version: row.version,
    }
}

fn exit_of(errors: &[String]) -> Exit {
    if errors.is_empty() {
        Exit::Ok
    } else {
        Exit::Failed
    }
}
