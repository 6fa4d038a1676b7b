//! What Azure says of the cluster behind an API server: the newest node image of each pool, the upgrade channels, what is
//! at work. Read from what `az` prints, which is hostile text as all others; a field that is missing or of another kind
//! is *not told*, never a no. Which cluster it is, is found by the API server's name or by a name that was given, and
//! never guessed.

mod parse;
#[cfg(test)]
mod tests;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) use parse::{clusters, is_cluster, is_group, latest_image, names, operation};

/// A cluster as Azure knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AzureView {
    pub(crate) cluster: AzureCluster,
    pub(crate) channels: Channels,
    pub(crate) pools: Vec<AzurePool>,
    /// What is at work on the cluster and its pools; none: nothing that Azure shows.
    pub(crate) operations: Vec<Operation>,
    /// What else could not be read.
    pub(crate) unread: Vec<AzureTrouble>,
}

/// The names of a managed cluster, all needed to ask more about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AzureCluster {
    pub(crate) subscription: String,
    pub(crate) resource_group: String,
    pub(crate) name: String,
}

impl std::fmt::Display for AzureCluster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.resource_group, self.name)
    }
}

/// Who updates the nodes by themselves. Absent: not told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Channels {
    /// `upgradeChannel`, of Kubernetes' version: none, patch, stable, rapid, node-image.
    pub(crate) upgrade: Option<String>,
    /// `nodeOsUpgradeChannel`: None, Unmanaged, SecurityPatch, NodeImage.
    pub(crate) node_os: Option<String>,
}

/// A pool, and the newest image that there is for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AzurePool {
    pub(crate) name: String,
    /// The image that the pool is set to. A node's own is its label's.
    pub(crate) image: Option<String>,
    pub(crate) latest: Latest,
    /// `provisioningState`; absent: not told.
    pub(crate) state: Option<String>,
}

/// The newest node image of a pool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(
    tag = "kind",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub(crate) enum Latest {
    Image {
        version: String,
    },
    /// Azure names none.
    NotTold,
    /// It could not be asked for.
    Unread {
        trouble: AzureTrouble,
    },
}

/// Something that Azure is doing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Operation {
    /// The pool; absent: the cluster.
    pub(crate) pool: Option<String>,
    /// In Azure's word: Upgrading, Updating, Scaling, …
    pub(crate) state: String,
    /// Where Azure's own list of operations could be read.
    pub(crate) since: Option<Timestamp>,
}

/// Why nothing, or not all, is known of the cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(
    tag = "kind",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub(crate) enum AzureTrouble {
    /// There is no az on the PATH.
    NoAz,
    /// It does not know the command, or not what is asked for.
    TooOld {
        /// Of az; absent: not told.
        version: Option<String>,
        lacks: String,
    },
    NotLoggedIn {
        message: String,
    },
    /// The login may not read it.
    Denied {
        message: String,
    },
    /// None of the clusters of the subscription has an API server of this name.
    NoSuchServer {
        host: String,
        clusters: usize,
    },
    /// The cluster that was named is not there.
    NoSuchCluster {
        message: String,
    },
    Several {
        host: String,
        clusters: Vec<String>,
    },
    TimedOut {
        command: String,
        seconds: u64,
    },
    /// az failed in another way.
    Failed {
        command: String,
        message: String,
    },
    /// What az printed is not what it should be.
    Unreadable {
        command: String,
        message: String,
    },
}

/// How a cluster is to be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AzureSearch {
    /// By the name of the API server.
    ByServer,
    /// By its own name, in the subscription of the login or another.
    Named {
        subscription: Option<String>,
        resource_group: String,
        name: String,
    },
}

impl AzureView {
    /// The newest image of the pool of that name, where Azure tells one.
    pub(crate) fn latest_of(&self, pool: &str) -> Option<&str> {
        let pool = self.pools.iter().find(|known| known.name == pool)?;
        match &pool.latest {
            Latest::Image { version } => Some(version),
            Latest::NotTold | Latest::Unread { .. } => None,
        }
    }

    /// Whether a node of that pool, made from `image`, has another image than the newest. `None`: that is not known.
    /// Versions are compared for being the same alone: a region may get an image days after another.
    pub(crate) fn is_behind(&self, pool: &str, image: &str) -> Option<bool> {
        let latest = self.latest_of(pool)?;
        Some(!latest.eq_ignore_ascii_case(image))
    }
}

/// A managed cluster as `az` lists it, before more is asked about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    pub(crate) cluster: AzureCluster,
    /// Names of its API server: public, private, and the portal's.
    pub(crate) hosts: Vec<String>,
    pub(crate) channels: Channels,
    pub(crate) pools: Vec<AzurePool>,
    pub(crate) state: Option<String>,
    /// Fields that this az does not print at all.
    pub(crate) lacks: Vec<&'static str>,
}

impl Listed {
    /// What the states say is at work: whatever is not an end.
    pub(crate) fn operations(&self) -> Vec<Operation> {
        let of = |pool: Option<&str>, state: &Option<String>| {
            let state = state.clone().filter(|state| is_at_work(state))?;
            Some(Operation {
                pool: pool.map(str::to_owned),
                state,
                since: None,
            })
        };
        let pools = self
            .pools
            .iter()
            .filter_map(|pool| of(Some(&pool.name), &pool.state));
        of(None, &self.state).into_iter().chain(pools).collect()
    }
}

/// `provisioningState` and the status of an operation have these ends; everything else goes on.
pub(crate) fn is_at_work(state: &str) -> bool {
    !["Succeeded", "Failed", "Canceled", "Cancelled"]
        .iter()
        .any(|end| end.eq_ignore_ascii_case(state))
}

/// The one cluster whose API server has this name.
pub(crate) fn by_server(listed: Vec<Listed>, server: &str) -> Result<Listed, AzureTrouble> {
    let host = host_of(server);
    let clusters = listed.len();
    let mut found: Vec<Listed> = listed
        .into_iter()
        .filter(|listed| listed.hosts.iter().any(|name| host_of(name) == host))
        .collect();
    match (found.pop(), found.is_empty()) {
        (Some(one), true) => Ok(one),
        (Some(last), false) => {
            found.push(last);
            Err(AzureTrouble::Several {
                host,
                clusters: found
                    .iter()
                    .map(|listed| listed.cluster.to_string())
                    .collect(),
            })
        }
        (None, _) => Err(AzureTrouble::NoSuchServer { host, clusters }),
    }
}

/// The host of a URL, or of a bare name: small letters, no port, no dot at its end.
fn host_of(server: &str) -> String {
    let (_, rest) = server.split_once("://").unwrap_or(("", server));
    let authority = rest.split('/').next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    host.trim_end_matches('.').to_ascii_lowercase()
}
