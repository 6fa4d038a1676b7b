//! get and list: the form of answers, pages, consistency, and what is not there.

use serde_json::{Value, json};

use super::{Case, case};
use crate::answer::{items, names, text};
use crate::cluster::{Cluster, MERGE};
use crate::fixtures::{config_map, hollow_node};

pub(crate) const CASES: &[Case] = &[
    case!(Api, the_version_is_told_in_parts_and_whole),
    case!(Api, an_object_carries_its_kind_and_comes_as_json),
    case!(Api, the_cluster_is_known_by_the_uid_of_kube_system),
    case!(Api, a_missing_node_is_named_in_the_details),
    case!(Api, a_missing_object_of_a_group_is_named_with_its_group),
    case!(
        Api,
        an_object_in_a_missing_namespace_is_itself_what_is_missing
    ),
    case!(Api, a_group_that_is_not_served_is_no_status),
    case!(Api, a_kind_that_is_not_served_is_not_found_by_no_name),
    case!(
        Api,
        a_list_says_of_which_version_it_is_and_its_items_have_no_kind
    ),
    case!(Api, an_empty_list_has_items_all_the_same),
    case!(Api, a_list_of_all_namespaces_has_those_of_each),
    case!(Api, pages_go_on_by_their_token_and_count_what_is_left),
    case!(Api, a_page_of_a_selection_does_not_count_what_is_left),
    case!(Api, later_pages_show_the_state_of_the_first),
    case!(Api, a_limit_that_is_not_reached_leaves_no_token),
    case!(Api, a_token_that_is_none_is_a_bad_request),
    case!(Api, a_token_whose_version_is_forgotten_is_gone, Alone),
    case!(Api, metadata_alone_is_served_on_request),
    case!(Api, writes_are_answered_with_metadata_alone_on_request),
];

async fn maps(c: &Cluster, count: usize) {
    for number in 0..count {
        let map = config_map(&format!("map-{number}"));
        c.post(&c.all("configmaps"), map).await.is(201);
    }
}

/// A list of the ConfigMaps of the case, without what controllers put into every namespace.
fn own_maps(list: &Value) -> Vec<String> {
    let mut names = names(list);
    names.retain(|name| name != "kube-root-ca.crt");
    names
}

async fn the_version_is_told_in_parts_and_whole(c: &Cluster) {
    let version = c.get("/version").await.is(200);
    let whole = format!(
        "v{}.{}.",
        text(&version, "/major"),
        text(&version, "/minor")
    );
    assert!(
        text(&version, "/gitVersion").starts_with(&whole),
        "{version}"
    );
}

async fn an_object_carries_its_kind_and_comes_as_json(c: &Cluster) {
    let node = hollow_node(c, "one").await;
    let answer = c.get(&format!("/api/v1/nodes/{node}")).await;
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let node = answer.is(200);
    assert_eq!(
        (&node["kind"], &node["apiVersion"]),
        (&json!("Node"), &json!("v1"))
    );
    assert_eq!(
        node["status"]["nodeInfo"]["bootID"],
        "00000000-0000-4000-8000-000000000001"
    );
}

async fn the_cluster_is_known_by_the_uid_of_kube_system(c: &Cluster) {
    let first = c.get("/api/v1/namespaces/kube-system").await.is(200);
    let again = c.get("/api/v1/namespaces/kube-system").await.is(200);
    assert_eq!(text(&first, "/metadata/uid").len(), 36);
    assert_eq!(first["metadata"]["uid"], again["metadata"]["uid"]);
}

async fn a_missing_node_is_named_in_the_details(c: &Cluster) {
    c.get("/api/v1/nodes/missing").await.refused(json!({
        "code": 404, "reason": "NotFound", "message": "nodes \"missing\" not found",
        "details": {"name": "missing", "kind": "nodes"},
    }));
}

async fn a_missing_object_of_a_group_is_named_with_its_group(c: &Cluster) {
    c.get(&c.one("leases", "missing")).await.refused(json!({
        "code": 404, "reason": "NotFound", "message": "leases.coordination.k8s.io \"missing\" not found",
        "details": {"name": "missing", "group": "coordination.k8s.io", "kind": "leases"},
    }));
}

async fn an_object_in_a_missing_namespace_is_itself_what_is_missing(c: &Cluster) {
    c.get("/api/v1/namespaces/missing/pods/web")
        .await
        .refused(json!({
            "code": 404, "reason": "NotFound", "message": "pods \"web\" not found",
            "details": {"name": "web", "kind": "pods"},
        }));
}

async fn a_group_that_is_not_served_is_no_status(c: &Cluster) {
    let answer = c.get("/apis/missing.example/v1/widgets").await;
    assert_eq!(
        (answer.code, answer.text.as_str()),
        (404, "404 page not found\n")
    );
    assert_eq!(
        answer.header("content-type"),
        Some("text/plain; charset=utf-8")
    );
}

async fn a_kind_that_is_not_served_is_not_found_by_no_name(c: &Cluster) {
    for path in [
        "/api/v1/widgets",
        "/apis/apps/v1/widgets",
        "/api/v1/namespaces/default/widgets/one",
    ] {
        c.get(path).await.refused(json!({
            "code": 404, "reason": "NotFound", "message": "the server could not find the requested resource",
            "details": {},
        }));
    }
}

async fn a_list_says_of_which_version_it_is_and_its_items_have_no_kind(c: &Cluster) {
    let made = c
        .post(&c.all("configmaps"), config_map("one"))
        .await
        .is(201);
    let list = c.get(&c.all("configmaps")).await.is(200);
    assert_eq!(
        (&list["kind"], &list["apiVersion"]),
        (&json!("ConfigMapList"), &json!("v1"))
    );
    let version = |value: &Value| {
        text(value, "/metadata/resourceVersion")
            .parse::<u64>()
            .unwrap()
    };
    assert!(version(&list) >= version(&made));
    let one = items(&list)
        .iter()
        .find(|item| item["metadata"]["name"] == "one")
        .unwrap();
    assert_eq!(
        (&one["kind"], &one["apiVersion"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(
        one["metadata"]["resourceVersion"],
        made["metadata"]["resourceVersion"]
    );
}

async fn an_empty_list_has_items_all_the_same(c: &Cluster) {
    let list = c.get(&c.all("leases")).await.is(200);
    assert_eq!(list["items"], json!([]));
    let list = c.get("/api/v1/namespaces/missing/pods").await.is(200);
    assert_eq!(list["items"], json!([]));
}

async fn a_list_of_all_namespaces_has_those_of_each(c: &Cluster) {
    let map = json!({"metadata": {"name": "one", "labels": {"case": c.ns}}});
    c.post(&c.all("configmaps"), map.clone()).await.is(201);
    let other = format!("{}-other", c.ns);
    crate::fixtures::namespace(c, &other).await;
    c.post(&format!("/api/v1/namespaces/{other}/configmaps"), map)
        .await
        .is(201);
    let list = c
        .get(&format!("/api/v1/configmaps?labelSelector=case%3D{}", c.ns))
        .await
        .is(200);
    let mut namespaces = crate::answer::each(&list, "/metadata/namespace");
    namespaces.sort();
    assert_eq!(namespaces, [c.ns.clone(), other]);
}

async fn pages_go_on_by_their_token_and_count_what_is_left(c: &Cluster) {
    for name in ["a", "b", "c", "d", "e"] {
        let lease = json!({"metadata": {"name": name}});
        c.post(&c.all("leases"), lease).await.is(201);
    }
    let path = format!("{}?limit=2", c.all("leases"));
    let first = c.get(&path).await.is(200);
    assert_eq!(names(&first), ["a", "b"]);
    assert_eq!(first["metadata"]["remainingItemCount"], 3);
    let mut version = None;
    let mut seen = names(&first);
    let mut token = text(&first, "/metadata/continue");
    while !token.is_empty() {
        let page = c
            .get(&format!("{path}&continue={}", encode(&token)))
            .await
            .is(200);
        seen.extend(names(&page));
        assert_eq!(
            page["metadata"]["resourceVersion"],
            first["metadata"]["resourceVersion"]
        );
        version = Some(page["metadata"]["remainingItemCount"].clone());
        token = text(&page, "/metadata/continue");
    }
    assert_eq!(seen, ["a", "b", "c", "d", "e"]);
    assert_eq!(version, Some(Value::Null), "the last page counts nothing");
}

async fn a_page_of_a_selection_does_not_count_what_is_left(c: &Cluster) {
    for name in ["a", "b", "c"] {
        let lease = json!({"metadata": {"name": name, "labels": {"x": "y"}}});
        c.post(&c.all("leases"), lease).await.is(201);
    }
    let page = c
        .get(&format!("{}?limit=1&labelSelector=x%3Dy", c.all("leases")))
        .await
        .is(200);
    assert_eq!(names(&page), ["a"]);
    assert_ne!(text(&page, "/metadata/continue"), "");
    assert_eq!(page["metadata"]["remainingItemCount"], Value::Null);
}

async fn later_pages_show_the_state_of_the_first(c: &Cluster) {
    maps(c, 3).await;
    let path = format!("{}?limit=1", c.all("configmaps"));
    let first = c.get(&path).await.is(200);
    let mut token = text(&first, "/metadata/continue");
    c.delete(&c.one("configmaps", "map-1"), Value::Null)
        .await
        .is(200);
    let change = json!({"data": {"key": "2"}});
    c.patch(&c.one("configmaps", "map-2"), MERGE, change)
        .await
        .is(200);
    c.post(&c.all("configmaps"), config_map("map-9"))
        .await
        .is(201);
    let mut pages = first["items"].as_array().unwrap().clone();
    while !token.is_empty() {
        let page = c
            .get(&format!("{path}&continue={}", encode(&token)))
            .await
            .is(200);
        pages.extend(page["items"].as_array().unwrap().clone());
        token = text(&page, "/metadata/continue");
    }
    let pages = json!({"items": pages});
    assert_eq!(own_maps(&pages), ["map-0", "map-1", "map-2"]);
    assert_eq!(items(&pages).last().unwrap()["data"]["key"], "1");
}

async fn a_limit_that_is_not_reached_leaves_no_token(c: &Cluster) {
    maps(c, 2).await;
    let list = c
        .get(&format!("{}?limit=500", c.all("configmaps")))
        .await
        .is(200);
    assert_eq!(own_maps(&list), ["map-0", "map-1"]);
    assert_eq!(list["metadata"]["continue"], Value::Null);
    assert_eq!(list["metadata"]["remainingItemCount"], Value::Null);
}

async fn a_token_that_is_none_is_a_bad_request(c: &Cluster) {
    let answer = c
        .get(&format!(
            "{}?limit=1&continue=nonsense",
            c.all("configmaps")
        ))
        .await;
    assert_eq!(
        (answer.code, &answer.body["reason"]),
        (400, &json!("BadRequest")),
        "{}",
        answer.text
    );
    assert!(
        text(&answer.body, "/message").contains("continue key is not valid: "),
        "{}",
        answer.text
    );
}

async fn a_token_whose_version_is_forgotten_is_gone(c: &Cluster) {
    maps(c, 3).await;
    let path = format!("{}?limit=1", c.all("configmaps"));
    let first = c.get(&path).await.is(200);
    let token = encode(&text(&first, "/metadata/continue"));
    crate::prepared::forget_history(c).await;
    // Servers that have the old state in their cache notice some seconds later.
    let answer = c
        .until("the token is too old", async || {
            let answer = c.get(&format!("{path}&continue={token}")).await;
            (answer.code != 200).then_some(answer)
        })
        .await;
    assert_eq!(
        (answer.code, &answer.body["reason"]),
        (410, &json!("Expired")),
        "{}",
        answer.text
    );
    assert!(
        text(&answer.body, "/message").starts_with("The provided continue parameter is too old"),
        "{}",
        answer.text
    );
    assert_eq!(
        own_maps(&c.get(&c.all("configmaps")).await.is(200)).len(),
        4
    );
}

async fn metadata_alone_is_served_on_request(c: &Cluster) {
    c.post(&c.all("configmaps"), config_map("one"))
        .await
        .is(201);
    let accept = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io";
    let path = c.one("configmaps", "one");
    let one = c
        .request("GET", &path)
        .header("accept", accept)
        .answer()
        .await
        .is(200);
    assert_eq!(
        (&one["kind"], &one["apiVersion"]),
        (&json!("PartialObjectMetadata"), &json!("meta.k8s.io/v1"))
    );
    assert_eq!(
        (&one["metadata"]["name"], &one["data"]),
        (&json!("one"), &Value::Null)
    );
}

/// As the run record, pods and whatever nobody reads back are written.
async fn writes_are_answered_with_metadata_alone_on_request(c: &Cluster) {
    let accept = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json";
    let path = c.one("configmaps", "one");
    let send = async |method: &str, path: &str, content: &str, body: Value| {
        c.request(method, path)
            .header("accept", accept)
            .body(&body)
            .header("content-type", content)
            .answer()
            .await
    };
    let all = c.all("configmaps");
    let made = send("POST", &all, "application/json", config_map("one"))
        .await
        .is(201);
    let patched = send("PATCH", &path, MERGE, json!({"data": {"b": "2"}}))
        .await
        .is(200);
    for answer in [&made, &patched] {
        assert_eq!(answer["kind"], "PartialObjectMetadata");
        assert_eq!(answer["metadata"]["uid"], made["metadata"]["uid"]);
        assert_eq!(answer["data"], Value::Null);
    }
    assert_ne!(
        made["metadata"]["resourceVersion"],
        patched["metadata"]["resourceVersion"]
    );
    // A refusal stays what it is, and so does the word about a deletion.
    send("POST", &all, "application/json", config_map("one"))
        .await
        .is(409);
    send(
        "PATCH",
        &c.one("configmaps", "two"),
        MERGE,
        json!({"data": {"b": "2"}}),
    )
    .await
    .is(404);
    let gone = send("DELETE", &path, "application/json", json!({}))
        .await
        .is(200);
    assert_eq!(
        (&gone["kind"], &gone["status"]),
        (&json!("Status"), &json!("Success"))
    );
}

pub(super) fn encode(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}
