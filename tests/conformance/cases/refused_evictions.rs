//! Evictions that are refused: by budgets, by their state, by preconditions, by their own form.

use serde_json::{Map, Value, json};
use tokio::time::Instant;

use super::{Case, case};
use crate::answer::condition;
use crate::cluster::{Cluster, MERGE};
use crate::fixtures::{
    Counted, budget, evict, eviction, hollow_node, idle_on, pod, ready_pod, report,
};
use crate::sides::Parts;

pub(crate) const CASES: &[Case] = &[
    case!(Api, a_budget_that_is_shut_is_named_with_its_counts),
    case!(Api, a_dry_run_meets_a_budget_that_is_shut),
    case!(
        Api,
        an_unready_pod_is_counted_where_the_others_do_not_suffice
    ),
    case!(Api, a_budget_that_is_not_counted_yet_asks_for_ten_seconds),
    case!(
        Api,
        a_budget_that_cannot_be_counted_is_never_more_than_processed
    ),
    case!(Api, two_budgets_on_one_pod_are_an_error_for_good),
    case!(Api, an_eviction_for_another_uid_is_a_conflict_about_the_pod),
    case!(Api, a_refused_delete_leaves_the_budget_charged),
    case!(Api, an_unready_pod_of_another_uid_looks_like_a_budget),
    case!(Api, a_pending_pod_of_another_uid_is_a_conflict_in_the_end),
    case!(Api, a_pending_pod_of_another_uid_costs_ten_seconds),
    case!(Api, the_name_in_the_body_must_be_that_of_the_path),
    case!(Api, an_eviction_without_a_name_is_a_bad_request),
    case!(
        NobodyElse,
        a_budget_with_too_many_unconfirmed_evictions_is_forbidden
    ),
];

async fn two_ready(c: &Cluster) -> String {
    let node = hollow_node(c, "one").await;
    for name in ["web-0", "web-1"] {
        ready_pod(c, name, "web", &node).await;
    }
    node
}

async fn stays(c: &Cluster, pod: &str) {
    let pod = c.get(&c.one("pods", pod)).await.is(200);
    assert_eq!(pod["metadata"]["deletionTimestamp"], Value::Null);
}

fn shut(cause: &str) -> Value {
    json!({
        "code": 429, "reason": "TooManyRequests",
        "message": "Cannot evict pod as it would violate the pod's disruption budget.",
        "details": {"causes": [{"reason": "DisruptionBudget", "message": cause}]},
    })
}

async fn a_budget_that_is_shut_is_named_with_its_counts(c: &Cluster) {
    two_ready(c).await;
    let counted = Counted {
        expected: 2,
        healthy: 2,
        desired: 2,
        allowed: 0,
    };
    budget(c, "web", json!({"minAvailable": 2}), counted).await;
    let answer = evict(c, "web-0", Value::Null).await;
    assert_eq!(answer.header("retry-after"), None);
    answer.refused(shut(
        "The disruption budget web needs 2 healthy pods and has 2 currently",
    ));
    stays(c, "web-0").await;
}

async fn a_dry_run_meets_a_budget_that_is_shut(c: &Cluster) {
    two_ready(c).await;
    let counted = Counted {
        expected: 2,
        healthy: 2,
        desired: 2,
        allowed: 0,
    };
    budget(c, "web", json!({"minAvailable": 2}), counted).await;
    let path = format!("{}/eviction?dryRun=All", c.one("pods", "web-0"));
    let answer = c.post(&path, eviction(c, "web-0", Value::Null)).await;
    answer.refused(shut(
        "The disruption budget web needs 2 healthy pods and has 2 currently",
    ));
}

async fn an_unready_pod_is_counted_where_the_others_do_not_suffice(c: &Cluster) {
    let node = hollow_node(c, "one").await;
    ready_pod(c, "web-0", "web", &node).await;
    pod(c, "web-1", "web", &node).await;
    report(c, "web-1", "Running", false).await;
    let counted = Counted {
        expected: 2,
        healthy: 1,
        desired: 2,
        allowed: 0,
    };
    budget(c, "web", json!({"minAvailable": 2}), counted).await;
    let answer = evict(c, "web-1", Value::Null).await;
    answer.refused(shut(
        "The disruption budget web needs 2 healthy pods and has 1 currently",
    ));
    stays(c, "web-1").await;
}

fn processed(budget: &str) -> Value {
    let mut refusal = shut(&format!(
        "The disruption budget {budget} is still being processed by the server."
    ));
    refusal["details"]["retryAfterSeconds"] = 10.into();
    refusal
}

async fn a_budget_that_is_not_counted_yet_asks_for_ten_seconds(c: &Cluster) {
    two_ready(c).await;
    // Whether the controller is quicker is chance; the answers of both cases are the API's.
    let budget = json!({"metadata": {"name": "web"}, "spec": {
        "minAvailable": 2, "selector": {"matchLabels": {"app": "web"}},
    }});
    c.post(&c.all("poddisruptionbudgets"), budget).await.is(201);
    let answer = evict(c, "web-0", Value::Null).await;
    if answer.body["details"].get("retryAfterSeconds").is_some() {
        assert_eq!(answer.header("retry-after"), Some("10"));
        answer.refused(processed("web"));
    } else {
        answer.refused(shut(
            "The disruption budget web needs 2 healthy pods and has 2 currently",
        ));
    }
    stays(c, "web-0").await;
}

/// Pods whose owner cannot be scaled: with `maxUnavailable` nobody knows how many there should be.
async fn a_budget_that_cannot_be_counted_is_never_more_than_processed(c: &Cluster) {
    let node = hollow_node(c, "one").await;
    let owner = c
        .post(&c.all("configmaps"), crate::fixtures::config_map("owner"))
        .await
        .is(201);
    let mut pod =
        json!({"metadata": {"name": "web-0", "labels": {"app": "web"}}, "spec": idle_on(&node)});
    pod["metadata"]["ownerReferences"] = json!([{
        "apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": owner["metadata"]["uid"], "controller": true,
    }]);
    c.post(&c.all("pods"), pod).await.is(201);
    report(c, "web-0", "Running", true).await;
    let budget = json!({"metadata": {"name": "web"}, "spec": {
        "maxUnavailable": 1, "selector": {"matchLabels": {"app": "web"}},
    }});
    c.post(&c.all("poddisruptionbudgets"), budget).await.is(201);
    if c.parts == Parts::Whole {
        let path = c.one("poddisruptionbudgets", "web");
        c.until_is("the controller gives up", &path, |budget| {
            condition(budget, "DisruptionAllowed")
                .is_some_and(|allowed| allowed["reason"] == "SyncFailed")
        })
        .await;
    }
    let answer = evict(c, "web-0", Value::Null).await;
    assert_eq!(answer.header("retry-after"), Some("10"));
    answer.refused(processed("web"));
}

async fn two_budgets_on_one_pod_are_an_error_for_good(c: &Cluster) {
    two_ready(c).await;
    let counted = Counted {
        expected: 2,
        healthy: 2,
        desired: 1,
        allowed: 1,
    };
    budget(c, "web", json!({"minAvailable": 1}), counted).await;
    budget(
        c,
        "all",
        json!({"minAvailable": 1, "selector": {}}),
        counted,
    )
    .await;
    evict(c, "web-0", Value::Null).await.refused(json!({
        "code": 500,
        "message": "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.",
    }));
    stays(c, "web-0").await;
}

const OTHER: &str = "11111111-1111-4111-8111-111111111111";

fn conflict(own: &str) -> Value {
    json!({
        "code": 409, "reason": "Conflict",
        "message": format!("Operation cannot be fulfilled on Pod \"web-0\": the UID in the precondition ({OTHER}) \
                            does not match the UID in record ({own}). The object might have been deleted and then \
                            recreated"),
        // The kind, not the plural as in every other refusal.
        "details": {"name": "web-0", "kind": "Pod"},
    })
}

async fn own_uid(c: &Cluster) -> String {
    crate::answer::text(
        &c.get(&c.one("pods", "web-0")).await.is(200),
        "/metadata/uid",
    )
}

async fn an_eviction_for_another_uid_is_a_conflict_about_the_pod(c: &Cluster) {
    two_ready(c).await;
    let own = own_uid(c).await;
    evict(c, "web-0", json!({"preconditions": {"uid": OTHER}}))
        .await
        .refused(conflict(&own));
    stays(c, "web-0").await;
}

async fn a_refused_delete_leaves_the_budget_charged(c: &Cluster) {
    two_ready(c).await;
    let counted = Counted {
        expected: 2,
        healthy: 2,
        desired: 1,
        allowed: 1,
    };
    budget(c, "web", json!({"minAvailable": 1}), counted).await;
    let own = own_uid(c).await;
    evict(c, "web-0", json!({"preconditions": {"uid": OTHER}}))
        .await
        .refused(conflict(&own));
    let left = c.get(&c.one("poddisruptionbudgets", "web")).await.is(200);
    assert_eq!(left["status"]["disruptionsAllowed"], 0);
    assert!(
        left["status"]["disruptedPods"]["web-0"].is_string(),
        "{}",
        left["status"]
    );
    assert_eq!(evict(c, "web-0", Value::Null).await.code, 429);
    stays(c, "web-0").await;
}

async fn an_unready_pod_of_another_uid_looks_like_a_budget(c: &Cluster) {
    let node = hollow_node(c, "one").await;
    pod(c, "web-0", "web", &node).await;
    report(c, "web-0", "Running", false).await;
    let counted = Counted {
        expected: 1,
        healthy: 0,
        desired: 1,
        allowed: 0,
    };
    let spec = json!({"minAvailable": 1, "unhealthyPodEvictionPolicy": "AlwaysAllow"});
    budget(c, "web", spec, counted).await;
    evict(c, "web-0", json!({"preconditions": {"uid": OTHER}}))
        .await
        .refused(processed("web"));
    stays(c, "web-0").await;
}

async fn a_pending_pod_of_another_uid_is_a_conflict_in_the_end(c: &Cluster) {
    let node = hollow_node(c, "one").await;
    pod(c, "web-0", "web", &node).await;
    let own = own_uid(c).await;
    evict(c, "web-0", json!({"preconditions": {"uid": OTHER}}))
        .await
        .refused(conflict(&own));
    stays(c, "web-0").await;
}

/// The server tries for that long whether the conflict goes away: no request may be given up earlier.
async fn a_pending_pod_of_another_uid_costs_ten_seconds(c: &Cluster) {
    let node = hollow_node(c, "one").await;
    pod(c, "web-0", "web", &node).await;
    let began = Instant::now();
    let answer = evict(c, "web-0", json!({"preconditions": {"uid": OTHER}})).await;
    let took = began.elapsed();
    assert_eq!(answer.code, 409);
    assert!((5..20).contains(&took.as_secs()), "{took:?}");
}

async fn the_name_in_the_body_must_be_that_of_the_path(c: &Cluster) {
    two_ready(c).await;
    let path = format!("{}/eviction", c.one("pods", "web-0"));
    c.post(&path, eviction(c, "web-1", Value::Null)).await.refused(json!({
        "code": 400, "reason": "BadRequest", "message": "name in URL does not match name in Eviction object",
    }));
    stays(c, "web-0").await;
    stays(c, "web-1").await;
}

async fn an_eviction_without_a_name_is_a_bad_request(c: &Cluster) {
    two_ready(c).await;
    let path = format!("{}/eviction", c.one("pods", "web-0"));
    let body = json!({"apiVersion": "policy/v1", "kind": "Eviction"});
    c.post(&path, body).await.refused(json!({
        "code": 400, "reason": "BadRequest", "message": "name in URL does not match name in Eviction object",
    }));
    stays(c, "web-0").await;
}

async fn a_budget_with_too_many_unconfirmed_evictions_is_forbidden(c: &Cluster) {
    two_ready(c).await;
    let counted = Counted {
        expected: 2,
        healthy: 2,
        desired: 1,
        allowed: 1,
    };
    budget(c, "web", json!({"minAvailable": 1}), counted).await;
    let many: Map<_, _> = (0..2001)
        .map(|number| (format!("pod-{number}"), json!("2026-03-04T08:00:00Z")))
        .collect();
    let path = format!("{}/status", c.one("poddisruptionbudgets", "web"));
    c.patch(&path, MERGE, json!({"status": {"disruptedPods": many}}))
        .await
        .is(200);
    evict(c, "web-0", Value::Null).await.refused(json!({
        "code": 403, "reason": "Forbidden",
        "message": "poddisruptionbudget.policy \"web\" is forbidden: DisruptedPods map too big - too many evictions \
                    not confirmed by PDB controller",
        "details": {"name": "web", "group": "policy", "kind": "poddisruptionbudget"},
    }));
    stays(c, "web-0").await;
}
