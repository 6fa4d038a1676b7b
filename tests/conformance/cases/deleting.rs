//! Deletion: graceful for pods on nodes, with preconditions, held by finalizers.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Case, case};
use crate::answer::{names, text};
use crate::cluster::{Cluster, MERGE};
use crate::fixtures::{config_map, hollow_node, idle_on, pod, ready_pod, report};

pub(crate) const CASES: &[Case] = &[
    case!(Api, a_deleted_object_is_gone_and_answered_with_a_status),
    case!(Api, what_is_missing_cannot_be_deleted),
    case!(Api, a_pod_on_a_node_stays_until_its_kubelet_is_done),
    case!(Api, a_pod_that_is_not_bound_is_gone_at_once),
    case!(Api, a_pod_that_is_over_is_gone_at_once),
    case!(Api, a_second_deletion_may_only_hasten),
    case!(Api, without_grace_a_pod_is_gone_at_once),
    case!(Api, the_grace_may_come_with_the_query),
    case!(
        Api,
        a_deletion_for_another_uid_is_a_conflict_and_deletes_nothing
    ),
    case!(Api, a_deletion_for_an_older_version_is_a_conflict),
    case!(Api, a_deletion_with_the_right_preconditions_is_carried_out),
    case!(Api, a_finalizer_holds_what_was_deleted),
    case!(Api, a_finalizer_holds_a_pod_that_has_ended),
    case!(Api, a_dry_run_of_a_deletion_deletes_nothing),
    case!(Api, a_collection_is_deleted_by_selector),
];

async fn a_deleted_object_is_gone_and_answered_with_a_status(c: &Cluster) {
    let lease = json!({"metadata": {"name": "one"}});
    let made = c.post(&c.all("leases"), lease).await.is(201);
    let path = c.one("leases", "one");
    let answer = c
        .delete(&path, json!({"propagationPolicy": "Background"}))
        .await
        .is(200);
    assert_eq!(
        answer,
        json!({
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success",
            "details": {"name": "one", "group": "coordination.k8s.io", "kind": "leases", "uid": made["metadata"]["uid"]},
        })
    );
    assert_eq!(c.get(&path).await.code, 404);
}

async fn what_is_missing_cannot_be_deleted(c: &Cluster) {
    c.delete(&c.one("pods", "missing"), json!({"gracePeriodSeconds": 0}))
        .await
        .refused(json!({
            "code": 404, "reason": "NotFound", "message": "pods \"missing\" not found",
            "details": {"name": "missing", "kind": "pods"},
        }));
}

fn time(value: &Value, pointer: &str) -> Timestamp {
    text(value, pointer)
        .parse()
        .unwrap_or_else(|_| panic!("no time at {pointer} in {value}"))
}

async fn a_pod_on_a_node_stays_until_its_kubelet_is_done(c: &Cluster) {
    let node = hollow_node(c, "one").await;
    let made = ready_pod(c, "one", "x", &node).await;
    let path = c.one("pods", "one");
    let answer = c.delete(&path, Value::Null).await.is(200);
    assert_eq!(
        (&answer["kind"], &answer["metadata"]["uid"]),
        (&json!("Pod"), &made["metadata"]["uid"])
    );
    assert_eq!(answer["metadata"]["deletionGracePeriodSeconds"], 30);
    let left = c.get(&path).await.is(200);
    let waits = time(&left, "/metadata/deletionTimestamp")
        .duration_since(time(&left, "/metadata/creationTimestamp"));
    // The time of the deletion and the whole grace period, so a time to come.
    assert!((29..=40).contains(&waits.as_secs()), "{waits:?}");
    assert_eq!(left["status"]["phase"], "Running");
}

async fn a_pod_that_is_not_bound_is_gone_at_once(c: &Cluster) {
    let mut spec = idle_on("");
    spec.as_object_mut().unwrap().remove("nodeName");
    spec["nodeSelector"] = json!({"nobody": "has-this"});
    c.post(
        &c.all("pods"),
        json!({"metadata": {"name": "free"}, "spec": spec}),
    )
    .await
    .is(201);
    let path = c.one("pods", "free");
    let answer = c.delete(&path, Value::Null).await.is(200);
    assert_eq!(
        (&answer["kind"], &answer["metadata"]["name"]),
        (&json!("Pod"), &json!("free"))
    );
    assert_eq!(c.get(&path).await.code, 404);
}

async fn a_pod_that_is_over_is_gone_at_once(c: &Cluster) {
    let node = hollow_node(c, "one").await;
    for phase in ["Succeeded", "Failed"] {
        pod(c, "one", "x", &node).await;
        report(c, "one", phase, false).await;
        let path = c.one("pods", "one");
        let answer = c.delete(&path, Value::Null).await.is(200);
        assert_eq!(answer["kind"], "Pod", "{phase}");
        assert_eq!(c.get(&path).await.code, 404, "{phase}");
    }
}

async fn a_second_deletion_may_only_hasten(c: &Cluster) {
    let node = hollow_node(c, "one").await;
    ready_pod(c, "one", "x", &node).await;
    let path = c.one("pods", "one");
    let grace = async |seconds: Value| {
        let left = c
            .delete(&path, json!({"gracePeriodSeconds": seconds}))
            .await
            .is(200);
        (
            left["metadata"]["deletionGracePeriodSeconds"].clone(),
            time(&left, "/metadata/deletionTimestamp"),
        )
    };
    let (first, at_first) = grace(json!(20)).await;
    assert_eq!(first, 20);
    assert_eq!(grace(json!(20)).await, (json!(20), at_first));
    assert_eq!(grace(json!(60)).await, (json!(20), at_first));
    let (hastened, then) = grace(json!(5)).await;
    assert_eq!(hastened, 5);
    assert!(then < at_first);
}

async fn without_grace_a_pod_is_gone_at_once(c: &Cluster) {
    let node = hollow_node(c, "one").await;
    let made = ready_pod(c, "one", "x", &node).await;
    let path = c.one("pods", "one");
    let answer = c
        .delete(&path, json!({"gracePeriodSeconds": 0}))
        .await
        .is(200);
    assert_eq!(
        (&answer["kind"], &answer["metadata"]["uid"]),
        (&json!("Pod"), &made["metadata"]["uid"])
    );
    assert_eq!(c.get(&path).await.code, 404);
}

async fn the_grace_may_come_with_the_query(c: &Cluster) {
    let node = hollow_node(c, "one").await;
    ready_pod(c, "one", "x", &node).await;
    let path = format!("{}?gracePeriodSeconds=7", c.one("pods", "one"));
    let answer = c.delete(&path, Value::Null).await.is(200);
    assert_eq!(answer["metadata"]["deletionGracePeriodSeconds"], 7);
}

const OTHER: &str = "11111111-1111-4111-8111-111111111111";

async fn a_deletion_for_another_uid_is_a_conflict_and_deletes_nothing(c: &Cluster) {
    let node = hollow_node(c, "one").await;
    let own = text(&ready_pod(c, "one", "x", &node).await, "/metadata/uid");
    let path = c.one("pods", "one");
    let options = json!({"preconditions": {"uid": OTHER}});
    c.delete(&path, options).await.refused(json!({
        "code": 409, "reason": "Conflict",
        "message": format!("Operation cannot be fulfilled on Pod \"one\": the UID in the precondition ({OTHER}) does \
                            not match the UID in record ({own}). The object might have been deleted and then recreated"),
        "details": {"name": "one", "kind": "Pod"},
    }));
    assert_eq!(
        c.get(&path).await.is(200)["metadata"]["deletionTimestamp"],
        Value::Null
    );
}

async fn a_deletion_for_an_older_version_is_a_conflict(c: &Cluster) {
    let made = c
        .post(&c.all("leases"), json!({"metadata": {"name": "one"}}))
        .await
        .is(201);
    let path = c.one("leases", "one");
    let changed = c
        .patch(&path, MERGE, json!({"spec": {"holderIdentity": "me"}}))
        .await
        .is(200);
    let (old, new) = (
        text(&made, "/metadata/resourceVersion"),
        text(&changed, "/metadata/resourceVersion"),
    );
    c.delete(&path, json!({"preconditions": {"resourceVersion": old}})).await.refused(json!({
        "code": 409, "reason": "Conflict",
        "message": format!("Operation cannot be fulfilled on Lease.coordination.k8s.io \"one\": the ResourceVersion \
                            in the precondition ({old}) does not match the ResourceVersion in record ({new}). The \
                            object might have been modified"),
        "details": {"name": "one", "group": "coordination.k8s.io", "kind": "Lease"},
    }));
    assert_eq!(c.get(&path).await.code, 200);
}

async fn a_deletion_with_the_right_preconditions_is_carried_out(c: &Cluster) {
    let made = c
        .post(&c.all("leases"), json!({"metadata": {"name": "one"}}))
        .await
        .is(201);
    let preconditions = json!({
        "uid": made["metadata"]["uid"], "resourceVersion": made["metadata"]["resourceVersion"],
    });
    let path = c.one("leases", "one");
    c.delete(&path, json!({"preconditions": preconditions}))
        .await
        .is(200);
    assert_eq!(c.get(&path).await.code, 404);
}

async fn a_finalizer_holds_what_was_deleted(c: &Cluster) {
    let map = json!({"metadata": {"name": "one", "finalizers": ["example.com/hold"]}});
    c.post(&c.all("configmaps"), map).await.is(201);
    let path = c.one("configmaps", "one");
    let answer = c.delete(&path, Value::Null).await.is(200);
    assert_eq!(answer["kind"], "ConfigMap");
    assert_eq!(answer["metadata"]["deletionGracePeriodSeconds"], 0);
    let left = c.get(&path).await.is(200);
    assert_ne!(left["metadata"]["deletionTimestamp"], Value::Null);
    c.delete(&path, Value::Null).await.is(200);
    c.patch(&path, MERGE, json!({"metadata": {"finalizers": null}}))
        .await
        .is(200);
    assert_eq!(c.get(&path).await.code, 404);
}

async fn a_finalizer_holds_a_pod_that_has_ended(c: &Cluster) {
    let node = hollow_node(c, "one").await;
    let pod = json!({"metadata": {"name": "one", "finalizers": ["example.com/hold"]}, "spec": idle_on(&node)});
    c.post(&c.all("pods"), pod).await.is(201);
    let path = c.one("pods", "one");
    c.delete(&path, json!({"gracePeriodSeconds": 0}))
        .await
        .is(200);
    let left = c.get(&path).await.is(200);
    assert_eq!(left["metadata"]["deletionGracePeriodSeconds"], 0);
    c.patch(&path, MERGE, json!({"metadata": {"finalizers": []}}))
        .await
        .is(200);
    assert_eq!(c.get(&path).await.code, 404);
}

async fn a_dry_run_of_a_deletion_deletes_nothing(c: &Cluster) {
    c.post(&c.all("configmaps"), config_map("one"))
        .await
        .is(201);
    let path = c.one("configmaps", "one");
    c.delete(&format!("{path}?dryRun=All"), Value::Null)
        .await
        .is(200);
    c.delete(&path, json!({"dryRun": ["All"]})).await.is(200);
    let left = c.get(&path).await.is(200);
    assert_eq!(left["metadata"]["deletionTimestamp"], Value::Null);
}

async fn a_collection_is_deleted_by_selector(c: &Cluster) {
    for (name, app) in [("a", "x"), ("b", "y"), ("c", "x")] {
        let lease = json!({"metadata": {"name": name, "labels": {"app": app}}});
        c.post(&c.all("leases"), lease).await.is(201);
    }
    let path = format!("{}?labelSelector=app%3Dx", c.all("leases"));
    c.delete(&path, Value::Null).await.is(200);
    assert_eq!(names(&c.get(&c.all("leases")).await.is(200)), ["b"]);
}
