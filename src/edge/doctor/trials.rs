//! Pods put before the API server in a dry run: whether it would admit ours, and whether it would admit any other.

use k8s_openapi::api::core::v1::Pod;
use kube::Client;

use crate::core::doctor::{Admission, Found, PolicySeen, TrialPod};
use crate::core::model::{BootId, Node};
use crate::core::reason::Reason;
use crate::core::updates::Question;
use crate::edge::ask::told;
use crate::edge::manifests::POLICY;
use crate::edge::node::{
    NAMESPACE, Purpose, denier, trial_of_anything, trial_packages, trial_probe, trial_reboot,
};

/// What the server said of a pod, and what it warned of.
pub(super) struct Tried {
    pub(super) admission: Admission,
    pub(super) warnings: Vec<String>,
}

/// The probe pod on `node`.
pub(super) async fn probe(client: &Client, node: Option<&Node>, image: &str) -> Tried {
    match node {
        None => no_node(),
        Some(node) => of(client, trial_probe(node, image)).await,
    }
}

/// The pod that asks the package manager of `node` this question.
pub(super) async fn packages(
    client: &Client,
    node: Option<&Node>,
    image: &str,
    question: Question,
) -> Tried {
    match node {
        None => no_node(),
        Some(node) => of(client, trial_packages(node, image, question)).await,
    }
}

/// The reboot pod on `node`, or the proof of it. A node that reports no boot cannot be rebooted by us.
pub(super) async fn reboot(
    client: &Client,
    node: Option<(&Node, &BootId)>,
    image: &str,
    purpose: Purpose,
) -> Found {
    let tried = match node {
        None => no_node(),
        Some((node, boot)) => of(client, Ok(trial_reboot(node, boot, image, purpose))).await,
    };
    let pod = match purpose {
        Purpose::Prove => TrialPod::Prove,
        Purpose::Reboot => TrialPod::Reboot,
    };
    Found::Admission {
        pod,
        admission: tried.admission,
    }
}

/// A pod that is root on `node`, and whether a policy of ours is there to refuse it.
pub(super) async fn anything(client: &Client, node: Option<&Node>, image: &str) -> Found {
    let tried = match node {
        None => no_node(),
        Some(node) => of(client, trial_of_anything(node, image)).await,
    };
    Found::AnyPod {
        admission: tried.admission,
        policy: policy(client).await,
    }
}

fn no_node() -> Tried {
    Tried {
        admission: Admission::NoNode,
        warnings: Vec::new(),
    }
}

async fn of(client: &Client, pod: Result<Pod, Reason>) -> Tried {
    let unread = |message| Tried {
        admission: Admission::Unread { message },
        warnings: Vec::new(),
    };
    let Ok(pod) = pod else {
        return unread("no random number from the system".into());
    };
    let Ok(body) = serde_json::to_value(&pod) else {
        return unread("the pod cannot be written as JSON".into());
    };
    let path = format!("/api/v1/namespaces/{NAMESPACE}/pods?dryRun=All");
    let reply = match told(client, "POST", &path, Some(&body)).await {
        Ok(reply) => reply,
        Err(message) => return unread(message),
    };
    let message = reply.message();
    let admission = match reply.code {
        200..=299 => Admission::Admitted,
        403 => Admission::Denied {
            by: denier(&message),
            message,
        },
        404 => Admission::NamespaceMissing,
        409 if reply.body["reason"] == "AlreadyExists" => Admission::Outstanding {
            pod: pod.metadata.name.unwrap_or_default(),
        },
        _ => Admission::Unread { message },
    };
    Tried {
        admission,
        warnings: reply.warnings,
    }
}

/// Whether our policy is there and bound, as far as the user may look. The trial says what it does.
async fn policy(client: &Client) -> PolicySeen {
    const GROUP: &str = "/apis/admissionregistration.k8s.io/v1";
    let mut codes = Vec::new();
    for kind in [
        "validatingadmissionpolicies",
        "validatingadmissionpolicybindings",
    ] {
        let path = format!("{GROUP}/{kind}/{POLICY}");
        codes.push(
            told(client, "GET", &path, None)
                .await
                .map(|reply| reply.code),
        );
    }
    match codes.as_slice() {
        [Ok(404), _] => PolicySeen::Missing,
        [Ok(200..=299), Ok(200..=299)] => PolicySeen::Bound,
        [Ok(200..=299), Ok(404)] => PolicySeen::Unbound,
        _ => PolicySeen::Hidden,
    }
}
