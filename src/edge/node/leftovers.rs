//! The pods that were asked for and are not known to be gone. A probe that is dropped on its way, by a signal or by an
//! error elsewhere, leaves its pod's name here; whoever ends the command removes what is left.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::StreamExt as _;
use k8s_openapi::api::core::v1::Pod;
use kube::api::{Api, DeleteParams};

use crate::edge::cluster::code;

/// Deleting is one short call; more at once would only queue.
const AT_ONCE: usize = 16;

#[derive(Clone)]
pub(crate) struct Leftovers {
    pods: Api<Pod>,
    names: Arc<Mutex<BTreeSet<String>>>,
}

impl Leftovers {
    pub(super) fn new(pods: Api<Pod>) -> Self {
        Self {
            pods,
            names: Arc::default(),
        }
    }

    /// To be called before the pod is created: an answer that got lost may still have made it.
    pub(super) fn expect(&self, name: &str) {
        self.names().insert(name.to_owned());
    }

    /// The pod cannot exist: its creation was refused.
    pub(super) fn forget(&self, name: &str) {
        self.names().remove(name);
    }

    /// Deletes one pod at once, on a node that no longer answers too. A pod that is already gone counts as deleted.
    pub(super) async fn remove(&self, name: &str) -> Result<(), kube::Error> {
        // Without a grace period nobody waits for a kubelet that may be gone; the container is stopped all the same.
        match self
            .pods
            .delete(name, &DeleteParams::default().grace_period(0))
            .await
        {
            Ok(_) => {}
            Err(error) if code(&error) == Some(404) => {}
            Err(error) => return Err(error),
        }
        self.forget(name);
        Ok(())
    }

    /// Deletes everything that is left, within `limit`. Returns the names of pods that may still be there.
    pub(crate) async fn remove_all(&self, limit: Duration) -> Vec<String> {
        let names: Vec<String> = self.names().iter().cloned().collect();
        let removals =
            futures::stream::iter(names).for_each_concurrent(AT_ONCE, |name| async move {
                if let Err(error) = self.remove(&name).await {
                    tracing::warn!(pod = name, %error, "pod could not be deleted");
                }
            });
        if tokio::time::timeout(limit, removals).await.is_err() {
            tracing::warn!(?limit, "pods could not be deleted in time");
        }
        self.names().iter().cloned().collect()
    }

    fn names(&self) -> std::sync::MutexGuard<'_, BTreeSet<String>> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
