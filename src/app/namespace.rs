//! The namespace for probe and reboot pods: made when a person agrees, else the command that makes it.

use k8s_openapi::api::core::v1::Namespace;
use serde_json::json;

use crate::edge::cluster::wire::{self, Refusal};
use crate::edge::connect::Cluster;
use crate::edge::node::NAMESPACE;
use crate::edge::operator::Operator;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::out;

/// Makes sure that the namespace is there, for a command that cannot do without.
pub(crate) async fn ensure(
    cluster: &Cluster,
    operator: Operator,
    command: &str,
) -> Result<(), Failure> {
    match wire::get::<Namespace>(&cluster.client, &format!("/api/v1/namespaces/{NAMESPACE}")).await
    {
        Ok(_) => return Ok(()),
        Err(Refusal::Gone(_)) => {}
        Err(refusal) => {
            return Err(Failure::say(
                Exit::Failed,
                format!("read namespace `{NAMESPACE}`: {refusal}"),
            )
            .hint("the roles that are needed: aksreboot manifests roll"));
        }
    }
    let by_hand = "aksreboot manifests namespace | kubectl apply -f -";
    let question = format!(
        "Namespace {NAMESPACE} for the probe pods is missing in cluster {}. Create it?",
        cluster.context
    );
    match operator.confirm(&question).await {
        Ok(true) => {}
        Ok(false) => {
            return Err(Failure::say(
                Exit::Refused,
                format!("{command} needs the namespace `{NAMESPACE}`"),
            )
            .hint(by_hand));
        }
        Err(_) => {
            return Err(Failure::say(
                Exit::Usage,
                format!("{command} needs the namespace `{NAMESPACE}`, and there is no terminal to ask on"),
            )
            .hint(by_hand)
            .hint("or the same command with --yes"));
        }
    }
    create(cluster).await?;
    out::talk(&format!("created namespace {NAMESPACE}"));
    Ok(())
}

async fn create(cluster: &Cluster) -> Result<(), Failure> {
    let body = json!({
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {
            "name": NAMESPACE,
            "labels": {
                "app.kubernetes.io/managed-by": "aksreboot",
                // Probe pods mount the host's root read-only; reboot pods see its processes.
                "pod-security.kubernetes.io/enforce": "privileged",
            },
        },
    });
    match wire::post::<serde_json::Value>(&cluster.client, "/api/v1/namespaces", &body).await {
        Ok(_) | Err(Refusal::Conflict(_)) => Ok(()),
        Err(refusal) => Err(Failure::say(
            Exit::Failed,
            format!("create namespace `{NAMESPACE}`: {refusal}"),
        )
        .hint("somebody who may: aksreboot manifests namespace | kubectl apply -f -")),
    }
}
