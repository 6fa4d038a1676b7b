//! Holding kured: its own lock, on the DaemonSet that its flags name, in every annotation that one of its versions reads.
//! Takes no lock that a node has, and gives back none but its own.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json};

use super::kured::{self, LOCKS};
use crate::core::hold::Hold;
use crate::core::kured_lock::{Standing, standing, value};
use crate::edge::cluster::wire::{self, PatchKind, Refusal, encode};

/// A write that meets another reads again and decides again; so often in a row is nobody's luck.
const TRIES: usize = 5;

#[derive(Deserialize)]
struct DaemonSet {
    metadata: Meta,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Meta {
    resource_version: String,
    #[serde(default)]
    annotations: Option<BTreeMap<String, String>>,
}

/// Where a kured keeps its lock.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) namespace: String,
    pub(crate) name: String,
    keys: Vec<String>,
    /// How many nodes it takes at once, where that is known.
    concurrency: Option<usize>,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.namespace, self.name)
    }
}

/// What became of one kured's lock.
pub(crate) enum Outcome {
    Done,
    /// Nothing of this hold was there.
    NotOurs,
    /// Nodes hold it, or somebody else.
    Theirs(Vec<String>),
    Unreadable,
    Failed(Refusal),
}

/// Where the locks of every kured of the cluster are; two that share one are named once.
pub(crate) async fn places(client: &kube::Client) -> Result<Vec<Place>, Refusal> {
    let found = kured::survey(client).await?;
    let places: BTreeSet<Place> = found
        .into_iter()
        .map(|kured| {
            let of = |key: &str| kured.settings.get(key);
            let text = |key: &str, usual: &str| {
                of(key)
                    .cloned()
                    .flatten()
                    .unwrap_or_else(|| usual.to_owned())
            };
            let mut keys: Vec<String> = of("lock-annotation")
                .cloned()
                .flatten()
                .into_iter()
                .collect();
            keys.extend(LOCKS.map(str::to_owned));
            keys.dedup();
            Place {
                // kured's own defaults.
                namespace: text("ds-namespace", "kube-system"),
                name: text("ds-name", "kured"),
                keys,
                concurrency: match of("concurrency") {
                    None => Some(1),
                    Some(given) => given.as_deref().and_then(|number| number.parse().ok()),
                },
            }
        })
        .collect();
    Ok(places.into_iter().collect())
}

/// Takes the lock for `hold`.
pub(crate) async fn take(client: &kube::Client, place: &Place, hold: &Hold) -> Outcome {
    change(client, place, |annotations| {
        for key in &place.keys {
            match standing(annotations.get(key).map(String::as_str), hold.since) {
                Standing::Free | Standing::Ours(_) => {}
                Standing::Theirs(nodes) => return Err(Outcome::Theirs(nodes)),
                Standing::Unreadable => return Err(Outcome::Unreadable),
            }
        }
        let text = value(
            &hold.kured_holder(),
            hold.since,
            hold.until,
            place.concurrency,
        );
        Ok(place
            .keys
            .iter()
            .map(|key| (key.clone(), Some(text.clone())))
            .collect())
    })
    .await
}

/// Gives the lock of `hold` back.
pub(crate) async fn give_back(client: &kube::Client, place: &Place, hold: &Hold) -> Outcome {
    let holder = hold.kured_holder();
    change(client, place, |annotations| {
        let ours: BTreeMap<String, Option<String>> = place
            .keys
            .iter()
            .filter(|key| {
                let text = annotations.get(*key).map(String::as_str);
                // What has expired is still to be tidied away.
                matches!(standing(text, hold.since), Standing::Ours(by) if by == holder)
            })
            .map(|key| (key.clone(), None))
            .collect();
        if ours.is_empty() {
            Err(Outcome::NotOurs)
        } else {
            Ok(ours)
        }
    })
    .await
}

/// Reads, decides, and writes against the version that was read.
async fn change(
    client: &kube::Client,
    place: &Place,
    decide: impl Fn(&BTreeMap<String, String>) -> Result<BTreeMap<String, Option<String>>, Outcome>,
) -> Outcome {
    let path = format!(
        "/apis/apps/v1/namespaces/{}/daemonsets/{}",
        encode(&place.namespace),
        encode(&place.name)
    );
    let mut last = Refusal::Passing("it changed under every write".into());
    for _ in 0..TRIES {
        let set = match wire::get::<DaemonSet>(client, &path).await {
            Ok(set) => set,
            Err(refusal) => return Outcome::Failed(refusal),
        };
        let annotations = match decide(&set.metadata.annotations.unwrap_or_default()) {
            Ok(annotations) => annotations,
            Err(instead) => return instead,
        };
        let body: Value = json!({"metadata": {
            "resourceVersion": set.metadata.resource_version,
            "annotations": annotations,
        }});
        match wire::patch::<IgnoredAny>(client, &path, PatchKind::Merge, &body).await {
            Ok(_) => return Outcome::Done,
            Err(refusal @ Refusal::Conflict(_)) => last = refusal,
            Err(refusal) => return Outcome::Failed(refusal),
        }
    }
    Outcome::Failed(last)
}
