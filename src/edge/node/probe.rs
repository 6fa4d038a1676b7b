//! Reading one node by a pod, from the creation of the pod to the parsed answer.

use std::time::Duration;

use futures::Stream;
use futures::stream::FuturesUnordered;

use crate::core::evidence::{Answer, parse_answer};
use crate::core::model::{Node, Readiness, RunId};
use crate::core::reason::Reason;

use super::hex;
use super::pod_state::Ended;
use super::probe_pod::{PROBE_CONTAINER, probe_pod};
use super::short_pods::ShortPods;

/// A small image with a shell, from the registry that every AKS node may pull from.
pub(crate) const DEFAULT_IMAGE: &str = "mcr.microsoft.com/azurelinux/busybox:1.36";

/// How nodes are probed.
#[derive(Clone, Debug)]
pub(crate) struct ProbeSettings {
    pub(crate) image: String,
    /// From the creation of the pod to its end, the pull of its image included.
    pub(crate) time_limit: Duration,
    /// The run that asks, for the pod's label.
    pub(crate) run: Option<RunId>,
}

/// What `node` says of itself, or why it could not be asked. Dropped on its way, it leaves its pod to
/// [`Leftovers::remove_all`](super::Leftovers::remove_all).
pub(crate) async fn probe(
    pods: &ShortPods,
    node: &Node,
    settings: &ProbeSettings,
) -> Result<Answer, Reason> {
    // Such a kubelet would never run the pod.
    match &node.readiness {
        Readiness::Ready => {}
        Readiness::NotReady(detail) | Readiness::Unknown(detail) => {
            return Err(Reason::NodeNotReady {
                detail: detail.clone(),
            });
        }
    }
    let nonce = nonce()?;
    let pod = probe_pod(
        node,
        &nonce,
        &settings.image,
        settings.time_limit,
        settings.run.as_ref(),
    );
    match pods.run(pod, PROBE_CONTAINER, settings.time_limit).await {
        Ok(Ended {
            exit_code: 0,
            message,
            ..
        }) => parse_answer(message.as_bytes(), &nonce),
        Ok(ended) => Err(Reason::ProbeFailed {
            message: said(&ended),
        }),
        Err(trouble) => Err(trouble.into_doubt()),
    }
}

/// Probes nodes, as many at once as `pods` allows, each within its own time limit. Answers come in the order of
/// completion, with the key that their node came with.
pub(crate) fn probe_all<'a, Key: 'a>(
    pods: &'a ShortPods,
    nodes: impl IntoIterator<Item = (Key, &'a Node)>,
    settings: &'a ProbeSettings,
) -> impl Stream<Item = (Key, Result<Answer, Reason>)> + 'a {
    nodes
        .into_iter()
        .map(move |(key, node)| async move { (key, probe(pods, node, settings).await) })
        .collect::<FuturesUnordered<_>>()
}

/// A container's failed end in words.
pub(super) fn said(ended: &Ended) -> String {
    let message = ended.message.trim();
    let end = format!("exit code {} ({})", ended.exit_code, ended.reason);
    if message.is_empty() {
        end
    } else {
        format!("{end}: {message}")
    }
}

/// Sixteen hex digits that nobody can foresee, so that an answer is one to this question.
fn nonce() -> Result<String, Reason> {
    let mut bytes = [0; 8];
    rustls::crypto::ring::default_provider()
        .secure_random
        .fill(&mut bytes)
        .map_err(|_| Reason::ProbeFailed {
            message: "no random number from the system".into(),
        })?;
    Ok(hex(&bytes))
}
