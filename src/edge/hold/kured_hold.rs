//! Holding kured: its own lock, on the DaemonSet that its flags name, in every annotation that one of its versions reads.
//! Takes no lock that a node has, and gives back none but its own.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json};

use super::kured::{self, LOCKS};
use crate::core::hold::{Hold, is_for_a_hold};
use crate::core::kured::KuredFound;
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
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// Nothing of the kind was there.
    NotOurs,
    /// The DaemonSet is not there. A kured that cannot read its lock takes none, and reboots nothing (kubereboot/kured:
    /// pkg/daemonsetlock).
    Gone,
    /// Nodes hold it, or somebody else.
    Theirs(Vec<String>),
    Unreadable,
    Failed(Refusal),
}

/// Every lock of a kured in the cluster.
#[derive(Default)]
pub(crate) struct Places {
    /// Those that several share are named once.
    pub(crate) known: Vec<Place>,
    /// Kureds of which a setting that names the lock is kept in another object: which, and what setting.
    pub(crate) unknown: Vec<(String, &'static str)>,
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

/// Takes the lock for `hold`.
pub(crate) async fn take(client: &kube::Client, place: &Place, hold: &Hold) -> Outcome {
    change(client, place, |annotations| {
        for key in &place.keys {
            match standing(annotations.get(key).map(String::as_str), hold.since) {
                Standing::Free => {}
                // What an earlier hold left goes over to this one.
                Standing::Ours(by) if is_for_a_hold(&by) => {}
                Standing::Ours(by) => return Err(Outcome::Theirs(vec![by])),
                Standing::Theirs(nodes) => return Err(Outcome::Theirs(nodes)),
                Standing::Unreadable => return Err(Outcome::Unreadable),
            }
        }
        let holder = hold.kured_holder();
        let text = value(&holder, hold.since, hold.until, place.concurrency);
        Ok(place
            .keys
            .iter()
            .map(|key| (key.clone(), Some(text.clone())))
            .collect())
    })
    .await
}

/// Whose lock is to be given back.
#[derive(Clone, Copy)]
pub(crate) enum Whose<'h> {
    Of(&'h Hold),
    /// Of whatever hold: the one that is there cannot be read, or is gone already.
    AnyHolds,
}

/// The name by which a hold has the lock there, if one has.
pub(crate) async fn holder(
    client: &kube::Client,
    place: &Place,
    whose: Whose<'_>,
) -> Result<Option<String>, Refusal> {
    match read(client, place).await {
        Ok(set) => {
            let annotations = set.metadata.annotations.unwrap_or_default();
            Ok(holds(place, &annotations, whose).0)
        }
        Err(Refusal::Gone(_)) => Ok(None),
        Err(refusal) => Err(refusal),
    }
}

/// Gives the lock back.
pub(crate) async fn give_back(client: &kube::Client, place: &Place, whose: Whose<'_>) -> Outcome {
    change(client, place, |annotations| {
        match holds(place, annotations, whose) {
            (Some(_), keys) => Ok(keys.into_iter().map(|key| (key.clone(), None)).collect()),
            (None, _) => Err(Outcome::NotOurs),
        }
    })
    .await
}

/// By what name a hold has the lock, and in which annotations.
fn holds<'p>(
    place: &'p Place,
    annotations: &BTreeMap<String, String>,
    whose: Whose<'_>,
) -> (Option<String>, Vec<&'p String>) {
    let mut holder = None;
    let keys = place
        .keys
        .iter()
        .filter(|key| {
            let text = annotations.get(*key).map(String::as_str);
            // What has expired is still to be tidied away.
            let Standing::Ours(by) = standing(text, Timestamp::MIN) else {
                return false;
            };
            let wanted = match whose {
                Whose::Of(hold) => by == hold.kured_holder(),
                Whose::AnyHolds => is_for_a_hold(&by),
            };
            if wanted {
                holder.get_or_insert(by);
            }
            wanted
        })
        .collect();
    (holder, keys)
}

fn path(place: &Place) -> String {
    format!(
        "/apis/apps/v1/namespaces/{}/daemonsets/{}",
        encode(&place.namespace),
        encode(&place.name)
    )
}

async fn read(client: &kube::Client, place: &Place) -> Result<DaemonSet, Refusal> {
    wire::get::<DaemonSet>(client, &path(place)).await
}

type Annotations = BTreeMap<String, Option<String>>;

/// Reads, decides, and writes against the version that was read.
async fn change(
    client: &kube::Client,
    place: &Place,
    decide: impl Fn(&BTreeMap<String, String>) -> Result<Annotations, Outcome>,
) -> Outcome {
    let mut last = Refusal::Passing("it changed under every write".into());
    for _ in 0..TRIES {
        let set = match read(client, place).await {
            Ok(set) => set,
            Err(Refusal::Gone(_)) => return Outcome::Gone,
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
        match wire::patch::<IgnoredAny>(client, &path(place), PatchKind::Merge, &body).await {
            Ok(_) => return Outcome::Done,
            Err(Refusal::Gone(_)) => return Outcome::Gone,
            Err(refusal @ Refusal::Conflict(_)) => last = refusal,
            Err(refusal) => return Outcome::Failed(refusal),
        }
    }
    Outcome::Failed(last)
}
