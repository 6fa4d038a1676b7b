//! The disruption controller: counts healthy pods and says how many evictions a budget allows. It is a little behind,
//! as the real one is.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::sim::cluster::Cluster;
use crate::sim::jobs::{Concern, Job};
use crate::sim::json::{self, set, set_condition};
use crate::sim::kind::Kind;
use crate::sim::store::{Key, Object};

/// How long an evicted pod that is still there counts as gone.
const DISRUPTED_FOR: Duration = Duration::from_secs(120);

/// The budgets that select a pod, by name.
pub(in crate::sim) fn budgets_of(cluster: &Cluster, pod: &Object) -> Vec<Arc<Object>> {
    cluster
        .guards
        .of(pod)
        .filter_map(|budget| {
            let key = Key::new(pod.key.namespace.as_str(), budget);
            cluster.store.get(Kind::Budget, &key).cloned()
        })
        .collect()
}

pub(super) fn reconcile(cluster: &mut Cluster, budget: &Arc<Object>) {
    let value = budget.read();
    let selected: Vec<_> = cluster
        .guards
        .guarded_by(budget)
        .filter_map(|name| {
            let key = Key::new(budget.key.namespace.as_str(), name);
            cluster.store.get(Kind::Pod, &key)
        })
        .cloned()
        .collect();
    let disrupted = still_disrupted(cluster, &value, &selected);
    let healthy = selected
        .iter()
        .filter(|pod| pod.index.ready && !pod.index.deleting)
        .filter(|pod| !disrupted.contains_key(&pod.key.name))
        .count();
    let now = cluster.time();
    let (expected, desired) = match wanted(cluster, &value, &selected) {
        Ok(wanted) => wanted,
        Err(why) => return fail_safe(cluster, budget, &why, &now),
    };
    let allowed = if expected == 0 {
        0
    } else {
        healthy.saturating_sub(desired)
    };
    if !disrupted.is_empty() {
        let concern = Concern::Object(Kind::Budget, budget.key.clone());
        cluster.later(DISRUPTED_FOR, Job::Reconcile(concern));
    }
    // Whoever still looks at a value keeps it from being changed in place.
    drop(value);
    let numbers = [
        ("currentHealthy", healthy),
        ("desiredHealthy", desired),
        ("expectedPods", expected),
        ("disruptionsAllowed", allowed),
    ];
    let says = |value: &Value| {
        let condition = json::condition(value, "DisruptionAllowed");
        let status = &value["status"];
        status["observedGeneration"] == json::number(value, "/metadata/generation").unwrap_or(1)
            && numbers.iter().all(|(key, number)| status[*key] == *number)
            && condition.is_some_and(|condition| condition["reason"] == reason_of(allowed > 0))
            && match status.get("disruptedPods") {
                Some(Value::Object(known)) => *known == disrupted && !known.is_empty(),
                Some(_) => false,
                None => disrupted.is_empty(),
            }
    };
    cluster.update_status_unless(Kind::Budget, &budget.key, says, |value| {
        let generation = json::number(value, "/metadata/generation").unwrap_or(1);
        set(value, "/status/observedGeneration", generation);
        for (key, number) in numbers {
            set(value, &format!("/status/{key}"), number);
        }
        if disrupted.is_empty() {
            json::unset(value, "/status/disruptedPods");
        } else {
            set(value, "/status/disruptedPods", disrupted.clone());
        }
        set_allowed_condition(value, allowed > 0, &now);
    });
}

/// Nobody can say how many pods there should be: nothing is allowed, and the status stays that of an earlier generation.
fn fail_safe(cluster: &mut Cluster, budget: &Arc<Object>, why: &str, now: &str) {
    cluster.update_status(Kind::Budget, &budget.key, |value| {
        set(value, "/status/disruptionsAllowed", 0);
        let condition = json!({
            "type": "DisruptionAllowed", "status": "False", "reason": "SyncFailed", "message": why,
        });
        set_condition(value, condition, now);
    });
}

/// The condition that says whether an eviction would be let through.
pub(in crate::sim) fn set_allowed_condition(budget: &mut Value, allowed: bool, now: &str) {
    let status = if allowed { "True" } else { "False" };
    let condition = json!({
        "type": "DisruptionAllowed", "status": status, "reason": reason_of(allowed), "message": "",
    });
    set_condition(budget, condition, now);
}

fn reason_of(allowed: bool) -> &'static str {
    if allowed {
        "SufficientPods"
    } else {
        "InsufficientPods"
    }
}

/// The evictions granted whose pods have not begun to go, and that are not too long ago.
fn still_disrupted(cluster: &Cluster, budget: &Value, pods: &[Arc<Object>]) -> Map<String, Value> {
    let now = cluster.clock.timestamp(cluster.now);
    let counts_for = cluster.clock.scaled(DISRUPTED_FOR);
    let granted = json::at(budget, "/status/disruptedPods");
    granted
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .filter(|(name, since)| {
            let waits = pods
                .iter()
                .any(|pod| pod.key.name == **name && !pod.index.deleting);
            let recent = since
                .as_str()
                .and_then(|since| since.parse::<Timestamp>().ok())
                .is_some_and(|since| now.duration_since(since).unsigned_abs() < counts_for);
            waits && recent
        })
        .map(|(name, since)| (name.clone(), since.clone()))
        .collect()
}

/// How many pods there should be, and how many of them must be healthy.
fn wanted(
    cluster: &Cluster,
    budget: &Value,
    pods: &[Arc<Object>],
) -> Result<(usize, usize), String> {
    if let Some(least) = json::at(budget, "/spec/minAvailable") {
        if let Some(least) = least.as_u64() {
            return Ok((pods.len(), usize::try_from(least).unwrap_or(usize::MAX)));
        }
        let expected = scale_of(cluster, pods)?;
        return Ok((expected, share(least, expected)));
    }
    let expected = scale_of(cluster, pods)?;
    let most = json::at(budget, "/spec/maxUnavailable").map_or(0, |most| match most.as_u64() {
        Some(most) => usize::try_from(most).unwrap_or(usize::MAX),
        None => share(most, expected),
    });
    Ok((expected, expected.saturating_sub(most)))
}

/// A percentage of a number, rounded up as the controller does.
fn share(percentage: &Value, of: usize) -> usize {
    let percent = percentage
        .as_str()
        .and_then(|text| text.strip_suffix('%'))
        .and_then(|text| text.parse::<usize>().ok())
        .unwrap_or(0);
    (of * percent).div_ceil(100)
}

/// What the controllers of these pods are scaled to, all together. One that cannot be scaled spoils it.
fn scale_of(cluster: &Cluster, selected: &[Arc<Object>]) -> Result<usize, String> {
    let controllers: BTreeMap<_, _> = selected
        .iter()
        .filter_map(|pod| Some((pod.index.lasting.controller.as_deref()?, pod)))
        .collect();
    let scale = |(uid, pod): (&str, &Arc<Object>)| {
        cluster
            .store
            .controller(uid)
            .filter(|owner| matches!(owner.kind, Kind::ReplicaSet | Kind::StatefulSet))
            .map(|owner| owner.index.replicas)
            .ok_or_else(|| format!("found no controllers for pod \"{}\"", pod.key.name))
    };
    controllers.into_iter().map(scale).sum()
}

/// Whether a pod's budget status is about its present spec.
pub(in crate::sim) fn is_current(budget: &Value) -> bool {
    json::number(budget, "/status/observedGeneration").unwrap_or(0)
        >= json::number(budget, "/metadata/generation").unwrap_or(0)
}
