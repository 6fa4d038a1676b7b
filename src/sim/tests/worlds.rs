//! The clusters that come with the program, and the state that every cluster begins in.

use std::time::Duration;

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
    assert_eq!(unreachable, ["aks-user-17350628-vmss000007"]);
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
#[tokio::test(start_paused = true)]
async fn the_demos_budget_is_shut_for_a_while_and_opens_by_itself() {
    let bench = Bench::of(scenes::demo());
    let node = "aks-user-17350628-vmss000000";
    let cordon = json!({"spec": {"unschedulable": true}});
    let merge = [("content-type", "application/merge-patch+json")];
    let path = format!("/api/v1/nodes/{node}");
    let (code, _) = bench.send("PATCH", &path, &merge, cordon).await;
    assert_eq!(code, 200);
    let pods = bench.sim.node(node).unwrap().pods;
    let (namespace, pod) = pods
        .iter()
        .find(|(_, name)| name.starts_with("checkout"))
        .unwrap();
    let path = format!("/api/v1/namespaces/{namespace}/pods/{pod}/eviction");
    let mut refused = 0;
    loop {
        let eviction = json!({"metadata": {"name": pod}});
        let (code, status) = bench.send("POST", &path, &[], eviction).await;
        if code == 201 {
            break;
        }
        assert_eq!(
            status["details"]["causes"][0]["message"],
            "The disruption budget checkout needs 6 healthy pods and has 6 currently"
        );
        refused += 1;
        tokio::time::sleep(Duration::from_secs(5)).await;
    }
    assert_eq!(refused, 16);
}
