//! Reading a run record. What is in a ConfigMap anybody may have written: a plan counts only when its hash fits, and what
//! does not parse is said to be so.

use std::collections::BTreeMap;
use std::io::Read as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::read::GzDecoder;
use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::pack::PACK;
use super::{BASELINE, ENDED, NODE, REPORT, SESSION, SHAPE, SPEC, VERSION, WITH_PACKS};
use crate::core::drain::{MANAGED_BY, OWN_NAMESPACE};
use crate::core::engine::Outcome;
use crate::core::model::{NodeName, RunId};
use crate::core::plan::{Plan, Report, Spec};
use crate::core::record::Recorded;
use crate::edge::cluster::watch::{Scope, list};
use crate::edge::cluster::wire::{self, Refusal, encode};
use crate::edge::node::PodShape;

/// No plan is larger: a ConfigMap holds a mebibyte, and plans of thousands of nodes compress to a quarter.
const LARGEST: u64 = 64 << 20;
/// No pack is: it holds some fifty entries. A record has room for many packs, and somebody else may have written them.
const LARGEST_PACK: u64 = 1 << 20;

/// A record, and what its cluster asked of pods.
pub(crate) type Read = (Recorded, PodShape);

/// Why a record cannot be gone on with.
#[derive(Debug)]
pub(crate) enum Unusable {
    /// There is none.
    Missing,
    /// Of a newer version of this program, or an older one that did not write enough.
    OtherVersion(String),
    /// It is not what a run wrote.
    Broken(String),
}

impl std::fmt::Display for Unusable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing => f.write_str("there is no record of it"),
            Self::OtherVersion(why) => write!(f, "recorded by another version: {why}"),
            Self::Broken(why) => write!(f, "its record is damaged: {why}"),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Map {
    metadata: Meta,
    #[serde(default)]
    data: BTreeMap<String, String>,
    #[serde(default)]
    binary_data: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Meta {
    name: String,
}

#[derive(Deserialize)]
struct Entry {
    outcome: Outcome,
    finished: Timestamp,
    #[serde(default)]
    settled: bool,
}

/// Reads the record of one run.
pub(crate) async fn read(
    client: &kube::Client,
    run: &RunId,
) -> Result<Result<Read, Unusable>, Refusal> {
    let path = format!("{}/{}", super::collection(), encode(&super::name(run)));
    match wire::get::<Map>(client, &path).await {
        Ok(map) => Ok(parse(run, &map)),
        Err(Refusal::Gone(_)) => Ok(Err(Unusable::Missing)),
        Err(refusal) => Err(refusal),
    }
}

/// The newest record there is, if any.
pub(crate) async fn newest(
    client: &kube::Client,
) -> Result<Option<(RunId, Result<Read, Unusable>)>, Refusal> {
    let all = all(client).await?;
    // Run IDs begin with their date.
    Ok(all.into_iter().max_by(|(a, _), (b, _)| a.cmp(b)))
}

/// Every record there is.
pub(crate) async fn all(
    client: &kube::Client,
) -> Result<Vec<(RunId, Result<Read, Unusable>)>, Refusal> {
    let scope = Scope {
        path: super::collection(),
        field_selector: None,
        label_selector: Some(format!("{MANAGED_BY}=aksreboot,{}", super::RUN_LABEL)),
    };
    let maps = list::<Map>(client, &scope).await?.items;
    let records = maps.into_iter().filter_map(|map| {
        let run = RunId::new(map.metadata.name.strip_prefix("aksreboot-run-")?);
        let recorded = parse(&run, &map);
        Some((run, recorded))
    });
    Ok(records.collect())
}

fn parse(run: &RunId, map: &Map) -> Result<Read, Unusable> {
    let broken = |what: &str, why: String| Unusable::Broken(format!("{what}: {why}"));
    match map.data.get("v").map(String::as_str) {
        Some(VERSION | WITH_PACKS) => {}
        Some(other) => return Err(Unusable::OtherVersion(format!("its format is {other}"))),
        None => return Err(Unusable::Broken("it has no `v`".into())),
    }
    let spec: Spec = unzipped(map, SPEC, LARGEST)?
        .ok_or_else(|| Unusable::Broken(format!("`{SPEC}` is missing")))?;
    let report: Report = unzipped(map, REPORT, LARGEST)?
        .ok_or_else(|| Unusable::OtherVersion(format!("it has no `{REPORT}`")))?;
    let plan = Plan::new(spec, report).map_err(|error| broken(SPEC, error.to_string()))?;
    if map.data.get("hash") != Some(&plan.hash) {
        return Err(Unusable::OtherVersion(
            "its plan, as this version understands it, has another hash".into(),
        ));
    }
    let shape = match map.data.get(SHAPE) {
        Some(text) => json(SHAPE, text)?,
        None => return Err(Unusable::OtherVersion(format!("it has no `{SHAPE}`"))),
    };
    let mut recorded = Recorded {
        run: run.clone(),
        plan,
        notes: BTreeMap::new(),
        sessions: BTreeMap::new(),
        ended: None,
    };
    let packs: Vec<BTreeMap<String, String>> = map
        .binary_data
        .keys()
        .filter(|key| key.starts_with(PACK))
        .filter_map(|key| unzipped(map, key, LARGEST_PACK).transpose())
        .collect::<Result<_, _>>()?;
    let packed = packs.iter().flatten();
    let packed = packed.filter(|(key, _)| key.starts_with(NODE));
    // What stands by itself is newer than what is packed.
    for (key, text) in packed.chain(&map.data) {
        if let Some(node) = key.strip_prefix(NODE) {
            let entry: Entry = json(key, text)?;
            let node = NodeName::new(node);
            let note = recorded.notes.entry(node).or_default();
            note.outcome = Some(entry.outcome);
            note.finished = Some(entry.finished);
            note.settled = entry.settled;
        } else if let Some(node) = key.strip_prefix(BASELINE) {
            let note = recorded.notes.entry(NodeName::new(node)).or_default();
            note.baseline = Some(json(key, text)?);
        } else if let Some(number) = key.strip_prefix(SESSION) {
            let number = number
                .parse()
                .map_err(|_| broken(key, "no number".into()))?;
            recorded.sessions.insert(number, json(key, text)?);
        } else if key == ENDED {
            recorded.ended = Some(json(key, text)?);
        }
    }
    Ok((recorded, shape))
}

fn json<T: DeserializeOwned>(key: &str, text: &str) -> Result<T, Unusable> {
    serde_json::from_str(text).map_err(|error| Unusable::Broken(format!("`{key}`: {error}")))
}

fn unzipped<T: DeserializeOwned>(
    map: &Map,
    key: &str,
    largest: u64,
) -> Result<Option<T>, Unusable> {
    let Some(text) = map.binary_data.get(key) else {
        return Ok(None);
    };
    let broken = |why: String| Unusable::Broken(format!("`{key}`: {why}"));
    let zipped = STANDARD
        .decode(text)
        .map_err(|error| broken(error.to_string()))?;
    let mut plain = Vec::new();
    GzDecoder::new(zipped.as_slice())
        .take(largest)
        .read_to_end(&mut plain)
        .map_err(|error| broken(error.to_string()))?;
    let value = serde_json::from_slice(&plain).map_err(|error| broken(error.to_string()))?;
    Ok(Some(value))
}

/// Where records are, for whoever tells a person to look.
pub(crate) fn place(run: &RunId) -> String {
    format!(
        "kubectl get configmap -n {OWN_NAMESPACE} {}",
        super::name(run)
    )
}
