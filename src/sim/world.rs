//! What a simulated cluster is made of and what will happen to it: plain data, written with the builders below.
//! Nothing here acts.

use std::time::Duration;

use jiff::Timestamp;

use super::faults::{Happening, What, When};

/// The description of a cluster at the moment at which a client first sees it.
#[derive(Clone, Debug)]
pub struct World {
    /// The cluster's wall time at that moment.
    pub start: Timestamp,
    /// What `/version` says.
    pub version: String,
    /// Beyond the four that every cluster has.
    pub namespaces: Vec<String>,
    pub machines: Vec<Machine>,
    pub workloads: Vec<Workload>,
    pub budgets: Vec<Budget>,
    pub happenings: Vec<Happening>,
    pub denials: Vec<Denial>,
    pub forbidden: Vec<Forbidden>,
    pub paces: Paces,
    /// Durations are divided by this when the cluster is served in real time.
    pub speed: u32,
}

impl Default for World {
    fn default() -> Self {
        Self {
            // A Wednesday in spring, on the hour: readable in transcripts, and the same in every run.
            start: Timestamp::constant(1_772_611_200, 0),
            version: "v1.34.4".into(),
            namespaces: Vec::new(),
            machines: Vec::new(),
            workloads: Vec::new(),
            budgets: Vec::new(),
            happenings: Vec::new(),
            denials: Vec::new(),
            forbidden: Vec::new(),
            paces: Paces::default(),
            speed: 1,
        }
    }
}

impl World {
    #[must_use]
    pub fn namespace(mut self, name: &str) -> Self {
        self.namespaces.push(name.into());
        self
    }

    #[must_use]
    pub fn machine(mut self, machine: Machine) -> Self {
        self.machines.push(machine);
        self
    }

    /// Changes the description of a machine that is there already.
    #[must_use]
    pub fn with_machine(mut self, name: &str, change: impl FnOnce(&mut Machine)) -> Self {
        if let Some(machine) = self.machines.iter_mut().find(|m| m.name == name) {
            change(machine);
        }
        self
    }

    #[must_use]
    pub fn workload(mut self, workload: Workload) -> Self {
        self.workloads.push(workload);
        self
    }

    #[must_use]
    pub fn budget(mut self, budget: Budget) -> Self {
        self.budgets.push(budget);
        self
    }

    #[must_use]
    pub fn happening(mut self, when: When, what: What) -> Self {
        self.happenings.push(Happening { when, what });
        self
    }

    /// Admission refuses objects of `resource` (as in the path) in a namespace.
    #[must_use]
    pub fn denial(mut self, resource: &str, namespace: &str, message: &str) -> Self {
        self.denials.push(Denial {
            resource: resource.into(),
            namespace: namespace.into(),
            message: message.into(),
        });
        self
    }

    /// The user may not do this; `*` stands for every verb or resource.
    #[must_use]
    pub fn forbidden(mut self, verb: &str, resource: &str) -> Self {
        self.forbidden.push(Forbidden {
            verb: verb.into(),
            resource: resource.into(),
        });
        self
    }
}

/// A host and the node that its kubelet registers.
#[derive(Clone, Debug)]
pub struct Machine {
    pub name: String,
    pub pool: String,
    /// `1`, `2`, `3`; none writes `0` into the label, as AKS does.
    pub zone: Option<String>,
    pub system: System,
    pub os: OsRelease,
    /// The running kernel.
    pub kernel: String,
    /// The kernels in `/boot`, oldest first. A boot takes the last.
    pub installed: Vec<String>,
    pub flag: Option<Flag>,
    /// Package managers at work, by process name.
    pub packaging: Vec<String>,
    /// Images that are not there and cannot be pulled; `*` is every image.
    pub missing_images: Vec<String>,
    pub ready: bool,
    pub cordoned: bool,
    pub annotations: Vec<(String, String)>,
    pub labels: Vec<(String, String)>,
    pub probe: Probing,
    pub reboot: Reboot,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum System {
    Linux,
    Windows,
}

/// `/etc/os-release`, and how the kubelet names the system.
#[derive(Clone, Debug)]
pub struct OsRelease {
    pub id: String,
    pub version: String,
    pub variant: Option<String>,
    /// `status.nodeInfo.osImage`.
    pub image: String,
    /// The label `kubernetes.azure.com/node-image-version`.
    pub node_image: String,
}

/// The flag `/run/reboot-required`.
#[derive(Clone, Debug)]
pub struct Flag {
    pub packages: Vec<String>,
    /// How long before the world's start it was raised.
    pub age: Duration,
}

/// What a probe pod on the machine comes to.
#[derive(Clone, Debug)]
pub enum Probing {
    /// It answers what is so.
    Answers,
    /// Its container runs and never ends.
    Hangs,
    /// It ends with this code and these words.
    Ends { code: i32, message: String },
}

/// What comes of a reboot.
#[derive(Clone, Debug)]
pub struct Reboot {
    /// From the ask until the power cycle.
    pub shutdown: Duration,
    /// From there until the kubelet registers.
    pub boot: Duration,
    /// From there until the node is Ready.
    pub ready_after: Duration,
    pub ending: Ending,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    Normal,
    /// The ask is made, and nothing comes of it.
    NothingHappens,
    /// The script on the host refuses, in these words.
    Refuses(String),
    NeverReturns,
    StaysNotReady,
    KeepsFlag,
    /// It comes up on this kernel, whatever is installed.
    Kernel(String),
}

impl Default for Reboot {
    fn default() -> Self {
        Self {
            shutdown: Duration::from_secs(8),
            boot: Duration::from_secs(30),
            ready_after: Duration::from_secs(6),
            ending: Ending::Normal,
        }
    }
}

impl Machine {
    /// A Ready Ubuntu node of pool `user` with nothing pending.
    pub fn linux(name: &str) -> Self {
        Self {
            name: name.into(),
            pool: "user".into(),
            zone: None,
            system: System::Linux,
            os: OsRelease {
                id: "ubuntu".into(),
                version: "24.04".into(),
                variant: None,
                image: "Ubuntu 24.04.3 LTS".into(),
                node_image: "AKSUbuntu-2404gen2containerd-202602.10.0".into(),
            },
            kernel: "6.8.0-1044-azure".into(),
            installed: vec!["6.8.0-1044-azure".into()],
            flag: None,
            packaging: Vec::new(),
            missing_images: Vec::new(),
            ready: true,
            cordoned: false,
            annotations: Vec::new(),
            labels: Vec::new(),
            probe: Probing::Answers,
            reboot: Reboot::default(),
        }
    }

    /// A Ready Windows node.
    pub fn windows(name: &str) -> Self {
        Self {
            system: System::Windows,
            os: OsRelease {
                id: String::new(),
                version: String::new(),
                variant: None,
                image: "Windows Server 2025 Datacenter".into(),
                node_image: "AKSWindows-2025-gen2-26100.32370.260210".into(),
            },
            kernel: "10.0.26100.32370".into(),
            installed: Vec::new(),
            ..Self::linux(name)
        }
    }

    #[must_use]
    pub fn pool(mut self, pool: &str) -> Self {
        self.pool = pool.into();
        self
    }

    #[must_use]
    pub fn zone(mut self, zone: &str) -> Self {
        self.zone = Some(zone.into());
        self
    }

    /// The flag was raised by these packages.
    #[must_use]
    pub fn pending(mut self, packages: &[&str], age: Duration) -> Self {
        self.flag = Some(Flag {
            packages: packages.iter().map(|&name| name.into()).collect(),
            age,
        });
        self
    }

    /// A newer kernel than the running one is installed.
    #[must_use]
    pub fn kernel_installed(mut self, kernel: &str) -> Self {
        self.installed.push(kernel.into());
        self
    }

    #[must_use]
    pub fn not_ready(mut self) -> Self {
        self.ready = false;
        self
    }

    #[must_use]
    pub fn cordoned(mut self) -> Self {
        self.cordoned = true;
        self
    }

    #[must_use]
    pub fn boots_in(mut self, boot: Duration) -> Self {
        self.reboot.boot = boot;
        self
    }

    #[must_use]
    pub fn ending(mut self, ending: Ending) -> Self {
        self.reboot.ending = ending;
        self
    }
}

/// Pods, and what keeps their number.
#[derive(Clone, Debug)]
pub struct Workload {
    pub kind: WorkloadKind,
    pub namespace: String,
    pub name: String,
    pub replicas: u32,
    pub placement: Placement,
    pub empty_dir: bool,
    /// Mounted from a volume of the node.
    pub host_path: bool,
    /// `terminationGracePeriodSeconds`.
    pub grace: Duration,
    /// From the first container status until Ready.
    pub starts_in: Duration,
    /// From the delete until the containers are gone, never longer than the grace period.
    pub stops_in: Duration,
    pub finalizers: Vec<String>,
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
            grace: Duration::from_secs(30),
            starts_in: Duration::from_secs(3),
            stops_in: Duration::from_secs(1),
            finalizers: Vec::new(),
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
#[derive(Clone, Debug)]
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

/// An admission rule that refuses.
#[derive(Clone, Debug)]
pub struct Denial {
    pub resource: String,
    pub namespace: String,
    pub message: String,
}

/// A permission that the user has not.
#[derive(Clone, Debug)]
pub struct Forbidden {
    pub verb: String,
    /// With the subresource: `pods/eviction`.
    pub resource: String,
}

/// How long the cluster's own machinery takes.
#[derive(Clone, Debug)]
pub struct Paces {
    /// From a change until the controllers of workloads, the scheduler and the kubelet act on it.
    pub controllers: Duration,
    /// From a change until the disruption controller has counted again.
    pub disruption: Duration,
    /// What one of our own pods takes from its start to its end.
    pub own_pods: Duration,
    /// Between two renewals of a node's Lease.
    pub lease: Duration,
    /// Between two heartbeats of a node whose status does not change.
    pub heartbeat: Duration,
    /// From the last renewal until the node is called unreachable: a value between the two.
    pub grace: (Duration, Duration),
    /// How long pods are let be on a node that is not Ready.
    pub toleration: Duration,
}

impl Default for Paces {
    fn default() -> Self {
        Self {
            controllers: Duration::from_millis(50),
            disruption: Duration::from_millis(250),
            own_pods: Duration::from_secs(1),
            lease: Duration::from_secs(10),
            heartbeat: Duration::from_secs(300),
            grace: (Duration::from_secs(40), Duration::from_secs(50)),
            toleration: Duration::from_secs(300),
        }
    }
}
