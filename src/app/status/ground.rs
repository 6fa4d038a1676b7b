//! Whether `status` has a place for its probe pods, and the making of one when the operator agrees.

use crate::edge::connect::{Cluster, explain};
use crate::edge::node::{NAMESPACE, ProbeGround, create_namespace, probe_ground};
use crate::failure::Failure;
use crate::render::out;
use crate::request::flags::Via;

/// Whether nodes are read by pods: as asked, or as far as the cluster has a place for them.
pub(super) async fn by_pod<Confirm>(
    cluster: &Cluster,
    via: Via,
    confirm: Option<Confirm>,
) -> Result<bool, Failure>
where
    Confirm: AsyncFnOnce(&str) -> bool,
{
    match via {
        Via::Api => return Ok(false),
        Via::Pod => return Ok(true),
        Via::Auto => {}
    }
    let looking = format!(
        "look for the namespace {NAMESPACE} in context {}",
        cluster.context
    );
    let ground = probe_ground(cluster)
        .await
        .map_err(|error| explain(error, &looking))?;
    match (ground, confirm) {
        (ProbeGround::Ready, _) => Ok(true),
        (ProbeGround::NotAllowed, _) => {
            out::talk(&format!(
                "note: no permission to create pods in the namespace {NAMESPACE}; read by the API alone, which cannot tell"
            ));
            out::talk("hint: aksreboot manifests probe | kubectl apply -f -");
            Ok(false)
        }
        (ProbeGround::NamespaceMissing, Some(confirm)) => {
            let question = format!(
                "The namespace {NAMESPACE} for probe pods does not exist in context {} ({}). Create it?",
                cluster.context, cluster.server
            );
            if !confirm(&question).await {
                return Ok(false);
            }
            create_namespace(cluster)
                .await
                .map_err(|error| explain(error, &format!("create the namespace {NAMESPACE}")))?;
            Ok(true)
        }
        (ProbeGround::NamespaceMissing, None) => {
            out::talk(&format!(
                "note: the namespace {NAMESPACE} does not exist; read by the API alone, which cannot tell"
            ));
            out::talk("hint: aksreboot manifests namespace | kubectl apply -f -");
            Ok(false)
        }
    }
}
