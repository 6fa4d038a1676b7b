//! A snapshot that is loaded reads as the same snapshot, whatever is in it; and a loaded cluster goes on as the one that
//! it was read from.

mod generated;

use std::collections::BTreeSet;
use std::time::Duration;

use proptest::prelude::*;

use super::support::{Bench, reboot_pod};
use crate::core::model::{NodeName, Snapshot};
use crate::edge::cluster::snapshot::read as snapshot;
use crate::sim::{Sim, Workload, World, scenes};

fn client(sim: &Sim) -> kube::Client {
    kube::Client::new(sim.service(), "default")
}

fn paused<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap()
        .block_on(work)
}

/// What the edge reads of a cluster that was loaded a moment ago.
fn through_the_sim(loaded: Snapshot) -> Snapshot {
    paused(async {
        let pending = loaded.nodes.iter().map(|node| node.name.clone()).collect();
        let sim = Sim::start(World::of(loaded, &pending), 7);
        snapshot(&client(&sim)).await.unwrap()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_snapshot_that_is_loaded_reads_as_the_same_snapshot(loaded in generated::snapshots()) {
        let read = through_the_sim(loaded.clone());
        prop_assert_eq!(read, loaded);
    }
}

/// The program's own scenes and a few workloads besides.
fn lively() -> World {
    scenes::demo()
        .workload(Workload::stateful_set("queue", 2).with_empty_dir())
        .workload(Workload::mirror("etcd"))
        .workload(Workload::bare("tool", "aks-user-17350628-vmss000001"))
}

#[tokio::test(start_paused = true)]
async fn a_loaded_cluster_at_peace_stays_as_it_was_read() {
    let before = snapshot(&client(&Sim::start(lively(), 7))).await.unwrap();
    assert!(before.pods.len() > 40, "{}", before.pods.len());
    let sim = Sim::start(World::of(before.clone(), &BTreeSet::new()), 8);
    tokio::time::sleep(Duration::from_secs(600)).await;
    let after = snapshot(&client(&sim)).await.unwrap();
    for (was, is) in before.pods.iter().zip(&after.pods) {
        assert_eq!(was, is);
    }
    assert_eq!(after, before);
}

#[tokio::test(start_paused = true)]
async fn a_loaded_node_has_a_machine_that_probes_and_reboots() {
    let before = snapshot(&client(&Sim::start(scenes::three(), 7)))
        .await
        .unwrap();
    let pending = BTreeSet::from([NodeName::from("node-1")]);
    let bench = Bench::of(World::of(before, &pending).namespace("aksreboot"));
    let flag = |name: &str| bench.sim.node(name).unwrap().flag;
    assert_eq!((flag("node-1"), flag("node-2")), (true, false));
    let boot = bench.sim.node("node-1").unwrap().boot_id;
    bench
        .create_pod("default", reboot_pod(&bench, "node-1", false))
        .await;
    bench
        .until("the node is back", async |bench| {
            let node = bench.sim.node("node-1").unwrap();
            node.boots == 1 && node.ready
        })
        .await;
    assert_ne!(bench.sim.node("node-1").unwrap().boot_id, boot);
    assert!(!flag("node-1"));
}

#[tokio::test(start_paused = true)]
async fn an_evicted_pod_of_a_loaded_cluster_comes_back_with_its_demands() {
    let world = scenes::three().workload(Workload::deployment("api", 2).requesting(700, 256));
    let before = snapshot(&client(&Sim::start(world, 7))).await.unwrap();
    let bench = Bench::of(World::of(before.clone(), &BTreeSet::new()));
    let pod = before
        .pods
        .iter()
        .find(|pod| pod.key.name.starts_with("api-"))
        .unwrap();
    assert_eq!(pod.needs.requests.milli_cpu, 700);
    let path = format!("/api/v1/namespaces/default/pods/{}/eviction", pod.key.name);
    let eviction = serde_json::json!({"metadata": {"name": pod.key.name}});
    assert_eq!(bench.send("POST", &path, &[], eviction).await.0, 201);
    tokio::time::sleep(Duration::from_secs(60)).await;
    let after = snapshot(&bench.client).await.unwrap();
    let of_api = |snapshot: &Snapshot| -> Vec<_> {
        let pods = snapshot.pods.iter();
        pods.filter(|pod| pod.key.name.starts_with("api-"))
            .map(|pod| (pod.uid.clone(), pod.ready, pod.needs.requests))
            .collect()
    };
    let (was, is) = (of_api(&before), of_api(&after));
    assert_eq!(is.len(), 2);
    assert!(
        is.iter()
            .all(|(_, ready, asked)| *ready && asked.milli_cpu == 700)
    );
    assert_eq!(is.iter().filter(|pod| was.contains(pod)).count(), 1);
}
