//! The Lease that a node's kubelet renews every ten seconds.

use serde::Deserialize;

use super::wire::{self, Refusal, encode};
use crate::core::model::NodeName;

#[derive(Deserialize)]
struct Lease {
    spec: Option<Spec>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Spec {
    renew_time: Option<String>,
}

/// `renewTime` as the server has it; it is only ever compared with itself.
pub(crate) async fn renew_time(client: &kube::Client, node: &NodeName) -> Result<String, Refusal> {
    let path = format!(
        "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/{}",
        encode(node.as_str())
    );
    let lease: Lease = wire::get(client, &path).await?;
    Ok(lease
        .spec
        .and_then(|spec| spec.renew_time)
        .unwrap_or_default())
}
