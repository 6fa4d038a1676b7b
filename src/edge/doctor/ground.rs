//! The API server, the namespace, and whoever else has a hand in the cluster.

use jiff::Timestamp;
use serde_json::Value;

use crate::core::doctor::{Found, LockSeen};
use crate::edge::ask::{ask, told};
use crate::edge::clock::Clock;
use crate::edge::cluster::watch::{Scope, list};
use crate::edge::connect::Cluster;
use crate::edge::hold::kured as kureds;
use crate::edge::hold::lease::{self, Standing};
use crate::edge::hold::pause;
use crate::edge::node::{MANAGED_BY, NAMESPACE};

/// Whether it answers, how fast, in which version, and what time it has.
pub(super) async fn server(cluster: &Cluster, clock: &Clock) -> Result<Vec<Found>, kube::Error> {
    let client = &cluster.client;
    // The first carries the connection's making; the second is what a request takes.
    ask(client, "GET", "/version", None).await?;
    let (began, sent) = (clock.now().mono, clock.wall());
    let reply = ask(client, "GET", "/version", None).await?;
    let took = clock.now().mono.saturating_sub(began);
    let mut found = vec![Found::Api {
        latency_ms: took.as_millis().try_into().unwrap_or(u64::MAX),
    }];
    found.extend(cluster.warnings.iter().map(|warning| Found::Connection {
        warning: warning.clone(),
    }));
    found.push(match reply.body["gitVersion"].as_str() {
        Some(version) => Found::Version {
            version: version.to_owned(),
        },
        None => Found::VersionUnread {
            message: reply.message(),
        },
    });
    found.push(match reply.date {
        // The header has whole seconds, rounded down; the answer was written about halfway.
        Some(date) => {
            let server = date.as_millisecond() + 500;
            let here = sent.as_millisecond() + i64::try_from(took.as_millis() / 2).unwrap_or(0);
            Found::Clock {
                ahead_ms: server - here,
            }
        }
        None => Found::ClockUnread,
    });
    Ok(found)
}

/// Our namespace and its PodSecurity level. What the server warned of came with the trial of the probe pod.
pub(super) async fn namespace(client: &kube::Client, warnings: Vec<String>) -> Vec<Found> {
    let path = format!("/api/v1/namespaces/{NAMESPACE}");
    let reply = match told(client, "GET", &path, None).await {
        Ok(reply) => reply,
        Err(message) => return vec![Found::NamespaceUnread { message }],
    };
    match reply.code {
        200..=299 => {
            let label = &reply.body["metadata"]["labels"]["pod-security.kubernetes.io/enforce"];
            let enforce = label.as_str().map(str::to_owned);
            vec![
                Found::NamespaceThere,
                Found::PodSecurity { enforce, warnings },
            ]
        }
        404 => vec![Found::NamespaceMissing],
        // The trial of our pods says the rest.
        _ => vec![Found::NamespaceUnread {
            message: reply.message(),
        }],
    }
}

pub(super) async fn kured(client: &kube::Client) -> Vec<Found> {
    match kureds::survey(client).await {
        Ok(found) if found.is_empty() => vec![Found::NoKured],
        Ok(found) => found
            .into_iter()
            .map(|kured| Found::Kured { kured })
            .collect(),
        Err(refusal) => vec![Found::KuredUnread {
            message: refusal.to_string(),
        }],
    }
}

/// Who has the cluster. A hold is looked for where its time can be judged: whoever has a `now` has the right to.
pub(super) async fn lock(client: &kube::Client, now: Option<Timestamp>) -> Found {
    if let Some(now) = now
        && let Ok(seen) = pause::read(client).await
        && let Some(by) = seen.held.blocks(now)
    {
        let lock = LockSeen::Held { by };
        return Found::Lock { lock };
    }
    let lock = match lease::standing(client).await {
        Ok(Standing::Free) => LockSeen::Free,
        Ok(Standing::Interrupted { run }) => LockSeen::Interrupted { run },
        Ok(Standing::Held(by)) => LockSeen::Held { by },
        Err(refusal) => LockSeen::Unread {
            message: refusal.to_string(),
        },
    };
    Found::Lock { lock }
}

/// Pods of ours that are there now. Whether somebody still waits for them is `cleanup`'s to find out.
pub(super) async fn leftovers(client: &kube::Client) -> Found {
    let scope = Scope {
        path: format!("/api/v1/namespaces/{NAMESPACE}/pods"),
        field_selector: None,
        label_selector: Some(format!("{}={}", MANAGED_BY.0, MANAGED_BY.1)),
    };
    match list::<Value>(client, &scope).await {
        Ok(listed) => Found::Leftovers {
            pods: listed
                .items
                .iter()
                .filter_map(|pod| pod["metadata"]["name"].as_str())
                .map(str::to_owned)
                .collect(),
        },
        Err(refusal) => Found::LeftoversUnread {
            message: refusal.to_string(),
        },
    }
}
