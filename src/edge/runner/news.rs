//! What comes in while a run goes on, and how it becomes something seen.

use crate::core::engine::{Act, Ask, Conclusion, Eviction, KuredSeen, NodeClock, NodeSeen, Step};
use crate::core::event::{Fact, What};
use crate::core::model::{Node, NodeName, Pod};
use crate::core::plan::{Target, aks_sign};
use crate::core::reason::Reason;
use crate::edge::cluster::SlimNode;
use crate::edge::cluster::pods::SlimPod;
use crate::edge::cluster::watch::Change;
use crate::edge::hold::lease::{RENEW_EVERY, Renewed};
use crate::edge::node::{self, REBOOT_CONTAINER, reboot_pod_name};

use super::Runner;
use super::perform::{Answer, Answered};

/// A change of what is watched.
pub(super) enum News {
    Fleet(Change<SlimNode>),
    Pods(NodeName, Change<SlimPod>),
}

impl Runner<'_> {
    pub(super) fn learn(&mut self, news: News) {
        match news {
            News::Fleet(Change::All(nodes)) => {
                let nodes: Vec<Node> = nodes.into_iter().map(Node::from).collect();
                self.parts.for_each_active(|part| {
                    if !nodes.iter().any(|node| node.name == part.target.name) {
                        part.seen.node = NodeSeen::Gone;
                    }
                });
                self.fleet = Some(std::collections::BTreeMap::new());
                self.upgrading.clear();
                for node in nodes {
                    self.learn_node(node);
                }
            }
            News::Fleet(Change::Is(node)) => self.learn_node(Node::from(node)),
            News::Fleet(Change::Gone(node)) => {
                let node = Node::from(node);
                if let Some(fleet) = &mut self.fleet {
                    fleet.remove(&node.name);
                }
                self.upgrading.remove(&node.name);
                if let Some(part) = self.parts.active_of(&node.name) {
                    part.seen.node = NodeSeen::Gone;
                }
            }
            News::Pods(name, change) => self.learn_pods(&name, change),
            // What was seen is getting old; every act is conditional on it, so nothing wrong can come of that.
            News::Fleet(Change::Away) => {}
        }
    }

    fn learn_node(&mut self, node: Node) {
        let now = self.clock.now();
        let mut observed = Vec::new();
        if let Some(part) = self.parts.active_of(&node.name) {
            let (booted, ready) = (part.seen.booted_at, part.seen.ready_since);
            let target = part.target.clone();
            part.seen.learn_node(node.clone(), &target.boot, now);
            // What another machine under the name does is no news of this one.
            if let Some(step) = part.step
                && node.uid == target.uid
            {
                if booted.is_none() && part.seen.booted_at.is_some() && step >= Step::Reboot {
                    observed.extend(new_boot(&target, &node).map(|fact| (step, fact)));
                }
                if ready.is_none() && part.seen.ready_since.is_some() {
                    observed.push((step, Fact::Ready {}));
                }
            }
        }
        for (step, fact) in observed {
            self.observed(&node.name.clone(), step, fact);
        }
        match aks_sign(&node) {
            Some(sign) => self.upgrading.insert(node.name.clone(), sign),
            None => self.upgrading.remove(&node.name),
        };
        if let Some(fleet) = &mut self.fleet {
            fleet.insert(node.name.clone(), node);
        }
    }

    fn learn_pods(&mut self, name: &NodeName, change: Change<SlimPod>) {
        let now = self.clock.now();
        let drain = &self.plan.spec.settings.drain;
        let Some(part) = self.parts.active_of(name) else {
            return;
        };
        let before = part.seen.count_leaving(drain);
        let mut ended = None;
        let mut look_for_the_ask = |pod: &SlimPod| {
            if pod.namespace() == crate::core::drain::OWN_NAMESPACE
                && let Some(container) = pod.terminated(REBOOT_CONTAINER)
                && pod.name() == reboot_pod_name(&part.target.uid, &part.target.boot)
            {
                ended = Some(node::certain_refusal(&container.message));
            }
        };
        match change {
            Change::All(pods) => {
                pods.iter().for_each(look_for_the_ask);
                let pods = pods.into_iter().map(Pod::from);
                part.seen.pods = Some(pods.map(|pod| (pod.uid.clone(), pod)).collect());
                if let Some(pods) = &part.seen.pods {
                    part.seen.gone.retain(|uid| !pods.contains_key(uid));
                }
            }
            Change::Is(pod) => {
                look_for_the_ask(&pod);
                let model = Pod::from(pod);
                // Where a selector picks pods, one that left its sight can come back into it.
                part.seen.gone.remove(&model.uid);
                if let Some(pods) = &mut part.seen.pods {
                    pods.insert(model.uid.clone(), model);
                }
            }
            Change::Gone(pod) => {
                part.seen.learn_gone(Pod::from(pod).uid);
            }
            Change::Away => {
                part.seen.api_is_away(now.mono);
                return;
            }
        }
        if part.step == Some(Step::Drain) {
            part.seen.note_residents();
        }
        part.seen.api_is_back(now.mono);
        part.seen.note_volumes(drain);
        if !part.seen.awaited(drain, now.wall).is_empty() {
            part.seen.empty_lists = 0;
            part.seen.attached = None;
        }
        if let Some(refusal) = ended {
            part.seen.ask_refused = refusal;
        }
        if part.step == Some(Step::Drain) {
            self.tell_pods_left(name, before);
        }
    }

    /// Tells how many pods have to leave the node, where they were not counted `before`, or how many are left, where that is less.
    pub(super) fn tell_pods_left(&mut self, name: &NodeName, before: Option<u32>) {
        let drain = &self.plan.spec.settings.drain;
        let part = self.parts.active_of(name);
        let Some(count) = part.and_then(|part| part.seen.count_leaving(drain)) else {
            return;
        };
        let fact = match before {
            Some(before) if count < before => Fact::PodsLeft { count },
            Some(_) => return,
            None => Fact::PodsToEvict { count },
        };
        self.observed(name, Step::Drain, fact);
    }

    /// Takes in the answer to an act.
    pub(super) fn learn_answer(&mut self, answered: Answered) {
        let Answered {
            part: index,
            act,
            answer,
        } = answered;
        let now = self.clock.now();
        let drain = &self.plan.spec.settings.drain;
        let part = &mut self.parts[index];
        part.in_flight.remove(&act);
        let boot = part.target.boot.clone();
        match answer {
            Answer::Patched(patched) => part.seen.learn_patched(patched, &boot, now),
            Answer::Node(Some(node)) => {
                part.seen.trouble = None;
                part.seen.learn_node(*node, &boot, now);
                part.seen.node_is_stale = false;
            }
            Answer::Node(None) => part.seen.node = NodeSeen::Gone,
            Answer::Evicted(uid, eviction) => {
                if eviction == Eviction::Granted {
                    part.seen.trouble = None;
                    if part.seen.came_late(&uid) {
                        part.seen.latecomers.evicted(now.mono);
                    }
                }
                part.seen.evictions.insert(uid, eviction);
            }
            Answer::PodGone(uid) => part.seen.learn_gone(uid),
            Answer::Pods(pods) => {
                let before = part.seen.count_leaving(drain);
                part.seen.learn_list(pods, drain, now);
                if part.step == Some(Step::Drain) {
                    if before.is_none() {
                        part.seen.note_residents();
                    }
                    let name = part.target.name.clone();
                    self.tell_pods_left(&name, before);
                }
            }
            Answer::Hold(held) => {
                part.seen.trouble = None;
                part.seen.hold = Some((now.mono, held));
            }
            Answer::Attached(volumes) => {
                part.seen.trouble = None;
                part.seen.attached = Some((now.mono, volumes));
            }
            Answer::Unready(namespace, budget, pods) => {
                let key = (namespace, budget);
                part.seen.unready.insert(key, (now.mono, pods));
            }
            Answer::Kured(kured) => {
                part.seen.trouble = None;
                // Also where only some of several locks were had.
                if act == Act::TakeKured && kured != KuredSeen::Absent {
                    self.has_kured = true;
                    self.kured_until = now.wall.checked_add(self.hands.kured.span).ok();
                }
                part.seen.kured = Some((now.mono, kured));
            }
            Answer::Probed(probed) => {
                let clock = probed.answer.as_ref().and_then(|answer| answer.clock);
                part.seen.clock = clock.map_or(NodeClock::Unknown, |_| NodeClock::Known);
                part.seen.probe = Some(*probed);
            }
            Answer::Admission(result) => part.seen.admission = Some(result),
            Answer::Proof(result) => part.seen.proof = Some((now.mono, result)),
            Answer::Workloads(workloads) => {
                part.seen.trouble = None;
                part.seen.workloads = Some((now.mono, workloads));
            }
            Answer::NodeLease(renew_time) => part.seen.learn_lease(renew_time, now),
            Answer::Asked => part.seen.ask = Ask::Asked { at: now.mono },
            Answer::AskLost(reason) => {
                part.seen.ask = Ask::Lost;
                part.seen.ask_may_come = true;
                part.seen.failed(reason, now);
            }
            Answer::NotAsked => part.seen.ask = Ask::NotAsked,
            Answer::AskDenied(reason) => part.seen.ask = Ask::Denied(reason),
            Answer::BaselineKept(baseline) => {
                part.seen.trouble = None;
                part.seen.baseline = Some(baseline);
            }
            Answer::Concluded(problem) => {
                part.seen.trouble = None;
                part.seen.conclusion = Conclusion::WrittenDown;
                if let Some(message) = problem {
                    let (name, step) = (part.target.name.clone(), part.step);
                    let reason = Reason::RecordNotWritten { message };
                    self.emit(Some(name), step, What::Warning { reason });
                }
            }
            Answer::AskRemoved => part.seen.ask_removed = true,
            Answer::Failed(reason) => part.seen.failed(reason, now),
            Answer::Denied(reason) => part.seen.denied = Some(reason),
            // The lock went stale between the judgement and the act: nothing was sent.
            Answer::NotSent => self.next_renewal = now.mono,
        }
        self.warn_of_old_kernel(index);
    }

    /// A kernel that moved backwards is told, once, and stops nothing: the node may have been rolled back on purpose.
    fn warn_of_old_kernel(&mut self, index: usize) {
        let part = &mut self.parts[index];
        let after = part.seen.here().and_then(|node| node.kernel.clone());
        if part.step != Some(Step::Verify) || part.warned_of_kernel {
            return;
        }
        if let (Some(before), Some(after)) = (part.target.kernel.clone(), after)
            && crate::core::evidence::is_older(&after, &before)
        {
            part.warned_of_kernel = true;
            let name = part.target.name.clone();
            let reason = Reason::KernelBackwards { before, after };
            self.emit(Some(name), Some(Step::Verify), What::Warning { reason });
        }
    }

    /// Takes in a renewal of the lock; says when it is lost.
    pub(super) fn learn_renewal(&mut self, renewed: Renewed) -> Option<Reason> {
        let now = self.clock.now();
        match renewed {
            Renewed::Confirmed {
                resource_version,
                gap,
            } => {
                if std::mem::take(&mut self.renewal_is_late) {
                    self.back_at = Some(now.mono);
                }
                self.parts
                    .for_each_active(|part| part.seen.api_is_back(now.mono));
                self.lock.confirmed(resource_version);
                self.next_renewal = now.mono + RENEW_EVERY;
                if gap > RENEW_EVERY * 4 {
                    // We were away for longer than a term: what we know of our nodes is as old as that.
                    self.parts.for_each_active(|part| {
                        part.seen.node_is_stale = true;
                        part.seen.empty_lists = 0;
                        part.seen.last_list = None;
                    });
                }
                None
            }
            Renewed::Unsure(message) => {
                self.parts
                    .for_each_active(|part| part.seen.api_is_away(now.mono));
                if !self.renewal_is_late {
                    self.renewal_is_late = true;
                    let reason = Reason::ApiUnavailable { message };
                    self.emit(None, None, What::Warning { reason });
                }
                self.renew_not_before = now.mono + std::time::Duration::from_secs(1);
                None
            }
            Renewed::Lost(reason) => Some(reason),
        }
    }
}

/// What a new boot of a target tells: that it is one, and whether the kernel is another.
fn new_boot(target: &Target, node: &Node) -> impl Iterator<Item = Fact> {
    let boot = Fact::NewBoot {
        before: target.boot.clone(),
        after: node.boot.clone().unwrap_or_else(|| "".into()),
    };
    let kernel = match (&target.kernel, &node.kernel) {
        (Some(before), Some(after)) if before != after => Some(Fact::Kernel {
            before: before.to_string(),
            after: after.to_string(),
        }),
        _ => None,
    };
    std::iter::once(boot).chain(kernel)
}
