//! Reading the selected nodes, by pods or by the API alone, until a signal ends it.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::{Pin, pin};
use std::time::Duration;

use futures::StreamExt as _;

use crate::core::evidence::{Answer, NodeStatus, judge, judge_unprobed, not_applicable};
use crate::core::model::Node;
use crate::core::reason::Reason;
use crate::edge::cluster::{NodeRow, RowLabels, Selectors, list_node_rows, list_nodes};
use crate::edge::connect::{Cluster, explain};
use crate::edge::node::{NAMESPACE, ProbeSettings, ShortPods, probe_all};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::out;
use crate::render::text::count;
use crate::request::flags::ProbePodFlags;
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
    let selectors = Selectors {
        labels: &request.selection.labels,
        fields: &request.selection.fields,
    };
    let shown = &request.show.labels;
    let listing = format!("list nodes in context {}", cluster.context);
    if !unless_stopped(&mut stop, by_pod(cluster, request.via, session.confirm)).await?? {
        let labels = if shown.is_empty() {
            RowLabels::Known
        } else {
            RowLabels::All
        };
        let rows = list_node_rows(&cluster.client, selectors, labels);
        let rows = unless_stopped(&mut stop, rows)
            .await?
            .map_err(|error| explain(error, &listing))?;
        let (rows, errors) = pick(&request.selection, rows, |row: &NodeRow| {
            (&row.name, row.pool.as_deref())
        });
        return Ok(Reading {
            nodes: rows
                .into_iter()
                .map(|row| {
                    let labels = shown.of(&row.labels);
                    of_row(row).with_labels(labels)
                })
                .collect(),
            exit: exit_of(&errors),
            errors,
        });
    }
    let nodes = unless_stopped(&mut stop, list_nodes(&cluster.client, selectors))
        .await?
        .map_err(|error| explain(error, &listing))?
        .items;
    let (nodes, errors) = pick(&request.selection, nodes, |node: &Node| {
        (&node.name, node.pool())
    });
    let pods = ShortPods::new(cluster, request.pod.probe_concurrency.into());
    let (answers, signal) = probe(&pods, &nodes, &request.pod, session.live, stop).await;
    remove_leftovers(&pods).await;
    let nodes = nodes
        .iter()
        .zip(answers)
        .map(|(node, answer)| {
            NodeStatus::new(
                node,
                judge(node, answer.unwrap_or(Err(Reason::Interrupted))),
            )
            .with_labels(shown.of(&node.labels))
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
    flags: &ProbePodFlags,
    live: bool,
    mut stop: Pin<&mut Stop>,
) -> (Vec<Option<Result<Answer, Reason>>>, Option<Exit>) {
    let settings = ProbeSettings {
        image: flags.image.clone(),
        time_limit: flags.probe_timeout,
        run: None,
    };
    let hosts: Vec<(usize, &Node)> = nodes
        .iter()
        .enumerate()
        .filter(|(_, node)| not_applicable(&node.os, node.is_virtual()).is_none())
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

pub(super) async fn remove_leftovers(pods: &ShortPods) {
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
    NodeStatus {
        verdict: judge_unprobed(&row.os, row.is_virtual, row.kernel),
        name: row.name,
        uid: row.uid,
        status: row.status,
        boot: None,
        pool: row.pool,
        zone: row.zone,
        os_image: row.os_image,
        node_image: row.node_image,
        version: row.version,
        labels: BTreeMap::new(),
    }
}

fn exit_of(errors: &[String]) -> Exit {
    if errors.is_empty() {
        Exit::Ok
    } else {
        Exit::Failed
    }
}
