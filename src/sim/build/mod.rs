//! From the world's description to a running cluster: its objects, and the state that its own controllers bring them
//! into before a client looks.

mod loaded;
mod node;
mod spec;
mod workload;

use serde_json::json;

pub(super) use self::node::{forget_node, node};
pub(super) use self::workload::{set_bound, workload};

use self::workload::budget;
use super::BEFORE_START;
use super::clock::{Clock, Moment};
use super::cluster::{Cluster, Rules};
use super::faults::{Happening, What, When};
use super::heartbeats::NODE_LEASES;
use super::host::{self, Host};
use super::jobs::Job;
use super::kind::Kind;
use super::world::{Budget, Machine, Workload, World};

/// The namespaces that every cluster has.
const NAMESPACES: [&str; 4] = ["default", "kube-system", "kube-public", NODE_LEASES];

/// How long before its start the world's broken machines broke.
const BROKEN_FOR: Moment = Moment::from_secs(2 * 3600);

/// The described cluster, brought into its state by its own controllers before anybody looks.
pub(super) fn cluster(world: World, seed: u64) -> Cluster {
    let World {
        start,
        version,
        namespaces,
        machines,
        workloads,
        budgets,
        happenings,
        denials,
        forbidden,
        users,
        paces,
        speed,
        loaded,
    } = world;
    let beginning = start.checked_sub(BEFORE_START).unwrap_or(start);
    let clock = Clock::new(beginning, Moment::ZERO, 1);
    let rules = Rules {
        version,
        denials,
        forbidden,
        users,
        paces,
    };
    let mut cluster = Cluster::new(clock, seed, rules);
    cluster.store.remember_nothing();
    if let Some(snapshot) = loaded {
        cluster.now = BEFORE_START;
        loaded::load(&mut cluster, &snapshot, machines);
        let flagged = cluster.hosts.values_mut();
        flagged.for_each(|host| raise_flag(host, BEFORE_START));
    } else {
        let described = Described {
            namespaces,
            machines,
            workloads,
            budgets,
        };
        grow(&mut cluster, described);
    }
    cluster.store.forget();
    cluster.clock = Clock::new(beginning, BEFORE_START, speed);
    for Happening { when, what } in happenings {
        match when {
            When::At(after) => cluster.later(after, Job::Happen(what)),
            When::Before(matching) => cluster.script.await_request(matching, None, what),
            When::After(matching, later) => {
                cluster.script.await_request(matching, Some(later), what);
            }
            When::Marked { node, step, later } => {
                cluster.script.await_mark(node, step, later, what);
            }
        }
    }
    cluster
}

/// What a cluster is made of that begins empty.
struct Described {
    namespaces: Vec<String>,
    machines: Vec<Machine>,
    workloads: Vec<Workload>,
    budgets: Vec<Budget>,
}

/// Lets an empty cluster become the described one, by its own controllers.
fn grow(cluster: &mut Cluster, described: Described) {
    cluster.now = Moment::ZERO;
    let namespaces = NAMESPACES.into_iter().map(str::to_owned);
    for name in namespaces.chain(described.namespaces) {
        let labels = json!({"kubernetes.io/metadata.name": name});
        cluster.create(
            Kind::Namespace,
            json!({"metadata": {"name": name, "labels": labels}}),
        );
    }
    for machine in described.machines {
        node(cluster, machine);
    }
    for described in &described.workloads {
        workload(cluster, described);
    }
    for described in &described.budgets {
        budget(cluster, described);
    }
    cluster.run_ahead(BEFORE_START.saturating_sub(BROKEN_FOR));
    disable(cluster);
    cluster.run_ahead(BEFORE_START);
}

/// What was wrong with machines from the start befalls them when the workloads are on them.
fn disable(cluster: &mut Cluster) {
    let names: Vec<_> = cluster.hosts.keys().cloned().collect();
    for name in names {
        let Some(host) = cluster.hosts.get_mut(&name) else {
            continue;
        };
        raise_flag(host, BEFORE_START);
        let (ready, cordoned) = (host.machine.ready, host.machine.cordoned);
        if cordoned {
            cluster.happen(What::Cordon(name.clone()));
        }
        if !ready {
            host::stop_kubelet(cluster, &name);
        }
    }
}

/// The flag of a machine, as of the world's start.
fn raise_flag(host: &mut Host, start: Moment) {
    host.flag = host
        .machine
        .flag
        .as_ref()
        .map(|flag| (start.saturating_sub(flag.age), flag.packages.clone()));
}
