//! kured as another actor: its lock on its DaemonSet, and what it does to a node while it has it. After the behaviour of
//! kured 1.23 (kubereboot/kured, main loop and lock), without windows, alerts and blockers.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};

use super::build;
use super::chronicle::Hand;
use super::cluster::Cluster;
use super::controllers::disruption;
use super::faults::What;
use super::happenings;
use super::host;
use super::jobs::Job;
use super::json::{self, flag, list, number, text};
use super::kind::Kind;
use super::store::Key;
use super::world::Workload;

/// Where its manifest puts it.
const NAMESPACE: &str = "kube-system";
const NAME: &str = "kured";
/// `--period` is an hour by default; the simulated one is less patient.
const PERIOD: Duration = Duration::from_secs(60);
/// Its drain looks again at what a budget kept.
const DRAIN_AGAIN: Duration = Duration::from_secs(5);
/// After its pod has started again it waits this long before it looks whether it has the lock.
const AFTER_BOOT: (Duration, Duration) = (Duration::from_secs(30), Duration::from_secs(90));

/// One thing that kured does; which of them follow by themselves is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KuredAct {
    /// Takes its lock for a node, if it can. Its DaemonSet comes first, where it is not there.
    Takes { node: String, lock: KuredLock },
    /// Gives a node's lock back.
    Releases { node: String, lock: KuredLock },
    /// Takes the lock, cordons, drains, reboots, uncordons, gives the lock back; tries again while others have it.
    Rolls { node: String, lock: KuredLock },
    /// Drains the node of a lock that it has; then reboots it.
    Drains { node: String, lock: KuredLock },
    /// Looks whether the node is back since that many boots; then uncordons it and gives the lock back.
    Returns {
        node: String,
        lock: KuredLock,
        boots: u32,
    },
    /// Uncordons, unless the node was cordoned when it took the lock; gives the lock back.
    Ends { node: String, lock: KuredLock },
}

/// In which of its forms kured writes its lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KuredLock {
    /// `--concurrency`: with 1 the lock is a single holder, with more a list of them. Neither reads the other.
    pub slots: u32,
    pub domain: KuredDomain,
}

/// The prefix of the lock's annotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KuredDomain {
    WeaveWorks,
    /// That of the announced version 2.
    KuredDev,
}

impl KuredLock {
    pub const SINGLE: Self = Self {
        slots: 1,
        domain: KuredDomain::WeaveWorks,
    };

    fn annotation(self) -> &'static str {
        match self.domain {
            KuredDomain::WeaveWorks => "weave.works/kured-node-lock",
            KuredDomain::KuredDev => "kured.dev/kured-node-lock",
        }
    }
}

pub(super) fn act(cluster: &mut Cluster, act: KuredAct) {
    match act {
        KuredAct::Takes { node, lock } => {
            take(cluster, &node, lock);
        }
        KuredAct::Releases { node, lock } => release(cluster, &node, lock),
        KuredAct::Rolls { node, lock } => {
            if take(cluster, &node, lock) {
                happenings::cordon(cluster, &node, true);
                goes_on(cluster, Duration::ZERO, KuredAct::Drains { node, lock });
            } else if cluster.hosts.contains_key(&node) {
                goes_on(cluster, PERIOD, KuredAct::Rolls { node, lock });
            }
        }
        KuredAct::Drains { node, lock } => {
            if drained(cluster, &node) {
                let boots = cluster.hosts.get(&node).map_or(0, |host| host.boots);
                host::reboot(cluster, &node, Hand::Kured);
                goes_on(
                    cluster,
                    DRAIN_AGAIN,
                    KuredAct::Returns { node, lock, boots },
                );
            } else {
                goes_on(cluster, DRAIN_AGAIN, KuredAct::Drains { node, lock });
            }
        }
        KuredAct::Returns { node, lock, boots } => {
            let back = cluster
                .hosts
                .get(&node)
                .map(|host| host.boots > boots && host.kubelet_runs());
            match back {
                Some(true) => {
                    let looks = cluster.chance.between(AFTER_BOOT.0, AFTER_BOOT.1);
                    goes_on(cluster, looks, KuredAct::Ends { node, lock });
                }
                Some(false) => {
                    goes_on(
                        cluster,
                        DRAIN_AGAIN,
                        KuredAct::Returns { node, lock, boots },
                    );
                }
                // The node is gone, and its lock stays for ever (kured#137).
                None => {}
            }
        }
        KuredAct::Ends { node, lock } => {
            let held = entries(cluster, lock);
            let mine = held
                .iter()
                .find(|entry| text(entry, "/nodeID") == Some(&node));
            if mine.is_some_and(|mine| !flag(mine, "/metadata/unschedulable")) {
                happenings::cordon(cluster, &node, false);
            }
            release(cluster, &node, lock);
        }
    }
}

fn goes_on(cluster: &mut Cluster, delay: Duration, act: KuredAct) {
    cluster.later(delay, Job::Happen(What::Kured(act)));
}

fn daemon_set() -> Key {
    Key::new(NAMESPACE, NAME)
}

/// Who has the lock, as a kured with this form reads it: what is written in the other form it does not see.
fn entries(cluster: &Cluster, lock: KuredLock) -> Vec<Value> {
    match written(cluster, lock) {
        None | Some(Err(Unreadable)) => Vec::new(),
        Some(Ok(held)) if lock.slots > 1 => list(&held, "/locks").to_vec(),
        // A list is read as a single holder without a name, whose lock never ends.
        Some(Ok(held)) => vec![held],
    }
}

/// No JSON: kured logs that, and acts on it in no way.
struct Unreadable;

fn written(cluster: &Cluster, lock: KuredLock) -> Option<Result<Value, Unreadable>> {
    let set = cluster.store.get(Kind::DaemonSet, &daemon_set())?;
    let annotations = json::texts(&set.value(), "/metadata/annotations");
    let text = annotations.get(lock.annotation())?;
    Some(serde_json::from_str(text).map_err(|_| Unreadable))
}

fn take(cluster: &mut Cluster, node: &str, lock: KuredLock) -> bool {
    if cluster.store.get(Kind::DaemonSet, &daemon_set()).is_none() {
        build::workload(cluster, &Workload::daemon_set(NAME));
    }
    let Some(object) = cluster.store.get(Kind::Node, &Key::of_cluster(node)) else {
        return false;
    };
    if let Some(Err(Unreadable)) = written(cluster, lock) {
        return false;
    }
    let unschedulable = flag(&object.value(), "/spec/unschedulable");
    let mut held = entries(cluster, lock);
    let runs_out = |entry: &Value| {
        let ttl = number(entry, "/TTL").unwrap_or(0);
        let created = text(entry, "/created").and_then(|at| at.parse::<jiff::Timestamp>().ok());
        let now = cluster.clock.timestamp(cluster.now);
        ttl > 0 && created.is_some_and(|at| now.duration_since(at).as_nanos() >= i128::from(ttl))
    };
    let slots = usize::try_from(lock.slots).unwrap_or(1);
    if held.len() >= slots {
        held.retain(|entry| !runs_out(entry));
    }
    if held.len() >= slots {
        return false;
    }
    held.push(json!({
        "nodeID": node,
        "metadata": {"unschedulable": unschedulable},
        "created": cluster.clock.timestamp(cluster.now).to_string(),
        "TTL": 0,
    }));
    write(cluster, lock, held);
    true
}

fn release(cluster: &mut Cluster, node: &str, lock: KuredLock) {
    let mut held = entries(cluster, lock);
    held.retain(|entry| text(entry, "/nodeID") != Some(node));
    write(cluster, lock, held);
}

fn write(cluster: &mut Cluster, lock: KuredLock, mut held: Vec<Value>) {
    let value = match (lock.slots, held.pop()) {
        (1, single) => single,
        (slots, last) => {
            held.extend(last);
            Some(json!({"maxOwners": slots, "locks": held}))
        }
    };
    cluster.update(Kind::DaemonSet, &daemon_set(), |set| {
        let annotations = json::entry(set, "/metadata/annotations");
        match value {
            Some(value) => *json::member(annotations, lock.annotation()) = value.to_string().into(),
            None => {
                annotations
                    .as_object_mut()
                    .map(|map| map.remove(lock.annotation()));
            }
        }
    });
}

/// Deletes what its drain removes, as far as budgets let it; whether nothing of it is left.
fn drained(cluster: &mut Cluster, node: &str) -> bool {
    let mut empty = true;
    // A budget is asked again when its controller has counted, which is by the next look.
    let mut charged = BTreeSet::new();
    for pod in cluster.store.pods_on(node) {
        let value = pod.value();
        let stays = list(&value, "/metadata/ownerReferences")
            .iter()
            .any(|owner| text(owner, "/kind") == Some("DaemonSet"))
            || pod.index.lasting.mirror;
        if stays {
            continue;
        }
        empty = false;
        let budgets = disruption::budgets_of(cluster, &pod);
        let allowed = budgets.iter().all(|budget| {
            number(&budget.value(), "/status/disruptionsAllowed").unwrap_or(0) > 0
                && !charged.contains(&budget.key)
        });
        if allowed && budgets.len() < 2 && !pod.index.deleting {
            charged.extend(budgets.into_iter().map(|budget| budget.key.clone()));
            cluster.delete(Kind::Pod, &pod.key, None);
        }
    }
    empty
}
