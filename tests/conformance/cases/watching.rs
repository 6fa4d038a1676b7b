//! Watches: from where they tell, what they tell, and how they end.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::reading::encode;
use super::{Case, case};
use crate::answer::text;
use crate::cluster::{Cluster, MERGE};
use crate::fixtures::{hollow_node, pod, report};

pub(crate) const CASES: &[Case] = &[
    case!(Api, a_watch_tells_every_change_after_its_version_in_order),
    case!(Api, a_watch_without_a_version_begins_with_what_is_there),
    case!(
        Api,
        the_version_of_a_deletion_is_later_than_the_objects_last
    ),
    case!(
        Api,
        what_begins_to_match_is_added_and_what_ceases_to_is_deleted
    ),
    case!(Api, a_watch_of_one_name_tells_of_no_other),
    case!(Api, a_watch_of_a_nodes_pods_tells_of_no_others),
    case!(Api, a_watch_by_phase_sees_a_pod_cease_to_match),
    case!(Api, a_watch_ends_after_the_seconds_asked_for),
    case!(Api, bookmarks_come_when_allowed_and_carry_a_version),
    case!(Api, a_watch_goes_on_from_where_another_ended),
    case!(Api, a_version_that_is_too_old_is_an_event_of_its_own),
    case!(Api, a_watch_of_an_unserved_field_is_a_bad_request),
    case!(Api, a_pods_deletion_is_a_change_and_then_the_end),
];

fn lease(name: &str, labels: &Value) -> Value {
    json!({"metadata": {"name": name, "labels": labels}})
}

async fn version(c: &Cluster, path: &str) -> String {
    text(&c.get(path).await.is(200), "/metadata/resourceVersion")
}

async fn next(watch: &mut crate::watch::Watch) -> (String, String) {
    let (kind, object) = watch.change().await;
    (kind, text(&object, "/metadata/name"))
}

fn told(kind: &str, name: &str) -> (String, String) {
    (kind.to_owned(), name.to_owned())
}

async fn a_watch_tells_every_change_after_its_version_in_order(c: &Cluster) {
    let all = c.all("leases");
    c.post(&all, lease("before", &json!({}))).await.is(201);
    let from = version(c, &all).await;
    c.post(&all, lease("a", &json!({}))).await.is(201);
    let mut watch = c.watch(&format!("{all}?resourceVersion={from}")).await;
    assert_eq!(watch.code, 200);
    c.patch(
        &c.one("leases", "a"),
        MERGE,
        json!({"spec": {"holderIdentity": "me"}}),
    )
    .await
    .is(200);
    c.post(&all, lease("b", &json!({}))).await.is(201);
    c.delete(&c.one("leases", "a"), Value::Null).await.is(200);
    let (kind, object) = watch.change().await;
    assert_eq!(
        (kind.as_str(), text(&object, "/metadata/name")),
        ("ADDED", "a".into())
    );
    assert_eq!(
        (&object["kind"], &object["apiVersion"]),
        (&json!("Lease"), &json!("coordination.k8s.io/v1"))
    );
    let (kind, object) = watch.change().await;
    assert_eq!(
        (kind.as_str(), text(&object, "/spec/holderIdentity")),
        ("MODIFIED", "me".into())
    );
    assert_eq!(next(&mut watch).await, told("ADDED", "b"));
    assert_eq!(next(&mut watch).await, told("DELETED", "a"));
}

async fn a_watch_without_a_version_begins_with_what_is_there(c: &Cluster) {
    let all = c.all("leases");
    c.post(&all, lease("a", &json!({}))).await.is(201);
    for query in ["", "?resourceVersion=0"] {
        let mut watch = c.watch(&format!("{all}{query}")).await;
        assert_eq!(next(&mut watch).await, told("ADDED", "a"), "{query}");
    }
    let mut watch = c.watch(&all).await;
    assert_eq!(next(&mut watch).await, told("ADDED", "a"));
    c.post(&all, lease("b", &json!({}))).await.is(201);
    assert_eq!(next(&mut watch).await, told("ADDED", "b"));
}

async fn the_version_of_a_deletion_is_later_than_the_objects_last(c: &Cluster) {
    let all = c.all("leases");
    let made = c.post(&all, lease("a", &json!({}))).await.is(201);
    let from = text(&made, "/metadata/resourceVersion");
    let mut watch = c.watch(&format!("{all}?resourceVersion={from}")).await;
    c.delete(&c.one("leases", "a"), Value::Null).await.is(200);
    let (kind, object) = watch.change().await;
    let number = |text: &str| text.parse::<u64>().unwrap();
    assert_eq!(
        (kind.as_str(), &object["metadata"]["uid"]),
        ("DELETED", &made["metadata"]["uid"])
    );
    assert!(number(&text(&object, "/metadata/resourceVersion")) > number(&from));
}

async fn what_begins_to_match_is_added_and_what_ceases_to_is_deleted(c: &Cluster) {
    let all = c.all("leases");
    let from = version(c, &all).await;
    let mut watch = c
        .watch(&format!("{all}?resourceVersion={from}&labelSelector=x%3Dy"))
        .await;
    c.post(&all, lease("other", &json!({"x": "z"})))
        .await
        .is(201);
    c.post(&all, lease("a", &json!({}))).await.is(201);
    let path = c.one("leases", "a");
    let label = |value: Value| json!({"metadata": {"labels": {"x": value}}});
    c.patch(&path, MERGE, label(json!("y"))).await.is(200);
    c.patch(&path, MERGE, json!({"spec": {"holderIdentity": "me"}}))
        .await
        .is(200);
    let ceased = c.patch(&path, MERGE, label(Value::Null)).await.is(200);
    c.delete(&path, Value::Null).await.is(200);
    c.post(&all, lease("end", &json!({"x": "y"}))).await.is(201);
    assert_eq!(next(&mut watch).await, told("ADDED", "a"));
    assert_eq!(next(&mut watch).await, told("MODIFIED", "a"));
    // As it last matched, at the version at which it ceased to.
    let (kind, object) = watch.change().await;
    assert_eq!(
        (kind.as_str(), text(&object, "/metadata/labels/x")),
        ("DELETED", "y".into())
    );
    assert_eq!(
        object["metadata"]["resourceVersion"],
        ceased["metadata"]["resourceVersion"]
    );
    assert_eq!(next(&mut watch).await, told("ADDED", "end"));
}

async fn a_watch_of_one_name_tells_of_no_other(c: &Cluster) {
    let (one, two) = (hollow_node(c, "one").await, hollow_node(c, "two").await);
    let from = version(c, "/api/v1/nodes?limit=1").await;
    let selector = encode(&format!("metadata.name={one}"));
    let mut watch = c
        .watch(&format!(
            "/api/v1/nodes?resourceVersion={from}&fieldSelector={selector}"
        ))
        .await;
    let label = json!({"metadata": {"labels": {"x": "y"}}});
    c.patch(&format!("/api/v1/nodes/{two}"), MERGE, label.clone())
        .await
        .is(200);
    c.patch(&format!("/api/v1/nodes/{one}"), MERGE, label)
        .await
        .is(200);
    assert_eq!(next(&mut watch).await, told("MODIFIED", &one));
}

async fn a_watch_of_a_nodes_pods_tells_of_no_others(c: &Cluster) {
    let (here, there) = (hollow_node(c, "here").await, hollow_node(c, "there").await);
    let selector = encode(&format!("spec.nodeName={here}"));
    let from = version(
        c,
        &format!("/api/v1/pods?fieldSelector={selector}&limit=500"),
    )
    .await;
    let mut watch = c
        .watch(&format!(
            "/api/v1/pods?resourceVersion={from}&fieldSelector={selector}"
        ))
        .await;
    pod(c, "there", "x", &there).await;
    pod(c, "here", "x", &here).await;
    report(c, "there", "Running", true).await;
    report(c, "here", "Running", true).await;
    assert_eq!(next(&mut watch).await, told("ADDED", "here"));
    let (kind, object) = watch.change().await;
    assert_eq!(
        (kind.as_str(), text(&object, "/status/phase")),
        ("MODIFIED", "Running".into())
    );
}

async fn a_watch_by_phase_sees_a_pod_cease_to_match(c: &Cluster) {
    let node = hollow_node(c, "one").await;
    pod(c, "one", "x", &node).await;
    let all = c.all("pods");
    let mut watch = c
        .watch(&format!("{all}?fieldSelector=status.phase%3DPending"))
        .await;
    assert_eq!(next(&mut watch).await, told("ADDED", "one"));
    report(c, "one", "Running", true).await;
    let (kind, object) = watch.change().await;
    assert_eq!(
        (kind.as_str(), text(&object, "/status/phase")),
        ("DELETED", "Pending".into())
    );
}

async fn a_watch_ends_after_the_seconds_asked_for(c: &Cluster) {
    let all = c.all("leases");
    let from = version(c, &all).await;
    let began = Instant::now();
    let watch = c
        .watch(&format!("{all}?resourceVersion={from}&timeoutSeconds=2"))
        .await;
    assert!(watch.rest().await.is_empty());
    let lasted = began.elapsed();
    assert!(
        lasted >= Duration::from_secs(2) && lasted < Duration::from_secs(5),
        "{lasted:?}"
    );
}

async fn bookmarks_come_when_allowed_and_carry_a_version(c: &Cluster) {
    let all = c.all("leases");
    let made = c.post(&all, lease("a", &json!({}))).await.is(201);
    let from = text(&made, "/metadata/resourceVersion");
    let query = format!("{all}?resourceVersion={from}&timeoutSeconds=5&allowWatchBookmarks=true");
    let events = c.watch(&query).await.rest().await;
    let bookmarks: Vec<_> = events
        .iter()
        .filter(|event| event["type"] == "BOOKMARK")
        .collect();
    assert!(
        !bookmarks.is_empty() && bookmarks.len() == events.len(),
        "{events:?}"
    );
    for bookmark in bookmarks {
        let object = &bookmark["object"];
        assert_eq!(
            (&object["kind"], &object["apiVersion"]),
            (&json!("Lease"), &json!("coordination.k8s.io/v1"))
        );
        let told = text(object, "/metadata/resourceVersion")
            .parse::<u64>()
            .unwrap();
        assert!(told >= from.parse().unwrap());
    }
}

async fn a_watch_goes_on_from_where_another_ended(c: &Cluster) {
    let all = c.all("leases");
    let from = version(c, &all).await;
    c.post(&all, lease("a", &json!({}))).await.is(201);
    let mut first = c.watch(&format!("{all}?resourceVersion={from}")).await;
    let (_, object) = first.change().await;
    drop(first);
    c.post(&all, lease("b", &json!({}))).await.is(201);
    let seen = text(&object, "/metadata/resourceVersion");
    let mut second = c.watch(&format!("{all}?resourceVersion={seen}")).await;
    assert_eq!(next(&mut second).await, told("ADDED", "b"));
}

async fn a_version_that_is_too_old_is_an_event_of_its_own(c: &Cluster) {
    let mut watch = c
        .watch(&format!("{}?resourceVersion=1", c.all("configmaps")))
        .await;
    assert_eq!(watch.code, 200);
    let event = watch.next().await.unwrap();
    assert_eq!(event["type"], "ERROR");
    let status = &event["object"];
    assert_eq!(
        (&status["kind"], &status["status"]),
        (&json!("Status"), &json!("Failure"))
    );
    assert_eq!(
        (&status["code"], &status["reason"]),
        (&json!(410), &json!("Expired"))
    );
    assert!(
        text(status, "/message").starts_with("too old resource version: 1 ("),
        "{status}"
    );
    assert!(watch.next().await.is_none());
}

async fn a_watch_of_an_unserved_field_is_a_bad_request(c: &Cluster) {
    let watch = c
        .watch(&format!("{}?fieldSelector=spec.x%3Dy", c.all("pods")))
        .await;
    assert_eq!(watch.code, 400);
}

async fn a_pods_deletion_is_a_change_and_then_the_end(c: &Cluster) {
    let node = hollow_node(c, "one").await;
    let made = crate::fixtures::ready_pod(c, "one", "x", &node).await;
    let from = text(&made, "/metadata/resourceVersion");
    let mut watch = c
        .watch(&format!("{}?resourceVersion={from}", c.all("pods")))
        .await;
    let path = c.one("pods", "one");
    c.delete(&path, Value::Null).await.is(200);
    c.delete(&path, json!({"gracePeriodSeconds": 0}))
        .await
        .is(200);
    let (kind, object) = watch.change().await;
    assert_eq!(kind, "MODIFIED");
    assert_ne!(object["metadata"]["deletionTimestamp"], Value::Null);
    loop {
        let (kind, object) = watch.change().await;
        if kind == "DELETED" {
            assert_eq!(object["metadata"]["uid"], made["metadata"]["uid"]);
            break;
        }
        assert_eq!(kind, "MODIFIED");
    }
}
