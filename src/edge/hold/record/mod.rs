//! The run record: the ConfigMap that holds a run's plan, how each node was before its turn, and its outcome. Written before
//! the first cordon, so that the run can be gone on with from anywhere. Spec and report never change; the rest is added.

mod read;

use std::collections::BTreeMap;
use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};
use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::ConfigMap;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::core::cleanup::KEEP;
use crate::core::drain::{MANAGED_BY, OWN_NAMESPACE};
use crate::core::engine::{Baseline, Outcome};
use crate::core::model::{NodeName, RunId};
use crate::core::plan::Plan;
use crate::core::record::{Closing, Session};
use crate::edge::cluster::watch::{Scope, list};
use crate::edge::cluster::wire::{self, PatchKind, Refusal, encode};
use crate::edge::node::PodShape;

pub(crate) use read::{Read, Unusable, all, newest, place, read};

const RUN_LABEL: &str = "aksreboot.dev/run";
const VERSION: &str = "1";
const SPEC: &str = "spec.json.gz";
const REPORT: &str = "report.json.gz";
const SHAPE: &str = "podShape";
const ENDED: &str = "ended";
const SESSION: &str = "session.";
const NODE: &str = "node.";
const BASELINE: &str = "baseline.";

/// Writes the record of a run that is about to begin.
pub(crate) async fn write(
    client: &kube::Client,
    run: &RunId,
    plan: &Plan,
    shape: &PodShape,
    session: &Session,
) -> Result<(), Refusal> {
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
    map.binary_data = Some(
        [
            (SPEC.to_owned(), ByteString(zipped(&plan.spec)?)),
            (REPORT.to_owned(), ByteString(zipped(&plan.report)?)),
        ]
        .into(),
    );
    map.data = Some(
        [
            ("v".to_owned(), VERSION.to_owned()),
            ("hash".to_owned(), plan.hash.clone()),
            (
                "cluster".to_owned(),
                plan.spec.cluster.identity.as_str().to_owned(),
            ),
            ("started".to_owned(), session.at.to_string()),
            (SHAPE.to_owned(), text(shape)?),
            (format!("{SESSION}0"), text(session)?),
        ]
        .into(),
    );
    let body = serde_json::to_value(&map).map_err(|error| Refusal::Passing(error.to_string()))?;
    wire::post::<Value>(client, &collection(), &body)
        .await
        .map(drop)
}

/// Adds how a node was before its turn. It goes again with the node's outcome, so the record holds those under way alone.
pub(crate) async fn keep_baseline(
    client: &kube::Client,
    run: &RunId,
    node: &NodeName,
    baseline: &Baseline,
) -> Result<(), Refusal> {
    let key = format!("{BASELINE}{node}");
    add(client, run, [(key, Some(text(baseline)?))]).await
}

/// Adds one node's outcome. `settled`: nothing was left to do but to remove the mark, if that.
pub(crate) async fn add_outcome(
    client: &kube::Client,
    run: &RunId,
    node: &NodeName,
    outcome: &Outcome,
    settled: bool,
    finished: &str,
) -> Result<(), Refusal> {
    let mut entry = json!({"outcome": outcome, "finished": finished});
    if settled {
        entry["settled"] = true.into();
    }
    let mut added = vec![(format!("{NODE}{node}"), Some(entry.to_string()))];
    if settled || !outcome.leaves_a_mark() {
        added.push((format!("{BASELINE}{node}"), None));
    }
    add(client, run, added).await
}

/// Says that the run goes on, in the session of this number.
pub(crate) async fn go_on(
    client: &kube::Client,
    run: &RunId,
    number: u64,
    session: &Session,
) -> Result<(), Refusal> {
    let key = format!("{SESSION}{number}");
    add(
        client,
        run,
        [(key, Some(text(session)?)), (ENDED.to_owned(), None)],
    )
    .await
}

/// Says how the session ended.
pub(crate) async fn end(
    client: &kube::Client,
    run: &RunId,
    closing: &Closing,
) -> Result<(), Refusal> {
    add(client, run, [(ENDED.to_owned(), Some(text(closing)?))]).await
}

/// Sets some keys; `None` removes one.
async fn add(
    client: &kube::Client,
    run: &RunId,
    entries: impl IntoIterator<Item = (String, Option<String>)>,
) -> Result<(), Refusal> {
    let data: BTreeMap<String, Option<String>> = entries.into_iter().collect();
    let path = format!("{}/{}", collection(), encode(&name(run)));
    wire::patch::<IgnoredAny>(client, &path, PatchKind::Merge, &json!({"data": data}))
        .await
        .map(drop)
}

fn text(value: &impl Serialize) -> Result<String, Refusal> {
    serde_json::to_string(value).map_err(|error| Refusal::Passing(error.to_string()))
}

fn zipped(value: &impl Serialize) -> Result<Vec<u8>, Refusal> {
    let plain = serde_json::to_vec(value).map_err(|error| Refusal::Passing(error.to_string()))?;
    let mut zip = GzEncoder::new(Vec::new(), Compression::best());
    zip.write_all(&plain)
        .and_then(|()| zip.finish())
        .map_err(|error| Refusal::Passing(format!("compress the plan: {error}")))
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
