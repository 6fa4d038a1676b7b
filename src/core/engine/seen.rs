//! What a run has seen of one node: filled by watches and by the answers to earlier acts, read by `check`.
//! Nothing is decided here beyond "newer replaces older".

mod pods;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Baseline, Latecomers, Now, Patched};
use crate::core::drain::DrainSettings;
use crate::core::evidence::{Answer, Verdict};
use crate::core::hold::Held;
use crate::core::model::{BootId, Node, Owner, Pod, PodKey, Uid};
use crate::core::reason::Reason;

/// Kubelets take up to this long to be heard again after an outage of the API server: they renew their Lease every 10 s, but watch
/// their pods anew after a pause that grows to half a minute, and by chance to twice that. On the lab it was 40 to 100 s.
/// Halved, and a roll at its gate would stop for a node that has nothing; doubled, and one whose kubelet died is found late.
const HEARD_AGAIN: Duration = Duration::from_secs(120);

/// Everything seen of one target.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) node: NodeSeen,
    /// The node's copy here is known to be old: a patch met a conflict.
    pub(crate) node_is_stale: bool,
    /// The node's pods; `None` until the first full list.
    pub(crate) pods: Option<BTreeMap<Uid, Pod>>,
    /// Pods that are known to have left. A list that was under way when that was heard shows them still.
    pub(crate) gone: BTreeSet<Uid>,
    /// Consistent lists in a row that showed nothing left to evict, and when the last was made.
    pub(crate) empty_lists: u32,
    pub(crate) last_list: Option<Duration>,
    pub(crate) evictions: BTreeMap<Uid, Eviction>,
    /// Whether somebody holds all reboots, and when that was read in this step.
    pub(crate) hold: Option<(Duration, Held)>,
    pub(crate) volumes: Volumes,
    /// Since when the node was empty, by two lists.
    pub(crate) empty_since: Option<Duration>,
    /// Volumes still attached, and when that was read.
    pub(crate) attached: Option<(Duration, Vec<String>)>,
    /// The pods that were on the node when its drain began.
    pub(crate) residents: Option<BTreeSet<Uid>>,
    pub(crate) latecomers: Latecomers,
    /// Of each budget that is in the way, by namespace and name: when it was looked at, and its pods that were not Ready then.
    pub(crate) unready: BTreeMap<(String, String), (Duration, Vec<PodKey>)>,
    /// Since when the API is away, and how long it was so before in this step.
    pub(crate) away_since: Option<Duration>,
    pub(crate) away_before: Duration,
    /// When the API was last back, in whatever step.
    pub(crate) back_at: Option<Duration>,
    /// How kured's lock stands, and when that was read in this step.
    pub(crate) kured: Option<(Duration, KuredSeen)>,
    pub(crate) probe: Option<Probed>,
    /// A probe of this session read the node's clock, by which an ask says until when it is good.
    pub(crate) clock: NodeClock,
    /// The server-side dry run of the reboot pod.
    pub(crate) admission: Option<Result<(), Reason>>,
    /// The reboot pod run with everything but the call, and when that came to its end.
    pub(crate) proof: Option<(Duration, Result<(), Reason>)>,
    pub(crate) ask: Ask,
    /// A reply to the ask was lost once: whatever was read since, the request may still arrive.
    pub(crate) ask_may_come: bool,
    /// Why the reboot pod did not ask, in its own words.
    pub(crate) ask_refused: Option<Reason>,
    /// The reboot pod is confirmed gone.
    pub(crate) ask_removed: bool,
    /// When the new boot ID was first seen.
    pub(crate) booted_at: Option<Duration>,
    /// Ready without a break since then, on the new boot.
    pub(crate) ready_since: Option<Duration>,
    pub(crate) lease: Option<NodeLease>,
    /// How it was before the cordon, as the run record has it.
    pub(crate) baseline: Option<Baseline>,
    /// The run record says that nothing is left but to remove the mark.
    pub(crate) conclusion: Conclusion,
    pub(crate) workloads: Option<(Duration, Vec<Workload>)>,
    /// The last act that failed in a way that may pass.
    pub(crate) trouble: Option<Trouble>,
    /// The last act that failed for good.
    pub(crate) denied: Option<Reason>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum NodeSeen {
    #[default]
    NotYet,
    Gone,
    Here(Arc<Node>),
}

/// How the locks of all kureds in the cluster stand, taken together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum KuredSeen {
    /// There is no kured, or none that can reboot anything.
    Absent,
    /// Nobody else has one; they are to be taken.
    Free,
    /// Just taken for this run.
    Taken,
    /// Held, or not to be had.
    Held(Reason),
}

/// Whether a probe has read the node's clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum NodeClock {
    #[default]
    Unknown,
    Known,
}

/// Whether the run record has the node's good end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Conclusion {
    #[default]
    Open,
    WrittenDown,
}

/// Whether volumes have to leave the node with its pods.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Volumes {
    #[default]
    None,
    /// A pod that has to leave mounts a claim, so its volume is attached to the node.
    Mounted,
}

/// The answer to the latest eviction of a pod, and when it came.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Eviction {
    Granted,
    /// The server says no for now.
    Blocked {
        at: Duration,
        reason: Reason,
        not_before: Duration,
    },
    /// The server says no for good.
    Denied(Reason),
}

/// A probe of the node and what it came to.
#[derive(Clone, Debug)]
pub(crate) struct Probed {
    pub(crate) at: Duration,
    pub(crate) answer: Option<Answer>,
    pub(crate) verdict: Verdict,
}

/// What became of the one request to reboot.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Ask {
    #[default]
    NotAsked,
    /// The reply was lost: it may or may not have been made.
    Lost,
    Asked {
        at: Duration,
    },
    /// The server refused the pod: certainly not asked.
    Denied(Reason),
}

/// `renewTime` of the node's own Lease on the new boot. Two values that differ prove a kubelet that lives, without
/// comparing anybody's clock with anybody else's.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct NodeLease {
    pub(crate) first: String,
    pub(crate) latest: String,
    pub(crate) read_at: Duration,
}

/// Something that failed and may be tried again.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Trouble {
    pub(crate) reason: Reason,
    pub(crate) at: Duration,
    pub(crate) times: u32,
}

/// Names one workload.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct WorkloadKey {
    pub(crate) namespace: String,
    pub(crate) owner: Owner,
}

/// How many pods a workload has and wants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Workload {
    #[serde(flatten)]
    pub(crate) key: WorkloadKey,
    pub(crate) ready: u32,
    pub(crate) wanted: u32,
}

impl Seen {
    pub(crate) fn here(&self) -> Option<&Arc<Node>> {
        match &self.node {
            NodeSeen::Here(node) => Some(node),
            NodeSeen::NotYet | NodeSeen::Gone => None,
        }
    }

    /// Takes in a node from a watch or an answer, unless a newer one is known already. `planned` is the boot that the plan saw.
    pub(crate) fn learn_node(&mut self, node: Node, planned: &BootId, now: Now) {
        if let NodeSeen::Here(known) = &self.node
            && known.uid == node.uid
            && older(&node.resource_version, &known.resource_version)
        {
            return;
        }
        let new_boot = node.boot.as_ref().is_some_and(|boot| boot != planned);
        if new_boot {
            self.booted_at.get_or_insert(now.mono);
        }
        if new_boot && node.readiness.is_ready() {
            self.ready_since.get_or_insert(now.mono);
        } else {
            self.ready_since = None;
        }
        self.node_is_stale = false;
        self.node = NodeSeen::Here(Arc::new(node));
    }

    /// Takes in the answer to a patch of the node.
    pub(crate) fn learn_patched(&mut self, patched: Patched, planned: &BootId, now: Now) {
        match patched {
            Patched::Now(node) => {
                self.trouble = None;
                self.learn_node(*node, planned, now);
            }
            Patched::Conflict => self.node_is_stale = true,
            Patched::Gone => self.node = NodeSeen::Gone,
            Patched::Denied(reason) => self.denied = Some(reason),
            Patched::Lost(reason) => {
                self.node_is_stale = true;
                self.failed(reason, now);
            }
        }
    }

    /// Notes a failure that may pass.
    pub(crate) fn failed(&mut self, reason: Reason, now: Now) {
        if is_an_outage(&reason) {
            self.api_is_away(now.mono);
        }
        let times = self.trouble.as_ref().map_or(0, |trouble| trouble.times) + 1;
        self.trouble = Some(Trouble {
            reason,
            at: now.mono,
            times,
        });
    }

    /// The API server did not answer.
    pub(crate) fn api_is_away(&mut self, now: Duration) {
        self.away_since.get_or_insert(now);
    }

    /// It answers again.
    pub(crate) fn api_is_back(&mut self, now: Duration) {
        if let Some(since) = self.away_since.take() {
            self.away_before += now.saturating_sub(since);
            self.back_at = Some(now);
        }
    }

    /// Until when kubelets may be unheard after the last outage; `None` when that time is over at `at`, or there was none.
    pub(crate) fn unheard_until(&self, at: Duration) -> Option<Duration> {
        if self.away_since.is_some() {
            return Some(at + HEARD_AGAIN);
        }
        let until = self.back_at? + HEARD_AGAIN;
        (at < until).then_some(until)
    }

    /// How long the API was away in this step so far.
    pub(crate) fn away(&self, now: Duration) -> Duration {
        let open = self.away_since.map(|since| now.saturating_sub(since));
        self.away_before + open.unwrap_or_default()
    }

    /// Takes in the node's Lease.
    pub(crate) fn learn_lease(&mut self, renew_time: String, now: Now) {
        self.trouble = None;
        let first = self
            .lease
            .take()
            .map_or_else(|| renew_time.clone(), |lease| lease.first);
        self.lease = Some(NodeLease {
            first,
            latest: renew_time,
            read_at: now.mono,
        });
    }

    /// What Verify and Settle will compare with, as it is now.
    pub(crate) fn as_baseline(&self, settings: &DrainSettings) -> Baseline {
        Baseline {
            daemons: self.ready_daemons(settings),
            workloads: self
                .workloads
                .iter()
                .flat_map(|(_, workloads)| workloads.iter().cloned())
                .collect(),
        }
    }

    /// Forgets what the coming step must read afresh.
    pub(crate) fn begin_step(&mut self) {
        self.probe = None;
        self.hold = None;
        self.kured = None;
        self.trouble = None;
        self.denied = None;
        self.workloads = None;
        self.unready = BTreeMap::new();
        self.away_since = None;
        self.away_before = Duration::ZERO;
    }
}

/// The workloads whose pods leave the node, those that Settle can ask for their number of Ready pods.
pub(crate) fn workloads_of(seen: &Seen, settings: &DrainSettings) -> BTreeSet<WorkloadKey> {
    seen.leaving(settings)
        .into_iter()
        .filter_map(|pod| Some((pod, pod.owner.as_ref()?)))
        .filter(|(_, owner)| {
            matches!(
                (owner.api_version.as_str(), owner.kind.as_str()),
                ("apps/v1", "ReplicaSet" | "StatefulSet") | ("v1", "ReplicationController")
            )
        })
        .map(|(pod, owner)| WorkloadKey {
            namespace: pod.key.namespace.clone(),
            owner: owner.clone(),
        })
        .collect()
}

/// Nobody answered, or nobody who could. A 500 is an answer: something that the API server itself asked has failed, perhaps for
/// this pod alone.
fn is_an_outage(reason: &Reason) -> bool {
    matches!(reason, Reason::ApiUnavailable { message } if !message.ends_with("(500)"))
}

/// Versions of one object are numbers that grow (Kubernetes 1.35 made it a promise; etcd's always were). What is
/// not a number is never called older.
fn older(version: &str, than: &str) -> bool {
    match (version.parse::<u64>(), than.parse::<u64>()) {
        (Ok(version), Ok(than)) => version < than,
        _ => false,
    }
}
