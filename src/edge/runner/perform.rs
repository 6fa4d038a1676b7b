//! Acts on the wire: each a future that borrows nothing, sends what the act names, and answers in the core's words.
//! A writing act asks the fence right before it sends: the judgement may be older than a suspended laptop's nap.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::future::{BoxFuture, try_join_all};

use super::Means;
use super::asking::Reach;
use super::part::Part;
use crate::core::engine::{
    Act, Baseline, Eviction, KuredSeen, Outcome, Patched, Probed, Step, Workload, workloads_of,
};
use crate::core::hold::Held;
use crate::core::mark::{Marked, OwnerMark, marked};
use crate::core::model::{Node, NodeName, Pod, PodKey, RunId, Uid};
use crate::core::plan::{Plan, Settings};
use crate::core::reason::Reason;
use crate::edge::clock::Clock;
use crate::edge::cluster::evict::{Evicted, evict, remove};
use crate::edge::cluster::wire::Refusal;
use crate::edge::cluster::{budgets, node_lease, node_patch, pods, volumes, workloads};
use crate::edge::hold::kured_place::Manner;
use crate::edge::hold::kured_run::{self, Claim};
use crate::edge::hold::lease::Fence;
use crate::edge::hold::{pause, record};

/// What performing needs: cheap to copy into every act.
#[derive(Clone)]
pub(super) struct Hands {
    pub(super) client: kube::Client,
    pub(super) fence: Fence,
    pub(super) run: RunId,
    pub(super) clock: Clock,
    pub(super) reach: Reach,
    pub(super) settings: Arc<Settings>,
    /// How it takes kured's lock.
    pub(super) kured: Claim,
    /// What of the run record may be packed.
    pub(super) loose: Arc<record::Loose>,
    /// The node's clock as its last probe read it, and when that was: the ask's not-after is in the node's own time.
    pub(super) node_clock: Arc<Mutex<Option<(jiff::Timestamp, Duration)>>>,
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
    Kured(KuredSeen),
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
            reach: Reach::of(plan.spec.settings.via, means),
            settings: Arc::new(plan.spec.settings.clone()),
            kured: means.kured.clone(),
            loose: Arc::default(),
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
        let baseline = match act {
            Act::KeepBaseline => part.seen.as_baseline(&self.settings.drain),
            _ => Baseline::default(),
        };
        let outcome = part.verified();
        let workloads: Vec<_> = match (&act, &part.seen.baseline) {
            (Act::ReadWorkloads, None) => workloads_of(&part.seen, &self.settings.drain)
                .into_iter()
                .collect(),
            (Act::ReadWorkloads, Some(before)) => before
                .workloads
                .iter()
                .map(|workload| workload.key.clone())
                .collect(),
            _ => Vec::new(),
        };
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
                (Act::LookForKured, _) => match kured_run::look(&hands.client, &hands.run).await {
                    Ok(seen) => Answer::Kured(seen),
                    Err(refusal) => failed(refusal),
                },
                (Act::TakeKured, _) => {
                    match kured_run::take(&hands.client, &hands.kured, Manner::Real).await {
                        Ok(seen) => Answer::Kured(seen),
                        Err(refusal) => failed(refusal),
                    }
                }
                (Act::ListPods, _) => match hands.list_pods(&target.name).await {
                    Ok(pods) => Answer::Pods(pods.into_iter().map(Pod::from).collect()),
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
                (Act::ReadAsk, node) => hands.read_ask(&target, node).await,
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
                    )
                    .asking_by(hands.settings.via);
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
        let (client, run) = (&self.client, &self.run);
        let written =
            record::add_outcome(client, run, node, outcome, true, &finished, &self.loose).await;
        match written {
            Ok(()) => Answer::Concluded(None),
            Err(refusal @ (Refusal::Gone(_) | Refusal::Denied(_))) => {
                Answer::Concluded(Some(refusal.to_string()))
            }
            Err(refusal) => failed(refusal),
        }
    }
}

pub(super) fn failed(refusal: Refusal) -> Answer {
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
