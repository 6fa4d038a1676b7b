//! Evictions, with every answer that the API server has for one.

use std::sync::Arc;

use http::StatusCode;
use serde_json::{Value, json};

use super::call::Call;
use super::query::Query;
use super::refusal::Refusal;
use super::write::{self, DeleteOptions};
use super::{Answer, access, read};
use crate::sim::cluster::Cluster;
use crate::sim::controllers::disruption;
use crate::sim::json::{self, number, set, set_condition, text};
use crate::sim::kind::Kind;
use crate::sim::store::Object;

/// So many granted evictions whose pods are still there are a sign that nobody counts any more.
const MOST_DISRUPTED: usize = 2000;

pub(super) fn evict(cluster: &mut Cluster, call: &Call, query: &Query) -> Result<Answer, Refusal> {
    if call.kind != Some(Kind::Pod) {
        return Err(Refusal::no_such_path());
    }
    let eviction = write::body(call)?;
    if text(&eviction, "/metadata/name") != Some(&call.name) {
        return Err(Refusal::bad_request(
            "name in URL does not match name in Eviction object",
        ));
    }
    let options = eviction.get("deleteOptions").unwrap_or(&Value::Null);
    let options = DeleteOptions::read(options, query)?;
    access::admit(cluster, Kind::Pod, call, &call.name)?;
    let pod = read::find(cluster, call, Kind::Pod)?;
    // What does not serve anybody, or goes already, is no disruption.
    let free = pod.index.finished() || pod.index.phase == "Pending" || pod.index.deleting;
    let granted = if free {
        Granted::Freely
    } else {
        judge(cluster, &pod, &options)?
    };
    if let Err(refusal) = options.check(&pod) {
        // The server pinned the version of an unready pod, and takes any conflict for a race about that.
        return Err(match granted {
            Granted::Unready(budget) if options.version.is_none() => still_processed(&budget),
            _ => refusal,
        });
    }
    if !options.dry_run {
        mark_disrupted(cluster, &pod);
        cluster.delete(Kind::Pod, &pod.key, options.grace);
    }
    let success = json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201,
    });
    Ok(Answer::json(StatusCode::CREATED, &success))
}

enum Granted {
    /// No budget has a say.
    Freely,
    /// The pod is not Ready, and the named budget's others suffice.
    Unready(String),
    /// The budget is charged.
    Charged,
}

/// Asks the pod's budget, and charges it: before the delete, whose failure does not give it back.
fn judge(
    cluster: &mut Cluster,
    pod: &Arc<Object>,
    options: &DeleteOptions,
) -> Result<Granted, Refusal> {
    let budgets = disruption::budgets_of(cluster, pod);
    let budget = match budgets.as_slice() {
        [] => return Ok(Granted::Freely),
        [budget] => budget,
        _ => {
            let message = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not \
                           support.";
            return Err(Refusal::new(500, "", message));
        }
    };
    let value = budget.read();
    let count = |name: &str| number(&value, &format!("/status/{name}")).unwrap_or(0);
    let name = budget.key.name.as_str();
    if !pod.index.ready {
        let enough =
            count("desiredHealthy") > 0 && count("currentHealthy") >= count("desiredHealthy");
        let always = text(&value, "/spec/unhealthyPodEvictionPolicy") == Some("AlwaysAllow");
        if enough || always {
            return Ok(Granted::Unready(name.to_owned()));
        }
    }
    if !disruption::is_current(&value) {
        return Err(still_processed(name));
    }
    let allowed = count("disruptionsAllowed");
    let disrupted = json::at(&value, "/status/disruptedPods")
        .and_then(Value::as_object)
        .map_or(0, serde_json::Map::len);
    if allowed < 0 {
        return Err(budget_forbidden(
            name,
            "pdb disruptions allowed is negative",
        ));
    }
    if disrupted > MOST_DISRUPTED {
        let why = "DisruptedPods map too big - too many evictions not confirmed by PDB controller";
        return Err(budget_forbidden(name, why));
    }
    if allowed == 0 {
        let cause = format!(
            "The disruption budget {name} needs {} healthy pods and has {} currently",
            count("desiredHealthy"),
            count("currentHealthy"),
        );
        return Err(Refusal::budget(&cause, 0));
    }
    if !options.dry_run {
        charge(cluster, budget, &pod.key.name, allowed - 1);
    }
    Ok(Granted::Charged)
}

fn charge(cluster: &mut Cluster, budget: &Arc<Object>, pod: &str, left: i64) {
    let now = cluster.time();
    cluster.update_status(Kind::Budget, &budget.key, |value| {
        set(value, "/status/disruptionsAllowed", left);
        let disrupted = json::entry(value, "/status/disruptedPods");
        *json::member(disrupted, pod) = now.as_str().into();
        if left == 0 {
            disruption::set_allowed_condition(value, false, &now);
        }
    });
}

fn still_processed(budget: &str) -> Refusal {
    let cause = format!("The disruption budget {budget} is still being processed by the server.");
    Refusal::budget(&cause, 10)
}

fn budget_forbidden(budget: &str, why: &str) -> Refusal {
    let message = format!("poddisruptionbudget.policy \"{budget}\" is forbidden: {why}");
    let details = json!({"group": "policy", "kind": "poddisruptionbudget", "name": budget});
    Refusal::new(403, "Forbidden", message).with_details(details)
}

fn mark_disrupted(cluster: &mut Cluster, pod: &Arc<Object>) {
    let now = cluster.time();
    cluster.update_status(Kind::Pod, &pod.key, |value| {
        let condition = json!({
            "type": "DisruptionTarget", "status": "True", "reason": "EvictionByEvictionAPI",
            "message": "Eviction API: evicting",
        });
        set_condition(value, condition, &now);
    });
}
