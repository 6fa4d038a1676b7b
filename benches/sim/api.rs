//! The simulated cluster beside a real API server: the same objects, the same client, one run. Lists and watches of
//! both in turn, so that they meet the same load of the machine.

use std::error::Error;
use std::time::{Duration, Instant};

use aksreboot::sim::{Sim, World, serve};
use futures::{AsyncBufReadExt as _, StreamExt as _, TryStreamExt as _};
use kube::config::{KubeConfigOptions, Kubeconfig};
use serde_json::{Value, json};

use crate::process::Wall;
use crate::reads::{Read, TABLE, list, watch_all};

/// Where the pods are.
const NAMESPACE: &str = "figures";
const PODS: usize = 3000;
/// Requests at once while objects are made or changed.
const AT_ONCE: usize = 8;
/// Counted runs of each reading.
const RUNS: usize = 7;

pub(crate) fn measure(kubeconfig: &str) -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let kubeconfig = Kubeconfig::read_from(kubeconfig)?;
        let config =
            kube::Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await?;
        let real = kube::Client::try_from(config)?;
        let nodes = objects(&real, "/api/v1/nodes").await?;
        make_pods(&real, &nodes).await?;
        let pods = objects(&real, &pods_path()).await?;
        let port = serve_elsewhere()?;
        let url = format!("http://127.0.0.1:{port}").parse()?;
        let simulated = kube::Client::try_from(kube::Config::new(url))?;
        post(&simulated, "/api/v1/namespaces", vec![namespace()]).await?;
        post(&simulated, "/api/v1/nodes", nodes).await?;
        post(&simulated, &pods_path(), pods).await?;
        println!("| read | objects | MB | API server | simulated | ratio |");
        println!("|---|---|---|---|---|---|");
        let both = [&real, &simulated];
        for (what, path, accept) in [
            (
                "nodes, full",
                "/api/v1/nodes".to_owned(),
                "application/json",
            ),
            ("nodes, Table", "/api/v1/nodes".to_owned(), TABLE),
            ("pods, full", pods_path(), "application/json"),
        ] {
            let mut reads = [Vec::new(), Vec::new()];
            for _ in 0..RUNS {
                for (client, reads) in both.into_iter().zip(&mut reads) {
                    reads.push(list::<Wall>(client, &path, accept).await?);
                }
            }
            told(&format!("list of {what}"), &mut reads);
        }
        for (what, path) in [("nodes", "/api/v1/nodes".to_owned()), ("pods", pods_path())] {
            let mut reads = [Vec::new(), Vec::new()];
            for _ in 0..RUNS {
                for (client, reads) in both.into_iter().zip(&mut reads) {
                    let there = list::<Wall>(client, &path, TABLE_OR_METADATA)
                        .await?
                        .objects;
                    reads.push(watch_all::<Wall>(client, &path, there).await?);
                }
            }
            told(&format!("watch of {what} from nothing"), &mut reads);
        }
        let mut reads = [Vec::new(), Vec::new()];
        for round in 0..RUNS {
            for (client, reads) in both.into_iter().zip(&mut reads) {
                reads.push(changes(client, round).await?);
            }
        }
        told("watch of pods while they are changed", &mut reads);
        delete_namespace(&real).await
    })
}

/// Small, and served by both for every kind.
const TABLE_OR_METADATA: &str = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io";

fn pods_path() -> String {
    format!("/api/v1/namespaces/{NAMESPACE}/pods")
}

fn namespace() -> Value {
    json!({"metadata": {"name": NAMESPACE}})
}

/// Serves an empty simulated cluster from a thread of its own, as an API server has processors of its own.
fn serve_elsewhere() -> Result<u16, Box<dyn Error>> {
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || -> std::io::Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
            let port = listener.local_addr()?.port();
            // The receiver waits for this; it cannot be gone.
            let _ = tell.send(port);
            serve(Sim::start(World::default(), 7), listener).await
        })
    });
    Ok(told.recv()?)
}

async fn objects(client: &kube::Client, path: &str) -> Result<Vec<Value>, Box<dyn Error>> {
    let request = http::Request::get(path).body(Vec::new())?;
    let mut list: Value = client.request(request).await?;
    match list["items"].take() {
        Value::Array(items) => Ok(items),
        other => Err(format!("{path} lists {other}").into()),
    }
}

async fn make_pods(client: &kube::Client, nodes: &[Value]) -> Result<(), Box<dyn Error>> {
    post(client, "/api/v1/namespaces", vec![namespace()]).await?;
    // On nodes without a kubelet, so that nobody but us changes them.
    let hollow: Vec<&Value> = nodes
        .iter()
        .map(|node| &node["metadata"]["name"])
        .filter(|name| name.as_str().is_some_and(|name| !name.starts_with("lab-")))
        .collect();
    let pods = (0..PODS)
        .map(|ordinal| {
            json!({
                "metadata": {"name": format!("pod-{ordinal:05}"), "labels": {"app": "figures"}},
                "spec": {
                    "nodeName": hollow[ordinal % hollow.len()],
                    "automountServiceAccountToken": false,
                    "containers": [{"name": "main", "image": "registry.example/main:1"}],
                },
            })
        })
        .collect();
    // The namespace's service account is made a moment after it.
    tokio::time::sleep(Duration::from_secs(2)).await;
    post(client, &pods_path(), pods).await
}

async fn post(
    client: &kube::Client,
    path: &str,
    objects: Vec<Value>,
) -> Result<(), Box<dyn Error>> {
    let mut posts = futures::stream::iter(objects)
        .map(|mut object| {
            let client = client.clone();
            let path = path.to_owned();
            async move {
                if let Some(metadata) = object["metadata"].as_object_mut() {
                    metadata.remove("resourceVersion");
                    metadata.remove("uid");
                }
                let request = http::Request::post(path)
                    .header("content-type", "application/json")
                    .body(object.to_string().into_bytes())?;
                client.request_text(request).await?;
                Ok::<_, Box<dyn Error>>(())
            }
        })
        .buffer_unordered(AT_ONCE);
    while let Some(done) = posts.next().await {
        done?;
    }
    Ok(())
}

/// Every pod is changed once, by several at a time, while one watch looks: until it has told of all of them.
async fn changes(client: &kube::Client, round: usize) -> Result<Read, Box<dyn Error>> {
    let request = http::Request::get(format!("{}?limit=1", pods_path())).body(Vec::new())?;
    let first: Value = client.request(request).await?;
    let version = first["metadata"]["resourceVersion"]
        .as_str()
        .unwrap_or_default();
    let target = format!(
        "{}?watch=true&timeoutSeconds=120&resourceVersion={version}",
        pods_path()
    );
    let watch = http::Request::get(target).body(Vec::new())?;
    let mut lines = client.request_stream(watch).await?.lines();
    let began = Instant::now();
    let patches = futures::stream::iter(0..PODS)
        .map(|ordinal| {
            let client = client.clone();
            async move {
                let body = json!({"metadata": {"annotations": {"round": round.to_string()}}});
                let request = http::Request::patch(format!("{}/pod-{ordinal:05}", pods_path()))
                    .header("content-type", "application/merge-patch+json")
                    .body(body.to_string().into_bytes())?;
                client.request_text(request).await?;
                Ok::<_, Box<dyn Error>>(())
            }
        })
        .buffer_unordered(AT_ONCE)
        .try_collect::<Vec<()>>();
    let seen = async {
        let (mut objects, mut bytes) = (0, 0);
        while objects < PODS
            && let Some(line) = lines.try_next().await?
        {
            objects += 1;
            bytes += line.len();
        }
        Ok::<_, Box<dyn Error>>((objects, bytes))
    };
    let (_, (objects, bytes)) = futures::try_join!(patches, seen)?;
    Ok(Read {
        objects,
        bytes,
        took: began.elapsed(),
    })
}

async fn delete_namespace(client: &kube::Client) -> Result<(), Box<dyn Error>> {
    let request =
        http::Request::delete(format!("/api/v1/namespaces/{NAMESPACE}")).body(Vec::new())?;
    client.request_text(request).await?;
    Ok(())
}

/// Medians of both, and how many times as fast the simulated one is.
fn told(what: &str, reads: &mut [Vec<Read>; 2]) {
    let [real, simulated] = reads.each_mut().map(|reads| {
        reads.sort_by_key(|read| read.took);
        reads[reads.len() / 2]
    });
    println!(
        "| {what} | {} | {:.0} and {:.0} | {:.0}/s ({:.2} s) | {:.0}/s ({:.2} s) | **{:.1}** |",
        real.objects,
        real.megabytes(),
        simulated.megabytes(),
        real.rate(),
        real.took.as_secs_f64(),
        simulated.rate(),
        simulated.took.as_secs_f64(),
        simulated.rate() / real.rate(),
    );
}
