//! The run record: the ConfigMap that holds a run's plan, how each node was before its turn, and its outcome. Written before
//! the first cordon, so that the run can be gone on with from anywhere. Spec and report never change; the rest is added.

mod pack;
mod read;

use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};
use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::ConfigMap;
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

use pack::packed;

pub(crate) use pack::Loose;
pub(crate) use read::{Read, Unusable, all, newest, place, read};

const RUN_LABEL: &str = "aksreboot.dev/run";
const VERSION: &str = "1";
/// Of a record that has packs, which a program that knows none must not take for a shorter run.
const WITH_PACKS: &str = "2";
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
            (SPEC.to_owned(), ByteString(zipped_json(&plan.spec)?)),
            (REPORT.to_owned(), ByteString(zipped_json(&plan.report)?)),
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
    wire::make(client, &collection(), &map).await?;
    Ok(())
}

/// Adds how a node was before its turn. It goes again with the node's outcome, so the record holds those under way alone.
pub(crate) async fn keep_baseline(
    client: &kube::Client,
    run: &RunId,
    node: &NodeName,
    baseline: &Baseline,
) -> Result<(), Refusal> {
    let key = format!("{BASELINE}{node}");
    add(client, run, json!({key: text(baseline)?})).await
}

/// Adds one node's outcome. `settled`: nothing was left to do but to remove the mark, if that. Packs those that are `loose`, in
/// the same patch, once they are enough.
pub(crate) async fn add_outcome(
    client: &kube::Client,
    run: &RunId,
    node: &NodeName,
    outcome: &Outcome,
    settled: bool,
    finished: &str,
    loose: &Loose,
) -> Result<(), Refusal> {
    let mut entry = json!({"outcome": outcome, "finished": finished});
    if settled {
        entry["settled"] = true.into();
    }
    let (key, entry) = (format!("{NODE}{node}"), entry.to_string());
    let mut data = json!({&key: &entry});
    if settled || !outcome.leaves_a_mark() {
        data[format!("{BASELINE}{node}")] = Value::Null;
    }
    let mut body = json!({"data": data});
    let ready = loose.take();
    if let Some(entries) = &ready {
        let (pack, content) = packed(entries)?;
        // A node that is done anew meanwhile has its newest outcome beside the pack.
        for key in entries.keys().filter(|done| **done != key) {
            body["data"][key] = Value::Null;
        }
        body["data"]["v"] = WITH_PACKS.into();
        body["binaryData"] = json!({pack: content});
    }
    let written = change(client, run, &body).await;
    match &written {
        Ok(()) if settled && matches!(outcome, Outcome::Verified { .. }) => loose.add(key, entry),
        Ok(()) => {}
        Err(_) => loose.give_back(ready.unwrap_or_default()),
    }
    written
}

/// Says that the run goes on, in the session of this number.
pub(crate) async fn go_on(
    client: &kube::Client,
    run: &RunId,
    number: u64,
    session: &Session,
) -> Result<(), Refusal> {
    let key = format!("{SESSION}{number}");
    add(client, run, json!({key: text(session)?, ENDED: null})).await
}

/// Says how the session ended.
pub(crate) async fn end(
    client: &kube::Client,
    run: &RunId,
    closing: &Closing,
) -> Result<(), Refusal> {
    add(client, run, json!({ENDED: text(closing)?})).await
}

/// Sets some keys; null removes one.
async fn add(client: &kube::Client, run: &RunId, data: Value) -> Result<(), Refusal> {
    change(client, run, &json!({"data": data})).await
}

async fn change(client: &kube::Client, run: &RunId, body: &Value) -> Result<(), Refusal> {
    let path = format!("{}/{}", collection(), encode(&name(run)));
    wire::change(client, &path, PatchKind::Merge, body).await
}

fn text(value: &impl Serialize) -> Result<String, Refusal> {
    serde_json::to_string(value).map_err(|error| Refusal::Passing(error.to_string()))
}

fn zipped_json(value: &impl Serialize) -> Result<Vec<u8>, Refusal> {
    let plain = serde_json::to_vec(value).map_err(|error| Refusal::Passing(error.to_string()))?;
    zipped(&plain)
}

fn zipped(plain: &[u8]) -> Result<Vec<u8>, Refusal> {
    let mut zip = GzEncoder::new(Vec::new(), Compression::best());
    zip.write_all(plain)
        .and_then(|()| zip.finish())
        .map_err(|error| Refusal::Passing(format!("compress a part of the record: {error}")))
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
