//! Reading one node by a pod, from the creation of the pod to the parsed answer.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::{Stream, StreamExt as _};

use crate::core::evidence::{Answer, Sentinel, SentinelSaid, parse_answer};
use crate::core::model::{Node, Readiness, RunId};
use crate::core::reason::Reason;
use crate::core::tally::Tally;
use crate::core::updates::{NodeAnswer, PackagesAnswer, Question, parse_packages};

use super::debug_pod::{CONTAINER as DEBUGGER, debug_pod};
use super::packages_pod::packages_pod;
use super::pod_log::{PodLog, list_in};
use super::pod_state::Ended;
use super::pod_trouble::PodTrouble;
use super::probe_pod::{PROBE_CONTAINER, SPARE, probe_pod};
use super::shape::Form;
use super::short_pods::ShortPods;
use super::{Inquiry, ScriptSettings, nonce};

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

/// The evidence that `node` has of a pending reboot, or why it could not be asked. Dropped on its way, it leaves its pod
/// to [`Leftovers::remove_all`](super::leftovers::Leftovers::remove_all).
pub(crate) async fn probe(
    pods: &ShortPods,
    node: &Node,
    settings: &ProbeSettings,
) -> Result<Answer, Reason> {
    let answer = ask(pods, node, settings, Question::Reboot).await?;
    Ok(answer.evidence)
}

/// What `node` says to this question, by one pod; the rest as [`probe`].
pub(crate) async fn ask(
    pods: &ShortPods,
    node: &Node,
    settings: &ProbeSettings,
    question: Question,
) -> Result<NodeAnswer, Reason> {
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
    let inquiry = Inquiry {
        question,
        within: settings.time_limit,
    };
    let script = ScriptSettings::in_pod(&nonce, &settings.sentinel, inquiry);
    let (pod, container) = match pods.form() {
        Form::Own(shape) => (
            match question {
                Question::Reboot => probe_pod(node, &script, settings, shape),
                Question::Packages | Question::RefreshedPackages => {
                    packages_pod(node, &script, settings, question, shape)
                }
            },
            PROBE_CONTAINER,
        ),
        Form::Debug {
            namespace,
            profile,
            pull_policy,
        } => (
            debug_pod(
                &node.name,
                namespace,
                *profile,
                &settings.image,
                *pull_policy,
                &script,
                settings.time_limit + SPARE,
            ),
            DEBUGGER,
        ),
    };
    let log = PodLog::of(pods, container, &nonce);
    let (ended, log) = pods
        .run_then(pod, container, settings.time_limit, |name, ended| {
            log.read(name, log.is_needed(ended))
        })
        .await
        .map_err(PodTrouble::into_doubt)?;
    if ended.exit_code != 0 {
        return Err(Reason::ProbeFailed {
            message: said(&ended),
        });
    }
    // Such a pod reads its own empty place, which says nothing of the host.
    if let Some(profile) = pods.form().without_host() {
        return Err(Reason::ProfileWithoutHost {
            profile: profile.word().to_owned(),
        });
    }
    let message = ended.message.as_bytes();
    let evidence = parse_answer(message, &nonce)?;
    let list = log
        .as_ref()
        .map(|stream| list_in(stream, &nonce))
        .map_err(Clone::clone);
    Ok(NodeAnswer {
        evidence: without_a_shell(evidence.asked(&settings.sentinel)),
        packages: packages_in(message, &nonce, question, list),
    })
}

/// What an answer says of the packages, where they were asked for.
pub(crate) fn packages_in(
    answer: &[u8],
    nonce: &str,
    question: Question,
    list: Result<&[u8], String>,
) -> Result<Option<PackagesAnswer>, Reason> {
    match question {
        Question::Reboot => Err(Reason::NotProbed),
        Question::Packages | Question::RefreshedPackages => parse_packages(answer, nonce, list),
    }
}

/// Says of a command that it was not run.
fn without_a_shell(mut answer: Answer) -> Answer {
    if matches!(answer.asked, Sentinel::Command(_)) {
        answer.sentinel = SentinelSaid::Refused("pod".into());
    }
    answer
}

/// Asks nodes, as many at once as `pods` allows, each within its own time limit. Answers come in the order of
/// completion, with the key that their node came with. Where nothing succeeds, the rest is not tried: thousands of
/// nodes would otherwise each take their whole time limit to say the same.
pub(crate) fn ask_all<'a, Key: 'a>(
    pods: &'a ShortPods,
    nodes: impl IntoIterator<Item = (Key, &'a Node), IntoIter: 'a>,
    settings: &'a ProbeSettings,
    question: Question,
) -> impl Stream<Item = (Key, Result<NodeAnswer, Reason>)> + 'a {
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
                let answer = ask(pods, node, settings, question).await;
                tally().count(&answer);
                (key, answer)
            }
        })
        .buffer_unordered(pods.at_once())
}

/// The evidence of each of these nodes, asked as [`ask_all`] asks.
pub(crate) fn probe_all<'a, Key: 'a>(
    pods: &'a ShortPods,
    nodes: impl IntoIterator<Item = (Key, &'a Node), IntoIter: 'a>,
    settings: &'a ProbeSettings,
) -> impl Stream<Item = (Key, Result<Answer, Reason>)> + 'a {
    ask_all(pods, nodes, settings, Question::Reboot)
        .map(|(key, answer)| (key, answer.map(|answer| answer.evidence)))
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
