//! The description of workloads and of the budgets over them.

use std::time::Duration;

/// Pods, and what keeps their number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workload {
    pub kind: WorkloadKind,
    pub namespace: String,
    pub name: String,
    pub replicas: u32,
    pub placement: Placement,
    pub empty_dir: bool,
    /// Mounted from a volume of the node.
    pub host_path: bool,
    /// Its pods mount one claim, whose volume is detached from a node that long after the pod is gone.
    pub disk: Option<Duration>,
    /// `terminationGracePeriodSeconds`.
    pub grace: Duration,
    /// From the first container status until Ready.
    pub starts_in: Duration,
    /// From the delete until the containers are gone, never longer than the grace period.
    pub stops_in: Duration,
    pub finalizers: Vec<String>,
    /// Processor in thousandths and memory in MiB that each pod asks for.
    pub requests: (u32, u32),
    /// The node label by whose values the pods must be apart from each other.
    pub apart_by: Option<String>,
    /// Of its pods, beside `app`.
    pub labels: Vec<(String, String)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkloadKind {
    Deployment,
    StatefulSet,
    DaemonSet,
    /// Pods that nothing makes again.
    Bare,
    /// Static pods, one for each node that the placement allows.
    Mirror,
}

/// The nodes that a workload's pods may be on: Linux ones, and of these …
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Placement {
    Anywhere,
    Pool(String),
    /// Bound by name, past the scheduler.
    Node(String),
}

impl Workload {
    fn of(kind: WorkloadKind, name: &str, replicas: u32) -> Self {
        Self {
            kind,
            namespace: "default".into(),
            name: name.into(),
            replicas,
            placement: Placement::Anywhere,
            empty_dir: false,
            host_path: false,
            disk: None,
            grace: Duration::from_secs(30),
            starts_in: Duration::from_secs(3),
            stops_in: Duration::from_secs(1),
            finalizers: Vec::new(),
            requests: (0, 0),
            apart_by: None,
            labels: Vec::new(),
        }
    }

    pub fn deployment(name: &str, replicas: u32) -> Self {
        Self::of(WorkloadKind::Deployment, name, replicas)
    }

    pub fn stateful_set(name: &str, replicas: u32) -> Self {
        Self::of(WorkloadKind::StatefulSet, name, replicas)
    }

    /// In `kube-system`.
    pub fn daemon_set(name: &str) -> Self {
        Self::of(WorkloadKind::DaemonSet, name, 0).in_namespace("kube-system")
    }

    pub fn bare(name: &str, node: &str) -> Self {
        Self::of(WorkloadKind::Bare, name, 1).on(Placement::Node(node.into()))
    }

    /// In `kube-system`, named after their nodes.
    pub fn mirror(name: &str) -> Self {
        Self::of(WorkloadKind::Mirror, name, 0).in_namespace("kube-system")
    }

    #[must_use]
    pub fn in_namespace(mut self, namespace: &str) -> Self {
        self.namespace = namespace.into();
        self
    }

    #[must_use]
    pub fn on(mut self, placement: Placement) -> Self {
        self.placement = placement;
        self
    }

    #[must_use]
    pub fn in_pool(self, pool: &str) -> Self {
        self.on(Placement::Pool(pool.into()))
    }

    #[must_use]
    pub fn with_empty_dir(mut self) -> Self {
        self.empty_dir = true;
        self
    }

    /// Each pod asks for so many thousandths of a processor and so many MiB of memory.
    #[must_use]
    pub fn with_disk(mut self, detaches_in: Duration) -> Self {
        self.disk = Some(detaches_in);
        self
    }

    #[must_use]
    pub fn requesting(mut self, milli_cpu: u32, memory_mib: u32) -> Self {
        self.requests = (milli_cpu, memory_mib);
        self
    }

    /// No two pods on nodes with the same value of this label.
    #[must_use]
    pub fn apart_by(mut self, label: &str) -> Self {
        self.apart_by = Some(label.into());
        self
    }

    /// Its pods have this label too.
    #[must_use]
    pub fn labelled(mut self, key: &str, value: &str) -> Self {
        self.labels.push((key.into(), value.into()));
        self
    }

    #[must_use]
    pub fn starting_in(mut self, starts_in: Duration) -> Self {
        self.starts_in = starts_in;
        self
    }

    #[must_use]
    pub fn stopping_in(mut self, stops_in: Duration, grace: Duration) -> Self {
        self.stops_in = stops_in;
        self.grace = grace;
        self
    }
}

/// A disruption budget over the pods with the label `app` of that value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget {
    pub namespace: String,
    pub name: String,
    /// None: the empty selector, which matches every pod of the namespace.
    pub app: Option<String>,
    pub bound: Bound,
    /// `unhealthyPodEvictionPolicy: AlwaysAllow`.
    pub always_allow_unhealthy: bool,
}

/// A number, or a percentage written with its sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bound {
    MinAvailable(String),
    MaxUnavailable(String),
}

impl Budget {
    /// Named after the workload that it guards, in `default`.
    pub fn min_available(app: &str, pods: u32) -> Self {
        Self::of(app, Bound::MinAvailable(pods.to_string()))
    }

    pub fn max_unavailable(app: &str, pods: u32) -> Self {
        Self::of(app, Bound::MaxUnavailable(pods.to_string()))
    }

    pub fn of(app: &str, bound: Bound) -> Self {
        Self {
            namespace: "default".into(),
            name: app.into(),
            app: Some(app.into()),
            bound,
            always_allow_unhealthy: false,
        }
    }

    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        self.name = name.into();
        self
    }

    #[must_use]
    pub fn in_namespace(mut self, namespace: &str) -> Self {
        self.namespace = namespace.into();
        self
    }
}
