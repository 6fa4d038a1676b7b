//! The clusters that come with the program, and the state that every cluster begins in.

use serde_json::{Value, json};

use super::support::Bench;
use crate::sim::{Machine, Placement, Workload, World, scenes};

async fn counts(bench: &Bench, path: &str) -> Vec<(String, Value)> {
    let (_, list) = bench.get(path).await;
    list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| {
            let name = item["metadata"]["name"].as_str().unwrap().to_owned();
            (name, item["status"].clone())
        })
        .collect()
}

#[tokio::test(start_paused = true)]
async fn the_demo_has_every_kind_of_node_and_healthy_workloads() {
    let bench = Bench::of(scenes::demo());
    let nodes = counts(&bench, "/api/v1/nodes").await;
    assert_eq!(nodes.len(), 12);
    let unreachable: Vec<_> = nodes
        .iter()
        .filter(|(name, _)| !bench.sim.node(name).unwrap().ready)
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(unreachable, ["aks-user-17350628-vmss000006"]);
    let pending = nodes
        .iter()
        .filter(|(name, _)| bench.sim.node(name).unwrap().flag)
        .count();
    assert_eq!(pending, 6);
    for (name, status) in counts(&bench, "/apis/apps/v1/deployments").await {
        assert_eq!(status["readyReplicas"], status["replicas"], "{name}");
    }
    for (name, status) in counts(&bench, "/apis/policy/v1/poddisruptionbudgets").await {
        assert_eq!(status["disruptionsAllowed"], 1, "{name}");
    }
    // Eleven Linux nodes, of which the unreachable one takes no pod.
    for (name, status) in counts(&bench, "/apis/apps/v1/daemonsets").await {
        assert_eq!(status["numberReady"], 10, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_node_that_was_cordoned_from_the_start_keeps_the_pods_it_had() {
    let world = World::default()
        .machine(Machine::linux("node-1").cordoned())
        .workload(Workload::deployment("web", 1))
        .workload(Workload::mirror("etcd").on(Placement::Anywhere));
    let bench = Bench::of(world);
    let node = bench.sim.node("node-1").unwrap();
    assert!(node.cordoned && node.ready);
    assert_eq!(node.pods.len(), 2, "{:?}", node.pods);
    assert_eq!(node.pods[1], ("kube-system".into(), "etcd-node-1".into()));
}

#[tokio::test(start_paused = true)]
async fn a_deleted_mirror_pod_is_there_again() {
    let world = World::default()
        .machine(Machine::linux("node-1"))
        .workload(Workload::mirror("etcd"));
    let bench = Bench::of(world);
    let path = "/api/v1/namespaces/kube-system/pods/etcd-node-1";
    let (_, before) = bench.get(path).await;
    let (code, _) = bench
        .send("DELETE", path, &[], json!({"gracePeriodSeconds": 0}))
        .await;
    assert_eq!(code, 200);
    bench
        .until("the kubelet shows it again", async |bench| {
            let (code, pod) = bench.get(path).await;
            code == 200 && pod["metadata"]["uid"] != before["metadata"]["uid"]
        })
        .await;
}
