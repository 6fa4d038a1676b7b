//! The machines behind the nodes: what is true on them whatever the API says, and what becomes of them when they
//! reboot.

use std::time::Duration;

use hyper::body::Bytes;
use serde_json::{Value, json};

use super::chronicle::{Deed, Hand};
use super::clock::Moment;
use super::cluster::Cluster;
use super::jobs::{HostStep, Job};
use super::json::{self, set_condition};
use super::kind::Kind;
use super::store::Key;
use super::world::{Ending, Machine};
use super::{controllers, kubelet};

/// Stands in a stored Node for its last heartbeat, which is computed when the Node is read.
pub(super) const HEARTBEAT: &str = "0001-01-01T00:00:00Z";

/// A machine.
#[derive(Debug)]
pub(super) struct Host {
    pub(super) machine: Machine,
    pub(super) boot_id: String,
    /// The kernel that runs.
    pub(super) kernel: String,
    /// Since when the flag is there, and who raised it.
    pub(super) flag: Option<(Moment, Vec<String>)>,
    /// Boots since the world's start.
    pub(super) boots: u32,
    /// When the last of them was; `None`: before the world began.
    pub(super) booted: Option<Moment>,
    /// Counts the deaths of the kubelet: what it had under way is void.
    pub(super) life: u32,
    pub(super) kubelet: Kubelet,
    /// Pods from files on the machine, as the kubelet shows them in the API.
    pub(super) static_pods: Vec<Value>,
    /// A reboot is under way.
    pub(super) rebooting: bool,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Kubelet {
    RunningSince(Moment),
    /// With its last renewal and its last heartbeat.
    Dead {
        renewal: Moment,
        heartbeat: Moment,
    },
}

impl Host {
    pub(super) fn kubelet_runs(&self) -> bool {
        matches!(self.kubelet, Kubelet::RunningSince(_))
    }

    /// When the kubelet last renewed its Lease.
    pub(super) fn renewal(&self, now: Moment, interval: Duration) -> Moment {
        match self.kubelet {
            Kubelet::RunningSince(since) => last_beat(since, now, interval),
            Kubelet::Dead { renewal, .. } => renewal,
        }
    }

    /// When the kubelet last reported its node's conditions.
    pub(super) fn heartbeat(&self, now: Moment, interval: Duration) -> Moment {
        match self.kubelet {
            Kubelet::RunningSince(since) => last_beat(since, now, interval),
            Kubelet::Dead { heartbeat, .. } => heartbeat,
        }
    }

    /// Whether an image is on the machine, or can be pulled to it.
    pub(super) fn has_image(&self, image: &str) -> bool {
        !self
            .machine
            .missing_images
            .iter()
            .any(|missing| missing == "*" || missing == image)
    }
}

fn last_beat(since: Moment, now: Moment, interval: Duration) -> Moment {
    let running = now.saturating_sub(since);
    let into = running.as_nanos() % interval.as_nanos().max(1);
    now.saturating_sub(Duration::from_nanos(u64::try_from(into).unwrap_or(0)))
}

/// A stored Node with its last heartbeat filled in.
pub(super) fn with_heartbeats(stored: &Bytes, heartbeat: &str) -> Bytes {
    let mut out = Vec::with_capacity(stored.len());
    let mut rest: &[u8] = stored;
    let mark = HEARTBEAT.as_bytes();
    while let Some(at) = rest.windows(mark.len()).position(|window| window == mark) {
        let (head, tail) = rest.split_at(at);
        out.extend_from_slice(head);
        out.extend_from_slice(heartbeat.as_bytes());
        rest = tail.get(mark.len()..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
    out.into()
}

/// The machine was asked to reboot. What comes of it is in its description.
pub(super) fn reboot(cluster: &mut Cluster, node: &str, by: Hand) {
    let goes = cluster.hosts.get(node).is_some_and(|host| {
        !host.rebooting && host.machine.reboot.ending != Ending::NothingHappens
    });
    if !goes {
        let node = node.to_owned();
        return cluster.note_deed(Deed::NotRebooting { node });
    }
    cluster.note_reboot(node, by);
    let Some(host) = cluster.hosts.get_mut(node) else {
        return;
    };
    host.rebooting = true;
    let reboot = host.machine.reboot.clone();
    stop_kubelet(cluster, node);
    if reboot.ending != Ending::NeverReturns {
        host_later(
            cluster,
            node,
            reboot.shutdown + reboot.boot,
            HostStep::Register,
        );
    }
}

/// The kubelet dies, and with it whatever it had under way. The API does not know yet.
pub(super) fn stop_kubelet(cluster: &mut Cluster, node: &str) {
    let (now, clock, paces) = (cluster.now, cluster.clock, cluster.rules.paces.clone());
    let Some(host) = cluster.hosts.get_mut(node) else {
        return;
    };
    if !host.kubelet_runs() {
        return;
    }
    let renewal = host.renewal(now, clock.scaled(paces.lease));
    let heartbeat = host.heartbeat(now, clock.scaled(paces.heartbeat));
    host.kubelet = Kubelet::Dead { renewal, heartbeat };
    host.life += 1;
    let life = host.life;
    let (low, high) = paces.grace;
    let grace = clock.scaled(cluster.chance.between(low, high));
    let step = HostStep::Unreachable;
    let node = node.to_owned();
    cluster
        .jobs
        .at((renewal + grace).max(now), Job::Host { node, life, step });
}

/// The kubelet starts on a machine that ran on: the node is as before.
pub(super) fn start_kubelet(cluster: &mut Cluster, node: &str) {
    let now = cluster.now;
    let Some(host) = cluster.hosts.get_mut(node) else {
        return;
    };
    if host.kubelet_runs() {
        return;
    }
    host.kubelet = Kubelet::RunningSince(now);
    cluster.renew(node);
    report_ready(cluster, node);
    kubelet::resume_pods(cluster, node);
}

fn host_later(cluster: &mut Cluster, node: &str, delay: Duration, step: HostStep) {
    let Some(life) = cluster.hosts.get(node).map(|host| host.life) else {
        return;
    };
    let node = node.to_owned();
    cluster.later(delay, Job::Host { node, life, step });
}

pub(super) fn step(cluster: &mut Cluster, node: &str, life: u32, step: HostStep) {
    if cluster.hosts.get(node).is_none_or(|host| host.life != life) {
        return;
    }
    match step {
        HostStep::Register => register(cluster, node),
        HostStep::Ready => report_ready(cluster, node),
        HostStep::Unreachable => controllers::nodes::call_unreachable(cluster, node),
        HostStep::ShowStaticPods => kubelet::show_static_pods(cluster, node),
        HostStep::Evict => controllers::nodes::evict_after_toleration(cluster, node),
    }
}

/// The machine is up again and its kubelet reports a new boot.
fn register(cluster: &mut Cluster, node: &str) {
    let boot_id = cluster.chance.uuid();
    let now = cluster.now;
    let Some(host) = cluster.hosts.get_mut(node) else {
        return;
    };
    let ending = host.machine.reboot.ending.clone();
    host.boot_id.clone_from(&boot_id);
    host.kernel = match (&ending, host.machine.installed.last()) {
        (Ending::Kernel(kernel), _) => kernel.clone(),
        (_, Some(newest)) => newest.clone(),
        (_, None) => host.kernel.clone(),
    };
    if ending != Ending::KeepsFlag {
        host.flag = None;
    }
    host.boots += 1;
    host.booted = Some(now);
    host.rebooting = false;
    let flagged = host.flag.is_some();
    host.kubelet = Kubelet::RunningSince(now);
    let (kernel, ready_after) = (host.kernel.clone(), host.machine.reboot.ready_after);
    cluster.note_deed(Deed::Booted {
        node: node.to_owned(),
        boot_id: boot_id.clone(),
        flagged,
    });
    let time = cluster.time();
    let known = cluster.update_status(Kind::Node, &Key::of_cluster(node), |value| {
        json::set(value, "/status/nodeInfo/bootID", boot_id.as_str());
        json::set(value, "/status/nodeInfo/kernelVersion", kernel);
        set_condition(value, not_ready(), &time);
    });
    cluster.renew(node);
    if let Some(known) = known {
        let message = format!("Node {node} has been rebooted, boot id: {boot_id}");
        cluster.event(&known, "Rebooted", "Warning", &message);
    }
    kubelet::restart_pods(cluster, node);
    if ending != Ending::StaysNotReady {
        host_later(cluster, node, ready_after, HostStep::Ready);
    }
}

fn report_ready(cluster: &mut Cluster, node: &str) {
    let time = cluster.time();
    cluster.update_status(Kind::Node, &Key::of_cluster(node), |value| {
        set_condition(value, ready(), &time);
    });
}

/// The condition of a node whose kubelet is well.
pub(super) fn ready() -> Value {
    json!({
        "type": "Ready", "status": "True", "reason": "KubeletReady",
        "message": "kubelet is posting ready status", "lastHeartbeatTime": HEARTBEAT,
    })
}

fn not_ready() -> Value {
    json!({
        "type": "Ready", "status": "False", "reason": "KubeletNotReady",
        "message": "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady \
                    message:Network plugin returns error: cni plugin not initialized",
        "lastHeartbeatTime": HEARTBEAT,
    })
}
