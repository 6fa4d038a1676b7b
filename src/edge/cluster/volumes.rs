//! The volumes that are still on a node when its pods have left: VolumeAttachments, and what its kubelet reports as in use.

use serde::Deserialize;

use super::watch::{Scope, list};
use super::wire::{self, Refusal, encode};
use crate::core::model::NodeName;

#[derive(Deserialize)]
struct Attachment {
    metadata: Meta,
    spec: AttachmentSpec,
}

#[derive(Deserialize)]
struct Meta {
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AttachmentSpec {
    node_name: String,
    #[serde(default)]
    source: Source,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Source {
    persistent_volume_name: Option<String>,
}

#[derive(Deserialize)]
struct Claim {
    #[serde(default)]
    spec: ClaimSpec,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClaimSpec {
    volume_name: Option<String>,
}

#[derive(Deserialize)]
struct Node {
    #[serde(default)]
    status: NodeStatus,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct NodeStatus {
    volumes_in_use: Option<Vec<String>>,
}

/// The names of the volumes that are attached to the node or in use on it, but for those of `staying`: claims, by namespace and name,
/// of pods that are still there. Sorted.
pub(crate) async fn attached(
    client: &kube::Client,
    node: &NodeName,
    staying: &[(String, String)],
) -> Result<Vec<String>, Refusal> {
    // Attachments cannot be selected by their node.
    let scope = Scope::all("/apis/storage.k8s.io/v1/volumeattachments");
    let all = list::<Attachment>(client, &scope).await?;
    let mut volumes: Vec<String> = all
        .items
        .into_iter()
        .filter(|attachment| attachment.spec.node_name == node.as_str())
        .map(|attachment| {
            let volume = attachment.spec.source.persistent_volume_name;
            volume.unwrap_or(attachment.metadata.name)
        })
        .collect();
    if staying.is_empty() {
        // What is in use is named otherwise than what is attached; where nothing stays, nothing may be in use.
        if volumes.is_empty() {
            volumes = in_use(client, node).await?;
        }
    } else {
        for (namespace, claim) in staying {
            if let Some(volume) = volume_of(client, namespace, claim).await? {
                volumes.retain(|other| *other != volume);
            }
        }
    }
    volumes.sort();
    Ok(volumes)
}

async fn in_use(client: &kube::Client, node: &NodeName) -> Result<Vec<String>, Refusal> {
    let path = format!("/api/v1/nodes/{}", encode(node.as_str()));
    match wire::get::<Node>(client, &path).await {
        Ok(node) => Ok(node.status.volumes_in_use.unwrap_or_default()),
        Err(Refusal::Gone(_)) => Ok(Vec::new()),
        Err(refusal) => Err(refusal),
    }
}

/// The volume of a claim; `None` where it has none, or where that may not be read.
async fn volume_of(
    client: &kube::Client,
    namespace: &str,
    claim: &str,
) -> Result<Option<String>, Refusal> {
    let path = format!(
        "/api/v1/namespaces/{}/persistentvolumeclaims/{}",
        encode(namespace),
        encode(claim)
    );
    match wire::get::<Claim>(client, &path).await {
        Ok(claim) => Ok(claim.spec.volume_name),
        Err(Refusal::Gone(_) | Refusal::Denied(_)) => Ok(None),
        Err(refusal) => Err(refusal),
    }
}
