//! What a user without the right is told, and what one may ask beforehand.

use serde_json::{Value, json};

use super::{Case, case};
use crate::cluster::{Cluster, MERGE};
use crate::fixtures::{eviction, hollow_node, idle_on, pod};
use crate::prepared::LIMITED;

pub(crate) const CASES: &[Case] = &[
    case!(Api, what_is_allowed_is_done),
    case!(Api, a_list_of_the_cluster_may_be_forbidden),
    case!(Api, a_patch_of_a_node_may_be_forbidden),
    case!(Api, a_creation_in_a_namespace_may_be_forbidden),
    case!(Api, an_object_of_a_group_may_be_forbidden),
    case!(Api, an_eviction_may_be_forbidden),
    case!(Api, a_watch_may_be_forbidden),
    case!(Api, a_log_may_be_forbidden),
    case!(Api, the_right_is_asked_for_before_the_object),
    case!(Api, a_review_says_what_one_may),
    case!(Api, a_review_knows_subresources),
    case!(Api, an_administrator_may_everything),
];

fn forbidden(
    verb: &str,
    resource: &str,
    kind: &str,
    group: &str,
    name: &str,
    place: &str,
) -> Value {
    let plural = if group.is_empty() {
        kind.to_owned()
    } else {
        format!("{kind}.{group}")
    };
    let subject = if name.is_empty() {
        plural
    } else {
        format!("{plural} \"{name}\"")
    };
    let mut details = json!({});
    for (key, value) in [("name", name), ("group", group), ("kind", kind)] {
        if !value.is_empty() {
            details[key] = value.into();
        }
    }
    json!({
        "code": 403, "reason": "Forbidden",
        "message": format!("{subject} is forbidden: User \"{LIMITED}\" cannot {verb} resource \"{resource}\" in API \
                            group \"{group}\" {place}"),
        "details": details,
    })
}

fn in_namespace(c: &Cluster) -> String {
    format!("in the namespace \"{}\"", c.ns)
}

async fn what_is_allowed_is_done(c: &Cluster) {
    let node = hollow_node(c, "one").await;
    let path = format!("/api/v1/nodes/{node}");
    c.request("GET", &path).by(LIMITED).answer().await.is(200);
    c.request("GET", &c.all("pods"))
        .by(LIMITED)
        .answer()
        .await
        .is(200);
}

async fn a_list_of_the_cluster_may_be_forbidden(c: &Cluster) {
    let answer = c
        .request("GET", "/api/v1/nodes?limit=500")
        .by(LIMITED)
        .answer()
        .await;
    answer.refused(forbidden(
        "list",
        "nodes",
        "nodes",
        "",
        "",
        "at the cluster scope",
    ));
}

async fn a_patch_of_a_node_may_be_forbidden(c: &Cluster) {
    let node = hollow_node(c, "one").await;
    let path = format!("/api/v1/nodes/{node}");
    let patch = json!({"spec": {"unschedulable": true}});
    let ask = c
        .request("PATCH", &path)
        .body(&patch)
        .header("content-type", MERGE);
    let answer = ask.by(LIMITED).answer().await;
    answer.refused(forbidden(
        "patch",
        "nodes",
        "nodes",
        "",
        &node,
        "at the cluster scope",
    ));
    assert_eq!(
        c.get(&path).await.is(200)["spec"]["unschedulable"],
        Value::Null
    );
}

async fn a_creation_in_a_namespace_may_be_forbidden(c: &Cluster) {
    let pod = json!({"metadata": {"name": "one"}, "spec": idle_on("anywhere")});
    let path = c.all("pods");
    let answer = c
        .request("POST", &path)
        .body(&pod)
        .by(LIMITED)
        .answer()
        .await;
    answer.refused(forbidden(
        "create",
        "pods",
        "pods",
        "",
        "",
        &in_namespace(c),
    ));
}

async fn an_object_of_a_group_may_be_forbidden(c: &Cluster) {
    let path = c.one("leases", "aksreboot");
    let answer = c.request("GET", &path).by(LIMITED).answer().await;
    let group = "coordination.k8s.io";
    answer.refused(forbidden(
        "get",
        "leases",
        "leases",
        group,
        "aksreboot",
        &in_namespace(c),
    ));
    let path = c.all("poddisruptionbudgets");
    let answer = c.request("GET", &path).by(LIMITED).answer().await;
    answer.refused(forbidden(
        "list",
        "poddisruptionbudgets",
        "poddisruptionbudgets",
        "policy",
        "",
        &in_namespace(c),
    ));
}

async fn an_eviction_may_be_forbidden(c: &Cluster) {
    let node = hollow_node(c, "one").await;
    pod(c, "one", "x", &node).await;
    let path = format!("{}/eviction", c.one("pods", "one"));
    let body = eviction(c, "one", Value::Null);
    let answer = c
        .request("POST", &path)
        .body(&body)
        .by(LIMITED)
        .answer()
        .await;
    answer.refused(forbidden(
        "create",
        "pods/eviction",
        "pods",
        "",
        "one",
        &in_namespace(c),
    ));
}

async fn a_watch_may_be_forbidden(c: &Cluster) {
    let path = format!("{}?watch=true&resourceVersion=0", c.all("pods"));
    let answer = c.request("GET", &path).by(LIMITED).answer().await;
    answer.refused(forbidden("watch", "pods", "pods", "", "", &in_namespace(c)));
}

async fn a_log_may_be_forbidden(c: &Cluster) {
    let path = format!("{}/log", c.one("pods", "one"));
    let answer = c.request("GET", &path).by(LIMITED).answer().await;
    answer.refused(forbidden(
        "get",
        "pods/log",
        "pods",
        "",
        "one",
        &in_namespace(c),
    ));
}

async fn the_right_is_asked_for_before_the_object(c: &Cluster) {
    let path = "/api/v1/namespaces/missing/configmaps/missing";
    let answer = c.request("GET", path).by(LIMITED).answer().await;
    answer.refused(forbidden(
        "get",
        "configmaps",
        "configmaps",
        "",
        "missing",
        "in the namespace \"missing\"",
    ));
}

async fn may(c: &Cluster, user: Option<&str>, attributes: Value) -> bool {
    let review = json!({
        "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": attributes},
    });
    let path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
    let ask = c.request("POST", path).body(&review);
    let ask = match user {
        Some(user) => ask.by(user),
        None => ask,
    };
    let answer = ask.answer().await.is(201);
    assert_eq!(answer["kind"], "SelfSubjectAccessReview");
    assert_eq!(answer["spec"], review["spec"]);
    answer["status"]["allowed"].as_bool().unwrap()
}

async fn a_review_says_what_one_may(c: &Cluster) {
    let on_pods = |verb: &str| json!({"namespace": c.ns, "verb": verb, "resource": "pods"});
    assert!(may(c, Some(LIMITED), on_pods("list")).await);
    assert!(!may(c, Some(LIMITED), on_pods("create")).await);
    assert!(
        may(
            c,
            Some(LIMITED),
            json!({"verb": "get", "resource": "nodes"})
        )
        .await
    );
    assert!(
        !may(
            c,
            Some(LIMITED),
            json!({"verb": "patch", "resource": "nodes"})
        )
        .await
    );
}

async fn a_review_knows_subresources(c: &Cluster) {
    let eviction =
        json!({"namespace": c.ns, "verb": "create", "resource": "pods", "subresource": "eviction"});
    assert!(!may(c, Some(LIMITED), eviction.clone()).await);
    assert!(may(c, None, eviction).await);
}

async fn an_administrator_may_everything(c: &Cluster) {
    let lease = json!({"namespace": c.ns, "verb": "patch", "group": "coordination.k8s.io", "resource": "leases"});
    assert!(may(c, None, lease).await);
}
