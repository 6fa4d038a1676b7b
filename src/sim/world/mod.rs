//! What a simulated cluster is made of and what will happen to it: plain data, written with the builders below.
//! Nothing here acts.

mod loaded;
mod machine;
mod packages;
mod workload;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::core::model::Snapshot;

pub use self::machine::{
    Ending, Flag, Machine, NodeTaint, Offers, OsRelease, Probing, Reboot, System, Updates,
};
pub use self::packages::{Package, PackageKind, Packages};
pub use self::workload::{Bound, Budget, Placement, Workload, WorkloadKind};

use super::faults::{Happening, Matching, What, When};

/// The description of a cluster at the moment at which a client first sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// Those who may do less than everything when a request names them by `Impersonate-User`.
    pub users: Vec<User>,
    pub paces: Paces,
    /// Durations are divided by this when the cluster is served in real time.
    pub speed: u32,
    /// The cluster that this one begins as: in place of namespaces, workloads and budgets, and with its nodes on the
    /// machines, one each.
    pub(crate) loaded: Option<Arc<Snapshot>>,
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
            users: Vec::new(),
            paces: Paces::default(),
            speed: 1,
            loaded: None,
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

    /// Gives a budget that is there already another bound.
    #[must_use]
    pub fn with_budget(mut self, name: &str, bound: &Bound) -> Self {
        for budget in self.budgets.iter_mut().filter(|budget| budget.name == name) {
            budget.bound = bound.clone();
        }
        self
    }

    /// Gives a budget another bound when somebody takes the lock: later than a roll's plan, sooner than its first drain.
    #[must_use]
    pub fn with_budget_once_locked(self, name: &str, bound: &Bound) -> Self {
        let (budget, bound) = (name.into(), bound.clone());
        self.happening(
            When::Before(Matching::first("create", "leases")),
            What::Bound { budget, bound },
        )
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

    #[must_use]
    pub fn user(mut self, user: User) -> Self {
        self.users.push(user);
        self
    }

    /// Nobody may do this; `*` stands for every verb or resource.
    #[must_use]
    pub fn forbidden(mut self, verb: &str, resource: &str) -> Self {
        self.forbidden.push(Forbidden {
            verb: verb.into(),
            resource: resource.into(),
        });
        self
    }
}

impl User {
    /// May do just this: verb and resource, as in RBAC.
    pub fn with_rights(name: &str, rights: &[(&str, &str)]) -> Self {
        Self {
            name: name.into(),
            rights: rights
                .iter()
                .map(|&(verb, resource)| (verb.into(), resource.into()))
                .collect(),
            throttled: false,
        }
    }

    pub fn throttled(name: &str) -> Self {
        Self {
            throttled: true,
            ..Self::with_rights(name, &[])
        }
    }
}

/// An admission rule that refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial {
    pub resource: String,
    pub namespace: String,
    pub message: String,
}

/// A permission that the user has not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forbidden {
    pub verb: String,
    /// With the subresource: `pods/eviction`.
    pub resource: String,
}

/// Somebody with rights of their own. Who is not described may do everything that is not forbidden to all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    pub name: String,
    /// Verb and resource, this with its subresource.
    pub rights: Vec<(String, String)>,
    /// The server takes none of their requests: too many at once.
    pub throttled: bool,
}

/// How long the cluster's own machinery takes.
#[derive(Clone, Debug, PartialEq, Eq)]
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
