//! The simulated cluster over loopback HTTP: what tests of the binary stand on.

use std::time::{Duration, Instant};

use aksreboot::sim::{Away, Sim, What, scenes, serve};
use futures::{StreamExt as _, TryStreamExt as _};
use k8s_openapi::api::core::v1::{Node, Pod};
use kube::api::{Api, ListParams, PostParams, WatchEvent, WatchParams};
use serde_json::json;
use tokio::net::TcpListener;

/// A served cluster, its durations divided by `speed`, and a client that reaches it over TCP.
async fn served(speed: u32) -> (Sim, kube::Client) {
    let mut world = scenes::three();
    world.speed = speed;
    let sim = Sim::start(world, 7);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(serve(sim.clone(), listener));
    let mut config = kube::Config::new(format!("http://{address}").parse().unwrap());
    config.default_retry = false;
    (sim, kube::Client::try_from(config).unwrap())
}

#[tokio::test]
async fn a_node_reboots_over_http_in_a_fraction_of_its_time() {
    let (sim, client) = served(100).await;
    let nodes: Api<Node> = Api::all(client.clone());
    let list = nodes.list(&ListParams::default().limit(2)).await.unwrap();
    assert_eq!(list.items.len(), 2);
    let version = list.metadata.resource_version.unwrap();
    let params = WatchParams::default().fields("metadata.name=node-1");
    let mut watch = nodes.watch(&params, &version).await.unwrap().boxed();

    let before = sim.node("node-1").unwrap().boot_id;
    let until = (sim.now().as_second() + 60).to_string();
    let pod: Pod = serde_json::from_value(json!({
        "metadata": {
            "name": "reboot-1",
            "labels": {"app.kubernetes.io/managed-by": "aksreboot", "aksreboot.dev/purpose": "reboot"},
        },
        "spec": {
            "nodeName": "node-1",
            "restartPolicy": "Never",
            "containers": [{"name": "reboot", "image": "busybox", "env": [
                {"name": "BOOT_ID", "value": before},
                {"name": "NOT_AFTER", "value": until},
                {"name": "PROVE", "value": "0"},
            ]}],
        },
    }))
    .unwrap();
    let start = Instant::now();
    Api::<Pod>::default_namespaced(client)
        .create(&PostParams::default(), &pod)
        .await
        .unwrap();
    let booted = tokio::time::timeout(Duration::from_secs(20), async {
        while let Some(event) = watch.try_next().await.unwrap() {
            let WatchEvent::Modified(node) = event else {
                continue;
            };
            let status = node.status.unwrap();
            let ready = status
                .conditions
                .unwrap()
                .iter()
                .any(|c| c.type_ == "Ready" && c.status == "True");
            if status.node_info.unwrap().boot_id != before && ready {
                return true;
            }
        }
        false
    });
    assert!(booted.await.unwrap());
    assert!(
        start.elapsed() < Duration::from_secs(10),
        "{:?}",
        start.elapsed()
    );
    assert_eq!(sim.node("node-1").unwrap().boots, 1);
}

#[tokio::test]
async fn a_server_that_is_gone_gives_no_answer_at_all() {
    let (sim, client) = served(1).await;
    let nodes: Api<Node> = Api::all(client);
    let version = nodes
        .list(&ListParams::default())
        .await
        .unwrap()
        .metadata
        .resource_version
        .unwrap();
    let mut watch = nodes
        .watch(&WatchParams::default(), &version)
        .await
        .unwrap()
        .boxed();
    sim.happen(What::Away(Away::Gone, Duration::from_secs(3600)));
    let ended = watch.try_next().await;
    assert!(!matches!(ended, Ok(Some(_))), "{ended:?}");
    let error = nodes.get("node-1").await.unwrap_err();
    assert!(!matches!(error, kube::Error::Api(_)), "{error}");
}
