//! How many Ready pods a workload has and wants.

use serde::Deserialize;

use super::wire::{self, Refusal, encode};
use crate::core::engine::{Workload, WorkloadKey};

#[derive(Deserialize)]
struct Scaled {
    metadata: Meta,
    #[serde(default)]
    spec: Spec,
    #[serde(default)]
    status: Status,
}

#[derive(Deserialize)]
struct Meta {
    uid: String,
}

#[derive(Default, Deserialize)]
struct Spec {
    replicas: Option<u32>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    ready_replicas: Option<u32>,
}

/// Reads one workload; `None` when it is gone, or another of the same name stands in its place.
pub(crate) async fn read(
    client: &kube::Client,
    key: &WorkloadKey,
) -> Result<Option<Workload>, Refusal> {
    let (group, plural) = match key.owner.kind.as_str() {
        "ReplicaSet" => ("/apis/apps/v1", "replicasets"),
        "StatefulSet" => ("/apis/apps/v1", "statefulsets"),
        _ => ("/api/v1", "replicationcontrollers"),
    };
    let path = format!(
        "{group}/namespaces/{}/{plural}/{}",
        encode(&key.namespace),
        encode(&key.owner.name)
    );
    match wire::get::<Scaled>(client, &path).await {
        Ok(found) if found.metadata.uid == key.owner.uid.as_str() => Ok(Some(Workload {
            key: key.clone(),
            ready: found.status.ready_replicas.unwrap_or(0),
            wanted: found.spec.replicas.unwrap_or(1),
        })),
        Ok(_) | Err(Refusal::Gone(_)) => Ok(None),
        Err(refusal) => Err(refusal),
    }
}
