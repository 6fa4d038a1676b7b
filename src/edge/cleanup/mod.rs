//! Reads what killed runs left, and removes what was agreed to. What may go is judged by `core::cleanup`, before the
//! question and again right before each removal.

mod own_pod;
mod remove;

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;

use crate::core::cleanup::{Holder, OwnPod, Scene};
use crate::core::model::RunId;
use crate::edge::ask::ask;
use crate::edge::clock::Clock;
use crate::edge::cluster::list_nodes;
use crate::edge::cluster::watch::{Scope, list};
use crate::edge::cluster::wire::Refusal;
use crate::edge::connect::Cluster;
use crate::edge::hold::kured_run;
use crate::edge::hold::lease::{Life, Watched, life};
use crate::edge::hold::record;
use crate::edge::node::{DEBUG_MANAGED_BY, MANAGED_BY, NAMESPACE};

pub(crate) use remove::Cleaner;

/// What was seen, and how.
pub(crate) struct Sight {
    pub(crate) scene: Scene,
    /// For the taking of a dead run's lock without watching it a second time.
    pub(crate) watched: Watched,
    /// The namespaces in which pods were looked for; `None` is all.
    pub(crate) looked_in: Option<Vec<String>>,
}

/// Reads everything. Takes up to a minute where a lock is held by somebody of whom only time can tell whether they live;
/// `notice` is told so.
pub(crate) async fn look(
    cluster: &Cluster,
    this_host: &str,
    clock: &Clock,
    notice: impl FnMut(&str, Duration),
) -> Result<Sight, Refusal> {
    let client = &cluster.client;
    let (holder, watched) = match life(client, this_host, clock, notice).await {
        Ok((life, watched)) => (holder(life), watched),
        Err(refusal) => (
            Holder::Unknown {
                message: refusal.to_string(),
            },
            Watched::default(),
        ),
    };
    let (scene, looked_in) = scene(cluster, holder).await?;
    Ok(Sight {
        scene,
        watched,
        looked_in,
    })
}

fn holder(life: Life) -> Holder {
    match life {
        Life::Absent => Holder::Nobody,
        Life::Unheld { run } => Holder::Unheld { run },
        Life::Alive(by) => Holder::Alive(by),
        Life::Dead { run } => Holder::Dead { run },
    }
}

/// Everything but the lock, as of now.
async fn scene(cluster: &Cluster, holder: Holder) -> Result<(Scene, Option<Vec<String>>), Refusal> {
    let client = &cluster.client;
    let nodes = list_nodes(client, "").await?.items;
    let (pods, looked_in) = own_pods(cluster).await?;
    let records = record::names(client).await?;
    // After the pods, so that none is younger than this.
    let server_time = ask(client, "GET", "/version", None).await?.date;
    let scene = Scene {
        holder,
        nodes,
        pods,
        records,
        kured: kured(client).await?,
        server_time,
    };
    Ok((scene, looked_in))
}

/// The runs that have a lock of kured's. Who may not look at kured's leaves it alone.
async fn kured(client: &kube::Client) -> Result<BTreeSet<RunId>, Refusal> {
    match kured_run::runs(client).await {
        Err(Refusal::Denied(_)) => Ok(BTreeSet::new()),
        runs => runs,
    }
}

/// Our pods everywhere, or where the user may look: our namespace, and the context's, where `kubectl debug` would put
/// its own.
async fn own_pods(cluster: &Cluster) -> Result<(Vec<OwnPod>, Option<Vec<String>>), Refusal> {
    let client = &cluster.client;
    match labelled(client, "/api/v1/pods").await {
        Ok(pods) => return Ok((pods, None)),
        Err(Refusal::Denied(_)) => {}
        Err(refusal) => return Err(refusal),
    }
    let within = |namespace: &str| format!("/api/v1/namespaces/{namespace}/pods");
    let mut pods = labelled(client, &within(NAMESPACE)).await?;
    let mut looked_in = vec![NAMESPACE.to_owned()];
    if cluster.namespace != NAMESPACE {
        match labelled(client, &within(&cluster.namespace)).await {
            Ok(more) => {
                pods.extend(more);
                looked_in.push(cluster.namespace.clone());
            }
            Err(Refusal::Denied(_)) => {}
            Err(refusal) => return Err(refusal),
        }
    }
    Ok((pods, Some(looked_in)))
}

async fn labelled(client: &kube::Client, path: &str) -> Result<Vec<OwnPod>, Refusal> {
    let scope = Scope {
        path: path.into(),
        field_selector: None,
        label_selector: Some(format!(
            "{} in ({},{})",
            MANAGED_BY.0, MANAGED_BY.1, DEBUG_MANAGED_BY.1
        )),
    };
    let listed = list::<Value>(client, &scope).await?;
    Ok(listed.items.iter().map(own_pod::own_pod).collect())
}
