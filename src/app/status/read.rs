//! Reading the selected nodes, by pods or by the API alone, until a signal ends it.

use std::future::Future;
use std::pin::{Pin, pin};
use std::time::Duration;

use futures::StreamExt as _;

use crate::core::evidence::{Answer, NodeStatus, judge, judge_unprobed, not_applicable};
use crate::core::model::Node;
use crate::core::reason::Reason;
use crate::edge::cluster::{NodeRow, list_node_rows, list_nodes};
use crate::edge::connect::{Cluster, explain};
use crate::edge::node::{NAMESPACE, ProbeSettings, ShortPods, probe_all};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::out;
use crate::render::text::count;
use crate::request::flags::Selection;
use crate::request::status::StatusRequest;

use super::Session;
use super::ground::by_pod;
use super::pick::pick;

/// Shorter waits need no word.
const SILENT_FOR: Duration = Duration::from_secs(2);
/// The process is to end within 5 s of a signal.
const REMOVE_WITHIN: Duration = Duration::from_secs(4);

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
    if !unless_stopped(&mut stop, by_pod(cluster, request.via, session.confirm)).await?? {
        let rows = unless_stopped(&mut stop, list_node_rows(&cluster.client, selector))
            .await?
            .map_err(|error| explain(error, &listing))?;
        let (rows, errors) = pick(&request.selection, rows, |row| &row.name);
        return Ok(Reading {
            nodes: rows.into_iter().map(of_row).collect(),
            exit: exit_of(&errors),
            errors,
        });
    }
    let nodes = unless_stopped(&mut stop, list_nodes(&cluster.client, selector))
        .await?
        .map_err(|error| explain(error, &listing))?
        .items;
    let (nodes, errors) = pick(&request.selection, nodes, |node| &node.name);
    let pods = ShortPods::new(cluster, request.pod.probe_concurrency.into());
    let (answers, signal) = probe(&pods, &nodes, request, session.live, stop).await;
    remove_leftovers(&pods).await;
    let nodes = nodes
        .iter()
        .zip(answers)
        .map(|(node, answer)| {
            NodeStatus::new(
                node,
                judge(node, answer.unwrap_or(Err(Reason::Interrupted))),
            )
        })
        .collect();
    Ok(Reading {
        nodes,
        exit: signal.unwrap_or_else(|| exit_of(&errors)),
        errors,
    })
}

/// The answers of `nodes`, in their places, and the exit code of the signal that ended the asking, if one did.
async fn probe<Stop: Future<Output = Exit>>(
    pods: &ShortPods,
    nodes: &[Node],
    request: &StatusRequest,
    live: bool,
    mut stop: Pin<&mut Stop>,
) -> (Vec<Option<Result<Answer, Reason>>>, Option<Exit>) {
    let settings = ProbeSettings {
        image: request.pod.image.clone(),
        time_limit: request.pod.probe_timeout,
        sentinel: request.sentinel.clone(),
        run: None,
    };
    let hosts: Vec<(usize, &Node)> = nodes
        .iter()
        .enumerate()
        .filter(|(_, node)| not_applicable(node.kind()).is_none())
        .collect();
    let notice = format!("probing {}\u{2026}", count(hosts.len(), "node"));
    let mut answers: Vec<_> = nodes.iter().map(|_| None).collect();
    let mut probes = pin!(probe_all(pods, hosts, &settings));
    let mut silence = pin!(tokio::time::sleep(SILENT_FOR));
    let mut noticed = !live;
    loop {
        tokio::select! {
            biased;
            signal = &mut stop => return (answers, Some(signal)),
            probed = probes.next() => match probed {
                Some((at, answer)) => answers[at] = Some(answer),
                None => return (answers, None),
            },
            () = &mut silence, if !noticed => {
                noticed = true;
                out::talk(&notice);
            }
        }
    }
}

async fn remove_leftovers(pods: &ShortPods) {
    let left = pods.leftovers().remove_all(REMOVE_WITHIN).await;
    if !left.is_empty() {
        out::talk(&format!(
            "warning: pods could not be deleted; they end by themselves. To remove them: kubectl delete pod -n {NAMESPACE} {}",
            left.join(" ")
        ));
    }
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

fn of_row(row: NodeRow) -> NodeStatus {
    let mut verdict = judge_unprobed(row.kind, row.kernel);
    verdict.notes.extend(row.aks.notes());
    NodeStatus {
        verdict,
        name: row.name,
        uid: row.uid,
        status: row.status,
        boot: None,
        pool: row.pool,
        zone: row.zone,
        os_image: row.os_image,
        aks: row.aks,
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
