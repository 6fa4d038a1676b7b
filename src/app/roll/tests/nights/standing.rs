//! What is so in the cluster at one moment of a night, told by its chronicle alone.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::sim::{Deed, Entry, Hand, What, World};

use super::requests::Request;

/// What is known of one node at a moment.
#[expect(
    clippy::struct_excessive_bools,
    reason = "facts that are so or not so, each by itself"
)]
#[derive(Clone, Debug, Default)]
pub(super) struct Node {
    pub(super) cordoned: bool,
    pub(super) not_ready: bool,
    /// Since when it is cordoned or not Ready.
    pub(super) down_since: Option<Duration>,
    /// This run cordoned it, and nobody has opened or replaced it since.
    pub(super) ours: bool,
    /// It carries a mark.
    pub(super) marked: bool,
    pub(super) flagged: bool,
    pub(super) flagged_at: Duration,
    /// The boot that registered last, after the world's start.
    pub(super) boot: Option<String>,
    /// Reboots by this run's ask, and whether one is under way.
    pub(super) asked: u32,
    pub(super) away: bool,
    /// Somebody else took the mark.
    pub(super) stripped: bool,
}

pub(super) struct Standing {
    pub(super) nodes: BTreeMap<String, Node>,
    /// Where each pod was bound, and when.
    pub(super) bound: BTreeMap<(String, String), Duration>,
    /// Reboot pods that may still make their call: made and neither removed nor answered.
    pub(super) asks: BTreeSet<String>,
    /// Asks on their way.
    pub(super) asks_in_flight: BTreeSet<String>,
    /// When the lock was last asked for in a request that was then confirmed.
    pub(super) confirmed: Option<Duration>,
    /// When each ask came.
    pub(super) asked_at: BTreeMap<String, Duration>,
    /// Nodes that were open, or cordoned by somebody else, right before the last change of their cordon.
    foreign: BTreeSet<String>,
    pub(super) lock_taken: Option<Duration>,
    /// The run has read that another has its lock.
    pub(super) knows_it_lost: bool,
    /// When the run was last kept from seeing the cluster as it is.
    pub(super) blinded: Option<Duration>,
    pub(super) signals: u32,
}

impl Node {
    fn down(&mut self, at: Duration) {
        if self.cordoned || self.not_ready {
            self.down_since.get_or_insert(at);
        } else {
            self.down_since = None;
        }
    }
}

impl Standing {
    pub(super) fn of(world: &World) -> Self {
        let node = |machine: &crate::sim::Machine| Node {
            cordoned: machine.cordoned,
            not_ready: !machine.ready,
            down_since: (machine.cordoned || !machine.ready).then_some(Duration::ZERO),
            flagged: machine.flag.is_some(),
            ..Node::default()
        };
        Self {
            nodes: world
                .machines
                .iter()
                .map(|machine| (machine.name.clone(), node(machine)))
                .collect(),
            bound: BTreeMap::new(),
            asks: BTreeSet::new(),
            asks_in_flight: BTreeSet::new(),
            confirmed: None,
            asked_at: BTreeMap::new(),
            foreign: BTreeSet::new(),
            lock_taken: None,
            knows_it_lost: false,
            blinded: None,
            signals: 0,
        }
    }

    pub(super) fn node(&mut self, name: &str) -> &mut Node {
        self.nodes.entry(name.to_owned()).or_default()
    }

    /// The node was opened last although this run had not cordoned it.
    pub(super) fn foreign_opening(&self, node: &str) -> bool {
        self.foreign.contains(node)
    }

    /// Takes in what came about. Called after an entry was judged by what stood before it.
    pub(super) fn learn(&mut self, entry: &Entry, ask_of: &BTreeMap<String, String>) {
        match &entry.deed {
            Deed::Arrived(line) => {
                if let Request::Ask(pod) = Request::of(line) {
                    self.asked_at.insert(pod.clone(), entry.at);
                    self.asks_in_flight.insert(pod);
                }
            }
            Deed::Lost(line) => {
                if let Request::Ask(pod) = Request::of(line) {
                    self.asks_in_flight.remove(&pod);
                }
            }
            Deed::Done(line, code) => {
                let done = *code < 300;
                match Request::of(line) {
                    Request::Ask(pod) => {
                        self.asks_in_flight.remove(&pod);
                        if done {
                            self.asks.insert(pod);
                        }
                    }
                    Request::RemoveAsk(pod) if done || *code == 404 => drop(self.asks.remove(&pod)),
                    Request::Hold if done && line.status.is_some() => {
                        self.confirmed = Some(self.confirmed.unwrap_or_default().max(line.at));
                    }
                    Request::Other
                        if done
                            && line.resource == "leases"
                            && line.namespace == "aksreboot"
                            && line.verb == "get"
                            && line.status.is_some()
                            && self.confirmed.is_some() =>
                    {
                        self.knows_it_lost |= self.lock_taken.is_some_and(|at| at < line.at);
                    }
                    Request::Cordon { before } if done => self.node(&line.name).ours = !before,
                    _ => {}
                }
            }
            Deed::Happened(what) => self.happened(what, entry.at),
            Deed::Rebooting(reboot) => {
                if let Some(ask) = ask_of.get(&reboot.node) {
                    self.asks.remove(ask);
                }
                let node = self.node(&reboot.node);
                if matches!(reboot.by, Hand::Asked(_)) {
                    node.asked += 1;
                    node.away = true;
                }
            }
            Deed::Refused { node } => {
                if let Some(ask) = ask_of.get(node) {
                    self.asks.remove(ask);
                }
            }
            Deed::NotRebooting { .. } => {}
            Deed::Booted {
                node,
                boot_id,
                flagged,
            } => {
                // What was made for the boot before refuses on this one.
                if let Some(ask) = ask_of.get(node) {
                    self.asks.remove(ask);
                }
                let node = self.node(node);
                node.boot = Some(boot_id.clone());
                node.flagged = *flagged;
                node.away = false;
            }
            Deed::Unschedulable { node, is } => {
                if !is && !self.node(node).ours {
                    self.foreign.insert(node.clone());
                } else {
                    self.foreign.remove(node);
                }
                let node = self.node(node);
                node.cordoned = *is;
                node.ours &= *is;
                node.down(entry.at);
            }
            Deed::Ready { node, is } => {
                let node = self.node(node);
                node.not_ready = !is;
                node.down(entry.at);
            }
            Deed::Marked { node, step } => self.node(node).marked = step.is_some(),
            Deed::Bound { namespace, pod, .. } => {
                self.bound
                    .insert((namespace.clone(), pod.clone()), entry.at);
            }
        }
    }

    fn happened(&mut self, what: &What, at: Duration) {
        match what {
            What::ReplaceNode(name) | What::RemoveNode(name) => {
                let node = self.node(name);
                *node = Node {
                    asked: node.asked,
                    ..Node::default()
                };
            }
            What::RaiseFlag { node, .. } => {
                let node = self.node(node);
                node.flagged = true;
                node.flagged_at = at;
            }
            What::Annotate {
                node, value: None, ..
            } => self.node(node).stripped = true,
            What::Away(_, lasts) => self.blinded = Some(at + *lasts),
            What::CutWatches | What::Forget | What::Disturb(_) => {
                self.blinded = Some(self.blinded.unwrap_or_default().max(at));
            }
            What::TakeLease { .. } => self.lock_taken = Some(at),
            What::Befall(crate::sim::Befall::Interrupt | crate::sim::Befall::Terminate) => {
                self.signals += 1;
            }
            _ => {}
        }
    }
}
