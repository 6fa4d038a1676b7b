//! Evictions that are granted, and what they do.

use serde_json::{Value, json};

use super::{Case, case};
use crate::answer::condition;
use crate::cluster::{Cluster, MERGE};
use crate::fixtures::{
    Counted, budget, evict, eviction, hollow_node, idle_on, pod, ready_pod, report,
};

pub(crate) const CASES: &[Case] = &[
    case!(Api, an_eviction_without_a_budget_is_granted),
    case!(Api, an_evicted_pod_says_why_it_goes),
    case!(Api, an_eviction_keeps_to_the_grace_asked_for),
    case!(Api, an_eviction_of_a_missing_pod_is_not_found),
    case!(Api, a_budget_that_allows_grants_and_is_charged_at_once),
    case!(Api, a_pending_pod_is_free),
    case!(Api, a_pod_that_is_over_is_free_and_gone),
    case!(Api, a_pod_that_goes_already_is_free),
    case!(Api, an_unready_pod_is_free_while_the_others_suffice),
    case!(Api, an_unready_pod_is_free_where_the_budget_always_allows),
    case!(Api, a_selector_that_is_empty_is_about_every_pod),
    case!(Api, no_selector_is_about_no_pod),
    case!(Api, a_dry_run_evicts_nobody_and_charges_nothing),
    case!(Api, a_dry_run_in_the_body_is_one_too),
    case!(Api, an_eviction_with_the_right_uid_is_granted),
    case!(Api, an_eviction_answers_with_a_status),
    case!(Api, a_finalizer_keeps_an_evicted_pod),
];

async fn two_ready(c: &Cluster) -> String {
    let node = hollow_node(c, "one").await;
    for name in ["web-0", "web-1"] {
        ready_pod(c, name, "web", &node).await;
    }
    node
}

async fn goes(c: &Cluster, pod: &str) -> bool {
    let pod = c.get(&c.one("pods", pod)).await;
    pod.code == 404 || pod.body["metadata"]["deletionTimestamp"].is_string()
}

async fn an_eviction_without_a_budget_is_granted(c: &Cluster) {
    two_ready(c).await;
    evict(c, "web-0", Value::Null).await.is(201);
    assert!(goes(c, "web-0").await && !goes(c, "web-1").await);
}

async fn an_evicted_pod_says_why_it_goes(c: &Cluster) {
    two_ready(c).await;
    evict(c, "web-0", Value::Null).await.is(201);
    let pod = c.get(&c.one("pods", "web-0")).await.is(200);
    let why = condition(&pod, "DisruptionTarget").unwrap();
    assert_eq!(
        (&why["status"], &why["reason"], &why["message"]),
        (
            &json!("True"),
            &json!("EvictionByEvictionAPI"),
            &json!("Eviction API: evicting")
        )
    );
    assert_eq!(pod["metadata"]["deletionGracePeriodSeconds"], 30);
    assert_eq!(pod["status"]["phase"], "Running");
}

async fn an_eviction_keeps_to_the_grace_asked_for(c: &Cluster) {
    two_ready(c).await;
    evict(c, "web-0", json!({"gracePeriodSeconds": 3}))
        .await
        .is(201);
    let pod = c.get(&c.one("pods", "web-0")).await.is(200);
    assert_eq!(pod["metadata"]["deletionGracePeriodSeconds"], 3);
    evict(c, "web-1", json!({"gracePeriodSeconds": 0}))
        .await
        .is(201);
    assert_eq!(c.get(&c.one("pods", "web-1")).await.code, 404);
}

async fn an_eviction_of_a_missing_pod_is_not_found(c: &Cluster) {
    evict(c, "missing", Value::Null).await.refused(json!({
        "code": 404, "reason": "NotFound", "message": "pods \"missing\" not found",
        "details": {"name": "missing", "kind": "pods"},
    }));
}

async fn a_budget_that_allows_grants_and_is_charged_at_once(c: &Cluster) {
    two_ready(c).await;
    let counted = Counted {
        expected: 2,
        healthy: 2,
        desired: 1,
        allowed: 1,
    };
    budget(c, "web", json!({"minAvailable": 1}), counted).await;
    evict(c, "web-0", Value::Null).await.is(201);
    let left = c.get(&c.one("poddisruptionbudgets", "web")).await.is(200);
    assert_eq!(left["status"]["disruptionsAllowed"], 0);
    assert_eq!(evict(c, "web-1", Value::Null).await.code, 429);
    assert!(!goes(c, "web-1").await);
}

async fn a_pending_pod_is_free(c: &Cluster) {
    let node = hollow_node(c, "one").await;
    pod(c, "web-0", "web", &node).await;
    let counted = Counted {
        expected: 1,
        healthy: 0,
        desired: 1,
        allowed: 0,
    };
    budget(c, "web", json!({"minAvailable": 1}), counted).await;
    evict(c, "web-0", Value::Null).await.is(201);
    assert!(goes(c, "web-0").await);
}

async fn a_pod_that_is_over_is_free_and_gone(c: &Cluster) {
    let node = hollow_node(c, "one").await;
    for phase in ["Succeeded", "Failed"] {
        let name = format!("web-{}", phase.to_lowercase());
        pod(c, &name, "web", &node).await;
        report(c, &name, phase, false).await;
    }
    let counted = Counted {
        expected: 2,
        healthy: 0,
        desired: 1,
        allowed: 0,
    };
    budget(c, "web", json!({"minAvailable": 1}), counted).await;
    for name in ["web-succeeded", "web-failed"] {
        evict(c, name, Value::Null).await.is(201);
        assert_eq!(c.get(&c.one("pods", name)).await.code, 404);
    }
}

async fn a_pod_that_goes_already_is_free(c: &Cluster) {
    two_ready(c).await;
    let counted = Counted {
        expected: 2,
        healthy: 2,
        desired: 2,
        allowed: 0,
    };
    budget(c, "web", json!({"minAvailable": 2}), counted).await;
    let gone = c.delete(&c.one("pods", "web-0"), Value::Null).await.is(200);
    evict(c, "web-0", Value::Null).await.is(201);
    let left = c.get(&c.one("pods", "web-0")).await.is(200);
    assert_eq!(
        left["metadata"]["deletionTimestamp"],
        gone["metadata"]["deletionTimestamp"]
    );
    assert_eq!(evict(c, "web-1", Value::Null).await.code, 429);
}

async fn an_unready_pod_is_free_while_the_others_suffice(c: &Cluster) {
    let node = two_ready(c).await;
    pod(c, "web-2", "web", &node).await;
    report(c, "web-2", "Running", false).await;
    let counted = Counted {
        expected: 3,
        healthy: 2,
        desired: 2,
        allowed: 0,
    };
    budget(c, "web", json!({"minAvailable": 2}), counted).await;
    assert_eq!(evict(c, "web-0", Value::Null).await.code, 429);
    evict(c, "web-2", Value::Null).await.is(201);
    assert!(goes(c, "web-2").await);
}

async fn an_unready_pod_is_free_where_the_budget_always_allows(c: &Cluster) {
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
    evict(c, "web-0", Value::Null).await.is(201);
    assert!(goes(c, "web-0").await);
}

async fn a_selector_that_is_empty_is_about_every_pod(c: &Cluster) {
    two_ready(c).await;
    let counted = Counted {
        expected: 2,
        healthy: 2,
        desired: 2,
        allowed: 0,
    };
    budget(
        c,
        "all",
        json!({"minAvailable": 2, "selector": {}}),
        counted,
    )
    .await;
    assert_eq!(evict(c, "web-0", Value::Null).await.code, 429);
}

async fn no_selector_is_about_no_pod(c: &Cluster) {
    two_ready(c).await;
    let budget = json!({"metadata": {"name": "none"}, "spec": {"minAvailable": 2}});
    c.post(&c.all("poddisruptionbudgets"), budget).await.is(201);
    evict(c, "web-0", Value::Null).await.is(201);
    assert!(goes(c, "web-0").await);
}

async fn a_dry_run_evicts_nobody_and_charges_nothing(c: &Cluster) {
    two_ready(c).await;
    let counted = Counted {
        expected: 2,
        healthy: 2,
        desired: 1,
        allowed: 1,
    };
    budget(c, "web", json!({"minAvailable": 1}), counted).await;
    for name in ["web-0", "web-1", "web-0"] {
        let path = format!("{}/eviction?dryRun=All", c.one("pods", name));
        c.post(&path, eviction(c, name, Value::Null)).await.is(201);
        assert!(!goes(c, name).await);
    }
    let left = c.get(&c.one("poddisruptionbudgets", "web")).await.is(200);
    assert_eq!(left["status"]["disruptionsAllowed"], 1);
    let pod = c.get(&c.one("pods", "web-0")).await.is(200);
    assert!(condition(&pod, "DisruptionTarget").is_none());
}

async fn a_dry_run_in_the_body_is_one_too(c: &Cluster) {
    two_ready(c).await;
    evict(c, "web-0", json!({"dryRun": ["All"]})).await.is(201);
    assert!(!goes(c, "web-0").await);
}

async fn an_eviction_with_the_right_uid_is_granted(c: &Cluster) {
    two_ready(c).await;
    let pod = c.get(&c.one("pods", "web-0")).await.is(200);
    evict(
        c,
        "web-0",
        json!({"preconditions": {"uid": pod["metadata"]["uid"]}}),
    )
    .await
    .is(201);
    assert!(goes(c, "web-0").await);
}

async fn an_eviction_answers_with_a_status(c: &Cluster) {
    two_ready(c).await;
    let answer = evict(c, "web-0", Value::Null).await.is(201);
    assert_eq!(
        answer,
        json!({
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201,
        })
    );
}

async fn a_finalizer_keeps_an_evicted_pod(c: &Cluster) {
    let node = hollow_node(c, "one").await;
    let pod = json!({"metadata": {"name": "web-0", "finalizers": ["example.com/hold"]}, "spec": idle_on(&node)});
    c.post(&c.all("pods"), pod).await.is(201);
    report(c, "web-0", "Succeeded", false).await;
    evict(c, "web-0", Value::Null).await.is(201);
    let path = c.one("pods", "web-0");
    let left = c.get(&path).await.is(200);
    assert_ne!(left["metadata"]["deletionTimestamp"], Value::Null);
    c.patch(&path, MERGE, json!({"metadata": {"finalizers": null}}))
        .await
        .is(200);
    assert_eq!(c.get(&path).await.code, 404);
}
