//! The Lease `aksreboot`: one run a cluster. It is taken, renewed and given back here; whoever acts asks the fence first.
//! No decision compares a server's time with the local clock: a holder is dead when its Lease was *seen* unchanged for
//! its whole term, or when it ran on this host and is gone.

mod fence;
mod holder;
mod lock;
mod standing;

use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;

use crate::core::drain::OWN_NAMESPACE;
use crate::core::model::RunId;
use crate::core::reason::Reason;
use crate::edge::clock::{Clock, Moment};
use crate::edge::cluster::wire::{self, Refusal};

pub(crate) use fence::Fence;
pub(crate) use holder::Holder;
pub(crate) use lock::{Lock, RENEW_EVERY, Release, Renewed, Taken, take, take_after};
pub(crate) use standing::{Life, Standing, life, standing};

/// How long an unrenewed Lease counts as alive. Long enough for an API server's restart, short enough to wait for.
const TERM: Duration = Duration::from_secs(60);
/// How often a foreign Lease is read while it is decided whether its holder lives.
const LOOK_EVERY: Duration = Duration::from_secs(2);

const HOLDER: &str = "aksreboot.dev/holder";
const STATE: &str = "aksreboot.dev/state";

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

fn micro_time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()
}

fn collection() -> String {
    format!("/apis/coordination.k8s.io/v1/namespaces/{OWN_NAMESPACE}/leases")
}

fn path() -> String {
    format!("{}/aksreboot", collection())
}
