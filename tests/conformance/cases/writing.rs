//! create and update: what the server adds, what it refuses, what a dry run leaves undone.

use serde_json::{Value, json};

use super::{Case, case};
use crate::answer::text;
use crate::cluster::{Cluster, MERGE};
use crate::fixtures::{Counted, budget, config_map, hollow_node, idle_on, pod};

pub(crate) const CASES: &[Case] = &[
    case!(Api, a_new_object_gets_uid_time_and_version),
    case!(Api, what_only_the_server_says_is_not_taken_from_a_client),
    case!(Api, a_name_is_taken_once),
    case!(Api, a_name_in_a_group_is_taken_once),
    case!(Api, a_name_is_generated_from_its_beginning),
    case!(Api, an_object_without_a_name_is_invalid),
    case!(Api, a_name_that_is_none_is_invalid),
    case!(Api, a_node_name_that_is_none_is_invalid),
    case!(Api, the_namespace_of_the_body_must_be_that_of_the_path),
    case!(Api, nothing_is_made_in_a_missing_namespace),
    case!(Api, a_dry_run_of_a_create_answers_and_makes_nothing),
    case!(Api, a_dry_run_of_a_create_meets_what_is_there),
    case!(Api, a_dry_run_that_is_not_for_all_is_refused),
    case!(Api, a_body_that_is_no_json_is_a_bad_request),
    case!(Api, generation_counts_changes_of_the_spec_alone),
    case!(Api, a_new_pod_is_of_its_first_generation),
    case!(Api, an_update_with_a_stale_version_is_a_conflict),
    case!(Api, status_and_spec_of_a_node_are_written_apart),
    case!(Api, status_of_a_new_pod_is_not_the_clients),
    case!(Api, status_of_a_new_node_is_the_clients),
];

async fn a_new_object_gets_uid_time_and_version(c: &Cluster) {
    let made = c
        .post(&c.all("configmaps"), config_map("one"))
        .await
        .is(201);
    assert_eq!(
        (&made["kind"], &made["apiVersion"]),
        (&json!("ConfigMap"), &json!("v1"))
    );
    assert_eq!(text(&made, "/metadata/namespace"), c.ns);
    assert_eq!(text(&made, "/metadata/uid").len(), 36);
    let created = text(&made, "/metadata/creationTimestamp");
    assert!(created.ends_with('Z') && created.len() == 20, "{created}");
    assert!(
        text(&made, "/metadata/resourceVersion")
            .parse::<u64>()
            .unwrap()
            > 0
    );
    assert_eq!(made["metadata"]["generation"], Value::Null);
    let read = c.get(&c.one("configmaps", "one")).await.is(200);
    assert_eq!(
        read["metadata"]["resourceVersion"],
        made["metadata"]["resourceVersion"]
    );
}

async fn what_only_the_server_says_is_not_taken_from_a_client(c: &Cluster) {
    let map = json!({"metadata": {
        "name": "one", "creationTimestamp": "2001-01-01T00:00:00Z", "deletionTimestamp": "2001-01-01T00:00:00Z",
        "uid": "11111111-1111-4111-8111-111111111111",
    }});
    let made = c.post(&c.all("configmaps"), map).await.is(201);
    assert_ne!(
        made["metadata"]["uid"],
        "11111111-1111-4111-8111-111111111111"
    );
    assert_ne!(
        made["metadata"]["creationTimestamp"],
        "2001-01-01T00:00:00Z"
    );
    assert_eq!(made["metadata"]["deletionTimestamp"], Value::Null);
}

async fn a_name_is_taken_once(c: &Cluster) {
    let node = hollow_node(c, "one").await;
    pod(c, "one", "x", &node).await;
    let again = json!({"metadata": {"name": "one"}, "spec": idle_on(&node)});
    c.post(&c.all("pods"), again).await.refused(json!({
        "code": 409, "reason": "AlreadyExists", "message": "pods \"one\" already exists",
        "details": {"name": "one", "kind": "pods"},
    }));
}

async fn a_name_in_a_group_is_taken_once(c: &Cluster) {
    let lease = json!({"metadata": {"name": "one"}});
    c.post(&c.all("leases"), lease.clone()).await.is(201);
    c.post(&c.all("leases"), lease).await.refused(json!({
        "code": 409, "reason": "AlreadyExists", "message": "leases.coordination.k8s.io \"one\" already exists",
        "details": {"name": "one", "group": "coordination.k8s.io", "kind": "leases"},
    }));
}

async fn a_name_is_generated_from_its_beginning(c: &Cluster) {
    let map = json!({"metadata": {"generateName": "run-"}});
    let made = c.post(&c.all("configmaps"), map.clone()).await.is(201);
    let name = text(&made, "/metadata/name");
    let suffix = name.strip_prefix("run-").unwrap();
    assert!(
        suffix.len() == 5
            && suffix
                .bytes()
                .all(|byte| b"bcdfghjklmnpqrstvwxz2456789".contains(&byte)),
        "{name}"
    );
    assert_eq!(made["metadata"]["generateName"], "run-");
    let other = c.post(&c.all("configmaps"), map).await.is(201);
    assert_ne!(text(&other, "/metadata/name"), name);
}

async fn an_object_without_a_name_is_invalid(c: &Cluster) {
    let why = "Required value: name or generateName is required";
    c.post(&c.all("configmaps"), json!({"data": {}})).await.refused(json!({
        "code": 422, "reason": "Invalid", "message": format!("ConfigMap \"\" is invalid: metadata.name: {why}"),
        "details": {"kind": "ConfigMap", "causes": [
            {"reason": "FieldValueRequired", "message": why, "field": "metadata.name"},
        ]},
    }));
}

/// What the server says of a name that is no DNS subdomain.
fn no_subdomain(name: &str) -> String {
    format!(
        "Invalid value: \"{name}\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, \
         '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for \
         validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
    )
}

async fn a_name_that_is_none_is_invalid(c: &Cluster) {
    for name in ["Upper_Case", "-begins", "two..dots"] {
        let why = no_subdomain(name);
        c.post(&c.all("configmaps"), config_map(name))
            .await
            .refused(json!({
                "code": 422, "reason": "Invalid",
                "message": format!("ConfigMap \"{name}\" is invalid: metadata.name: {why}"),
                "details": {"name": name, "kind": "ConfigMap", "causes": [
                    {"reason": "FieldValueInvalid", "message": why, "field": "metadata.name"},
                ]},
            }));
    }
}

async fn a_node_name_that_is_none_is_invalid(c: &Cluster) {
    let why = no_subdomain("Upper");
    let pod = json!({"metadata": {"name": "Upper"}, "spec": idle_on("")});
    let mut pod = pod;
    pod["spec"].as_object_mut().unwrap().remove("nodeName");
    c.post(&c.all("pods"), pod).await.refused(json!({
        "code": 422, "reason": "Invalid", "message": format!("Pod \"Upper\" is invalid: metadata.name: {why}"),
        "details": {"name": "Upper", "kind": "Pod", "causes": [
            {"reason": "FieldValueInvalid", "message": why, "field": "metadata.name"},
        ]},
    }));
}

async fn the_namespace_of_the_body_must_be_that_of_the_path(c: &Cluster) {
    let map = json!({"metadata": {"name": "one", "namespace": "other"}});
    c.post(&c.all("configmaps"), map).await.refused(json!({
        "code": 400, "reason": "BadRequest",
        "message": "the namespace of the provided object does not match the namespace sent on the request",
    }));
}

async fn nothing_is_made_in_a_missing_namespace(c: &Cluster) {
    let path = "/api/v1/namespaces/missing/configmaps";
    c.post(path, config_map("one")).await.refused(json!({
        "code": 404, "reason": "NotFound", "message": "namespaces \"missing\" not found",
        "details": {"name": "missing", "kind": "namespaces"},
    }));
}

async fn a_dry_run_of_a_create_answers_and_makes_nothing(c: &Cluster) {
    let node = hollow_node(c, "one").await;
    let pod = json!({"metadata": {"name": "one"}, "spec": idle_on(&node)});
    let path = format!("{}?dryRun=All", c.all("pods"));
    let made = c.post(&path, pod).await.is(201);
    assert_eq!(text(&made, "/metadata/uid").len(), 36);
    assert_eq!(made["metadata"]["resourceVersion"], Value::Null);
    assert_eq!(made["status"]["phase"], "Pending");
    assert_eq!(c.get(&c.one("pods", "one")).await.code, 404);
}

async fn a_dry_run_of_a_create_meets_what_is_there(c: &Cluster) {
    c.post(&c.all("configmaps"), config_map("one"))
        .await
        .is(201);
    let path = format!("{}?dryRun=All", c.all("configmaps"));
    c.post(&path, config_map("one")).await.refused(json!({
        "code": 409, "reason": "AlreadyExists", "message": "configmaps \"one\" already exists",
        "details": {"name": "one", "kind": "configmaps"},
    }));
}

async fn a_dry_run_that_is_not_for_all_is_refused(c: &Cluster) {
    let path = format!("{}?dryRun=true", c.all("configmaps"));
    let answer = c.post(&path, config_map("one")).await;
    assert_eq!(
        (answer.code, &answer.body["reason"]),
        (422, &json!("Invalid")),
        "{}",
        answer.text
    );
    let details = &answer.body["details"];
    assert_eq!(
        (&details["kind"], &details["group"]),
        (&json!("CreateOptions"), &json!("meta.k8s.io"))
    );
    let cause = &details["causes"][0];
    assert_eq!(
        (&cause["field"], &cause["reason"]),
        (&json!("dryRun"), &json!("FieldValueNotSupported"))
    );
    assert_eq!(c.get(&c.one("configmaps", "one")).await.code, 404);
}

async fn a_body_that_is_no_json_is_a_bad_request(c: &Cluster) {
    let answer = c.post(&c.all("configmaps"), json!("no object")).await;
    assert_eq!(
        (answer.code, &answer.body["reason"]),
        (400, &json!("BadRequest")),
        "{}",
        answer.text
    );
}

async fn generation_counts_changes_of_the_spec_alone(c: &Cluster) {
    let counted = Counted {
        expected: 0,
        healthy: 0,
        desired: 1,
        allowed: 0,
    };
    budget(c, "web", json!({"minAvailable": 1}), counted).await;
    let path = c.one("poddisruptionbudgets", "web");
    let generation = async |patch: Value| {
        let changed = c.patch(&path, MERGE, patch).await.is(200);
        changed["metadata"]["generation"].clone()
    };
    assert_eq!(
        generation(json!({"metadata": {"labels": {"a": "b"}}})).await,
        1
    );
    assert_eq!(generation(json!({"spec": {"minAvailable": 2}})).await, 2);
    assert_eq!(generation(json!({"spec": {"minAvailable": 2}})).await, 2);
}

async fn a_new_pod_is_of_its_first_generation(c: &Cluster) {
    let node = hollow_node(c, "one").await;
    let made = pod(c, "one", "x", &node).await;
    assert_eq!(made["metadata"]["generation"], 1);
}

async fn an_update_with_a_stale_version_is_a_conflict(c: &Cluster) {
    let mut made = c
        .post(&c.all("configmaps"), config_map("one"))
        .await
        .is(201);
    let path = c.one("configmaps", "one");
    c.patch(&path, MERGE, json!({"data": {"key": "2"}}))
        .await
        .is(200);
    made["data"]["key"] = "3".into();
    c.request("PUT", &path).body(&made).answer().await.refused(json!({
        "code": 409, "reason": "Conflict",
        "message": "Operation cannot be fulfilled on configmaps \"one\": the object has been modified; please apply \
                    your changes to the latest version and try again",
        "details": {"name": "one", "kind": "configmaps"},
    }));
    made["metadata"]["resourceVersion"] = Value::Null;
    let changed = c.request("PUT", &path).body(&made).answer().await.is(200);
    assert_eq!(changed["data"]["key"], "3");
}

async fn status_and_spec_of_a_node_are_written_apart(c: &Cluster) {
    let node = hollow_node(c, "one").await;
    let path = format!("/api/v1/nodes/{node}");
    let both = json!({"spec": {"unschedulable": true}, "status": {"nodeInfo": {"bootID": "new"}}});
    let boot = "00000000-0000-4000-8000-000000000001";
    let node = c.patch(&path, MERGE, both.clone()).await.is(200);
    assert_eq!(
        (
            &node["spec"]["unschedulable"],
            &node["status"]["nodeInfo"]["bootID"]
        ),
        (&json!(true), &json!(boot))
    );
    c.patch(&path, MERGE, json!({"spec": {"unschedulable": null}}))
        .await
        .is(200);
    let node = c
        .patch(&format!("{path}/status"), MERGE, both)
        .await
        .is(200);
    assert_eq!(
        (
            &node["spec"]["unschedulable"],
            &node["status"]["nodeInfo"]["bootID"]
        ),
        (&Value::Null, &json!("new"))
    );
}

async fn status_of_a_new_pod_is_not_the_clients(c: &Cluster) {
    let node = hollow_node(c, "one").await;
    let pod = json!({"metadata": {"name": "one"}, "spec": idle_on(&node), "status": {"phase": "Running"}});
    let made = c.post(&c.all("pods"), pod).await.is(201);
    assert_eq!(made["status"]["phase"], "Pending");
}

async fn status_of_a_new_node_is_the_clients(c: &Cluster) {
    let node = hollow_node(c, "one").await;
    let node = c.get(&format!("/api/v1/nodes/{node}")).await.is(200);
    assert_eq!(
        node["status"]["nodeInfo"]["kernelVersion"],
        "6.8.0-1044-azure"
    );
}
