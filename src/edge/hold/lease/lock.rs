//! Taking the Lease, renewing it, giving it back.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::fence::Fence;
use super::holder::{Holder, text};
use super::{
    HOLDER, LOOK_EVERY, Lease, STATE, TERM, Verdict, Watched, collection, dead_or_held, held_by,
    micro_time, path, read_holder,
};
use crate::core::drain::{MANAGED_BY, OWN_NAMESPACE};
use crate::core::model::RunId;
use crate::core::reason::Reason;
use crate::edge::clock::Clock;
use crate::edge::cluster::wire::{self, PatchKind, Refusal};

/// A quarter of the term: three renewals may fail before anybody may think the run dead.
pub(crate) const RENEW_EVERY: Duration = Duration::from_secs(15);
/// Our Lease. Dropping it does not give it back: a run that ends says how.
pub(crate) struct Lock {
    run: RunId,
    /// When it was taken, as the Lease has it: tells this process from another that carries out the same run.
    acquired: Option<Timestamp>,
    resource_version: String,
    fence: Fence,
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
                    acquired: lease.spec.acquire_time,
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
            "labels": {MANAGED_BY: "aksreboot"},
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

/// Who has it now: the run may be our own, carried out by another process.
fn taken_by(lease: &Lease) -> String {
    let run = lease.spec.holder_identity.clone().unwrap_or_default();
    match read_holder(lease).filter(|_| !run.is_empty()) {
        Some(holder) => format!("{run} of {} on {}", holder.user, holder.host),
        None => run,
    }
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
        let (run, acquired, fence, mut version) = (
            self.run.clone(),
            self.acquired,
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
                        Ok(lease) if is_of(&lease, &run, acquired) => {
                            version = lease.metadata.resource_version;
                        }
                        Ok(lease) => return fence.lose(taken_by(&lease)),
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

    /// Gives the Lease back in the name of the run whose marks are left, which need not be ours. Tried again after a conflict with a
    /// renewal of our own that was still on its way.
    pub(crate) async fn release_for(
        mut self,
        client: &kube::Client,
        how: Release,
        run: &RunId,
    ) -> Result<(), Refusal> {
        let mut again = true;
        loop {
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
                    wire::change(client, &path(), PatchKind::Merge, &body).await
                }
            };
            match result {
                Err(Refusal::Gone(_)) => return Ok(()),
                Err(Refusal::Conflict(_)) if again => {
                    again = false;
                    match wire::get::<Lease>(client, &path()).await {
                        Ok(lease) if is_of(&lease, &self.run, self.acquired) => {
                            self.resource_version = lease.metadata.resource_version;
                        }
                        // Somebody else's by now, and theirs to give back; or nobody's.
                        Ok(_) | Err(Refusal::Gone(_)) => return Ok(()),
                        Err(refusal) => return Err(refusal),
                    }
                }
                other => return other,
            }
        }
    }
}

/// Whether the Lease is as this process took it, whoever renewed it since.
fn is_of(lease: &Lease, run: &RunId, acquired: Option<Timestamp>) -> bool {
    lease.spec.holder_identity.as_deref() == Some(run.as_str())
        && lease.spec.acquire_time == acquired
}
