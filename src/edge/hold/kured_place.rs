//! Where kureds keep their locks: the DaemonSet that their flags name, in every annotation that one of their versions reads.
//! Reads and writes there; who may take what is judged by the callers.

use std::collections::BTreeMap;

use jiff::Timestamp;
use kube::core::Status;
use serde::Deserialize;
use serde_json::{Value, json};

use super::kured::{self, LOCKS};
use crate::core::kured::KuredFound;
use crate::edge::ask::ask;
use crate::edge::cluster::wire::{self, PatchKind, Refusal, encode};

/// A write that meets another reads again and decides again; so often in a row is nobody's luck.
const TRIES: usize = 5;

/// Where a kured keeps its lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) namespace: String,
    pub(crate) name: String,
    pub(super) keys: Vec<String>,
    /// How many nodes it takes at once, where that is known.
    pub(super) concurrency: Option<usize>,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.namespace, self.name)
    }
}

/// Every lock of a kured in the cluster.
#[derive(Default)]
pub(crate) struct Places {
    /// Those that several share are named once.
    pub(crate) known: Vec<Place>,
    /// Kureds of which a setting that names the lock is kept in another object: which, and what setting.
    pub(crate) unknown: Vec<(String, &'static str)>,
}

/// The annotations of a DaemonSet.
pub(super) type Annotations = BTreeMap<String, String>;
/// What becomes of some of them; `None` is taken away.
pub(super) type Changes = BTreeMap<String, Option<String>>;

/// What came of a change.
pub(super) enum Changed<T> {
    Done,
    /// The DaemonSet is not there. A kured that cannot read its lock takes none, and reboots nothing (kubereboot/kured:
    /// pkg/daemonsetlock).
    Gone,
    /// It was not made, by the caller's own judgement.
    Instead(T),
    Failed(Refusal),
}

/// Whether a change is made, or only put before the API server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    Real,
    Trial,
}

/// Finds the locks.
pub(crate) async fn places(client: &kube::Client) -> Result<Places, Refusal> {
    let found = kured::survey(client).await?;
    let mut places = Places::default();
    for kured in &found {
        match place(kured) {
            Ok(place) => places.add(place),
            Err(setting) => places
                .unknown
                .push((format!("{}/{}", kured.namespace, kured.name), setting)),
        }
    }
    Ok(places)
}

impl Places {
    fn add(&mut self, place: Place) {
        let there = self
            .known
            .iter_mut()
            .find(|known| (&known.namespace, &known.name) == (&place.namespace, &place.name));
        let Some(there) = there else {
            self.known.push(place);
            return;
        };
        for key in place.keys {
            if !there.keys.contains(&key) {
                there.keys.push(key);
            }
        }
        there.concurrency = there
            .concurrency
            .zip(place.concurrency)
            .map(|(one, other)| one.max(other));
    }
}

/// By kured's own defaults where nothing is said. `Err`: the setting that is not known.
fn place(kured: &KuredFound) -> Result<Place, &'static str> {
    let text = |key: &'static str| match kured.settings.get(key) {
        None => Ok(None),
        Some(Some(value)) => Ok(Some(value.clone())),
        Some(None) => Err(key),
    };
    let mut keys: Vec<String> = text("lock-annotation")?.into_iter().collect();
    for key in LOCKS {
        if !keys.iter().any(|known| known == key) {
            keys.push(key.to_owned());
        }
    }
    Ok(Place {
        namespace: text("ds-namespace")?.unwrap_or_else(|| "kube-system".into()),
        name: text("ds-name")?.unwrap_or_else(|| "kured".into()),
        keys,
        concurrency: match kured.settings.get("concurrency") {
            None => Some(1),
            Some(given) => given.as_deref().and_then(|number| number.parse().ok()),
        },
    })
}

#[derive(Deserialize)]
struct DaemonSet {
    metadata: Meta,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Meta {
    resource_version: String,
    #[serde(default)]
    annotations: Option<Annotations>,
}

/// A DaemonSet as it was read.
pub(super) struct Seen {
    version: String,
    pub(super) annotations: Annotations,
    /// The API server's time. Kureds judge by their nodes' clocks, which are nearer to it than an operator's laptop.
    pub(super) now: Timestamp,
}

pub(super) async fn read(client: &kube::Client, place: &Place) -> Result<Seen, Refusal> {
    let reply = ask(client, "GET", &path(place), None).await?;
    if reply.code != 200 {
        let status = Status {
            code: reply.code,
            message: reply.message(),
            ..Status::default()
        };
        return Err(kube::Error::Api(Box::new(status)).into());
    }
    let set: DaemonSet = serde_json::from_value(reply.body)
        .map_err(|error| Refusal::Passing(format!("DaemonSet {place}: {error}")))?;
    let now = reply
        .date
        .ok_or_else(|| Refusal::Passing("the API server does not tell its time".into()))?;
    Ok(Seen {
        version: set.metadata.resource_version,
        annotations: set.metadata.annotations.unwrap_or_default(),
        now,
    })
}

/// Reads, decides by what is there and the API server's time, and writes against the version that was read.
pub(super) async fn change<T>(
    client: &kube::Client,
    place: &Place,
    manner: Manner,
    decide: impl Fn(&Annotations, Timestamp) -> Result<Changes, T>,
) -> Changed<T> {
    let path = match manner {
        Manner::Real => path(place),
        Manner::Trial => format!("{}?dryRun=All", path(place)),
    };
    for _ in 0..TRIES {
        let seen = match read(client, place).await {
            Ok(seen) => seen,
            Err(Refusal::Gone(_)) => return Changed::Gone,
            Err(refusal) => return Changed::Failed(refusal),
        };
        let annotations = match decide(&seen.annotations, seen.now) {
            Ok(annotations) => annotations,
            Err(instead) => return Changed::Instead(instead),
        };
        let body: Value = json!({"metadata": {
            "resourceVersion": seen.version,
            "annotations": annotations,
        }});
        match wire::change(client, &path, PatchKind::Merge, &body).await {
            Ok(()) => return Changed::Done,
            Err(Refusal::Gone(_)) => return Changed::Gone,
            Err(Refusal::Conflict(_)) => {}
            Err(refusal) => return Changed::Failed(refusal),
        }
    }
    Changed::Failed(Refusal::Passing(format!(
        "DaemonSet {place} changed under each of {TRIES} writes"
    )))
}

fn path(place: &Place) -> String {
    format!(
        "/apis/apps/v1/namespaces/{}/daemonsets/{}",
        encode(&place.namespace),
        encode(&place.name)
    )
}
