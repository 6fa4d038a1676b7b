//! Namespaces, and their end.

use serde_json::{Value, json};

use super::{Case, case};
use crate::answer::text;
use crate::cluster::{Cluster, MERGE};
use crate::fixtures::{
    config_map, evict, give_account, hollow_node, idle_on, namespace, ready_pod,
};

pub(crate) const CASES: &[Case] = &[
    case!(Api, a_new_namespace_is_active_and_labelled_with_its_name),
    case!(Api, labels_of_a_namespace_are_kept),
    case!(Api, a_deleted_namespace_is_terminating),
    case!(Api, nothing_is_made_in_a_namespace_that_ends),
    case!(Api, nothing_is_evicted_in_a_namespace_that_ends),
    case!(Api, what_is_in_a_namespace_that_ends_can_still_be_changed),
    case!(Controllers, a_namespace_that_ends_takes_its_contents_along),
    case!(Api, a_pod_needs_its_service_account),
    case!(
        NobodyElse,
        a_new_namespace_lets_no_pod_in_until_its_account_is_there
    ),
];

/// Holds a namespace back from its end.
async fn hold(c: &Cluster) {
    let map = json!({"metadata": {"name": "hold", "finalizers": ["example.com/hold"]}});
    c.post(&c.all("configmaps"), map).await.is(201);
}

async fn let_go(c: &Cluster) {
    let path = c.one("configmaps", "hold");
    c.patch(&path, MERGE, json!({"metadata": {"finalizers": null}}))
        .await
        .is(200);
}

async fn end(c: &Cluster) -> Value {
    c.delete(&format!("/api/v1/namespaces/{}", c.ns), Value::Null)
        .await
        .is(200)
}

async fn a_new_namespace_is_active_and_labelled_with_its_name(c: &Cluster) {
    let found = c.get(&format!("/api/v1/namespaces/{}", c.ns)).await.is(200);
    assert_eq!(found["status"]["phase"], "Active");
    assert_eq!(
        found["metadata"]["labels"]["kubernetes.io/metadata.name"],
        json!(c.ns)
    );
    assert_eq!(found["spec"]["finalizers"], json!(["kubernetes"]));
}

async fn labels_of_a_namespace_are_kept(c: &Cluster) {
    let name = format!("{}-labelled", c.ns);
    let labels = json!({"pod-security.kubernetes.io/enforce": "privileged"});
    let made = json!({"metadata": {"name": name, "labels": labels}});
    let made = c.post("/api/v1/namespaces", made).await.is(201);
    c.afterwards(format!("/api/v1/namespaces/{name}"));
    assert_eq!(
        made["metadata"]["labels"],
        json!({
            "pod-security.kubernetes.io/enforce": "privileged", "kubernetes.io/metadata.name": name,
        })
    );
}

async fn a_deleted_namespace_is_terminating(c: &Cluster) {
    hold(c).await;
    let answer = end(c).await;
    assert_eq!(
        (&answer["kind"], &answer["status"]["phase"]),
        (&json!("Namespace"), &json!("Terminating"))
    );
    let left = c.get(&format!("/api/v1/namespaces/{}", c.ns)).await.is(200);
    assert_ne!(left["metadata"]["deletionTimestamp"], Value::Null);
    let_go(c).await;
}

fn terminating(c: &Cluster, plural: &str, name: &str) -> Value {
    json!({
        "code": 403, "reason": "Forbidden",
        "message": format!("{plural} \"{name}\" is forbidden: unable to create new content in namespace {} because it \
                            is being terminated", c.ns),
        "details": {"name": name, "kind": plural, "causes": [{
            "reason": "NamespaceTerminating", "message": format!("namespace {} is being terminated", c.ns),
            "field": "metadata.namespace",
        }]},
    })
}

async fn nothing_is_made_in_a_namespace_that_ends(c: &Cluster) {
    hold(c).await;
    let node = hollow_node(c, "one").await;
    end(c).await;
    let pod = json!({"metadata": {"name": "one"}, "spec": idle_on(&node)});
    c.post(&c.all("pods"), pod.clone())
        .await
        .refused(terminating(c, "pods", "one"));
    let path = format!("{}?dryRun=All", c.all("pods"));
    c.post(&path, pod)
        .await
        .refused(terminating(c, "pods", "one"));
    c.post(&c.all("configmaps"), config_map("one"))
        .await
        .refused(terminating(c, "configmaps", "one"));
    let_go(c).await;
}

async fn nothing_is_evicted_in_a_namespace_that_ends(c: &Cluster) {
    hold(c).await;
    let node = hollow_node(c, "one").await;
    ready_pod(c, "one", "x", &node).await;
    end(c).await;
    evict(c, "one", Value::Null)
        .await
        .refused(terminating(c, "pods", "one"));
    let_go(c).await;
}

async fn what_is_in_a_namespace_that_ends_can_still_be_changed(c: &Cluster) {
    hold(c).await;
    end(c).await;
    let path = c.one("configmaps", "hold");
    let changed = c
        .patch(&path, MERGE, json!({"data": {"key": "2"}}))
        .await
        .is(200);
    assert_eq!(changed["data"]["key"], "2");
    let_go(c).await;
}

async fn a_namespace_that_ends_takes_its_contents_along(c: &Cluster) {
    hold(c).await;
    c.post(&c.all("configmaps"), config_map("one"))
        .await
        .is(201);
    c.post(&c.all("leases"), json!({"metadata": {"name": "one"}}))
        .await
        .is(201);
    end(c).await;
    c.until_gone(&c.one("configmaps", "one")).await;
    c.until_gone(&c.one("leases", "one")).await;
    let path = format!("/api/v1/namespaces/{}", c.ns);
    assert_eq!(
        text(&c.get(&path).await.is(200), "/status/phase"),
        "Terminating"
    );
    let_go(c).await;
    c.until_gone(&path).await;
    // The name is free again.
    namespace(c, &c.ns).await;
}

fn no_account(namespace: &str, account: &str) -> Value {
    let why = format!(
        "error looking up service account {namespace}/{account}: serviceaccount \"{account}\" not found"
    );
    json!({
        "code": 403, "reason": "Forbidden", "message": format!("pods \"one\" is forbidden: {why}"),
        "details": {"name": "one", "kind": "pods"},
    })
}

async fn a_new_namespace_lets_no_pod_in_until_its_account_is_there(c: &Cluster) {
    let name = format!("{}-new", c.ns);
    c.post("/api/v1/namespaces", json!({"metadata": {"name": name}}))
        .await
        .is(201);
    c.afterwards(format!("/api/v1/namespaces/{name}"));
    let path = format!("/api/v1/namespaces/{name}/pods");
    let pod = json!({"metadata": {"name": "one"}, "spec": idle_on("anywhere")});
    c.post(&path, pod.clone())
        .await
        .refused(no_account(&name, "default"));
    c.post(&format!("{path}?dryRun=All"), pod.clone())
        .await
        .refused(no_account(&name, "default"));
    give_account(c, &name).await;
    c.post(&path, pod).await.is(201);
}

async fn a_pod_needs_its_service_account(c: &Cluster) {
    let node = hollow_node(c, "one").await;
    let mut pod = json!({"metadata": {"name": "one"}, "spec": idle_on(&node)});
    pod["spec"]["serviceAccountName"] = "missing".into();
    c.post(&c.all("pods"), pod)
        .await
        .refused(no_account(&c.ns, "missing"));
}
