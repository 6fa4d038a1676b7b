//! How few pods of each workload were Ready at the worst moment since somebody began to look. It counts and judges nothing.

use std::collections::BTreeMap;
use std::time::Duration;

use super::clock::Moment;
use super::kind::Kind;
use super::store::{Change, Key, Object, Store};

/// The worst moment of one workload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Low {
    /// `Deployment`, `StatefulSet` or `ReplicaSet`.
    pub kind: &'static str,
    pub namespace: String,
    pub name: String,
    /// Ready pods when the looking began.
    pub before: usize,
    /// The fewest since.
    pub ready: usize,
    /// When they were that few for the first time, from the beginning of the looking.
    pub at: Duration,
}

#[derive(Debug, Default)]
pub(super) struct Lows {
    since: Option<Moment>,
    by_workload: BTreeMap<(Kind, Key), Low>,
}

impl Lows {
    /// Begins to look, at every workload that has a number of pods.
    pub(super) fn begin(&mut self, store: &Store, now: Moment) {
        self.since = Some(now);
        self.by_workload = [Kind::Deployment, Kind::StatefulSet, Kind::ReplicaSet]
            .into_iter()
            .flat_map(|kind| store.list(kind, None))
            .filter(|workload| workload.index.lasting.controller.is_none())
            .map(|workload| {
                let ready = ready(store, workload);
                let low = Low {
                    kind: workload.kind.resource().name,
                    namespace: workload.key.namespace.clone(),
                    name: workload.key.name.clone(),
                    before: ready,
                    ready,
                    at: Duration::ZERO,
                };
                ((workload.kind, workload.key.clone()), low)
            })
            .collect();
    }

    pub(super) fn notice(&mut self, store: &Store, change: &Change, now: Moment) {
        let Some(since) = self.since else {
            return;
        };
        let pod = &change.object;
        let ready_before = change.before.as_ref().is_some_and(|pod| counts(pod));
        if pod.kind != Kind::Pod || !ready_before || (counts(pod) && !change.removed) {
            return;
        }
        let owner = |object: &Object| {
            store
                .controller(object.index.lasting.controller.as_deref()?)
                .cloned()
        };
        let Some(owned_by) = owner(pod) else {
            return;
        };
        let workload = owner(&owned_by).unwrap_or(owned_by);
        let key = (workload.kind, workload.key.clone());
        if let Some(low) = self.by_workload.get_mut(&key) {
            let ready = ready(store, &workload);
            if ready < low.ready {
                low.ready = ready;
                low.at = now.saturating_sub(since);
            }
        }
    }

    pub(super) fn all(&self) -> Vec<Low> {
        self.by_workload.values().cloned().collect()
    }
}

fn counts(pod: &Object) -> bool {
    pod.index.ready && !pod.index.deleting
}

/// The Ready pods of a workload, those of its ReplicaSets together.
fn ready(store: &Store, workload: &Object) -> usize {
    let own = store.tally(&workload.index.lasting.uid).ready;
    if workload.kind != Kind::Deployment {
        return own;
    }
    let sets = store.controlled_by(&workload.index.lasting.uid);
    sets.iter()
        .map(|set| store.tally(&set.index.lasting.uid).ready)
        .sum()
}
