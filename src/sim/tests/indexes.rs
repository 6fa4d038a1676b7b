//! What the cluster keeps instead of looking everything through: it must be right after every kind of change.

use std::time::Duration;

use futures::{AsyncBufReadExt as _, TryStreamExt as _};
use serde_json::{Value, json};

use super::support::Bench;
use crate::sim::{Budget, Machine, What, Workload, World, scenes};

const MERGE: [(&str, &str); 1] = [("content-type", "application/merge-patch+json")];
const PODS: &str = "/api/v1/namespaces/default/pods";
const BUDGET: &str = "/apis/policy/v1/namespaces/default/poddisruptionbudgets/web";

async fn pods_of(bench: &Bench, selector: &str) -> Vec<Value> {
    let (_, list) = bench
        .get(&format!("/api/v1/pods?labelSelector={selector}"))
        .await;
    list["items"].as_array().unwrap().clone()
}

#[tokio::test(start_paused = true)]
async fn a_pod_with_other_labels_leaves_its_budget_and_its_budget_knows() {
    let bench = Bench::of(scenes::three());
    let name = pods_of(&bench, "app%3Dweb").await[0]["metadata"]["name"].clone();
    let name = name.as_str().unwrap();
    let path = format!("{PODS}/{name}");
    let labels = json!({"metadata": {"labels": {"app": "other"}}});
    assert_eq!(bench.send("PATCH", &path, &MERGE, labels).await.0, 200);
    tokio::time::sleep(Duration::from_secs(1)).await;
    let (_, budget) = bench.get(BUDGET).await;
    assert_eq!(budget["status"]["expectedPods"], 1);
    assert_eq!(budget["status"]["disruptionsAllowed"], 0);
    // No budget has a say in it any more.
    let eviction = json!({"metadata": {"name": name}});
    let path = format!("{path}/eviction");
    assert_eq!(bench.send("POST", &path, &[], eviction).await.0, 201);
}

#[tokio::test(start_paused = true)]
async fn a_budget_with_another_selector_guards_other_pods() {
    let world = scenes::three()
        .workload(Workload::deployment("api", 2))
        .budget(Budget::min_available("nobody", 2));
    let bench = Bench::of(world);
    let budgets = "/apis/policy/v1/namespaces/default/poddisruptionbudgets";
    let selector = json!({"spec": {"selector": {"matchLabels": {"app": "api"}}}});
    let path = format!("{budgets}/nobody");
    assert_eq!(bench.send("PATCH", &path, &MERGE, selector).await.0, 200);
    tokio::time::sleep(Duration::from_secs(1)).await;
    let pod = pods_of(&bench, "app%3Dapi").await[0]["metadata"]["name"].clone();
    let evict = format!("{PODS}/{}/eviction", pod.as_str().unwrap());
    let eviction = json!({"metadata": {"name": pod}});
    assert_eq!(
        bench.send("POST", &evict, &[], eviction.clone()).await.0,
        429
    );
    assert_eq!(bench.send("DELETE", &path, &[], json!({})).await.0, 200);
    assert_eq!(bench.send("POST", &evict, &[], eviction).await.0, 201);
}

#[tokio::test(start_paused = true)]
async fn a_daemon_set_follows_the_labels_of_a_node() {
    let bench = Bench::of(scenes::three());
    let node = "/api/v1/nodes/node-2";
    let set = "/apis/apps/v1/namespaces/kube-system/daemonsets/kube-proxy";
    let nodes_of = async |bench: &Bench| {
        let pods = pods_of(bench, "app%3Dkube-proxy").await;
        let mut nodes: Vec<String> = pods
            .iter()
            .map(|pod| pod["spec"]["nodeName"].as_str().unwrap().to_owned())
            .collect();
        nodes.sort();
        let (_, set) = bench.get(set).await;
        (
            nodes,
            set["status"]["desiredNumberScheduled"].clone(),
            set["status"]["numberReady"].clone(),
        )
    };
    let all = vec!["node-1".to_owned(), "node-2".into(), "node-3".into()];
    for (os, nodes, count) in [
        ("plan9", vec!["node-1".to_owned(), "node-3".into()], 2),
        ("linux", all.clone(), 3),
    ] {
        let labels = json!({"metadata": {"labels": {"kubernetes.io/os": os}}});
        assert_eq!(bench.send("PATCH", node, &MERGE, labels).await.0, 200);
        tokio::time::sleep(Duration::from_secs(60)).await;
        assert_eq!(
            nodes_of(&bench).await,
            (nodes, json!(count), json!(count)),
            "{os}"
        );
    }
    bench.sim.happen(What::RemoveNode("node-2".into()));
    tokio::time::sleep(Duration::from_secs(60)).await;
    let left = vec!["node-1".to_owned(), "node-3".into()];
    assert_eq!(nodes_of(&bench).await, (left, json!(2), json!(2)));
}

#[tokio::test(start_paused = true)]
async fn a_watch_outlives_a_compaction_in_which_it_missed_nothing() {
    let bench = Bench::of(scenes::three());
    let (_, list) = bench.get("/api/v1/namespaces/default/configmaps").await;
    let version = list["metadata"]["resourceVersion"].as_str().unwrap();
    let path = format!(
        "/api/v1/namespaces/default/configmaps?watch=true&timeoutSeconds=600&resourceVersion={version}"
    );
    let request = http::Request::get(path).body(Vec::new()).unwrap();
    let mut lines = bench.client.request_stream(request).await.unwrap().lines();
    for _ in 0..3 {
        bench.sim.happen(What::Touch("node-1".into()));
    }
    bench.sim.happen(What::Forget);
    let map = json!({"metadata": {"name": "late"}});
    let maps = "/api/v1/namespaces/default/configmaps";
    assert_eq!(bench.send("POST", maps, &[], map).await.0, 201);
    let line = lines.try_next().await.unwrap().unwrap();
    let event: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(event["type"], "ADDED");
    assert_eq!(event["object"]["metadata"]["name"], "late");
}

#[tokio::test(start_paused = true)]
async fn versions_expire_by_age_and_not_by_number() {
    let bench = Bench::of(World::default().machine(Machine::linux("node-1")));
    let (_, list) = bench.get("/api/v1/nodes?limit=1").await;
    let old = list["metadata"]["resourceVersion"]
        .as_str()
        .unwrap()
        .to_owned();
    let watch = format!("/api/v1/nodes?watch=true&timeoutSeconds=1&resourceVersion={old}");
    for (minutes, expired) in [(5, false), (10, true)] {
        for _ in 0..minutes {
            bench.sim.happen(What::Touch("node-1".into()));
            tokio::time::sleep(Duration::from_secs(61)).await;
        }
        let (_, bytes) = bench.send_raw("GET", &watch, &[], Value::Null).await;
        let first = bytes.split(|byte| *byte == b'\n').next().unwrap();
        let event: Value = serde_json::from_slice(first).unwrap();
        assert_eq!(event["object"]["code"] == 410, expired, "{event}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_pages_of_a_list_say_how_much_is_left() {
    let bench = Bench::of(scenes::demo());
    let (_, whole) = bench.get("/api/v1/pods").await;
    let total = whole["items"].as_array().unwrap().len();
    let (mut seen, mut token) = (0, String::new());
    loop {
        let (_, page) = bench
            .get(&format!("/api/v1/pods?limit=7&continue={token}"))
            .await;
        seen += page["items"].as_array().unwrap().len();
        // What happens meanwhile is not in this list.
        bench.sim.happen(What::Touch("akswin000000".into()));
        let Some(next) = page["metadata"]["continue"].as_str() else {
            break;
        };
        assert_eq!(page["metadata"]["remainingItemCount"], total - seen);
        token = next.to_owned();
    }
    assert_eq!(seen, total);
}

/// Pods come, start, change hands, move, fail and go; nodes reboot, are cordoned, replaced and removed.
#[tokio::test(start_paused = true)]
async fn what_objects_are_found_by_is_kept_with_every_kind_of_write() {
    let bench = Bench::of(
        scenes::three()
            .workload(Workload::stateful_set("db", 2))
            .workload(Workload::deployment("api", 3)),
    );
    let others = json!({"metadata": {"labels": {"app": "other"}, "ownerReferences": null}});
    let web = pods_of(&bench, "app%3Dweb").await;
    let name = |at: usize| web[at]["metadata"]["name"].as_str().unwrap().to_owned();
    let node = |name: &str| name.to_owned();
    let acts = [
        What::Hold {
            namespace: "default".into(),
            app: "db".into(),
            lasts: None,
        },
        What::DeletePod {
            namespace: "default".into(),
            name: "db-0".into(),
        },
        What::LetGo {
            namespace: "default".into(),
            app: "db".into(),
        },
        What::RebootNode(node("node-1")),
        What::Cordon(node("node-2")),
        What::DeletePod {
            namespace: "default".into(),
            name: name(1),
        },
        What::ReplaceNode(node("node-3")),
        What::StopKubelet(node("node-2")),
        What::RemoveNode(node("node-1")),
    ];
    let path = format!("{PODS}/{}", name(0));
    assert_eq!(bench.send("PATCH", &path, &MERGE, others).await.0, 200);
    for act in acts {
        bench.sim.happen(act);
        for _ in 0..60 {
            tokio::time::sleep(Duration::from_millis(500)).await;
            bench.sim.shared.lock().store.assert_linked();
        }
    }
}
