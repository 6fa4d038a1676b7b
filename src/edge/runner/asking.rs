//! Acts that go to the node itself: reading it and asking it for the reboot, by short-lived pods or by logging in. What is
//! learnt of an ask stays what it is: asked, not asked, or not known.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use k8s_openapi::api::core::v1::Pod as ApiPod;
use serde_json::json;

use super::Means;
use super::perform::{Answer, Hands, failed};
use crate::core::drain::OWN_NAMESPACE;
use crate::core::engine::Probed;
use crate::core::evidence::{Answer as ProbeAnswer, judge};
use crate::core::model::{BootId, Node, RunId, Uid};
use crate::core::plan::{Target, Via};
use crate::core::reason::Reason;
use crate::core::updates::Question;
use crate::edge::cluster::node_patch;
use crate::edge::cluster::wire::{self, Refusal, encode};
use crate::edge::node::{
    self, Inquiry, ProbeSettings, Purpose, RebootMessage, RebootPod, Refusal as Refused, ShortPods,
};
use crate::edge::ssh::{Looked, Ssh, mark_of, proof};

/// The way to the nodes that the plan says.
#[derive(Clone)]
pub(super) enum Reach {
    Pods(Arc<ShortPods>),
    Ssh(Arc<Ssh>),
    /// The plan is for SSH, and there is none: nothing is known of any node then.
    None,
}

impl Reach {
    pub(super) fn of(via: Via, means: &Means<'_>) -> Self {
        match (via, &means.ssh) {
            (Via::Pod, _) => Self::Pods(Arc::new(means.pods.clone())),
            (Via::Ssh, Some(ssh)) => Self::Ssh(Arc::clone(ssh)),
            (Via::Ssh, None) => Self::None,
        }
    }
}

impl Hands {
    pub(super) async fn probe(&self, node: &Node) -> Answer {
        let limit = self.settings.timeouts.probe;
        let answer = match &self.reach {
            Reach::Pods(pods) => {
                let settings = ProbeSettings {
                    image: self.settings.image.clone(),
                    time_limit: limit,
                    sentinel: self.settings.sentinel.clone(),
                    run: Some(self.run.clone()),
                };
                node::probe(pods, node, &settings).await
            }
            Reach::Ssh(ssh) => {
                let inquiry = Inquiry {
                    question: Question::Reboot,
                    within: limit,
                };
                let _turn = ssh.turn().await;
                let read = ssh.read(node, inquiry, &self.settings.sentinel).await;
                read.map(|read| read.evidence)
            }
            Reach::None => Err(Reason::NotProbed),
        };
        let at = self.clock.now().mono;
        // A probe that did not say leaves no clock, least of all another node's.
        let clock = match &answer {
            Ok(ProbeAnswer { clock, .. }) => clock.map(|clock| (clock, at)),
            Err(_) => None,
        };
        *self
            .node_clock
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = clock;
        let said = answer.as_ref().ok().cloned();
        Answer::Probed(Box::new(Probed {
            at,
            answer: said,
            verdict: judge(node, answer),
        }))
    }

    /// The ask's particulars; `None` when the node's clock is not known.
    fn reboot(&self) -> Option<Reboot> {
        let (clock, read_at) = (*self
            .node_clock
            .lock()
            .unwrap_or_else(PoisonError::into_inner))?;
        let good_for = self.settings.timeouts.reboot;
        let ahead = self.clock.now().mono.saturating_sub(read_at) + good_for;
        Some(Reboot {
            not_after: clock.checked_add(ahead).ok()?,
            image: self.settings.image.clone(),
            lifetime: lifetime(good_for),
            run: self.run.clone(),
        })
    }

    pub(super) async fn prove(&self, node: &Node, boot: &BootId) -> Answer {
        let Some(reboot) = self.reboot() else {
            return Answer::Proof(Err(no_clock()));
        };
        let limit = self.settings.timeouts.probe;
        let pods = match &self.reach {
            Reach::Pods(pods) => pods,
            Reach::Ssh(ssh) => {
                let _turn = ssh.turn().await;
                let asked = ssh.ask_to_reboot(node, boot, reboot.not_after, true, limit);
                return match asked.await {
                    Ok(message) => Answer::Proof(proof(&message, boot)),
                    Err(reason) if stays_shut(&reason) => Answer::Proof(Err(reason)),
                    Err(reason) => Answer::Failed(reason),
                };
            }
            Reach::None => return Answer::Proof(Err(Reason::NotProbed)),
        };
        match node::prove_reboot(pods, reboot.borrow(node, boot), limit).await {
            // The API server was away, which proves nothing.
            Err(reason @ Reason::ApiUnavailable { .. }) => Answer::Failed(reason),
            proof => Answer::Proof(proof),
        }
    }

    /// Whether the ask would be let through: by the API server, and by what was asked before.
    pub(super) async fn try_ask(&self, node: &Node, boot: &BootId) -> Answer {
        match &self.reach {
            Reach::Pods(_) => {}
            Reach::Ssh(ssh) => {
                let limit = self.settings.timeouts.probe;
                let _turn = ssh.turn().await;
                return match ssh.look_for_ask(node, boot, limit).await {
                    Ok(Looked::Free) => Answer::Admission(Ok(())),
                    Ok(Looked::Asked) => Answer::Admission(Err(Reason::AskedBySsh {
                        mark: mark_of(boot),
                    })),
                    Ok(Looked::OtherBoot(host)) => Answer::Admission(Err(Reason::BootMismatch {
                        api: boot.clone(),
                        host,
                    })),
                    Err(reason) if stays_shut(&reason) => Answer::Admission(Err(reason)),
                    Err(reason) => Answer::Failed(reason),
                };
            }
            Reach::None => return Answer::Admission(Err(Reason::NotProbed)),
        }
        // The dry run is for admission alone; the real not-after is set at the ask, by the node's clock.
        let reboot = Reboot {
            not_after: self.clock.wall(),
            image: self.settings.image.clone(),
            lifetime: lifetime(self.settings.timeouts.reboot),
            run: self.run.clone(),
        };
        let pod = node::reboot_pod(reboot.borrow(node, boot), Purpose::Reboot);
        match self.create(&pod, "?dryRun=All").await {
            Ok(()) => Answer::Admission(Ok(())),
            Err(Refusal::Conflict(status)) if status.reason == "AlreadyExists" => {
                Answer::Admission(Err(Reason::AskOutstanding {
                    pod: format!("{OWN_NAMESPACE}/{}", node::reboot_pod_name(&node.uid, boot)),
                }))
            }
            Err(Refusal::Denied(status)) => Answer::Admission(Err(Reason::RebootPodDenied {
                message: status.message,
            })),
            Err(refusal) => failed(refusal),
        }
    }

    pub(super) async fn ask(&self, node: &Node, boot: &BootId) -> Answer {
        let Some(reboot) = self.reboot() else {
            return Answer::AskDenied(no_clock());
        };
        match &self.reach {
            Reach::Pods(_) => {}
            Reach::Ssh(ssh) => {
                let limit = self.settings.timeouts.probe;
                // Nobody waits for a turn with a decision in hand that grows old: an ask is one login beside eight.
                let asked = ssh
                    .ask_to_reboot(node, boot, reboot.not_after, false, limit)
                    .await;
                return answer_over_ssh(asked);
            }
            Reach::None => return Answer::AskDenied(Reason::NotProbed),
        }
        let pod = node::reboot_pod(reboot.borrow(node, boot), Purpose::Reboot);
        match self.create(&pod, "").await {
            Ok(()) => Answer::Asked,
            // It exists: asked before, by us with a lost reply or by an earlier run. Either way it is asked.
            Err(Refusal::Conflict(status)) if status.reason == "AlreadyExists" => Answer::Asked,
            // Contention on something else, such as a quota: nothing was made.
            Err(Refusal::Conflict(status)) => Answer::Failed(Reason::ApiUnavailable {
                message: status.message,
            }),
            Err(Refusal::Denied(status)) => Answer::AskDenied(Reason::RebootPodDenied {
                message: status.message,
            }),
            Err(Refusal::Gone(message)) => Answer::AskDenied(Reason::RebootPodDenied { message }),
            Err(Refusal::Throttled(_)) => Answer::Failed(Reason::Throttled),
            Err(Refusal::Passing(message)) => Answer::AskLost(Reason::ApiUnavailable { message }),
        }
    }

    /// Whether the planned boot was asked to end.
    pub(super) async fn read_ask(&self, target: &Target, node: Option<Arc<Node>>) -> Answer {
        match &self.reach {
            Reach::Pods(_) => {}
            Reach::Ssh(ssh) => {
                let node = match node {
                    Some(node) => node,
                    None => match node_patch::read(&self.client, &target.name).await {
                        Ok(Some(node)) => Arc::new(node),
                        Ok(None) => return Answer::Node(None),
                        Err(refusal) => return failed(refusal),
                    },
                };
                let limit = self.settings.timeouts.probe;
                let _turn = ssh.turn().await;
                return match ssh.look_for_ask(&node, &target.boot, limit).await {
                    // On another boot there is nothing left to ask for; the API says so in a moment.
                    Ok(Looked::Asked | Looked::OtherBoot(_)) => Answer::Asked,
                    Ok(Looked::Free) => Answer::NotAsked,
                    // Perhaps on its way down.
                    Err(reason) => Answer::Failed(reason),
                };
            }
            Reach::None => return Answer::Denied(Reason::NotProbed),
        }
        let path = ask_path(&target.uid, &target.boot);
        match wire::find(&self.client, &path).await {
            Ok(()) => Answer::Asked,
            Err(Refusal::Gone(_)) => Answer::NotAsked,
            Err(refusal) => failed(refusal),
        }
    }

    async fn create(&self, pod: &ApiPod, query: &str) -> Result<(), Refusal> {
        let path = format!("/api/v1/namespaces/{OWN_NAMESPACE}/pods{query}");
        wire::make(&self.client, &path, pod).await?;
        Ok(())
    }

    pub(super) async fn remove_ask(&self, uid: &Uid, boot: &BootId) -> Answer {
        if !matches!(self.reach, Reach::Pods(_)) {
            // What stood in the host's /run ended with the boot.
            return Answer::AskRemoved;
        }
        match wire::delete(
            &self.client,
            &ask_path(uid, boot),
            &json!({"gracePeriodSeconds": 0}),
        )
        .await
        {
            // Deleted without grace it is gone at once, and its name with it.
            Ok(()) | Err(Refusal::Gone(_)) => Answer::AskRemoved,
            Err(refusal) => failed(refusal),
        }
    }
}

/// What is known of an ask over SSH.
fn answer_over_ssh(asked: Result<RebootMessage, Reason>) -> Answer {
    match asked {
        // By an earlier ask whose answer was lost, or by this one.
        Ok(RebootMessage::Asking | RebootMessage::Refused(Refused::Asked)) => Answer::Asked,
        Ok(message) => Answer::AskDenied(message.blocker().unwrap_or(Reason::NotProbed)),
        // Nobody came in, so nothing was run.
        Err(reason) if stays_shut(&reason) => Answer::AskDenied(reason),
        Err(reason) => Answer::AskLost(reason),
    }
}

/// Nobody is let in, and waiting does not change that.
fn stays_shut(reason: &Reason) -> bool {
    matches!(
        reason,
        Reason::SshHostKey { .. } | Reason::SshDenied { .. } | Reason::SshNoAddress { .. }
    )
}

/// Where the reboot pod of this boot is.
fn ask_path(uid: &Uid, boot: &BootId) -> String {
    format!(
        "/api/v1/namespaces/{OWN_NAMESPACE}/pods/{}",
        encode(&node::reboot_pod_name(uid, boot))
    )
}

/// The reboot pod's particulars, owned.
struct Reboot {
    not_after: jiff::Timestamp,
    image: String,
    lifetime: Duration,
    run: RunId,
}

impl Reboot {
    fn borrow<'a>(&'a self, node: &'a Node, boot: &'a BootId) -> RebootPod<'a> {
        RebootPod {
            node,
            boot,
            not_after: self.not_after,
            image: &self.image,
            lifetime: self.lifetime,
            run: Some(&self.run),
        }
    }
}

/// A reboot pod outlives its ask by a minute, so that what became of it can be read; an hour at most, which the
/// admission policy demands.
fn lifetime(ask: Duration) -> Duration {
    (ask + Duration::from_secs(60)).min(Duration::from_secs(3600))
}

fn no_clock() -> Reason {
    Reason::Unreadable {
        what: "the node's clock".into(),
        message: "the probe did not say".into(),
    }
}
