//! A cluster at one moment, as far as plans and rehearsals look at it. It carries no resource versions: nothing may be
//! changed on the strength of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::needs::{LabelSelector, Labels, Needs};
use super::{AttachLimit, ClusterId, Node, Owner, Pod, Service, Uid, Volume, Webhook};

/// Everything that the edge reads of a cluster: each kind by namespace and name, controllers by kind first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Snapshot {
    /// UID of the namespace `kube-system`.
    pub(crate) identity: Option<ClusterId>,
    pub(crate) namespaces: Vec<Namespace>,
    pub(crate) nodes: Vec<Node>,
    pub(crate) pods: Vec<Pod>,
    pub(crate) controllers: Vec<Controller>,
    pub(crate) budgets: Vec<Budget>,
    /// What a plan tells of and no copy of the cluster has: Services, and the webhooks that they answer for.
    pub(crate) services: Vec<Service>,
    pub(crate) webhooks: Vec<Webhook>,
    /// The same of volumes. Both are empty where no pod mounts a claim: then they are not read.
    pub(crate) volumes: Vec<Volume>,
    pub(crate) attach_limits: Vec<AttachLimit>,
    /// The lists that the user may not read: of these kinds nothing is known.
    pub(crate) unread: Vec<Unread>,
}

/// A list that the API server refuses, in its own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unread {
    /// As in a path: `poddisruptionbudgets`.
    pub(crate) what: &'static str,
    pub(crate) message: String,
}

impl Unread {
    /// Copies of the cluster are made of these, not only plans.
    fn is_copied(&self) -> bool {
        let of_plans = ["services", "persistentvolumes", "csinodes"];
        !of_plans.contains(&self.what) && !self.what.ends_with("webhookconfigurations")
    }
}

impl Snapshot {
    /// Why nothing is known of this kind, if so.
    pub(crate) fn unread(&self, what: &str) -> Option<&Unread> {
        self.unread.iter().find(|unread| unread.what == what)
    }

    /// The lists that a copy of the cluster lacks.
    pub(crate) fn uncopied(&self) -> impl Iterator<Item = &Unread> {
        self.unread.iter().filter(|unread| unread.is_copied())
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Namespace {
    pub(crate) name: String,
    pub(crate) uid: Uid,
    pub(crate) labels: Labels,
    /// It is being deleted: nothing new comes into it.
    pub(crate) ending: bool,
}

/// The kinds whose pods are made again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ControllerKind {
    Deployment,
    ReplicaSet,
    StatefulSet,
    DaemonSet,
}

/// What keeps a number of pods, or a ReplicaSet that does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Controller {
    pub(crate) kind: ControllerKind,
    pub(crate) namespace: String,
    pub(crate) name: String,
    pub(crate) uid: Uid,
    /// The Deployment of a ReplicaSet.
    pub(crate) owner: Option<Owner>,
    /// `spec.replicas`; of a DaemonSet `status.desiredNumberScheduled`.
    pub(crate) wanted: u32,
    pub(crate) ready: u32,
    /// The number of a StatefulSet's first pod.
    pub(crate) first: u32,
    pub(crate) selector: LabelSelector,
    pub(crate) template: Template,
}

/// What the pods that a controller makes are like.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Template {
    pub(crate) labels: Labels,
    pub(crate) needs: Arc<Needs>,
    /// Has a volume of kind emptyDir.
    pub(crate) empty_dir: bool,
}

/// A disruption budget with what its controller last counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Budget {
    pub(crate) namespace: String,
    pub(crate) name: String,
    pub(crate) uid: Uid,
    /// `None` picks no pod.
    pub(crate) selector: Option<LabelSelector>,
    pub(crate) bound: Bound,
    /// `unhealthyPodEvictionPolicy: AlwaysAllow`.
    pub(crate) always_allow_unhealthy: bool,
    pub(crate) generation: i64,
    pub(crate) counted: Counted,
    /// Granted evictions whose pods had not begun to go, and when each was granted.
    pub(crate) disrupted: BTreeMap<String, Timestamp>,
}

/// What must stay, or may go. A budget that says neither lets nothing go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Bound {
    MinAvailable(Amount),
    MaxUnavailable(Amount),
    None,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Amount {
    Pods(i32),
    /// As written, with its sign: `25%`.
    Share(String),
}

/// `status` of a budget.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counted {
    /// The generation that the numbers are about; behind the budget's own they mean nothing yet.
    pub(crate) observed_generation: i64,
    pub(crate) allowed: i32,
    pub(crate) healthy: i32,
    pub(crate) desired: i32,
    pub(crate) expected: i32,
}
