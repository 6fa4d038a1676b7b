//! Reading the selected nodes by the ways that are open, until a signal ends it.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::pin;

use crate::core::evidence::{NodeStatus, judge_unprobed};
use crate::core::model::Node;
use crate::core::reason::Reason;
use crate::core::route::Ways;
use crate::core::updates::Question;
use crate::edge::cluster::{NodeRow, RowLabels, Selectors, list_node_rows, list_nodes};
use crate::edge::connect::{Cluster, explain};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::request::status::StatusRequest;

use crate::app::reading::{Readers, pick, unless_stopped, ways};
use crate::app::session::Session;

/// What was read.
pub(super) struct Reading {
    pub(super) nodes: Vec<NodeStatus>,
    /// Names that no node has.
    pub(super) errors: Vec<String>,
    pub(super) exit: Exit,
    /// By which ways nodes are read.
    pub(super) ways: Ways,
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
    let ways =
        unless_stopped(&mut stop, ways(cluster, &request.probing, session.confirm)).await??;
    if ways.is_api_alone() {
        let because = ways.why_no_pods();
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
                    of_row(row, because).with_labels(labels)
                })
                .collect(),
            exit: exit_of(&errors),
            errors,
            ways,
        });
    }
    // Before the list, since it may turn out that this machine cannot do it.
    let readers = Readers::new(cluster, &request.probing, ways.clone(), Question::Reboot)?;
    let nodes = unless_stopped(&mut stop, list_nodes(&cluster.client, selectors))
        .await?
        .map_err(|error| explain(error, &listing))?
        .items;
    let (nodes, errors) = pick(&request.selection, nodes, |node: &Node| {
        (&node.name, node.pool())
    });
    let (read, signal) = readers.read(&nodes, session.live, stop).await;
    readers.end().await;
    let nodes = nodes
        .iter()
        .zip(read)
        .map(|(node, status)| status.with_labels(shown.of(&node.labels)))
        .collect();
    Ok(Reading {
        nodes,
        exit: signal.unwrap_or_else(|| exit_of(&errors)),
        errors,
        ways,
    })
}

fn of_row(row: NodeRow, because: Option<&Reason>) -> NodeStatus {
    let mut verdict = judge_unprobed(row.kind, row.kernel);
    verdict.notes.extend(row.aks.notes());
    NodeStatus {
        verdict,
        because: because.cloned(),
        name: row.name,
        uid: row.uid,
        status: row.status,
        boot: None,
        pool: row.pool,
        zone: row.zone,
        os_image: row.os_image,
        aks: row.aks,
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
