//! The short pods that a run left when it was cut off. Its reboot pods are not among them: those are the nodes' own story.

use serde::Deserialize;
use serde_json::json;

use super::{MANAGED_BY, NAMESPACE, PURPOSE, RUN};
use crate::core::model::RunId;
use crate::edge::cluster::watch::{Scope, list};
use crate::edge::cluster::wire::{self, Refusal, encode};

#[derive(Deserialize)]
struct Named {
    metadata: Meta,
}

#[derive(Deserialize)]
struct Meta {
    name: String,
}

/// Removes the probe and proof pods of a run whose process is gone. Returns those that may still be there, and why.
pub(crate) async fn remove_pods_of(client: &kube::Client, run: &RunId) -> Vec<(String, Refusal)> {
    let path = format!("/api/v1/namespaces/{NAMESPACE}/pods");
    let scope = Scope {
        path: path.clone(),
        field_selector: None,
        label_selector: Some(format!(
            "{}={},{RUN}={run},{PURPOSE}!=reboot",
            MANAGED_BY.0, MANAGED_BY.1
        )),
    };
    let pods = match list::<Named>(client, &scope).await {
        Ok(listed) => listed.items,
        Err(refusal) => return vec![("of any name".into(), refusal)],
    };
    let mut left = Vec::new();
    for pod in pods {
        let name = pod.metadata.name;
        let path = format!("{path}/{}", encode(&name));
        match wire::delete(client, &path, &json!({"gracePeriodSeconds": 0})).await {
            Ok(()) | Err(Refusal::Gone(_)) => {}
            Err(refusal) => left.push((name, refusal)),
        }
    }
    left
}
