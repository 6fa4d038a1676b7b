//! The Lease `aksreboot`: one run a cluster. It is taken, renewed and given back here; whoever acts asks the fence first.
//! No decision compares a server's time with the local clock: a holder is dead when its Lease was *seen* unchanged for
//! its whole term, or when it ran on this host and is gone.

mod standing;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::core::drain::OWN_NAMESPACE;
use crate::core::model::RunId;
use crate::core::reason::Reason;
use crate::edge::clock::{Clock, Moment};
use crate::edge::cluster::wire::{self, PatchKind, Refusal};

pub(crate) use standing::{Life, Standing, life, standing};

/// How long an unrenewed Lease counts as alive. Long enough for an API server's restart, short enough to wait for.
const TERM: Duration = Duration::from_secs(60);
/// A quarter of the term: three renewals may fail before anybody may think the run dead.
pub(crate) const RENEW_EVERY: Duration = Duration::from_secs(15);
/// An act needs a renewal confirmed within this, so that at its time nobody can have seen a whole term pass.
const FRESH: Duration = Duration::from_secs(20);
/// How often a foreign Lease is read while it is decided whether its holder lives.
const LOOK_EVERY: Duration = Duration::from_secs(2);

const HOLDER: &str = "aksreboot.dev/holder";
const STATE: &str = "aksreboot.dev/state";

/// Who runs: told to whoever meets the Lease.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Holder {
    v: u32,
    pub(crate) user: String,
    pub(crate) host: String,
    pid: u32,
    /// Start of that process in clock ticks since boot (`/proc/PID/stat`), so that a reused number is not taken for it.
    pid_start: Option<u64>,
    /// Where that number counts: the machine's boot and the PID namespace. Two containers may share a host name.
    #[serde(default)]
    pid_space: Option<String>,
    version: String,
    plan_hash: String,
}

/// Our Lease. Dropping it does not give it back: a run that ends says how.
pub(crate) struct Lock {
    run: RunId,
    resource_version: String,
    fence: Fence,
}

/// Says whether the lock was confirmed recently enough to act. Cheap to copy into every act.
#[derive(Clone)]
pub(crate) struct Fence {
    clock: Clock,
    /// `None` once the lock is known to be somebody else's.
    confirmed: Arc<Mutex<Option<Moment>>>,
}

/// What trying to take the lock came to.
pub(crate) enum Taken {
    Ours(Lock),
    /// Somebody else has the cluster.
    Held(Reason),
}

/// How a renewal went.
pub(crate) enum Renewed {
    /// Confirmed; how long the lock had been unconfirmed before.
    Confirmed {
        resource_version: String,
        gap: Duration,
    },
    Lost(Reason),
    /// The API did not answer; the lock is as fresh as it was.
    Unsure(String),
}

/// How a run leaves its Lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Release {
    /// Nothing is left to go on with.
    Finished,
    /// Nodes are left marked; the Lease stays, without a holder, and says so.
    Interrupted,
}

#[derive(Clone, Deserialize)]
struct Lease {
    metadata: Meta,
    #[serde(default)]
    spec: Spec,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Meta {
    resource_version: String,
    #[serde(default)]
    annotations: Option<std::collections::BTreeMap<String, String>>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Spec {
    holder_identity: Option<String>,
    acquire_time: Option<Timestamp>,
    renew_time: Option<String>,
}

impl Holder {
    pub(crate) fn this_process(plan_hash: &str, user: String, host: String) -> Self {
        let pid = std::process::id();
        Self {
            v: 1,
            user,
            host,
            pid,
            pid_start: process_start(pid),
            pid_space: pid_space(),
            version: env!("CARGO_PKG_VERSION").into(),
            plan_hash: plan_hash.into(),
        }
    }

    /// The process is certainly gone: its number would count here, and nothing of that number and start runs.
    fn is_gone(&self, this_host: &str) -> bool {
        self.host == this_host
            && self.pid_space.is_some()
            && self.pid_space == pid_space()
            && self.pid_start.is_some()
            && process_start(self.pid) != self.pid_start
    }
}

impl Fence {
    fn new(clock: Clock, confirmed: Moment) -> Self {
        Self {
            clock,
            confirmed: Arc::new(Mutex::new(Some(confirmed))),
        }
    }

    /// The lock was confirmed recently enough for one more act.
    pub(crate) fn holds(&self) -> bool {
        self.age() < FRESH
    }

    /// The lock is known to be somebody else's.
    pub(crate) fn is_lost(&self) -> bool {
        let confirmed = self.confirmed.lock();
        confirmed.unwrap_or_else(PoisonError::into_inner).is_none()
    }

    /// Since the last confirmed renewal, by whichever clock advanced the most.
    pub(crate) fn age(&self) -> Duration {
        let confirmed = *self
            .confirmed
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        confirmed.map_or(Duration::MAX, |moment| self.clock.since(&moment))
    }

    /// Takes in a confirmation by a request that was sent at `sent`; never for a lock that is lost.
    fn confirm(&self, sent: Moment) {
        let mut confirmed = self
            .confirmed
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if confirmed.is_some() {
            *confirmed = Some(sent);
        }
    }

    /// From now on nothing is sent any more.
    fn lose(&self, holder: String) -> Renewed {
        *self
            .confirmed
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = None;
        Renewed::Lost(Reason::LockLost { holder })
    }
}

/// Whoever the Lease names as its holder, alive or not.
pub(crate) async fn holder(client: &kube::Client) -> Result<Option<Reason>, Refusal> {
    match wire::get::<Lease>(client, &path()).await {
        Ok(lease) => {
            let named = lease
                .spec
                .holder_identity
                .as_deref()
                .is_some_and(|holder| !holder.is_empty());
            Ok(named.then(|| held_by(&lease)))
        }
        Err(Refusal::Gone(_)) => Ok(None),
        Err(refusal) => Err(refusal),
    }
}

/// A foreign Lease as it was first seen, and when: what a later look is compared with.
#[derive(Clone, Debug, Default)]
pub(crate) struct Watched(Option<(String, Moment)>);

/// Takes the Lease for `run`, or says who has it. `notice` is told once when that takes watching.
pub(crate) async fn take(
    client: &kube::Client,
    run: &RunId,
    holder: &Holder,
    clock: &Clock,
    notice: impl FnMut(&str),
) -> Result<Taken, Refusal> {
    take_after(client, run, holder, clock, Watched::default(), notice).await
}

/// As [`take`], after the Lease was watched already.
pub(crate) async fn take_after(
    client: &kube::Client,
    run: &RunId,
    holder: &Holder,
    clock: &Clock,
    mut watched: Watched,
    mut notice: impl FnMut(&str),
) -> Result<Taken, Refusal> {
    loop {
        let sent = clock.moment();
        let taken = match wire::get::<Lease>(client, &path()).await {
            Err(Refusal::Gone(_)) => create(client, run, holder, clock).await,
            Err(refusal) => return Err(refusal),
            Ok(lease) => match dead_or_held(&lease, &holder.host, clock, &mut watched) {
                Verdict::Free => seize(client, &lease, run, holder, clock).await,
                Verdict::Held => return Ok(Taken::Held(held_by(&lease))),
                Verdict::Watch { first } => {
                    if first {
                        notice(&format!(
                            "run {} holds the lock; watching for up to {} s whether it is alive",
                            lease.spec.holder_identity.as_deref().unwrap_or("(unnamed)"),
                            TERM.as_secs()
                        ));
                    }
                    tokio::time::sleep(LOOK_EVERY).await;
                    continue;
                }
            },
        };
        match taken {
            Ok(lease) => {
                let fence = Fence::new(clock.clone(), sent);
                return Ok(Taken::Ours(Lock {
                    run: run.clone(),
                    resource_version: lease.metadata.resource_version,
                    fence,
                }));
            }
            // Somebody was quicker, or the reply was lost and this is our own: look again.
            Err(Refusal::Conflict(_)) => {}
            Err(refusal) => return Err(refusal),
        }
    }
}

enum Verdict {
    Free,
    Held,
    Watch { first: bool },
}

fn dead_or_held(
    lease: &Lease,
    this_host: &str,
    clock: &Clock,
    Watched(watched): &mut Watched,
) -> Verdict {
    let holder = lease.spec.holder_identity.as_deref().unwrap_or_default();
    if holder.is_empty() || read_holder(lease).is_some_and(|holder| holder.is_gone(this_host)) {
        return Verdict::Free;
    }
    let renewal = format!(
        "{holder} {}",
        lease.spec.renew_time.as_deref().unwrap_or_default()
    );
    match watched {
        None => {
            *watched = Some((renewal, clock.moment()));
            Verdict::Watch { first: true }
        }
        Some((seen, _)) if *seen != renewal => Verdict::Held,
        Some((_, since)) if clock.since(since) >= TERM => Verdict::Free,
        Some(_) => Verdict::Watch { first: false },
    }
}

fn held_by(lease: &Lease) -> Reason {
    let holder = read_holder(lease);
    Reason::LockHeld {
        run: RunId::new(lease.spec.holder_identity.clone().unwrap_or_default()),
        user: holder
            .as_ref()
            .map_or_else(|| "unknown".into(), |holder| holder.user.clone()),
        host: holder
            .as_ref()
            .map_or_else(|| "unknown".into(), |holder| holder.host.clone()),
        since: lease.spec.acquire_time,
    }
}

/// Who a Lease as a server sent it says to have the cluster; for the fuzz targets.
pub(crate) fn holder_of(lease: &[u8]) -> Option<Reason> {
    let lease: Lease = serde_json::from_slice(lease).ok()?;
    let holder = read_holder(&lease);
    let _ = holder.is_some_and(|holder| holder.is_gone("host"));
    Some(held_by(&lease))
}

fn read_holder(lease: &Lease) -> Option<Holder> {
    serde_json::from_str(lease.metadata.annotations.as_ref()?.get(HOLDER)?).ok()
}

async fn create(
    client: &kube::Client,
    run: &RunId,
    holder: &Holder,
    clock: &Clock,
) -> Result<Lease, Refusal> {
    let body = json!({
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": {
            "name": "aksreboot",
            "namespace": OWN_NAMESPACE,
            "labels": {crate::core::drain::MANAGED_BY: "aksreboot"},
            "annotations": {HOLDER: text(holder)},
        },
        "spec": spec(run, clock),
    });
    wire::post(client, &collection(), &body).await
}

async fn seize(
    client: &kube::Client,
    lease: &Lease,
    run: &RunId,
    holder: &Holder,
    clock: &Clock,
) -> Result<Lease, Refusal> {
    let body = json!({
        "metadata": {
            "resourceVersion": lease.metadata.resource_version,
            "annotations": {HOLDER: text(holder), STATE: null},
        },
        "spec": spec(run, clock),
    });
    wire::patch(client, &path(), PatchKind::Merge, &body).await
}

fn spec(run: &RunId, clock: &Clock) -> Value {
    let now = micro_time(clock.wall());
    json!({
        "holderIdentity": run,
        "leaseDurationSeconds": TERM.as_secs(),
        "acquireTime": now,
        "renewTime": now,
    })
}

impl Lock {
    pub(crate) fn fence(&self) -> Fence {
        self.fence.clone()
    }

    /// Takes in a confirmed renewal.
    pub(crate) fn confirmed(&mut self, resource_version: String) {
        self.resource_version = resource_version;
    }

    /// One renewal, as a future that borrows nothing.
    pub(crate) fn renew(
        &self,
        client: kube::Client,
    ) -> impl Future<Output = Renewed> + Send + 'static {
        let (run, fence, mut version) = (
            self.run.clone(),
            self.fence.clone(),
            self.resource_version.clone(),
        );
        async move {
            // Twice: a renewal whose reply was lost shows up as a conflict with ourselves.
            for _ in 0..2 {
                let gap = fence.age();
                let sent = fence.clock.moment();
                let body = json!({
                    "metadata": {"resourceVersion": version},
                    "spec": {"renewTime": micro_time(fence.clock.wall())},
                });
                match wire::patch::<Lease>(&client, &path(), PatchKind::Merge, &body).await {
                    Ok(lease) => {
                        fence.confirm(sent);
                        return Renewed::Confirmed {
                            resource_version: lease.metadata.resource_version,
                            gap,
                        };
                    }
                    Err(Refusal::Conflict(_)) => match wire::get::<Lease>(&client, &path()).await {
                        Ok(lease)
                            if lease.spec.holder_identity.as_deref() == Some(run.as_str()) =>
                        {
                            version = lease.metadata.resource_version;
                        }
                        Ok(lease) => {
                            return fence.lose(lease.spec.holder_identity.unwrap_or_default());
                        }
                        Err(Refusal::Gone(_)) => {
                            return fence.lose(String::new());
                        }
                        Err(refusal) => return Renewed::Unsure(refusal.to_string()),
                    },
                    Err(Refusal::Gone(_)) => {
                        return fence.lose(String::new());
                    }
                    Err(refusal) => return Renewed::Unsure(refusal.to_string()),
                }
            }
            Renewed::Unsure("the Lease changed under two renewals in a row".into())
        }
    }

    /// Gives the Lease back.
    pub(crate) async fn release(self, client: &kube::Client, how: Release) -> Result<(), Refusal> {
        let run = self.run.clone();
        self.release_for(client, how, &run).await
    }

    /// Gives the Lease back in the name of the run whose marks are left, which need not be ours.
    pub(crate) async fn release_for(
        self,
        client: &kube::Client,
        how: Release,
        run: &RunId,
    ) -> Result<(), Refusal> {
        let result = match how {
            Release::Finished => {
                let body = json!({"preconditions": {"resourceVersion": self.resource_version}});
                wire::delete(client, &path(), &body).await
            }
            Release::Interrupted => {
                let body = json!({
                    "metadata": {
                        "resourceVersion": self.resource_version,
                        "annotations": {STATE: format!("interrupted {run}")},
                    },
                    "spec": {"holderIdentity": ""},
                });
                wire::patch::<Value>(client, &path(), PatchKind::Merge, &body)
                    .await
                    .map(drop)
            }
        };
        match result {
            Err(Refusal::Gone(_)) => Ok(()),
            other => other,
        }
    }
}

fn text(holder: &Holder) -> String {
    serde_json::to_string(holder).unwrap_or_default()
}

fn micro_time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()
}

fn collection() -> String {
    format!("/apis/coordination.k8s.io/v1/namespaces/{OWN_NAMESPACE}/leases")
}

fn path() -> String {
    format!("{}/aksreboot", collection())
}

/// Field 22 of `/proc/PID/stat`, counted after the command name, which may contain anything.
#[cfg(target_os = "linux")]
fn process_start(pid: u32) -> Option<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(')')?
        .1
        .split_whitespace()
        .nth(19)?
        .parse()
        .ok()
}

#[cfg(target_os = "linux")]
fn pid_space() -> Option<String> {
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let namespace = std::fs::read_link("/proc/self/ns/pid").ok()?;
    Some(format!("{} {}", boot.trim(), namespace.display()))
}

#[cfg(not(target_os = "linux"))]
fn pid_space() -> Option<String> {
    None
}

/// Not known elsewhere: then only the Lease's silence says that a holder is dead.
#[cfg(not(target_os = "linux"))]
fn process_start(_pid: u32) -> Option<u64> {
    None
}
