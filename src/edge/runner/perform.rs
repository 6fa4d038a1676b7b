//! Acts on the wire: each a future that borrows nothing, sends what the act names, and answers in the core's words.
//! A writing act asks the fence right before it sends: the judgement may be older than a suspended laptop's nap.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::future::{BoxFuture, try_join_all};
use k8s_openapi::api::core::v1::Pod as ApiPod;
use serde_json::json;

use super::Means;
use super::part::Part;
use crate::core::drain::OWN_NAMESPACE;
use crate::core::engine::{
    Act, Baseline, Eviction, Outcome, Patched, Probed, Step, Workload, workloads_of,
};
use crate::core::evidence::{Answer as ProbeAnswer, judge};
use crate::core::hold::Held;
use crate::core::mark::{Marked, OwnerMark, marked};
use crate::core::model::{BootId, Node, NodeName, Pod, PodKey, RunId, Uid};
use crate::core::plan::{Plan, Settings};
use crate::core::reason::Reason;
use crate::edge::clock::Clock;
use crate::edge::cluster::evict::{Evicted, evict, remove};
use crate::edge::cluster::wire::{self, Refusal, encode};
use crate::edge::cluster::{budgets, node_lease, node_patch, pods, volumes, workloads};
use crate::edge::hold::kured;
use crate::edge::hold::lease::Fence;
use crate::edge::hold::{pause, record};
use crate::edge::node::{self, ProbeSettings, Purpose, RebootPod, ShortPods};

/// What performing needs: cheap to copy into every act.
#[derive(Clone)]
pub(super) struct Hands {
    pub(super) client: kube::Client,
    pub(super) fence: Fence,
    pub(super) run: RunId,
    pub(super) clock: Clock,
    pods: ShortPods,
    settings: Settings,
    /// The node's clock as its last probe read it, and when that was: the ask's not-after is in the node's own time.
    node_clock: Arc<Mutex<Option<(jiff::Timestamp, Duration)>>>,
}

/// An act's answer, and whose it is.
pub(super) struct Answered {
    pub(super) part: usize,
    pub(super) act: Act,
    pub(super) answer: Answer,
}

pub(super) enum Answer {
    Patched(Patched),
    Node(Option<Box<Node>>),
    Evicted(Uid, Eviction),
    PodGone(Uid),
    Pods(Vec<Pod>),
    Hold(Held),
    Attached(Vec<String>),
    /// The pods of a budget, by namespace and name, that are not Ready.
    Unready(String, String, Vec<PodKey>),
    Kured(Vec<(String, String)>),
    Probed(Box<Probed>),
    Admission(Result<(), Reason>),
    Proof(Result<(), Reason>),
    Workloads(Vec<Workload>),
    NodeLease(String),
    BaselineKept(Baseline),
    /// Or why the run record does not say it; the node itself is as good.
    Concluded(Option<String>),
    Asked,
    AskLost(Reason),
    /// Looked, and there is no reboot pod.
    NotAsked,
    AskDenied(Reason),
    AskRemoved,
    /// Failed in a way that may pass.
    Failed(Reason),
    /// Failed for good.
    Denied(Reason),
    NotSent,
}

impl Hands {
    pub(super) fn new(means: &Means<'_>, plan: &Plan) -> Self {
        Self {
            client: means.cluster.client.clone(),
            fence: means.lock.fence(),
            run: means.run.clone(),
            clock: means.clock.clone(),
            pods: means.pods.clone(),
            settings: plan.spec.settings.clone(),
            node_clock: Arc::default(),
        }
    }

    /// The act as a future of its own.
    pub(super) fn perform(
        &self,
        index: usize,
        part: &Part,
        act: Act,
    ) -> BoxFuture<'static, Answered> {
        let hands = self.clone();
        let target = part.target.clone();
        let node = part.seen.here().cloned();
        let baseline = part.seen.as_baseline(&self.settings.drain);
        let outcome = part.verified();
        let workloads = part.seen.baseline.as_ref().map_or_else(
            || {
                workloads_of(&part.seen, &self.settings.drain)
                    .into_iter()
                    .collect()
            },
            |before| {
                before
                    .workloads
                    .iter()
                    .map(|workload| workload.key.clone())
                    .collect::<Vec<_>>()
            },
        );
        let staying = match act {
            Act::ReadAttachments => part.seen.claims_that_stay(&self.settings.drain),
            _ => Vec::new(),
        };
        Box::pin(async move {
            if act.needs_lock() && !hands.fence.holds() {
                return Answered {
                    part: index,
                    act,
                    answer: Answer::NotSent,
                };
            }
            let answer = match (&act, node) {
                (Act::ReadNode, _) => match node_patch::read(&hands.client, &target.name).await {
                    Ok(node) => Answer::Node(node.map(Box::new)),
                    Err(refusal) => failed(refusal),
                },
                (Act::ReadHold, _) => match pause::read(&hands.client).await {
                    Ok(seen) => Answer::Hold(seen.held),
                    Err(refusal) => failed(refusal),
                },
                (Act::LookForKured, _) => match kured::find(&hands.client).await {
                    Ok(found) => Answer::Kured(found),
                    Err(refusal) => failed(refusal),
                },
                (Act::ListPods, _) => match hands.list_pods(&target.name).await {
                    Ok(pods) => Answer::Pods(pods.iter().map(pods::SlimPod::to_model).collect()),
                    Err(refusal) => failed(refusal),
                },
                (Act::ReadBudget { namespace, budget }, _) => {
                    let unready = budgets::unready(&hands.client, namespace, budget).await;
                    Answer::Unready(namespace.clone(), budget.clone(), unready)
                }
                (Act::ReadAttachments, _) => {
                    match volumes::attached(&hands.client, &target.name, &staying).await {
                        Ok(volumes) => Answer::Attached(volumes),
                        Err(refusal) => failed(refusal),
                    }
                }
                (Act::ReadNodeLease, _) => {
                    match node_lease::renew_time(&hands.client, &target.name).await {
                        Ok(renew_time) => Answer::NodeLease(renew_time),
                        Err(refusal) => failed(refusal),
                    }
                }
                (Act::ReadWorkloads, _) => {
                    let reads = workloads
                        .iter()
                        .map(|key| workloads::read(&hands.client, key));
                    match try_join_all(reads).await {
                        Ok(found) => Answer::Workloads(found.into_iter().flatten().collect()),
                        Err(refusal) => failed(refusal),
                    }
                }
                (Act::ReadAsk, _) => {
                    match wire::get::<serde_json::Value>(
                        &hands.client,
                        &ask_path(&target.uid, &target.boot),
                    )
                    .await
                    {
                        Ok(_) => Answer::Asked,
                        Err(Refusal::Gone(_)) => Answer::NotAsked,
                        Err(refusal) => failed(refusal),
                    }
                }
                (Act::KeepBaseline, _) => {
                    match record::keep_baseline(&hands.client, &hands.run, &target.name, &baseline)
                        .await
                    {
                        Ok(()) => Answer::BaselineKept(baseline),
                        Err(refusal) => failed(refusal),
                    }
                }
                (Act::Conclude, _) => hands.conclude(&target.name, &outcome).await,
                (Act::RemoveAsk, _) => hands.remove_ask(&target.uid, &target.boot).await,
                (Act::Evict { pod, uid } | Act::Delete { pod, uid }, _) => {
                    let grace = hands.settings.drain.grace_period;
                    let now = hands.clock.now().mono;
                    let evicted = match act {
                        Act::Delete { .. } => remove(&hands.client, pod, uid, grace, now).await,
                        _ => evict(&hands.client, pod, uid, grace, now).await,
                    };
                    match evicted {
                        Evicted::Answer(eviction) => Answer::Evicted(uid.clone(), eviction),
                        Evicted::Gone => Answer::PodGone(uid.clone()),
                        Evicted::Lost(reason) => Answer::Failed(reason),
                    }
                }
                // Every other act is about a node that is there.
                (_, None) => Answer::Node(None),
                (Act::Probe, Some(node)) => hands.probe(&node).await,
                (Act::Prove, Some(node)) => hands.prove(&node, &target.boot).await,
                (Act::TryAsk, Some(node)) => hands.try_ask(&node, &target.boot).await,
                (Act::Ask, Some(node)) => hands.ask(&node, &target.boot).await,
                (Act::Cordon, Some(node)) => {
                    let at = hands.clock.wall();
                    let mark = OwnerMark::new(
                        &hands.run,
                        Step::Cordon,
                        &node.uid,
                        &target.boot,
                        node.cordoned,
                        at,
                    );
                    Answer::Patched(node_patch::cordon(&hands.client, &node, &mark).await)
                }
                (Act::Intend { step }, Some(node)) => {
                    let step = *step;
                    hands
                        .with_mark(
                            &node,
                            |mark| mark.intending(step, hands.clock.wall()),
                            node_patch::intend,
                        )
                        .await
                }
                (Act::Uncordon, Some(node)) => {
                    let settle = |mark: OwnerMark| mark.intending(Step::Settle, hands.clock.wall());
                    hands.with_mark(&node, settle, node_patch::uncordon).await
                }
                (Act::Unmark, Some(node)) => {
                    Answer::Patched(node_patch::unmark(&hands.client, &node).await)
                }
            };
            Answered {
                part: index,
                act,
                answer,
            }
        })
    }

    async fn list_pods(&self, node: &NodeName) -> Result<Vec<pods::SlimPod>, Refusal> {
        let selector = self.settings.drain.pod_selector.as_deref();
        pods::list_on_node(&self.client, node, selector).await
    }

    /// A patch that builds on this run's mark; without one nothing is sent.
    async fn with_mark(
        &self,
        node: &Node,
        change: impl FnOnce(OwnerMark) -> OwnerMark,
        patch: impl AsyncFnOnce(&kube::Client, &Node, &OwnerMark) -> Patched,
    ) -> Answer {
        match marked(node) {
            Marked::By(mark) if mark.run == self.run => {
                Answer::Patched(patch(&self.client, node, &change(mark)).await)
            }
            Marked::No | Marked::By(_) | Marked::Unreadable(_) => {
                Answer::Denied(Reason::MarkChanged)
            }
        }
    }

    /// A record that cannot be written any more holds no node up: the run is told so, and goes on.
    async fn conclude(&self, node: &NodeName, outcome: &Outcome) -> Answer {
        let finished = self.clock.wall().to_string();
        let written =
            record::add_outcome(&self.client, &self.run, node, outcome, true, &finished).await;
        match written {
            Ok(()) => Answer::Concluded(None),
            Err(refusal @ (Refusal::Gone(_) | Refusal::Denied(_))) => {
                Answer::Concluded(Some(refusal.to_string()))
            }
            Err(refusal) => failed(refusal),
        }
    }

    async fn probe(&self, node: &Node) -> Answer {
        let settings = ProbeSettings {
            image: self.settings.image.clone(),
            time_limit: self.settings.timeouts.probe,
            sentinel: self.settings.sentinel.clone(),
            run: Some(self.run.clone()),
        };
        let answer = node::probe(&self.pods, node, &settings).await;
        let at = self.clock.now().mono;
        // A probe that did not say leaves no clock, least of all another node's.
        let clock = match &answer {
            Ok(ProbeAnswer { clock, .. }) => clock.map(|clock| (clock, at)),
            Err(_) => None,
        };
        *self
            .node_clock
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner) = clock;
        let said = answer.as_ref().ok().cloned();
        Answer::Probed(Box::new(Probed {
            at,
            answer: said,
            verdict: judge(node, answer),
        }))
    }

    /// The reboot pod's particulars; `None` when the node's clock is not known.
    fn reboot(&self) -> Option<Reboot> {
        let (clock, read_at) = (*self
            .node_clock
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner))?;
        let good_for = self.settings.timeouts.reboot;
        let ahead = self.clock.now().mono.saturating_sub(read_at) + good_for;
        Some(Reboot {
            not_after: clock.checked_add(ahead).ok()?,
            image: self.settings.image.clone(),
            lifetime: lifetime(good_for),
            run: self.run.clone(),
        })
    }

    async fn prove(&self, node: &Node, boot: &BootId) -> Answer {
        let Some(reboot) = self.reboot() else {
            return Answer::Proof(Err(no_clock()));
        };
        let limit = self.settings.timeouts.probe;
        match node::prove_reboot(&self.pods, reboot.borrow(node, boot), limit).await {
            // The API server was away, which proves nothing.
            Err(reason @ Reason::ApiUnavailable { .. }) => Answer::Failed(reason),
            proof => Answer::Proof(proof),
        }
    }

    async fn try_ask(&self, node: &Node, boot: &BootId) -> Answer {
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

    async fn ask(&self, node: &Node, boot: &BootId) -> Answer {
        let Some(reboot) = self.reboot() else {
            return Answer::AskDenied(no_clock());
        };
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

    async fn create(&self, pod: &ApiPod, query: &str) -> Result<(), Refusal> {
        let body =
            serde_json::to_value(pod).map_err(|error| Refusal::Passing(error.to_string()))?;
        let path = format!("/api/v1/namespaces/{OWN_NAMESPACE}/pods{query}");
        wire::post::<serde_json::Value>(&self.client, &path, &body)
            .await
            .map(drop)
    }

    async fn remove_ask(&self, uid: &Uid, boot: &BootId) -> Answer {
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

fn failed(refusal: Refusal) -> Answer {
    match trouble(refusal) {
        Ok(passing) => Answer::Failed(passing),
        Err(denied) => Answer::Denied(denied),
    }
}

/// `Ok`: trouble that may pass.
pub(super) fn trouble(refusal: Refusal) -> Result<Reason, Reason> {
    match refusal {
        Refusal::Throttled(_) => Ok(Reason::Throttled),
        Refusal::Passing(message) => Ok(Reason::ApiUnavailable { message }),
        refusal @ (Refusal::Gone(_) | Refusal::Conflict(_) | Refusal::Denied(_)) => {
            Err(Reason::ApiDenied {
                message: refusal.to_string(),
            })
        }
    }
}
