//! Reading one node by a pod, from the creation of the pod to the parsed answer.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::{Stream, StreamExt as _};

use crate::core::evidence::{Answer, Sentinel, SentinelSaid, parse_answer};
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
    /// What counts as a pending reboot.
    pub(crate) sentinel: Sentinel,
    /// The run that asks, for the pod's label.
    pub(crate) run: Option<RunId>,
}

/// What `node` says of itself, or why it could not be asked. Dropped on its way, it leaves its pod to
/// [`Leftovers::remove_all`](super::leftovers::Leftovers::remove_all).
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
        for_a_pod(&settings.sentinel),
        settings.run.as_ref(),
    );
    match pods.run(pod, PROBE_CONTAINER, settings.time_limit).await {
        Ok(Ended {
            exit_code: 0,
            message,
            ..
        }) => parse_answer(message.as_bytes(), &nonce)
            .map(|answer| without_a_shell(answer.asked(&settings.sentinel))),
        Ok(ended) => Err(Reason::ProbeFailed {
            message: said(&ended),
        }),
        Err(trouble) => Err(trouble.into_doubt()),
    }
}

/// What the pod is told to look for. It has no shell of the host's to run a command in, so it is not even told one.
fn for_a_pod(sentinel: &Sentinel) -> Option<(&'static str, &str)> {
    match sentinel {
        Sentinel::File(_) => sentinel.variable(),
        Sentinel::System | Sentinel::Command(_) => None,
    }
}

/// Says of a command that it was not run.
fn without_a_shell(mut answer: Answer) -> Answer {
    if matches!(answer.asked, Sentinel::Command(_)) {
        answer.sentinel = SentinelSaid::Refused("pod".into());
    }
    answer
}

/// Probes nodes, as many at once as `pods` allows, each within its own time limit. Answers come in the order of
/// completion, with the key that their node came with. Where nothing succeeds, the rest is not tried: thousands of
/// nodes would otherwise each take their whole time limit to say the same.
pub(crate) fn probe_all<'a, Key: 'a>(
    pods: &'a ShortPods,
    nodes: impl IntoIterator<Item = (Key, &'a Node), IntoIter: 'a>,
    settings: &'a ProbeSettings,
) -> impl Stream<Item = (Key, Result<Answer, Reason>)> + 'a {
    let tally = Arc::new(Mutex::new(Tally::default()));
    futures::stream::iter(nodes)
        .map(move |(key, node)| {
            let tally = Arc::clone(&tally);
            async move {
                let tally = || tally.lock().unwrap_or_else(PoisonError::into_inner);
                let given_up = tally().given_up();
                if let Some(reason) = given_up {
                    return (key, Err(reason));
                }
                let answer = probe(pods, node, settings).await;
                tally().count(&answer);
                (key, answer)
            }
        })
        .buffer_unordered(pods.at_once())
}

/// How the probes of one command have gone so far.
#[derive(Default)]
struct Tally {
    succeeded: bool,
    failed: u32,
    last: Option<Reason>,
}

impl Tally {
    /// Two rounds of the usual number at once: enough to tell a cluster from some bad nodes.
    const ENOUGH: u32 = 32;

    fn count(&mut self, answer: &Result<Answer, Reason>) {
        match answer {
            Ok(_) => self.succeeded = true,
            // A node that is not ready was not probed; it says nothing of the others.
            Err(Reason::NodeNotReady { .. }) => {}
            Err(reason) => {
                self.failed = self.failed.saturating_add(1);
                self.last = Some(reason.clone());
            }
        }
    }

    fn given_up(&self) -> Option<Reason> {
        let last = self.last.clone().filter(|_| !self.succeeded)?;
        match last {
            // These hold for the whole namespace.
            Reason::ProbeNamespaceMissing { .. } | Reason::ProbeDenied { .. } => Some(last),
            last if self.failed >= Self::ENOUGH => Some(Reason::ProbeGivenUp {
                failed: self.failed,
                last: Box::new(last),
            }),
            _ => None,
        }
    }
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
