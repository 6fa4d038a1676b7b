//! One eviction: one request, no retry, and an answer told apart by what it means (facts: the API server's eviction
//! handler, and KEP-85). The UID goes with it, so a pod of the same name on another node is never hit
//! (kubernetes#64923); kube's own `Api::evict` would drop it.

use std::time::Duration;

use kube::core::Status;
use serde_json::{Value, json};

use super::wire::{self, Refusal, encode};
use crate::core::engine::Eviction;
use crate::core::model::{PodKey, Uid};
use crate::core::reason::Reason;

/// What an eviction came to.
#[derive(Debug)]
pub(crate) enum Evicted {
    /// Granted, refused for now, or refused for good.
    Answer(Eviction),
    /// There is no such pod any more.
    Gone,
    /// The API did not say.
    Lost(Reason),
}

/// Asks the API server to evict `pod`, which must still be `uid`. `grace_period` in seconds; `None` is the pod's own.
pub(crate) async fn evict(
    client: &kube::Client,
    pod: &PodKey,
    uid: &Uid,
    grace_period: Option<u32>,
    now: Duration,
) -> Evicted {
    send(client, pod, options(uid, grace_period), "", now).await
}

/// One dry run of the eviction: the server judges, and removes nothing. A budget is looked at, not charged.
pub(crate) async fn try_evict(
    client: &kube::Client,
    pod: &PodKey,
    uid: &Uid,
    grace_period: Option<u32>,
) -> Evicted {
    let options = options(uid, grace_period);
    send(client, pod, options, "?dryRun=All", Duration::ZERO).await
}

/// Deletes `pod`, which must still be `uid`, past every budget; the answers mean what they mean to an eviction.
pub(crate) async fn remove(
    client: &kube::Client,
    pod: &PodKey,
    uid: &Uid,
    grace_period: Option<u32>,
    now: Duration,
) -> Evicted {
    deleted(client, pod, &options(uid, grace_period), now).await
}

/// One dry run of the deletion.
pub(crate) async fn try_remove(
    client: &kube::Client,
    pod: &PodKey,
    uid: &Uid,
    grace_period: Option<u32>,
) -> Evicted {
    let mut options = options(uid, grace_period);
    options["dryRun"] = json!(["All"]);
    deleted(client, pod, &options, Duration::ZERO).await
}

fn options(uid: &Uid, grace_period: Option<u32>) -> Value {
    let mut options = json!({"preconditions": {"uid": uid}});
    if let Some(seconds) = grace_period {
        options["gracePeriodSeconds"] = seconds.into();
    }
    options
}

async fn deleted(client: &kube::Client, pod: &PodKey, options: &Value, now: Duration) -> Evicted {
    match wire::delete(client, &path(pod), options).await {
        Ok(()) => Evicted::Answer(Eviction::Granted),
        Err(refusal) => judge(refusal, pod, now),
    }
}

fn path(pod: &PodKey) -> String {
    format!(
        "/api/v1/namespaces/{}/pods/{}",
        encode(&pod.namespace),
        encode(&pod.name)
    )
}

async fn send(
    client: &kube::Client,
    pod: &PodKey,
    options: Value,
    query: &str,
    now: Duration,
) -> Evicted {
    let body = json!({
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": {"namespace": pod.namespace, "name": pod.name},
        "deleteOptions": options,
    });
    let path = format!("{}/eviction{query}", path(pod));
    match wire::post::<Status>(client, &path, &body).await {
        Ok(_) => Evicted::Answer(Eviction::Granted),
        Err(refusal) => judge(refusal, pod, now),
    }
}

fn judge(refusal: Refusal, pod: &PodKey, now: Duration) -> Evicted {
    let blocked = |reason, not_before| {
        Evicted::Answer(Eviction::Blocked {
            at: now,
            reason,
            not_before,
        })
    };
    match refusal {
        Refusal::Gone(_) => Evicted::Gone,
        // A conflict on the pod is its UID: another pod has the name now. On the budget it is contention.
        Refusal::Conflict(status) if is_about_the_pod(&status) => Evicted::Gone,
        Refusal::Conflict(status) => blocked(
            Reason::EvictionFailed {
                pod: pod.clone(),
                status: status.code,
                message: status.message,
            },
            now,
        ),
        Refusal::Throttled(status) => {
            let wait = status
                .details
                .as_ref()
                .map_or(0, |details| details.retry_after_seconds);
            let not_before = now + Duration::from_secs(u64::from(wait));
            match budget_cause(&status) {
                Some(message) => {
                    let budget = budget_name(&message).unwrap_or_default().to_owned();
                    blocked(
                        Reason::Budget {
                            pod: pod.clone(),
                            budget,
                            message,
                            unready: Vec::new(),
                        },
                        not_before,
                    )
                }
                None => blocked(Reason::Throttled, not_before),
            }
        }
        // The namespace goes, and its pods with it; or nobody has counted for the budget for a while.
        Refusal::Denied(status)
            if has_cause(&status, "NamespaceTerminating") || is_about_a_budget(&status) =>
        {
            blocked(
                Reason::EvictionFailed {
                    pod: pod.clone(),
                    status: status.code,
                    message: status.message,
                },
                now,
            )
        }
        Refusal::Denied(status) => Evicted::Answer(Eviction::Denied(Reason::EvictionFailed {
            pod: pod.clone(),
            status: status.code,
            message: status.message,
        })),
        // The one 500 that will never pass.
        Refusal::Passing(message) if message.contains("more than one PodDisruptionBudget") => {
            Evicted::Answer(Eviction::Denied(Reason::SeveralBudgets {
                pod: pod.clone(),
                message,
            }))
        }
        // A webhook that fails is in the way of this pod, not of all.
        Refusal::Passing(message) if message.contains("webhook") => blocked(
            Reason::EvictionFailed {
                pod: pod.clone(),
                status: 500,
                // It ends with the code, which is said already.
                message: message.trim_end_matches(" (500)").to_owned(),
            },
            now,
        ),
        Refusal::Passing(message) => Evicted::Lost(Reason::ApiUnavailable { message }),
    }
}

/// A UID that the API server found to be another is told of the kind `Pod` (tried on 1.30 and 1.34), where every other
/// conflict says `pods`; a replacement between its look and the write comes as the latter.
fn is_about_the_pod(status: &Status) -> bool {
    let kind = status.details.as_ref().map(|details| details.kind.as_str());
    matches!(kind, Some("Pod" | "pods"))
}

/// "pdb disruptions allowed is negative", and a map of disrupted pods that is too big: its controller is behind.
fn is_about_a_budget(status: &Status) -> bool {
    let kind = status.details.as_ref().map(|details| details.kind.as_str());
    matches!(kind, Some("poddisruptionbudget" | "poddisruptionbudgets"))
}

fn has_cause(status: &Status, reason: &str) -> bool {
    status
        .details
        .as_ref()
        .is_some_and(|details| details.causes.iter().any(|cause| cause.reason == reason))
}

/// The words of the cause that names the budget; none when the server merely slows us down.
fn budget_cause(status: &Status) -> Option<String> {
    let causes = &status.details.as_ref()?.causes;
    causes
        .iter()
        .find(|cause| cause.reason == "DisruptionBudget")
        .map(|cause| cause.message.clone())
}

/// The name in "The disruption budget NAME needs 2 healthy pods and has 2 currently".
pub(crate) fn budget_name(cause: &str) -> Option<&str> {
    cause
        .split_once("disruption budget ")?
        .1
        .split_whitespace()
        .next()
}

#[cfg(test)]
mod tests;
