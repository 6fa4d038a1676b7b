//! Where pods go: by what they ask for, what nodes have left, labels, taints, ports and distance. A pod that fits nowhere
//! says why, and comes up when room is made.

use std::time::Duration;

use serde_json::{Value, json};

use super::support::Bench;
use crate::sim::{Machine, What, Workload, World};

const POD: &str = "/api/v1/namespaces/default/pods";

fn two_nodes() -> World {
    World::default()
        .machine(Machine::linux("node-1").zone("1").offering(2000, 4096, 10))
        .machine(Machine::linux("node-2").zone("2").offering(1000, 4096, 10))
}

fn pod(name: &str, spec: &Value) -> Value {
    let mut pod = json!({
        "metadata": {"name": name, "labels": {"app": name.split('-').next()}},
        "spec": {"containers": [{"name": "main", "image": "busybox"}]},
    });
    for (key, value) in spec.as_object().unwrap() {
        if key == "containers" {
            let container = pod["spec"]["containers"][0].as_object_mut().unwrap();
            container.extend(value.as_object().unwrap().clone());
        } else {
            pod["spec"][key] = value.clone();
        }
    }
    pod
}

fn asking(cpu: &str) -> Value {
    json!({"containers": {"resources": {"requests": {"cpu": cpu}}}})
}

/// Creates a pod and says where it is a little later, or why nowhere.
async fn placed(bench: &Bench, name: &str, spec: &Value) -> Result<String, String> {
    let (code, answer) = bench.send("POST", POD, &[], pod(name, spec)).await;
    assert_eq!(code, 201, "{answer}");
    tokio::time::sleep(Duration::from_secs(1)).await;
    place(bench, name).await
}

async fn place(bench: &Bench, name: &str) -> Result<String, String> {
    let (_, pod) = bench.get(&format!("{POD}/{name}")).await;
    if let Some(node) = pod["spec"]["nodeName"].as_str() {
        return Ok(node.into());
    }
    let conditions = pod["status"]["conditions"].as_array().unwrap();
    let scheduled = conditions
        .iter()
        .find(|c| c["type"] == "PodScheduled")
        .unwrap();
    assert_eq!(
        (&scheduled["status"], &scheduled["reason"]),
        (&json!("False"), &json!("Unschedulable"))
    );
    assert_eq!(pod["status"]["phase"], "Pending");
    Err(scheduled["message"].as_str().unwrap().into())
}

#[tokio::test(start_paused = true)]
async fn a_pod_goes_where_its_requests_fit_and_waits_with_the_schedulers_words() {
    let bench = Bench::of(two_nodes());
    assert_eq!(
        placed(&bench, "big-1", &asking("1500m")).await.as_deref(),
        Ok("node-1")
    );
    assert_eq!(
        placed(&bench, "mid-1", &asking("0.9")).await.as_deref(),
        Ok("node-2")
    );
    bench.sim.happen(What::Cordon("node-2".into()));
    assert_eq!(
        placed(&bench, "mid-2", &asking("900m")).await.unwrap_err(),
        "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) were unschedulable."
    );
    // It comes up as soon as the pod in its way is gone.
    bench.sim.happen(What::DeletePod {
        namespace: "default".into(),
        name: "big-1".into(),
    });
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(place(&bench, "mid-2").await.as_deref(), Ok("node-1"));
}

#[tokio::test(start_paused = true)]
async fn an_evicted_pod_without_room_elsewhere_stays_pending_until_its_node_is_back() {
    let world = two_nodes().workload(Workload::deployment("web", 1).requesting(1500, 64));
    let bench = Bench::of(world);
    bench.sim.happen(What::Cordon("node-1".into()));
    let name = bench.sim.node("node-1").unwrap().pods[0].1.clone();
    let eviction = json!({"metadata": {"name": name}});
    let (code, _) = bench
        .send("POST", &format!("{POD}/{name}/eviction"), &[], eviction)
        .await;
    assert_eq!(code, 201);
    tokio::time::sleep(Duration::from_secs(600)).await;
    let (_, pods) = bench.get(POD).await;
    let new = pods["items"][0]["metadata"]["name"].as_str().unwrap();
    assert_ne!(new, name);
    assert_eq!(
        place(&bench, new).await.unwrap_err(),
        "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) were unschedulable."
    );
    bench.sim.happen(What::Uncordon("node-1".into()));
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(place(&bench, new).await.as_deref(), Ok("node-1"));
}

#[tokio::test(start_paused = true)]
async fn finished_pods_leave_their_room_to_others() {
    let bench = Bench::of(two_nodes());
    assert!(placed(&bench, "big-1", &asking("2")).await.is_ok());
    let path = format!("{POD}/big-1/status");
    let merge = [("content-type", "application/merge-patch+json")];
    let done = json!({"status": {"phase": "Succeeded"}});
    assert!(placed(&bench, "big-2", &asking("2")).await.is_err());
    assert_eq!(bench.send("PATCH", &path, &merge, done).await.0, 200);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(place(&bench, "big-2").await.as_deref(), Ok("node-1"));
}

#[tokio::test(start_paused = true)]
async fn required_distance_is_kept_both_ways() {
    let bench = Bench::of(two_nodes());
    let apart = |key: &str| {
        json!({"affinity": {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [{
            "topologyKey": key, "labelSelector": {"matchLabels": {"app": "db"}},
        }]}}})
    };
    let zone = apart("topology.kubernetes.io/zone");
    assert!(placed(&bench, "db-1", &zone).await.is_ok());
    assert!(placed(&bench, "db-2", &zone).await.is_ok());
    assert_eq!(
        placed(&bench, "db-3", &zone).await.unwrap_err(),
        "0/2 nodes are available: 2 node(s) didn't match pod anti-affinity rules."
    );
    // Who asks for no distance is kept at one by those who do.
    assert_eq!(
        placed(&bench, "db-4", &json!({})).await.unwrap_err(),
        "0/2 nodes are available: 2 node(s) didn't satisfy existing pods anti-affinity rules."
    );
}

#[tokio::test(start_paused = true)]
async fn taints_selectors_affinity_and_ports_say_where_not() {
    let world = two_nodes().machine(Machine::linux("node-3").offering(4000, 4096, 1).taint(
        "gpu",
        "a100",
        "NoSchedule",
    ));
    let bench = Bench::of(world);
    let port = json!({"containers": {"ports": [{"containerPort": 80, "hostPort": 80}]}});
    assert!(placed(&bench, "edge-1", &port).await.is_ok());
    assert!(placed(&bench, "edge-2", &port).await.is_ok());
    assert_eq!(
        placed(&bench, "edge-3", &port).await.unwrap_err(),
        "0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 node(s) didn't have free ports for the requested \
         pod ports."
    );
    let tolerant = json!({
        "tolerations": [{"key": "gpu", "operator": "Exists"}],
        "nodeSelector": {"kubernetes.io/hostname": "node-3"},
    });
    assert_eq!(
        placed(&bench, "train-1", &tolerant).await.as_deref(),
        Ok("node-3")
    );
    assert_eq!(
        placed(&bench, "train-2", &tolerant).await.unwrap_err(),
        "0/3 nodes are available: 1 Too many pods, 2 node(s) didn't match Pod's node affinity/selector."
    );
    let elsewhere = json!({"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {
        "nodeSelectorTerms": [{"matchExpressions": [
            {"key": "topology.kubernetes.io/zone", "operator": "NotIn", "values": ["westeurope-1"]}
        ]}],
    }}}});
    assert_eq!(
        placed(&bench, "far-1", &elsewhere).await.as_deref(),
        Ok("node-2")
    );
}

#[tokio::test(start_paused = true)]
async fn required_company_and_even_spread_say_where_not() {
    let bench = Bench::of(two_nodes());
    let near = |app: &str| {
        json!({"affinity": {"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [{
            "topologyKey": "kubernetes.io/hostname", "labelSelector": {"matchLabels": {"app": app}},
        }]}}})
    };
    assert_eq!(
        placed(&bench, "web-1", &near("db")).await.unwrap_err(),
        "0/2 nodes are available: 2 node(s) didn't match pod affinity rules."
    );
    // The first of those that belong together may be anywhere, the others are with it.
    let first = placed(&bench, "cache-1", &near("cache")).await.unwrap();
    let second = placed(&bench, "cache-2", &near("cache")).await;
    assert_eq!(second.as_deref(), Ok(first.as_str()));
    let even = json!({"topologySpreadConstraints": [{
        "maxSkew": 1, "topologyKey": "topology.kubernetes.io/zone", "whenUnsatisfiable": "DoNotSchedule",
        "labelSelector": {"matchLabels": {"app": "even"}},
    }]});
    let mut places = [
        placed(&bench, "even-1", &even).await.unwrap(),
        placed(&bench, "even-2", &even).await.unwrap(),
    ];
    places.sort();
    assert_eq!(places, ["node-1", "node-2"]);
    // The one with fewer pods.
    assert_eq!(
        placed(&bench, "even-3", &even).await.as_deref(),
        Ok("node-2")
    );
    // A cordoned node stays a domain, and one that is behind bars the rest.
    bench.sim.happen(What::Cordon("node-1".into()));
    assert_eq!(
        placed(&bench, "even-4", &even).await.unwrap_err(),
        "0/2 nodes are available: 1 node(s) didn't match pod topology spread constraints, 1 node(s) were unschedulable."
    );
}
