//! What goes wrong on purpose.

use std::time::Duration;

use futures::{StreamExt as _, TryStreamExt as _};
use kube::api::{ListParams, WatchEvent, WatchParams};
use serde_json::json;

use super::support::Bench;
use crate::sim::{Away, Disturbance, Matching, What, When, scenes};

#[tokio::test(start_paused = true)]
async fn an_api_server_that_is_gone_breaks_requests_and_watches_and_comes_back() {
    let bench = Bench::of(scenes::three());
    let api = bench.nodes();
    let version = api
        .list(&ListParams::default())
        .await
        .unwrap()
        .metadata
        .resource_version
        .unwrap();
    let watch = api.watch(&WatchParams::default(), &version).await.unwrap();
    bench
        .sim
        .happen(What::Away(Away::Gone, Duration::from_secs(30)));
    let broken = watch.boxed().try_next().await;
    assert!(broken.is_err(), "{broken:?}");
    let error = api.get("node-1").await.unwrap_err();
    assert!(!matches!(error, kube::Error::Api(_)), "{error}");
    tokio::time::sleep(Duration::from_secs(31)).await;
    api.get("node-1").await.unwrap();
    let last = bench.sim.requests();
    let statuses: Vec<_> = last.iter().map(|line| line.status).collect();
    assert_eq!(statuses, [Some(200), Some(200), None, Some(200)]);
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_leaves_the_deed_done() {
    let world = scenes::three().happening(
        When::Before(Matching::first("create", "configmaps")),
        What::Disturb(Disturbance::LoseAnswer),
    );
    let bench = Bench::of(world);
    let path = "/api/v1/namespaces/default/configmaps";
    let map: k8s_openapi::api::core::v1::ConfigMap =
        serde_json::from_value(json!({"metadata": {"name": "a"}})).unwrap();
    let api = kube::Api::default_namespaced(bench.client.clone());
    assert!(
        api.create(&kube::api::PostParams::default(), &map)
            .await
            .is_err()
    );
    assert_eq!(bench.get(&format!("{path}/a")).await.0, 200);
    let again = api
        .create(&kube::api::PostParams::default(), &map)
        .await
        .unwrap_err();
    assert!(matches!(again, kube::Error::Api(status) if status.is_already_exists()));
}

#[tokio::test(start_paused = true)]
async fn the_nth_request_is_refused_as_told_and_throttling_carries_its_header() {
    let refuse = Disturbance::Refuse {
        code: 429,
        reason: "TooManyRequests".into(),
        message: "too many requests, please try again later".into(),
        retry_after: Some(1),
    };
    let world = scenes::three().happening(
        When::Before(Matching::nth(2, "get", "nodes")),
        What::Disturb(refuse),
    );
    let bench = Bench::of(world);
    let mut codes = Vec::new();
    for _ in 0..3 {
        codes.push(bench.get("/api/v1/nodes/node-1").await.0);
    }
    assert_eq!(codes, [200, 429, 200]);
}

#[tokio::test(start_paused = true)]
async fn somebody_else_gets_in_between_read_and_patch() {
    let world = scenes::three().happening(
        When::Before(Matching::first("patch", "nodes")),
        What::Touch("node-1".into()),
    );
    let bench = Bench::of(world);
    let (_, node) = bench.get("/api/v1/nodes/node-1").await;
    let patch = json!({
        "metadata": {"resourceVersion": node["metadata"]["resourceVersion"]},
        "spec": {"unschedulable": true},
    });
    let merge = [("content-type", "application/merge-patch+json")];
    let (code, _) = bench
        .send("PATCH", "/api/v1/nodes/node-1", &merge, patch)
        .await;
    assert_eq!(code, 409);
}

#[tokio::test(start_paused = true)]
async fn a_replaced_node_has_the_name_and_nothing_else_of_the_old_one() {
    let bench = Bench::of(scenes::three());
    let before = bench.sim.node("node-1").unwrap();
    bench.sim.happen(What::ReplaceNode("node-1".into()));
    bench
        .until("its DaemonSet pod is there", async |bench| {
            !bench.sim.node("node-1").unwrap().pods.is_empty()
        })
        .await;
    let after = bench.sim.node("node-1").unwrap();
    assert_ne!(before.uid, after.uid);
    assert_ne!(before.boot_id, after.boot_id);
    assert!(before.flag && !after.flag);
}

#[tokio::test(start_paused = true)]
async fn a_machine_that_is_replaced_in_its_reboot_does_not_boot_later() {
    let bench = Bench::of(scenes::three());
    bench.sim.happen(What::RebootNode("node-1".into()));
    tokio::time::sleep(Duration::from_secs(5)).await;
    bench.sim.happen(What::ReplaceNode("node-1".into()));
    let replaced = bench.sim.node("node-1").unwrap();
    tokio::time::sleep(Duration::from_secs(120)).await;
    let later = bench.sim.node("node-1").unwrap();
    assert_eq!((later.boots, later.boot_id), (0, replaced.boot_id));
    assert!(later.ready && later.taints.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_delayed_request_is_carried_out_late() {
    let world = scenes::three().happening(
        When::At(Duration::ZERO),
        What::Disturb(Disturbance::Delay(Duration::from_secs(40))),
    );
    let bench = Bench::of(world);
    let start = tokio::time::Instant::now();
    assert_eq!(bench.get("/version").await.1["gitVersion"], "v1.34.4");
    assert_eq!(start.elapsed(), Duration::from_secs(40));
}

#[tokio::test(start_paused = true)]
async fn a_kubelet_that_stops_and_starts_leaves_its_pods_running() {
    let bench = Bench::of(scenes::three());
    let boot = bench.sim.node("node-1").unwrap().boot_id;
    let watch = bench.nodes();
    let version = watch
        .list(&ListParams::default())
        .await
        .unwrap()
        .metadata
        .resource_version
        .unwrap();
    bench.sim.happen(What::StopKubelet("node-1".into()));
    let params = WatchParams::default()
        .fields("metadata.name=node-1")
        .timeout(100);
    let mut events = watch.watch(&params, &version).await.unwrap().boxed();
    let Some(WatchEvent::Modified(node)) = events.try_next().await.unwrap() else {
        panic!("no change of the node");
    };
    let ready = node
        .status
        .unwrap()
        .conditions
        .unwrap()
        .into_iter()
        .find(|c| c.type_ == "Ready");
    assert_eq!(ready.unwrap().status, "Unknown");
    bench.sim.happen(What::StartKubelet("node-1".into()));
    bench
        .until("it is as before", async |bench| {
            let node = bench.sim.node("node-1").unwrap();
            node.ready && node.taints.is_empty()
        })
        .await;
    let node = bench.sim.node("node-1").unwrap();
    assert_eq!((node.boots, node.boot_id), (0, boot));
    tokio::time::sleep(Duration::from_secs(5)).await;
    let (_, pods) = bench
        .get("/api/v1/pods?fieldSelector=spec.nodeName%3Dnode-1")
        .await;
    for pod in pods["items"].as_array().unwrap() {
        assert_eq!(pod["status"]["containerStatuses"][0]["restartCount"], 0);
        assert_eq!(
            pod["status"]["conditions"]
                .as_array()
                .unwrap()
                .iter()
                .find(|c| c["type"] == "Ready")
                .unwrap()["status"],
            "True"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn the_log_shows_every_request_in_its_order() {
    let bench = Bench::of(scenes::three());
    bench.nodes().get("node-1").await.unwrap();
    tokio::time::sleep(Duration::from_millis(1500)).await;
    bench.nodes().get("none").await.unwrap_err();
    let lines: Vec<_> = bench
        .sim
        .requests()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        lines,
        [
            "0.000 GET /api/v1/nodes/node-1 -> 200",
            "1.500 GET /api/v1/nodes/none -> 404"
        ]
    );
}
