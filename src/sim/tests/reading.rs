//! get, list, watch, pages, tables.

use futures::{StreamExt as _, TryStreamExt as _};
use kube::api::{ListParams, Patch, PatchParams, WatchEvent, WatchParams};
use serde_json::{Value, json};

use super::support::Bench;
use crate::sim::{What, scenes};

#[tokio::test(start_paused = true)]
async fn the_described_state_is_there_when_the_first_client_looks() {
    let bench = Bench::of(scenes::three());
    let nodes = bench.nodes().list(&ListParams::default()).await.unwrap();
    assert_eq!(nodes.items.len(), 3);
    let pods = bench
        .pods("default")
        .list(&ListParams::default())
        .await
        .unwrap();
    assert_eq!(pods.items.len(), 2);
    for pod in &pods.items {
        assert_eq!(
            pod.status.as_ref().unwrap().phase.as_deref(),
            Some("Running")
        );
    }
    let (_, budget) = bench
        .get("/apis/policy/v1/namespaces/default/poddisruptionbudgets/web")
        .await;
    assert_eq!(budget["status"]["disruptionsAllowed"], 1);
    assert_eq!(
        budget["status"]["observedGeneration"],
        budget["metadata"]["generation"]
    );
}

#[tokio::test(start_paused = true)]
async fn pages_show_the_state_of_the_first_page_whatever_happens_between_them() {
    let bench = Bench::of(scenes::three());
    let api = bench.nodes();
    let first = api.list(&ListParams::default().limit(2)).await.unwrap();
    assert_eq!(first.items.len(), 2);
    assert_eq!(first.metadata.remaining_item_count, Some(1));
    bench.sim.happen(What::RemoveNode("node-3".into()));
    let token = first.metadata.continue_.unwrap();
    let second = api
        .list(&ListParams::default().limit(2).continue_token(&token))
        .await
        .unwrap();
    let names: Vec<_> = second
        .items
        .iter()
        .filter_map(|n| n.metadata.name.as_deref())
        .collect();
    assert_eq!(names, ["node-3"]);
    assert_eq!(
        second.metadata.resource_version,
        first.metadata.resource_version
    );
    assert_eq!(second.metadata.continue_, None);
}

#[tokio::test(start_paused = true)]
async fn a_page_from_a_forgotten_version_is_expired() {
    let bench = Bench::of(scenes::three());
    let (_, first) = bench.get("/api/v1/nodes?limit=1").await;
    let token = first["metadata"]["continue"].as_str().unwrap();
    bench.sim.happen(What::Touch("node-1".into()));
    bench.sim.happen(What::Forget);
    let (code, status) = bench
        .get(&format!("/api/v1/nodes?limit=1&continue={token}"))
        .await;
    assert_eq!((code, &status["reason"]), (410, &json!("Expired")));
}

#[tokio::test(start_paused = true)]
async fn a_watch_tells_what_begins_and_ceases_to_match() {
    let bench = Bench::of(scenes::three());
    let api = bench.nodes();
    let version = api
        .list(&ListParams::default())
        .await
        .unwrap()
        .metadata
        .resource_version
        .unwrap();
    let params = WatchParams::default().labels("team=a").timeout(30);
    let mut watch = api.watch(&params, &version).await.unwrap().boxed();
    for labels in [
        json!({"team": "a"}),
        json!({"other": "x"}),
        json!({"team": null}),
    ] {
        let patch = Patch::Merge(json!({"metadata": {"labels": labels}}));
        api.patch("node-1", &PatchParams::default(), &patch)
            .await
            .unwrap();
    }
    let mut seen = Vec::new();
    while let Some(event) = watch.try_next().await.unwrap() {
        seen.push(match event {
            WatchEvent::Added(_) => "added",
            WatchEvent::Modified(_) => "modified",
            WatchEvent::Deleted(_) => "deleted",
            WatchEvent::Bookmark(_) => "bookmark",
            WatchEvent::Error(_) => "error",
        });
    }
    assert_eq!(seen, ["added", "modified", "deleted", "bookmark"]);
}

#[tokio::test(start_paused = true)]
async fn a_watch_from_a_forgotten_version_ends_with_410() {
    let bench = Bench::of(scenes::three());
    let (_, nodes) = bench.get("/api/v1/nodes").await;
    let version = nodes["metadata"]["resourceVersion"].as_str().unwrap();
    bench.sim.happen(What::Touch("node-1".into()));
    bench.sim.happen(What::Forget);
    let (code, event) = bench
        .get(&format!(
            "/api/v1/nodes?watch=true&resourceVersion={version}"
        ))
        .await;
    assert_eq!(code, 200);
    assert_eq!(event["type"], "ERROR");
    assert_eq!(event["object"]["code"], 410);
    assert_eq!(event["object"]["reason"], "Expired");
}

#[tokio::test(start_paused = true)]
async fn a_version_of_the_future_is_refused() {
    let bench = Bench::of(scenes::three());
    let (code, status) = bench.get("/api/v1/nodes?resourceVersion=99999999").await;
    assert_eq!(code, 504);
    assert_eq!(
        status["details"]["causes"][0]["reason"],
        "ResourceVersionTooLarge"
    );
}

#[tokio::test(start_paused = true)]
async fn selectors_choose_by_labels_and_fields() {
    let bench = Bench::of(scenes::three());
    let names = async |query: &str| {
        let (code, list) = bench.get(query).await;
        assert_eq!(code, 200, "{list}");
        let items = list["items"].as_array().unwrap();
        items
            .iter()
            .map(|item| item["metadata"]["name"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let zone = "topology.kubernetes.io%2Fzone";
    assert_eq!(
        names(&format!(
            "/api/v1/nodes?labelSelector={zone}%20in%20(westeurope-1,westeurope-3)"
        ))
        .await,
        ["node-1", "node-3"]
    );
    assert_eq!(
        names("/api/v1/nodes?fieldSelector=metadata.name!%3Dnode-2").await,
        ["node-1", "node-3"]
    );
    let on_one = names("/api/v1/pods?fieldSelector=spec.nodeName%3Dnode-1").await;
    assert!(
        on_one.iter().any(|name| name.starts_with("kube-proxy-")),
        "{on_one:?}"
    );
    let (code, status) = bench
        .get("/api/v1/nodes?fieldSelector=spec.nodeName%3Dx")
        .await;
    assert_eq!(code, 400);
    assert_eq!(
        status["message"],
        "field label not supported: spec.nodeName"
    );
}

#[tokio::test(start_paused = true)]
async fn nodes_come_as_a_table_when_it_is_asked_for() {
    let bench = Bench::of(scenes::three());
    bench.sim.happen(What::Cordon("node-2".into()));
    let accept = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
    let (code, table) = bench
        .send(
            "GET",
            "/api/v1/nodes?limit=2",
            &[("accept", accept)],
            Value::Null,
        )
        .await;
    assert_eq!((code, &table["kind"]), (200, &json!("Table")));
    assert_eq!(table["columnDefinitions"][8]["name"], "Kernel-Version");
    let row = &table["rows"][1];
    assert_eq!(
        row["cells"],
        json!([
            "node-2",
            "Ready,SchedulingDisabled",
            "<none>",
            "61d",
            "v1.34.4",
            "10.224.0.9",
            "<none>",
            "Ubuntu 24.04.3 LTS",
            "6.8.0-1044-azure",
            "containerd://1.7.29-1"
        ])
    );
    assert_eq!(row["object"]["kind"], "PartialObjectMetadata");
    assert!(table["metadata"]["continue"].is_string());
}

#[tokio::test(start_paused = true)]
async fn metadata_comes_alone_when_it_is_asked_for() {
    let bench = Bench::of(scenes::three());
    let api = bench.nodes();
    let one = api.get_metadata("node-1").await.unwrap();
    assert_eq!(
        one.metadata.uid,
        Some(bench.sim.node("node-1").unwrap().uid)
    );
    let all = api.list_metadata(&ListParams::default()).await.unwrap();
    assert_eq!(all.items.len(), 3);
    let version = all.metadata.resource_version.unwrap();
    let params = WatchParams::default().timeout(5);
    let mut watch = api.watch_metadata(&params, &version).await.unwrap().boxed();
    bench.sim.happen(What::Touch("node-2".into()));
    let Some(WatchEvent::Modified(node)) = watch.try_next().await.unwrap() else {
        panic!("no change of the node");
    };
    assert_eq!(node.metadata.name.as_deref(), Some("node-2"));
    let accept = [(
        "accept",
        "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1",
    )];
    let (_, raw) = bench
        .send("GET", "/api/v1/nodes/node-1", &accept, Value::Null)
        .await;
    assert_eq!(
        (&raw["kind"], raw.get("status")),
        (&json!("PartialObjectMetadata"), None)
    );
    let (code, _) = bench
        .send(
            "GET",
            "/api/v1/nodes",
            &[("accept", "text/html")],
            Value::Null,
        )
        .await;
    assert_eq!(code, 406);
}

#[tokio::test(start_paused = true)]
async fn heartbeats_and_renewals_are_as_fresh_as_the_moment_of_reading() {
    let bench = Bench::of(scenes::three());
    let lease = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/node-1";
    let (_, before) = bench.get(lease).await;
    tokio::time::sleep(std::time::Duration::from_secs(25)).await;
    let (_, after) = bench.get(lease).await;
    let renewed = |lease: &Value| {
        let time = lease["spec"]["renewTime"].as_str().unwrap();
        time.parse::<jiff::Timestamp>().unwrap()
    };
    let age = bench.sim.now().duration_since(renewed(&after));
    assert!(age < jiff::SignedDuration::from_secs(10), "{age}");
    assert_ne!(
        before["metadata"]["resourceVersion"],
        after["metadata"]["resourceVersion"]
    );
    let (_, node) = bench.get("/api/v1/nodes/node-1").await;
    let beat = node["status"]["conditions"][3]["lastHeartbeatTime"]
        .as_str()
        .unwrap();
    let beat = beat.parse::<jiff::Timestamp>().unwrap();
    assert!(bench.sim.now().duration_since(beat) <= jiff::SignedDuration::from_secs(300));
}

#[tokio::test(start_paused = true)]
async fn a_watched_lease_is_renewed_every_ten_seconds() {
    let bench = Bench::of(scenes::three());
    let path = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases?watch=true\
                &fieldSelector=metadata.name%3Dnode-2&timeoutSeconds=35";
    let (_, lines) = bench.send_raw("GET", path, &[], Value::Null).await;
    let lines = String::from_utf8(lines).unwrap();
    let modified = lines.matches("\"MODIFIED\"").count();
    assert!((3..=4).contains(&modified), "{modified}");
    assert!(!lines.contains("node-1"));
}

#[tokio::test(start_paused = true)]
async fn what_is_not_served_is_not_found() {
    let bench = Bench::of(scenes::three());
    let (code, text) = bench
        .send_raw("GET", "/apis/batch/v1/jobs", &[], Value::Null)
        .await;
    let no_page = b"404 page not found\n".as_slice();
    assert_eq!((code, text.as_slice()), (404, no_page));
    for path in ["/api/v1/secrets", "/api/v1/nodes/node-1/proxy"] {
        let (code, status) = bench.get(path).await;
        let message = "the server could not find the requested resource";
        assert_eq!((code, &status["message"]), (404, &json!(message)), "{path}");
    }
    let error = bench.nodes().get("none").await.unwrap_err();
    let kube::Error::Api(status) = error else {
        panic!("{error}");
    };
    assert!(status.is_not_found());
    assert_eq!(status.message, "nodes \"none\" not found");
}
