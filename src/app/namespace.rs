//! The namespace for probe and reboot pods: made when the operator agrees, else the command that makes it is named.

use crate::edge::connect::{Cluster, explain};
use crate::edge::node::{NAMESPACE, ProbeGround, create_namespace, probe_ground};
use crate::edge::operator::{Operator, Unanswered};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::out;

const BY_HAND: &str = "aksreboot manifests namespace | kubectl apply -f -";

/// Makes sure that a roll finds its namespace and may make pods in it.
pub(crate) async fn ensure(cluster: &Cluster, operator: Operator) -> Result<(), Failure> {
    let ground = probe_ground(cluster)
        .await
        .map_err(|error| explain(error, &format!("read namespace `{NAMESPACE}`")))?;
    match ground {
        ProbeGround::Ready => return Ok(()),
        ProbeGround::NotAllowed => {
            return Err(Failure::say(
                Exit::Failed,
                format!("the user may not create pods in namespace `{NAMESPACE}`"),
            )
            .hint("the roles that a roll needs: aksreboot manifests roll"));
        }
        ProbeGround::NamespaceMissing => {}
    }
    let question = format!(
        "Namespace {NAMESPACE} for the probe and reboot pods is missing in cluster {}. Create it?",
        cluster.context
    );
    let missing = |exit, more: &str| {
        Failure::say(
            exit,
            format!("plan and roll need the namespace `{NAMESPACE}`{more}"),
        )
        .hint(BY_HAND)
    };
    match operator.confirm(&question).await {
        Ok(true) => {}
        Ok(false) => return Err(missing(Exit::Refused, "")),
        Err(Unanswered::BrokenOff(_)) => {
            Operator::leave_question();
            return Err(missing(Exit::Interrupted, "; the question was broken off"));
        }
        Err(Unanswered::NoTerminal) => {
            return Err(missing(Exit::Usage, ", and there is no terminal to ask on")
                .hint("aksreboot roll --yes makes it too, and rolls"));
        }
    }
    create_namespace(cluster).await.map_err(|error| {
        explain(error, &format!("create namespace `{NAMESPACE}`"))
            .hint(format!("somebody who may: {BY_HAND}"))
    })?;
    out::talk(&format!("created namespace {NAMESPACE}"));
    Ok(())
}
