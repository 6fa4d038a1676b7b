//! The run record: the ConfigMap that holds a run's plan and each node's outcome, written before the first cordon.
//! The spec never changes; outcomes are added beside it.

use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};
use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::ConfigMap;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json};

use crate::core::cleanup::KEEP;
use crate::core::drain::{MANAGED_BY, OWN_NAMESPACE};
use crate::core::engine::Outcome;
use crate::core::model::{NodeName, RunId};
use crate::core::plan::Plan;
use crate::edge::cluster::watch::{Scope, list};
use crate::edge::cluster::wire::{self, PatchKind, Refusal, encode};

const RUN_LABEL: &str = "aksreboot.dev/run";

/// Writes the record of a run that is about to begin.
pub(crate) async fn write(
    client: &kube::Client,
    run: &RunId,
    plan: &Plan,
    started: &str,
) -> Result<(), Refusal> {
    let spec =
        serde_json::to_vec(&plan.spec).map_err(|error| Refusal::Passing(error.to_string()))?;
    let mut zip = GzEncoder::new(Vec::new(), Compression::best());
    let zipped = zip
        .write_all(&spec)
        .and_then(|()| zip.finish())
        .map_err(|error| Refusal::Passing(format!("compress the plan: {error}")))?;
    let mut map = ConfigMap::default();
    map.metadata.name = Some(name(run));
    map.metadata.namespace = Some(OWN_NAMESPACE.into());
    map.metadata.labels = Some(
        [
            (MANAGED_BY.to_owned(), "aksreboot".to_owned()),
            (RUN_LABEL.to_owned(), run.as_str().to_owned()),
        ]
        .into(),
    );
    map.binary_data = Some([("spec.json.gz".to_owned(), ByteString(zipped))].into());
    map.data = Some(
        [
            ("v".to_owned(), "1".to_owned()),
            ("hash".to_owned(), plan.hash.clone()),
            (
                "cluster".to_owned(),
                plan.spec.cluster.identity.as_str().to_owned(),
            ),
            ("started".to_owned(), started.to_owned()),
        ]
        .into(),
    );
    let body = serde_json::to_value(&map).map_err(|error| Refusal::Passing(error.to_string()))?;
    wire::post::<Value>(client, &collection(), &body)
        .await
        .map(drop)
}

/// Adds one node's outcome.
pub(crate) async fn add_outcome(
    client: &kube::Client,
    run: &RunId,
    node: &NodeName,
    outcome: &Outcome,
    finished: &str,
) -> Result<(), Refusal> {
    let entry = json!({"outcome": outcome, "finished": finished}).to_string();
    let body = json!({"data": {format!("node.{node}"): entry}});
    let path = format!("{}/{}", collection(), encode(&name(run)));
    wire::patch::<IgnoredAny>(client, &path, PatchKind::Merge, &body)
        .await
        .map(drop)
}

/// Removes the records of all but the newest runs.
pub(crate) async fn prune(client: &kube::Client) -> Result<(), Refusal> {
    let mut names = names(client).await?;
    let old = names.len().saturating_sub(KEEP);
    for name in names.drain(..old) {
        remove(client, &name).await?;
    }
    Ok(())
}

/// The names of all run records, oldest first: run IDs begin with their date, so names sort by age.
pub(crate) async fn names(client: &kube::Client) -> Result<Vec<String>, Refusal> {
    #[derive(Deserialize)]
    struct Record {
        metadata: Meta,
    }
    #[derive(Deserialize)]
    struct Meta {
        name: String,
    }
    let scope = Scope {
        path: collection(),
        field_selector: None,
        label_selector: Some(format!("{MANAGED_BY}=aksreboot,{RUN_LABEL}")),
    };
    let records = list::<Record>(client, &scope).await?;
    let mut names: Vec<String> = records
        .items
        .into_iter()
        .map(|record| record.metadata.name)
        .collect();
    names.sort_unstable();
    Ok(names)
}

/// Removes one record; that it is gone already is as good.
pub(crate) async fn remove(client: &kube::Client, name: &str) -> Result<(), Refusal> {
    let path = format!("{}/{}", collection(), encode(name));
    match wire::delete(client, &path, &json!({})).await {
        Ok(()) | Err(Refusal::Gone(_)) => Ok(()),
        Err(refusal) => Err(refusal),
    }
}

/// The record's name.
pub(crate) fn name(run: &RunId) -> String {
    format!("aksreboot-run-{run}")
}

fn collection() -> String {
    format!("/api/v1/namespaces/{OWN_NAMESPACE}/configmaps")
}
