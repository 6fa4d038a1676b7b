//! The invariants of docs/design.md that hold today, judged over everything that came about in a night, in its order. What
//! they look at is what the cluster did, never what the roll believes.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::super::Rolled;
use super::requests::Request;
use super::standing::Standing;
use crate::core::engine::{Left, Outcome};
use crate::core::event::{Event, What};
use crate::core::reason::Reason;
use crate::edge::node::reboot_pod_name;
use crate::edge::runner::Ended;
use crate::exit::Exit;
use crate::sim::{Deed, Entry, Hand, Rebooting, World};

/// An act needs a renewal that was sent this short a while ago (docs/design.md, the lock).
const FRESH: Duration = Duration::from_secs(20);
/// An empty list older than this is not good enough to reboot on (docs/roll.md, Reboot).
const LIST_IS_FRESH: Duration = Duration::from_secs(10);
/// What a watch tells is known by then.
const SEEN_BY_NOW: Duration = Duration::from_secs(5);
/// A run that was kept from seeing sees again by then.
const OUT_OF_SIGHT: Duration = Duration::from_secs(60);
/// A probe that found nothing pending, and what it found, may be that far apart.
const PROBE_TAKES: Duration = Duration::from_secs(90);

/// What was broken, in words; empty when all held.
pub(super) fn broken(world: &World, rolled: &Rolled) -> Vec<String> {
    let mut judge = Judge::of(world, rolled);
    let mut events = rolled.places.iter().zip(&rolled.events).peekable();
    for (place, entry) in rolled.sim.chronicle(0).iter().enumerate() {
        while let Some((_, event)) = events.next_if(|(at, _)| **at <= place) {
            judge.event(event);
        }
        judge.entry(entry);
        judge.standing.learn(entry, &judge.ask_of);
        judge.at_every_moment(entry);
    }
    for (_, event) in events {
        judge.event(event);
    }
    judge.end(rolled);
    judge.broken
}

struct Judge {
    standing: Standing,
    /// UID and boot ID that were planned, by node.
    planned: BTreeMap<String, (String, String)>,
    /// The reboot pod of the planned boot, by node.
    ask_of: BTreeMap<String, String>,
    not_counted: BTreeSet<String>,
    /// How many nodes may be unavailable.
    limit: usize,
    now: Duration,
    broken: Vec<String>,
}

impl Judge {
    fn of(world: &World, rolled: &Rolled) -> Self {
        let targets = rolled.plan.iter().flat_map(|plan| &plan.spec.targets);
        let (mut planned, mut ask_of) = (BTreeMap::new(), BTreeMap::new());
        for target in targets {
            let name = target.name.to_string();
            let ask = reboot_pod_name(&target.uid, &target.boot);
            ask_of.insert(name.clone(), ask);
            planned.insert(name, (target.uid.to_string(), target.boot.to_string()));
        }
        Self {
            standing: Standing::of(world),
            planned,
            ask_of,
            not_counted: rolled
                .plan
                .iter()
                .flat_map(|plan| &plan.spec.settings.not_counted)
                .map(ToString::to_string)
                .collect(),
            limit: rolled
                .plan
                .as_ref()
                .map_or(1, |plan| plan.spec.settings.max_unavailable as usize),
            now: Duration::ZERO,
            broken: Vec::new(),
        }
    }

    fn breaks(&mut self, what: impl Into<String>) {
        let at = self.now.as_secs_f64();
        self.broken
            .push(format!("broken at {at:.3}: {}", what.into()));
    }

    fn entry(&mut self, entry: &Entry) {
        self.now = entry.at;
        match &entry.deed {
            Deed::Arrived(line) => {
                let request = Request::of(line);
                match &request {
                    Request::Forbidden(what) => self.breaks(format!("a roll never sends {what}")),
                    Request::Evict { uid: false } => {
                        self.breaks(format!("an eviction without UID: {line}"));
                    }
                    _ => {}
                }
                let is_ours_to_tidy = line.verb == "delete" && line.resource == "pods";
                let reads = matches!(line.verb.as_str(), "get" | "list" | "watch");
                if self.standing.knows_it_lost && !reads && !is_ours_to_tidy {
                    self.breaks(format!("sent after the lock was lost: {line}"));
                }
                let age = self
                    .standing
                    .confirmed
                    .map(|at| self.now.saturating_sub(at));
                if request.is_an_act() && age.is_none_or(|age| age >= FRESH) {
                    self.breaks(format!("an act under a lock confirmed {age:?} ago: {line}"));
                }
            }
            Deed::Done(line, code) if *code < 300 => match Request::of(line) {
                Request::Cordon { before: false } => self.cordon(&line.name),
                Request::Uncordon => self.uncordon(&line.name),
                Request::Ask(pod) => self.asked(&pod),
                _ => {}
            },
            Deed::Rebooting(reboot) => {
                if let Hand::Asked(pod) = &reboot.by {
                    self.reboot(reboot, pod);
                }
            }
            _ => {}
        }
    }

    /// Nodes that were down for a while already, as the run could see, fill the limit.
    fn cordon(&mut self, name: &str) {
        let blind_until = self.standing.blinded.map(|at| at + OUT_OF_SIGHT);
        if blind_until.is_some_and(|until| self.now < until) {
            return;
        }
        let others = self.standing.nodes.iter().filter(|(other, node)| {
            other.as_str() != name
                && !self.not_counted.contains(*other)
                && node
                    .down_since
                    .is_some_and(|since| since + SEEN_BY_NOW < self.now)
        });
        let others: Vec<String> = others.map(|(other, _)| other.clone()).collect();
        if others.len() >= self.limit {
            self.breaks(format!(
                "{name} cordoned with {} down already",
                others.join(", ")
            ));
        }
    }

    /// The note of the change itself has come before: what the node was like is told by its ask.
    fn uncordon(&mut self, name: &str) {
        let ask = self.ask_of.get(name).cloned().unwrap_or_default();
        if self.standing.asks.contains(&ask) {
            self.breaks(format!("{name} uncordoned with its ask {ask} outstanding"));
        }
        if self.standing.asks_in_flight.contains(&ask) {
            self.breaks(format!("{name} uncordoned with its ask {ask} on its way"));
        }
        if self.standing.foreign_opening(name) {
            self.breaks(format!(
                "{name} uncordoned, which this run had not cordoned"
            ));
        }
    }

    fn asked(&mut self, pod: &str) {
        if !self.ask_of.values().any(|ask| ask == pod) {
            self.breaks(format!("asked by {pod}, which is of no planned boot"));
        }
    }

    fn reboot(&mut self, reboot: &Rebooting, pod: &str) {
        let name = &reboot.node;
        let found = (reboot.uid.clone(), reboot.boot_id.clone());
        if self.planned.get(name) != Some(&found) {
            self.breaks(format!(
                "{name} rebooted, which is not the planned node and boot: {found:?}"
            ));
        }
        if self.ask_of.get(name).map(String::as_str) != Some(pod) {
            self.breaks(format!("{name} rebooted by {pod}, which is not its own"));
        }
        if self.standing.node(name).asked > 0 {
            self.breaks(format!("{name} rebooted a second time"));
        }
        let asked_at = self.standing.asked_at.get(pod).copied().unwrap_or(self.now);
        for there in &reboot.pods {
            let of_daemon_set = there.controller.as_deref() == Some("DaemonSet");
            if there.own || there.mirror || there.finished || of_daemon_set {
                continue;
            }
            let key = (there.namespace.clone(), there.name.clone());
            let bound = self.standing.bound.get(&key).copied().unwrap_or_default();
            // Who came later could not be known of: somebody else had opened the node.
            if bound + LIST_IS_FRESH < asked_at {
                let pod = format!("{}/{}", there.namespace, there.name);
                self.breaks(format!(
                    "{name} rebooted under {pod}, bound at {bound:?}, asked at {asked_at:?}"
                ));
            }
        }
    }

    fn at_every_moment(&mut self, entry: &Entry) {
        let ours: Vec<String> = self
            .standing
            .nodes
            .iter()
            .filter(|(_, node)| node.ours || node.away)
            .map(|(name, _)| name.clone())
            .collect();
        let grew = matches!(&entry.deed, Deed::Done(..) | Deed::Rebooting(_));
        if grew && ours.len() > self.limit {
            self.breaks(format!(
                "unavailable by our hand at once: {}",
                ours.join(", ")
            ));
        }
    }

    fn event(&mut self, event: &Event) {
        let What::NodeFinished { outcome } = &event.what else {
            return;
        };
        let name = event
            .node
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default();
        let now = self.now;
        let node = self.standing.node(&name).clone();
        match outcome {
            Outcome::Verified { boot_after, .. } => {
                if node.boot.as_deref() != Some(boot_after.as_str()) {
                    self.breaks(format!(
                        "{name} verified on {boot_after}, runs {:?}",
                        node.boot
                    ));
                }
                // None, when somebody else was quicker.
                if node.asked > 1 {
                    self.breaks(format!("{name} verified after {} asks", node.asked));
                }
                let raised = node.flagged && node.flagged_at + PROBE_TAKES < now;
                if raised {
                    self.breaks(format!("{name} verified with its flag there"));
                }
            }
            Outcome::NotNeeded if node.flagged && node.flagged_at + PROBE_TAKES < now => {
                self.breaks(format!("{name} needs nothing, with its flag there"));
            }
            _ => {}
        }
    }

    fn end(&mut self, rolled: &Rolled) {
        let names: Vec<String> = self.standing.nodes.keys().cloned().collect();
        for name in names {
            let node = self.standing.node(&name).clone();
            let outcome = rolled
                .outcomes
                .iter()
                .find(|(named, _)| named.as_str() == name);
            let left = match outcome.map(|(_, outcome)| outcome) {
                Some(Outcome::Failed { left, .. } | Outcome::Interrupted { left, .. }) => {
                    Some(*left)
                }
                _ => None,
            };
            let told = matches!(left, Some(Left::Cordoned | Left::Unsure));
            if node.ours && !told {
                self.breaks(format!("{name} left cordoned, told as {outcome:?}"));
            }
            if node.ours && !node.marked && !node.stripped {
                self.breaks(format!("{name} left cordoned without a mark"));
            }
            let quiet = matches!(left, None | Some(Left::Untouched | Left::Restored));
            let foreign = self.standing.lock_taken.is_some();
            if node.marked && quiet && !foreign {
                self.breaks(format!("{name} left marked, told as {outcome:?}"));
            }
        }
        self.exit(rolled);
    }

    fn exit(&mut self, rolled: &Rolled) {
        let exit = rolled.exit();
        let good = rolled.outcomes.values().all(Outcome::is_good);
        let targets = rolled
            .plan
            .as_ref()
            .map_or(0, |plan| plan.spec.targets.len());
        let complete = rolled.outcomes.len() == targets;
        let fits = match (&rolled.ended, exit) {
            (None, Exit::Ok) => targets == 0,
            (None, Exit::Interrupted | Exit::Terminated) => self.standing.signals > 0,
            (None, _) => rolled.outcomes.is_empty(),
            (Some(Ended::Finished), Exit::Ok) => good && complete,
            (Some(Ended::Finished), Exit::Stopped) => complete,
            (Some(Ended::Stopped(reason)), exit) => {
                let taken = matches!(
                    reason,
                    Reason::Hold { .. }
                        | Reason::KuredLock { .. }
                        | Reason::KuredNotHeld { .. }
                        | Reason::LockLost { .. }
                        | Reason::AksOperation { .. }
                );
                exit == if taken { Exit::Locked } else { Exit::Stopped }
            }
            (Some(Ended::Interrupted(_)), Exit::Interrupted | Exit::Terminated) => {
                self.standing.signals > 0
            }
            _ => false,
        };
        if !fits {
            let (ended, outcomes) = (&rolled.ended, &rolled.outcomes);
            self.breaks(format!("exit {exit:?} after {ended:?} with {outcomes:?}"));
        }
        let named: BTreeSet<&str> = rolled.leftovers.iter().map(String::as_str).collect();
        for pod in rolled.sim.pods_in("aksreboot") {
            let known = named.contains(pod.as_str()) || pod.starts_with("reboot-");
            if !known {
                self.breaks(format!("pod {pod} left behind and not named"));
            }
        }
    }
}
