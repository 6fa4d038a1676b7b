//! Which ways of reading are open to `status`, and the making of a place for its probe pods when the operator agrees.

use crate::core::evidence::Route;
use crate::core::reason::{Denier, Reason};
use crate::core::route::Ways;
use crate::edge::connect::{Cluster, explain};
use crate::edge::node::{NAMESPACE, ProbeGround, create_namespace, probe_ground};
use crate::failure::Failure;
use crate::render::out;
use crate::request::flags::{Probing, Via};

/// The ways that were asked for, or that the cluster has.
pub(in crate::app) async fn ways<Confirm>(
    cluster: &Cluster,
    probing: &Probing,
    confirm: Option<Confirm>,
) -> Result<Ways, Failure>
where
    Confirm: AsyncFnOnce(&str) -> bool,
{
    Ok(match probing.via {
        Via::Api => Ways::Only(Route::Api),
        Via::Pod => Ways::Only(Route::Pod),
        Via::Debug => Ways::Only(Route::Debug),
        Via::Ssh => Ways::Only(Route::Ssh),
        Via::Auto => {
            let ssh = probing.ssh.is_some();
            let instead = if ssh {
                "by SSH"
            } else {
                "by the API alone, which cannot tell"
            };
            Ways::Open {
                pods: pods(cluster, instead, confirm).await?,
                ssh,
            }
        }
    })
}

/// Whether probe pods can be made, or why not; `instead` is what happens then.
async fn pods<Confirm>(
    cluster: &Cluster,
    instead: &str,
    confirm: Option<Confirm>,
) -> Result<Result<(), Reason>, Failure>
where
    Confirm: AsyncFnOnce(&str) -> bool,
{
    let looking = format!(
        "look for the namespace {NAMESPACE} in context {}",
        cluster.context
    );
    let ground = probe_ground(cluster)
        .await
        .map_err(|error| explain(error, &looking))?;
    let missing = || {
        Err(Reason::ProbeNamespaceMissing {
            namespace: NAMESPACE.into(),
        })
    };
    match (ground, confirm) {
        (ProbeGround::Ready, _) => Ok(Ok(())),
        (ProbeGround::NotAllowed, _) => {
            out::talk(&format!(
                "note: no permission to create pods in the namespace {NAMESPACE}; read {instead}"
            ));
            out::talk("hint: aksreboot manifests probe | kubectl apply -f -");
            Ok(Err(Reason::ProbeDenied {
                by: Denier::Role,
                namespace: NAMESPACE.into(),
                message: format!("no permission to create pods in the namespace {NAMESPACE}"),
            }))
        }
        (ProbeGround::NamespaceMissing, Some(confirm)) => {
            let question = format!(
                "The namespace {NAMESPACE} for probe pods does not exist in context {} ({}). Create it?",
                cluster.context, cluster.server
            );
            if !confirm(&question).await {
                return Ok(missing());
            }
            create_namespace(cluster)
                .await
                .map_err(|error| explain(error, &format!("create the namespace {NAMESPACE}")))?;
            Ok(Ok(()))
        }
        (ProbeGround::NamespaceMissing, None) => {
            out::talk(&format!(
                "note: the namespace {NAMESPACE} does not exist; read {instead}"
            ));
            out::talk("hint: aksreboot manifests namespace | kubectl apply -f -");
            Ok(missing())
        }
    }
}
