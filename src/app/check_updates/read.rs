//! Reading the selected nodes with their packages, by the ways that are open, and asking Azure where that is wanted, until a
//! signal ends it.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use futures::future::{Either, select};

use crate::app::reading::{Freshness, Readers, pick, unless_stopped, ways};
use crate::app::session::Session;
use crate::core::model::Node;
use crate::core::updates::Question;
use crate::core::updates::decide::NodeUpdates;
use crate::core::updates::image::{Azure, Image};
use crate::edge::cluster::{Selectors, list_nodes};
use crate::edge::connect::{Cluster, explain};
use crate::edge::outside::az::Az;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::request::check_updates::CheckUpdatesRequest;

/// What was read.
pub(super) struct Reading {
    pub(super) nodes: Vec<NodeUpdates>,
    /// Names that no node has.
    pub(super) errors: Vec<String>,
    pub(super) azure: Azure,
    /// The signal that ended it.
    pub(super) signal: Option<Exit>,
}

pub(super) async fn read<Confirm, Stop>(
    cluster: &Cluster,
    request: &CheckUpdatesRequest,
    session: Session<Confirm, Stop>,
) -> Result<Reading, Failure>
where
    Confirm: AsyncFnOnce(&str) -> bool,
    Stop: Future<Output = Exit>,
{
    let mut stop = pin!(session.stop);
    let ways = ways(cluster, &request.probing, session.confirm);
    let ways = unless_stopped(&mut stop, ways).await??;
    let question = if request.terms.refresh {
        Question::RefreshedPackages
    } else {
        Question::Packages
    };
    // Before the list, since it may turn out that this machine cannot do it.
    let readers = Readers::new(cluster, &request.probing, ways, question)?;
    let selectors = Selectors {
        labels: &request.selection.labels,
        fields: &request.selection.fields,
    };
    let nodes = unless_stopped(&mut stop, list_nodes(&cluster.client, selectors))
        .await?
        .map_err(|error| explain(error, &format!("list nodes in context {}", cluster.context)))?
        .items;
    let (nodes, errors) = pick(&request.selection, nodes, |node: &Node| {
        (&node.name, node.pool())
    });
    let freshness = Freshness {
        max_data_age: request.terms.max_data_age.unwrap_or(Duration::MAX),
        now: session.clock.wall(),
    };
    let asked = readers.read_packages(&nodes, freshness, session.live, stop.as_mut());
    // At the same time; az takes seconds too.
    let azure = Box::pin(ask_azure(cluster, request));
    let first = match select(Box::pin(asked), azure).await {
        Either::Right((azure, asked)) => (asked.await, Either::Left(azure)),
        Either::Left((read, azure)) => (read, Either::Right(azure)),
    };
    let ((read, signal), azure) = match first {
        ((read, signal), Either::Left(azure)) => ((read, signal), azure),
        ((read, Some(signal)), Either::Right(_)) => ((read, Some(signal)), Azure::Interrupted),
        ((read, None), Either::Right(azure)) => tokio::select! {
            biased;
            signal = stop.as_mut() => ((read, Some(signal)), Azure::Interrupted),
            azure = azure => ((read, None), azure),
        },
    };
    readers.end().await;
    let known = |(status, packages)| NodeUpdates {
        image: Image::of(&status, &azure),
        status,
        packages,
    };
    Ok(Reading {
        nodes: read.into_iter().map(known).collect(),
        errors,
        azure,
        signal,
    })
}

async fn ask_azure(cluster: &Cluster, request: &CheckUpdatesRequest) -> Azure {
    match &request.azure {
        None => Azure::NotAsked,
        Some(search) => Azure::Asked(Az::on_the_path().view(search, &cluster.server).await),
    }
}
