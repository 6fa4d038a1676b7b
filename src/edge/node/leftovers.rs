//! The pods that were asked for and are not known to be gone. A probe that is dropped on its way, by a signal or by an
//! error elsewhere, leaves its pod's name here; whoever ends the command removes what is left.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::StreamExt as _;
use serde_json::json;

use crate::edge::cluster::wire::{self, Refusal, encode};

/// Deleting is one short call; more at once would only queue.
const AT_ONCE: usize = 16;

#[derive(Clone)]
pub(crate) struct Leftovers {
    client: kube::Client,
    namespace: String,
    names: Arc<Mutex<BTreeMap<String, Creation>>>,
}

/// What is known of a pod's creation.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Creation {
    Asked,
    /// A request for it got no answer, and may still arrive: after the pod has been removed, too.
    MayComeLate,
}

impl Leftovers {
    pub(super) fn new(client: kube::Client, namespace: &str) -> Self {
        Self {
            client,
            namespace: namespace.to_owned(),
            names: Arc::default(),
        }
    }

    /// To be called before the pod is created: an answer that got lost may still have made it.
    pub(super) fn expect(&self, name: &str) {
        // One that may still come late is still to be looked for.
        let mut names = self.names();
        names.entry(name.to_owned()).or_insert(Creation::Asked);
    }

    /// Whether a pod of that name was asked for and is not known to be gone.
    pub(super) fn has(&self, name: &str) -> bool {
        self.names().contains_key(name)
    }

    /// A request for the pod got no answer: it is removed once more at the end of the command.
    pub(super) fn doubt(&self, name: &str) {
        self.names().insert(name.to_owned(), Creation::MayComeLate);
    }

    /// The pod cannot exist: its creation was refused.
    pub(super) fn forget(&self, name: &str) {
        self.names().remove(name);
    }

    /// Deletes one pod; forgets it unless it may come again.
    pub(super) async fn remove(&self, name: &str) -> Result<(), Refusal> {
        self.delete(name).await?;
        let mut names = self.names();
        if names.get(name) != Some(&Creation::MayComeLate) {
            names.remove(name);
        }
        Ok(())
    }

    /// Deletes one pod at once, on a node that no longer answers too. A pod that is already gone counts as deleted.
    async fn delete(&self, name: &str) -> Result<(), Refusal> {
        // Without a grace period nobody waits for a kubelet that may be gone; the container is stopped all the same.
        let path = format!(
            "/api/v1/namespaces/{}/pods/{}",
            encode(&self.namespace),
            encode(name)
        );
        match wire::delete(&self.client, &path, &json!({"gracePeriodSeconds": 0})).await {
            Ok(()) | Err(Refusal::Gone(_)) => Ok(()),
            Err(refusal) => Err(refusal),
        }
    }

    /// Deletes everything that is left, within `limit`. Returns the names of pods that may still be there.
    pub(crate) async fn remove_all(&self, limit: Duration) -> Vec<String> {
        let names: Vec<String> = self.names().keys().cloned().collect();
        let removals =
            futures::stream::iter(names).for_each_concurrent(AT_ONCE, |name| async move {
                match self.delete(&name).await {
                    Ok(()) => self.forget(&name),
                    Err(error) => tracing::warn!(pod = name, %error, "pod could not be deleted"),
                }
            });
        if tokio::time::timeout(limit, removals).await.is_err() {
            tracing::warn!(?limit, "pods could not be deleted in time");
        }
        self.names().keys().cloned().collect()
    }

    fn names(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Creation>> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
