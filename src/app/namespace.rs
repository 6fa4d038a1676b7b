//! The namespace for probe and reboot pods: made when the operator agrees, else the command that makes it is named.

use crate::edge::cluster::wire::{self, Refusal};
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
    make(
        cluster,
        operator,
        "the probe and reboot pods",
        "plan and roll need",
        "aksreboot roll --yes makes it too, and rolls",
    )
    .await
}

/// Makes sure that a roll by SSH finds the namespace of its lock and its record.
pub(crate) async fn ensure_by_ssh(cluster: &Cluster, operator: Operator) -> Result<(), Failure> {
    let with_yes = "aksreboot roll --yes makes it too, and rolls";
    for_lock(cluster, operator, "plan and roll need", with_yes).await
}

/// Makes sure that a drain finds the namespace of its lock and its record.
pub(crate) async fn ensure_for_lock(cluster: &Cluster, operator: Operator) -> Result<(), Failure> {
    let with_yes = "aksreboot drain --yes makes it too, and drains";
    for_lock(cluster, operator, "a drain needs", with_yes).await
}

async fn for_lock(
    cluster: &Cluster,
    operator: Operator,
    needed_by: &str,
    with_yes: &str,
) -> Result<(), Failure> {
    let path = format!("/api/v1/namespaces/{NAMESPACE}");
    match wire::find(&cluster.client, &path).await {
        // Who may not read it will hear from the lock whether it is there.
        Ok(()) | Err(Refusal::Denied(_)) => Ok(()),
        Err(Refusal::Gone(_)) => {
            let purpose = "the lock and the run records";
            make(cluster, operator, purpose, needed_by, with_yes).await
        }
        Err(refusal) => Err(Failure::say(
            Exit::Failed,
            format!("read namespace `{NAMESPACE}`: {refusal}"),
        )),
    }
}

/// Makes the namespace, if the operator agrees.
async fn make(
    cluster: &Cluster,
    operator: Operator,
    purpose: &str,
    needed_by: &str,
    with_yes: &str,
) -> Result<(), Failure> {
    let question = format!(
        "Namespace {NAMESPACE} for {purpose} is missing in cluster {}. Create it?",
        cluster.context
    );
    let missing = |exit, more: &str| {
        Failure::say(
            exit,
            format!("{needed_by} the namespace `{NAMESPACE}`{more}"),
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
            return Err(missing(Exit::Usage, ", and there is no terminal to ask on").hint(with_yes));
        }
    }
    create_namespace(cluster).await.map_err(|error| {
        explain(error, &format!("create namespace `{NAMESPACE}`"))
            .hint(format!("somebody who may: {BY_HAND}"))
    })?;
    out::talk(&format!("created namespace {NAMESPACE}"));
    Ok(())
}
