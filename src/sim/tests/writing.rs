//! create, patch, put, delete: conflicts, dry runs, permissions, admission.

use k8s_openapi::api::core::v1::ConfigMap;
use kube::api::{Api, DeleteParams, Patch, PatchParams, PostParams, Preconditions};
use serde_json::{Value, json};

use super::support::Bench;
use crate::sim::{What, World, scenes};

const JSON_PATCH: (&str, &str) = ("content-type", "application/json-patch+json");
const MERGE_PATCH: (&str, &str) = ("content-type", "application/merge-patch+json");

fn status(error: kube::Error) -> Box<kube::core::Status> {
    match error {
        kube::Error::Api(status) => status,
        other => panic!("no answer of the API: {other}"),
    }
}

fn config_map(name: &str) -> ConfigMap {
    serde_json::from_value(json!({"metadata": {"name": name}, "data": {"k": "1"}})).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_patch_with_a_stale_version_is_a_conflict_and_changes_nothing() {
    let bench = Bench::of(scenes::three());
    let node = bench.nodes().get("node-1").await.unwrap();
    bench.sim.happen(What::Touch("node-1".into()));
    let patch = json!({
        "metadata": {"resourceVersion": node.metadata.resource_version},
        "spec": {"unschedulable": true},
    });
    let refused = bench
        .nodes()
        .patch("node-1", &PatchParams::default(), &Patch::Merge(&patch))
        .await
        .unwrap_err();
    let status = status(refused);
    assert!(status.is_conflict());
    assert_eq!(
        status.message,
        "Operation cannot be fulfilled on nodes \"node-1\": the object has been modified; please apply your changes \
         to the latest version and try again"
    );
    assert!(!bench.sim.node("node-1").unwrap().cordoned);
}

#[tokio::test(start_paused = true)]
async fn a_json_patch_whose_test_fails_is_invalid_and_changes_nothing() {
    let bench = Bench::of(scenes::three());
    let key = "/metadata/annotations/aksreboot.dev~1run";
    let patch = json!([
        {"op": "add", "path": "/spec/unschedulable", "value": true},
        {"op": "test", "path": key, "value": "mine"},
    ]);
    let (code, status) = bench
        .send("PATCH", "/api/v1/nodes/node-1", &[JSON_PATCH], patch)
        .await;
    assert_eq!(code, 422);
    assert_eq!(status["reason"], "Invalid");
    assert_eq!(
        status["message"],
        "the server rejected our request due to an error in our request"
    );
    assert!(!bench.sim.node("node-1").unwrap().cordoned);
}

#[tokio::test(start_paused = true)]
async fn a_cordon_is_a_patch_and_brings_its_taint() {
    let bench = Bench::of(scenes::three());
    let patch = json!({
        "metadata": {"annotations": {"aksreboot.dev/run": "x"}}, "spec": {"unschedulable": true},
    });
    let path = "/api/v1/nodes/node-1";
    let (code, _) = bench.send("PATCH", path, &[MERGE_PATCH], patch).await;
    assert_eq!(code, 200);
    let until = async |taints: &[&str]| {
        bench
            .until("the taint follows", async |bench| {
                bench.sim.node("node-1").unwrap().taints == taints
            })
            .await;
    };
    until(&["node.kubernetes.io/unschedulable"]).await;
    let node = bench.sim.node("node-1").unwrap();
    assert!(node.cordoned);
    assert_eq!(node.annotations["aksreboot.dev/run"], "x");
    let undo = json!({
        "metadata": {"annotations": {"aksreboot.dev/run": null}}, "spec": {"unschedulable": null},
    });
    bench.send("PATCH", path, &[MERGE_PATCH], undo).await;
    until(&[]).await;
    assert!(
        !bench
            .sim
            .node("node-1")
            .unwrap()
            .annotations
            .contains_key("aksreboot.dev/run")
    );
}

#[tokio::test(start_paused = true)]
async fn a_patch_that_changes_nothing_is_no_new_version() {
    let bench = Bench::of(scenes::three());
    let path = "/api/v1/nodes/node-1";
    let (_, before) = bench.get(path).await;
    let same = json!({"metadata": {"labels": {"agentpool": "user"}}});
    let (code, after) = bench.send("PATCH", path, &[MERGE_PATCH], same).await;
    assert_eq!(code, 200);
    assert_eq!(
        before["metadata"]["resourceVersion"],
        after["metadata"]["resourceVersion"]
    );
}

#[tokio::test(start_paused = true)]
async fn status_and_spec_are_written_apart() {
    let bench = Bench::of(scenes::three());
    let both = json!({"spec": {"unschedulable": true}, "status": {"phase": "x"}});
    let path = "/api/v1/nodes/node-1";
    let (_, node) = bench
        .send("PATCH", path, &[MERGE_PATCH], both.clone())
        .await;
    assert_eq!(
        (&node["spec"]["unschedulable"], &node["status"]["phase"]),
        (&json!(true), &Value::Null)
    );
    let path = "/api/v1/nodes/node-2/status";
    let (_, node) = bench.send("PATCH", path, &[MERGE_PATCH], both).await;
    assert_eq!(
        (&node["spec"]["unschedulable"], &node["status"]["phase"]),
        (&Value::Null, &json!("x"))
    );
}

#[tokio::test(start_paused = true)]
async fn a_name_is_taken_once_and_generated_on_request() {
    let bench = Bench::of(scenes::three());
    let api: Api<ConfigMap> = Api::default_namespaced(bench.client.clone());
    api.create(&PostParams::default(), &config_map("a"))
        .await
        .unwrap();
    let taken = status(
        api.create(&PostParams::default(), &config_map("a"))
            .await
            .unwrap_err(),
    );
    assert!(taken.is_already_exists());
    assert_eq!(taken.message, "configmaps \"a\" already exists");
    let path = "/api/v1/namespaces/default/configmaps";
    let (code, made) = bench
        .send(
            "POST",
            path,
            &[],
            json!({"metadata": {"generateName": "run-"}}),
        )
        .await;
    assert_eq!(code, 201);
    let name = made["metadata"]["name"].as_str().unwrap();
    assert_eq!((name.len(), &name[..4]), (9, "run-"));
    let (code, status) = bench.send("POST", path, &[], json!({"metadata": {}})).await;
    assert_eq!((code, &status["reason"]), (422, &json!("Invalid")));
}

#[tokio::test(start_paused = true)]
async fn nothing_is_made_in_a_namespace_that_is_not_there_or_is_going_away() {
    let bench = Bench::of(scenes::three());
    let api: Api<ConfigMap> = Api::namespaced(bench.client.clone(), "nowhere");
    let refused = api.create(&PostParams::default(), &config_map("a")).await;
    let missing = status(refused.unwrap_err());
    assert!(missing.is_not_found());
    assert_eq!(missing.message, "namespaces \"nowhere\" not found");

    let (code, namespace) = bench
        .send("DELETE", "/api/v1/namespaces/default", &[], Value::Null)
        .await;
    assert_eq!(
        (code, &namespace["status"]["phase"]),
        (200, &json!("Terminating"))
    );
    let api: Api<ConfigMap> = Api::default_namespaced(bench.client.clone());
    let refused = api.create(&PostParams::default(), &config_map("a")).await;
    let going = status(refused.unwrap_err());
    assert_eq!(going.code, 403);
    assert_eq!(
        going.details.unwrap().causes[0].reason,
        "NamespaceTerminating"
    );
    bench
        .until("it is gone with all in it", async |bench| {
            bench.get("/api/v1/namespaces/default").await.0 == 404
        })
        .await;
    assert_eq!(
        bench.get("/api/v1/namespaces/default/pods").await.1["items"],
        json!([])
    );
}

#[tokio::test(start_paused = true)]
async fn a_dry_run_answers_and_does_nothing() {
    let bench = Bench::of(scenes::three());
    let (_, before) = bench.get("/api/v1/nodes").await;
    let pods = "/api/v1/namespaces/default/pods";
    let pod =
        json!({"metadata": {"name": "a"}, "spec": {"containers": [{"name": "a", "image": "a"}]}});
    let (code, made) = bench
        .send("POST", &format!("{pods}?dryRun=All"), &[], pod)
        .await;
    assert_eq!(code, 201);
    assert!(made["metadata"]["uid"].is_string());
    let cordon = json!({"spec": {"unschedulable": true}});
    let (code, node) = bench
        .send(
            "PATCH",
            "/api/v1/nodes/node-1?dryRun=All",
            &[MERGE_PATCH],
            cordon,
        )
        .await;
    assert_eq!((code, &node["spec"]["unschedulable"]), (200, &json!(true)));
    assert!(
        !node.to_string().contains("0001-01-01"),
        "heartbeats are there"
    );
    let (code, _) = bench
        .send(
            "DELETE",
            "/api/v1/nodes/node-1?dryRun=All",
            &[],
            Value::Null,
        )
        .await;
    assert_eq!(code, 200);
    let (_, after) = bench.get("/api/v1/nodes").await;
    assert_eq!(
        before["metadata"]["resourceVersion"],
        after["metadata"]["resourceVersion"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_put_needs_the_newest_version() {
    let bench = Bench::of(scenes::three());
    let path = "/apis/coordination.k8s.io/v1/namespaces/default/leases";
    let lease = json!({"metadata": {"name": "aksreboot"}, "spec": {"holderIdentity": "a"}});
    let (code, first) = bench.send("POST", path, &[], lease).await;
    assert_eq!(code, 201);
    let path = format!("{path}/aksreboot");
    let mut mine = first.clone();
    mine["spec"]["holderIdentity"] = "b".into();
    let (code, second) = bench.send("PUT", &path, &[], mine).await;
    assert_eq!(
        (code, &second["spec"]["holderIdentity"]),
        (200, &json!("b"))
    );
    let (code, status) = bench.send("PUT", &path, &[], first).await;
    assert_eq!((code, &status["reason"]), (409, &json!("Conflict")));
    assert_eq!(status["details"]["group"], "coordination.k8s.io");
}

#[tokio::test(start_paused = true)]
async fn a_delete_of_another_uid_is_a_conflict() {
    let bench = Bench::of(scenes::three());
    let api: Api<ConfigMap> = Api::default_namespaced(bench.client.clone());
    let made = api
        .create(&PostParams::default(), &config_map("a"))
        .await
        .unwrap();
    let uid = made.metadata.uid.unwrap();
    let delete = |uid: &str| DeleteParams {
        preconditions: Some(Preconditions {
            uid: Some(uid.into()),
            resource_version: None,
        }),
        ..DeleteParams::default()
    };
    let other = status(api.delete("a", &delete("other")).await.unwrap_err());
    assert_eq!(other.code, 409);
    assert_eq!(
        other.message,
        format!(
            "Operation cannot be fulfilled on ConfigMap \"a\": the UID in the precondition (other) does not match the UID \
             in record ({uid}). The object might have been deleted and then recreated"
        )
    );
    let gone = api.delete("a", &delete(&uid)).await.unwrap();
    assert!(gone.right().is_some_and(|status| status.is_success()));
}

#[tokio::test(start_paused = true)]
async fn a_finalizer_keeps_a_deleted_object_until_it_is_taken_away() {
    let bench = Bench::of(scenes::three());
    let path = "/api/v1/namespaces/default/configmaps";
    let held = json!({"metadata": {"name": "a", "finalizers": ["example.com/hold"]}});
    bench.send("POST", path, &[], held).await;
    let path = format!("{path}/a");
    let (code, left) = bench.send("DELETE", &path, &[], Value::Null).await;
    assert_eq!(code, 200);
    assert!(left["metadata"]["deletionTimestamp"].is_string());
    assert_eq!(bench.get(&path).await.0, 200);
    let release = json!({"metadata": {"finalizers": null}});
    bench.send("PATCH", &path, &[MERGE_PATCH], release).await;
    assert_eq!(bench.get(&path).await.0, 404);
}

#[tokio::test(start_paused = true)]
async fn a_deleted_pod_takes_its_time_and_is_replaced() {
    let bench = Bench::of(scenes::three());
    let pods = "/api/v1/namespaces/default/pods";
    let (_, list) = bench.get(pods).await;
    let name = list["items"][0]["metadata"]["name"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = format!("{pods}/{name}");
    let (code, left) = bench.send("DELETE", &path, &[], Value::Null).await;
    assert_eq!(
        (code, &left["metadata"]["deletionGracePeriodSeconds"]),
        (200, &json!(30))
    );
    bench
        .until("it is gone", async |bench| bench.get(&path).await.0 == 404)
        .await;
    bench
        .until("there are two Ready pods again", async |bench| {
            let (_, web) = bench
                .get("/apis/apps/v1/namespaces/default/deployments/web")
                .await;
            web["status"]["readyReplicas"] == 2
        })
        .await;
}

#[tokio::test(start_paused = true)]
async fn what_the_user_may_not_is_forbidden_in_the_words_of_rbac() {
    let world = scenes::three()
        .forbidden("create", "pods/eviction")
        .forbidden("watch", "nodes");
    let bench = Bench::of(world);
    let (code, status) = bench
        .send(
            "POST",
            "/api/v1/namespaces/default/pods/web-x/eviction",
            &[],
            json!({}),
        )
        .await;
    assert_eq!(code, 403);
    assert_eq!(
        status["message"],
        "pods \"web-x\" is forbidden: User \"operator\" cannot create resource \"pods/eviction\" in API group \"\" in \
         the namespace \"default\""
    );
    let (code, status) = bench.get("/api/v1/nodes?watch=1").await;
    assert_eq!(code, 403);
    assert_eq!(
        status["message"],
        "nodes is forbidden: User \"operator\" cannot watch resource \"nodes\" in API group \"\" at the cluster scope"
    );
    let review = |verb: &str| json!({"spec": {"resourceAttributes": {"verb": verb, "resource": "pods", "subresource": "eviction"}}});
    let path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
    let (_, no) = bench.send("POST", path, &[], review("create")).await;
    let (_, yes) = bench.send("POST", path, &[], review("get")).await;
    assert_eq!(
        (&no["status"]["allowed"], &yes["status"]["allowed"]),
        (&json!(false), &json!(true))
    );
}

#[tokio::test(start_paused = true)]
async fn admission_refuses_in_its_own_words() {
    let words = "violates PodSecurity \"baseline:latest\": hostPath volumes (volume \"host\")";
    let world: World = scenes::three().denial("pods", "default", words);
    let bench = Bench::of(world);
    let pod =
        json!({"metadata": {"name": "a"}, "spec": {"containers": [{"name": "a", "image": "a"}]}});
    let (code, status) = bench
        .send("POST", "/api/v1/namespaces/default/pods", &[], pod.clone())
        .await;
    assert_eq!(code, 403);
    assert_eq!(
        status["message"],
        format!("pods \"a\" is forbidden: {words}")
    );
    let (code, _) = bench
        .send("POST", "/api/v1/namespaces/kube-system/pods", &[], pod)
        .await;
    assert_eq!(code, 201);
}
