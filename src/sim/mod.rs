//! A simulated cluster that speaks the Kubernetes API: for demo, rehearsal and tests. Its clients cannot tell it from
//! a real one by the answers; its time is the runtime's, and the same seed gives the same run.

mod build;
mod chance;
mod chronicle;
mod clock;
mod cluster;
mod contract;
mod controllers;
mod faults;
mod happenings;
mod heartbeats;
mod host;
mod http;
mod jobs;
mod json;
mod kind;
mod kubelet;
mod kured;
mod links;
mod lows;
mod object;
mod parsed;
pub mod scenes;
mod script;
mod serve;
mod shared;
mod store;
mod view;
mod weather;
mod words;
mod world;
mod written;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

pub use self::chronicle::{Deed, Entry, Hand, PodThere, Reboot as Rebooting};
pub use self::faults::{Away, Befall, Disturbance, Happening, Matching, Repair, What, When};
pub use self::http::log::RequestLine;
pub use self::http::{SimBody, SimService};
pub use self::kured::{KuredAct, KuredDomain, KuredLock};
pub use self::lows::Low;
pub use self::serve::serve;
pub use self::view::NodeView;
pub use self::weather::{Fault, Weather};
pub use self::words::Unreadable;
pub use self::world::{
    Bound, Budget, Denial, Ending, Flag, Forbidden, Machine, NodeTaint, Offers, OsRelease, Paces,
    Package, PackageKind, Packages, Placement, Probing, Reboot, System, Updates, User, Workload,
    WorkloadKind, World,
};

use self::clock::Moment;
use self::shared::Shared;

/// How long before a client sees it the cluster begins: its controllers bring the described state about themselves.
const BEFORE_START: Moment = Duration::from_secs(61 * 24 * 3600);

/// A running cluster. Cheap to clone; it runs as long as a clone, a service or a watch is there.
#[derive(Clone)]
pub struct Sim {
    shared: Arc<Shared>,
}

impl Sim {
    /// Makes the described cluster and lets it run on the current runtime, whose clock may be paused.
    pub fn start(world: World, seed: u64) -> Self {
        let cluster = build::cluster(world, seed);
        let shared = Shared::new(cluster);
        tokio::spawn(shared::drive(Arc::downgrade(&shared)));
        Self { shared }
    }

    /// Its API server, for `kube::Client::new` or an HTTP server.
    pub fn service(&self) -> SimService {
        SimService::new(self.shared.clone())
    }

    /// The cluster's wall time.
    pub fn now(&self) -> Timestamp {
        let cluster = self.shared.lock();
        cluster.clock.timestamp(cluster.now)
    }

    /// The requests so far, in their order.
    pub fn requests(&self) -> Vec<RequestLine> {
        self.shared.lock().log.lines.clone()
    }

    /// How many requests there were so far, whether a log was kept of them or not.
    pub fn request_count(&self) -> usize {
        self.shared.lock().log.arrived
    }

    /// What came about so far, from the n-th entry on.
    pub fn chronicle(&self, from: usize) -> Vec<Entry> {
        self.shared.lock().chronicle_from(from)
    }

    /// How many entries the chronicle has so far.
    pub fn chronicle_length(&self) -> usize {
        self.shared.lock().chronicle_length()
    }

    /// From now on neither requests nor what comes about is kept: for rolls of thousands of nodes at whose order nobody
    /// looks.
    pub fn keep_no_log(&self) {
        self.shared.lock().log.off = true;
    }

    /// Whoever plays the operator hears from now on what befalls them. Called under the cluster's lock: it must not ask
    /// the cluster anything.
    pub fn tell_operator(&self, tell: impl FnMut(Befall) + Send + 'static) {
        self.shared.lock().operator = Some(Box::new(tell));
    }

    /// How a node and its machine are at this moment, whatever the API can tell.
    pub fn node(&self, name: &str) -> Option<NodeView> {
        self.shared.with(|cluster| view::node(cluster, name))
    }

    /// The names of the pods in a namespace at this moment.
    pub fn pods_in(&self, namespace: &str) -> Vec<String> {
        self.shared.with(|cluster| {
            let pods = cluster.store.list(kind::Kind::Pod, Some(namespace));
            pods.map(|pod| pod.key.name.clone()).collect()
        })
    }

    /// Looks from now on how few pods of each workload are Ready.
    pub(crate) fn look_for_lows(&self) {
        self.shared.with(|cluster| {
            let now = cluster.now;
            cluster.lows.begin(&cluster.store, now);
        });
    }

    /// The worst moment of each workload since then, by kind, namespace and name.
    pub(crate) fn lows(&self) -> Vec<Low> {
        self.shared.lock().lows.all()
    }

    /// Lets something happen now.
    pub fn happen(&self, what: What) {
        self.shared.with(|cluster| cluster.happen(what));
    }
}

#[cfg(test)]
mod tests;
