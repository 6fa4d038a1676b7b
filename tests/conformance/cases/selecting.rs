//! Label and field selectors as requests carry them.

use serde_json::json;

use super::reading::encode;
use super::{Case, case};
use crate::answer::names;
use crate::cluster::{Cluster, MERGE};
use crate::fixtures::{hollow_node, pod, report};

pub(crate) const CASES: &[Case] = &[
    case!(Api, labels_are_selected_by_equality_sets_and_existence),
    case!(Api, nodes_are_selected_by_label),
    case!(Api, a_label_selector_that_is_none_is_a_bad_request),
    case!(Api, one_object_is_selected_by_its_name),
    case!(Api, pods_are_selected_by_node_over_all_namespaces),
    case!(Api, a_pod_that_is_not_bound_has_an_empty_node),
    case!(Api, pods_are_selected_by_phase),
    case!(Api, nodes_are_selected_by_cordon),
    case!(Api, a_field_that_cannot_be_selected_is_a_bad_request),
    case!(Api, labels_and_fields_select_together),
];

async fn labels_are_selected_by_equality_sets_and_existence(c: &Cluster) {
    for (name, labels) in [
        ("a", json!({"app": "web", "tier": "front"})),
        ("b", json!({"app": "web"})),
        ("c", json!({"app": "db"})),
        ("d", json!({"example.com/odd_key.1": "v"})),
    ] {
        let lease = json!({"metadata": {"name": name, "labels": labels}});
        c.post(&c.all("leases"), lease).await.is(201);
    }
    for (selector, expected) in [
        ("app=web", "a b"),
        ("app==db", "c"),
        ("app!=web", "c d"),
        ("app", "a b c"),
        ("!app", "d"),
        ("app in (web, db)", "a b c"),
        ("app notin (web)", "c d"),
        ("app=web,tier", "a"),
        ("app=web,!tier", "b"),
        ("tier in (front),app in (web,db)", "a"),
        ("example.com/odd_key.1=v", "d"),
        ("app=", ""),
        ("", "a b c d"),
    ] {
        let path = format!("{}?labelSelector={}", c.all("leases"), encode(selector));
        let list = c.get(&path).await.is(200);
        assert_eq!(names(&list).join(" "), expected, "{selector}");
    }
}

async fn nodes_are_selected_by_label(c: &Cluster) {
    let one = hollow_node(c, "one").await;
    let two = hollow_node(c, "two").await;
    let path = format!(
        "/api/v1/nodes?labelSelector={}",
        encode(&format!("case={}", c.ns))
    );
    assert_eq!(names(&c.get(&path).await.is(200)), [one, two]);
}

async fn a_label_selector_that_is_none_is_a_bad_request(c: &Cluster) {
    for selector in ["app in web", "=web", "a b"] {
        let path = format!("/api/v1/nodes?labelSelector={}", encode(selector));
        let answer = c.get(&path).await;
        assert_eq!(
            (answer.code, &answer.body["reason"]),
            (400, &json!("BadRequest")),
            "{selector}"
        );
    }
}

async fn one_object_is_selected_by_its_name(c: &Cluster) {
    let one = hollow_node(c, "one").await;
    let path = format!(
        "/api/v1/nodes?fieldSelector={}",
        encode(&format!("metadata.name={one}"))
    );
    assert_eq!(names(&c.get(&path).await.is(200)), [one]);
}

async fn pods_are_selected_by_node_over_all_namespaces(c: &Cluster) {
    let (here, there) = (hollow_node(c, "here").await, hollow_node(c, "there").await);
    pod(c, "one", "x", &here).await;
    pod(c, "two", "x", &there).await;
    let on = |node: &str| {
        format!(
            "/api/v1/pods?fieldSelector={}&limit=500",
            encode(&format!("spec.nodeName={node}"))
        )
    };
    assert_eq!(names(&c.get(&on(&here)).await.is(200)), ["one"]);
    assert_eq!(names(&c.get(&on(&there)).await.is(200)), ["two"]);
    assert!(names(&c.get(&on("nobodys")).await.is(200)).is_empty());
}

async fn a_pod_that_is_not_bound_has_an_empty_node(c: &Cluster) {
    let node = hollow_node(c, "one").await;
    pod(c, "bound", "x", &node).await;
    let mut free = crate::fixtures::idle_on("");
    free.as_object_mut().unwrap().remove("nodeName");
    free["nodeSelector"] = json!({"nobody": "has-this"});
    c.post(
        &c.all("pods"),
        json!({"metadata": {"name": "free"}, "spec": free}),
    )
    .await
    .is(201);
    let path = |selector: &str| format!("{}?fieldSelector={}", c.all("pods"), encode(selector));
    assert_eq!(
        names(&c.get(&path("spec.nodeName=")).await.is(200)),
        ["free"]
    );
    assert_eq!(
        names(&c.get(&path("spec.nodeName!=")).await.is(200)),
        ["bound"]
    );
}

async fn pods_are_selected_by_phase(c: &Cluster) {
    let node = hollow_node(c, "one").await;
    for name in ["one", "two"] {
        pod(c, name, "x", &node).await;
    }
    report(c, "two", "Running", true).await;
    let path = |selector: &str| format!("{}?fieldSelector={}", c.all("pods"), encode(selector));
    assert_eq!(
        names(&c.get(&path("status.phase=Pending")).await.is(200)),
        ["one"]
    );
    assert_eq!(
        names(&c.get(&path("status.phase!=Pending")).await.is(200)),
        ["two"]
    );
}

async fn nodes_are_selected_by_cordon(c: &Cluster) {
    let (open, shut) = (hollow_node(c, "open").await, hollow_node(c, "shut").await);
    let cordon = json!({"spec": {"unschedulable": true}});
    c.patch(&format!("/api/v1/nodes/{shut}"), MERGE, cordon)
        .await
        .is(200);
    let own = encode(&format!("case={}", c.ns));
    let path = |flag: &str| {
        format!("/api/v1/nodes?labelSelector={own}&fieldSelector=spec.unschedulable%3D{flag}")
    };
    assert_eq!(names(&c.get(&path("true")).await.is(200)), [shut]);
    assert_eq!(names(&c.get(&path("false")).await.is(200)), [open]);
}

async fn a_field_that_cannot_be_selected_is_a_bad_request(c: &Cluster) {
    c.get("/api/v1/nodes?fieldSelector=spec.providerID%3Dx").await.refused(json!({
        "code": 400, "reason": "BadRequest", "message": "field label not supported: spec.providerID",
    }));
}

async fn labels_and_fields_select_together(c: &Cluster) {
    let node = hollow_node(c, "one").await;
    pod(c, "one", "web", &node).await;
    pod(c, "two", "db", &node).await;
    let fields = encode(&format!("spec.nodeName={node}"));
    let path = format!("/api/v1/pods?labelSelector=app%3Ddb&fieldSelector={fields}");
    assert_eq!(names(&c.get(&path).await.is(200)), ["two"]);
}
