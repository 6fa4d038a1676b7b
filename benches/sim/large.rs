//! 5,000 nodes and 150,000 pods: what it takes to make and hold them, to list and watch them, and what each thing that
//! happens in such a cluster costs.

use std::error::Error;
use std::time::Duration;

use aksreboot::bench::take;
use aksreboot::sim::{Sim, What};
use serde_json::{Value, json};

use crate::paused;
use crate::process::{self, Computing, Timer as _};
use crate::reads::{Read, TABLE, list, watch_all};
use crate::worlds::{FIVE_THOUSAND, fleet};

const PODS: usize = 150_000;

/// How many times each thing is let happen.
const TIMES: u32 = 50;

pub(crate) fn measure() -> Result<(), Box<dyn Error>> {
    let runtime = paused()?;
    runtime.block_on(async {
        let began = Computing::begin();
        let sim = Sim::start(fleet(FIVE_THOUSAND), 7);
        let (now, peak) = process::resident()?;
        println!(
            "world made in {:.1} s, {now} MiB resident, {peak} MiB peak",
            began.so_far().as_secs_f64()
        );
        let client = kube::Client::new(sim.service(), "default");
        for path in ["/api/v1/nodes", "/api/v1/pods"] {
            let read = list::<Computing>(&client, path, "application/json").await?;
            told(&format!("list {path} by pages of 500"), read);
        }
        let read = list::<Computing>(&client, "/api/v1/nodes", TABLE).await?;
        told("list /api/v1/nodes as Table", read);
        let read = watch_all::<Computing>(&client, "/api/v1/pods", PODS).await?;
        told("watch /api/v1/pods from nothing", read);

        let began = Computing::begin();
        tokio::time::sleep(Duration::from_secs(3600)).await;
        println!("an idle hour: {:.2} ms", millis(began.so_far()));

        evictions(&client).await?;
        flaps(&sim).await;
        again(&sim).await?;
        let (now, peak) = process::resident()?;
        println!("at the end {now} MiB resident, {peak} MiB peak");
        Ok(())
    })
}

/// Each pod is evicted, replaced and Ready again before the next.
async fn evictions(client: &kube::Client) -> Result<(), Box<dyn Error>> {
    let request = http::Request::get("/api/v1/namespaces/team-0/pods?labelSelector=app%3Dweb-0")
        .body(Vec::new())?;
    let pods: Value = client.request(request).await?;
    let names: Vec<_> = pods["items"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|pod| pod["metadata"]["name"].as_str())
        .take(TIMES as usize)
        .collect();
    let (mut answer, mut all) = (Duration::ZERO, Duration::ZERO);
    for name in &names {
        let path = format!("/api/v1/namespaces/team-0/pods/{name}/eviction");
        let body =
            json!({"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name}});
        let request = http::Request::post(path)
            .header("content-type", "application/json")
            .body(serde_json::to_vec(&body)?)?;
        let began = Computing::begin();
        let _: Value = client.request(request).await?;
        answer += began.so_far();
        tokio::time::sleep(Duration::from_secs(60)).await;
        all += began.so_far();
    }
    let count = u32::try_from(names.len())?;
    println!(
        "an eviction: answered in {:.2} ms, replaced and Ready again for {:.2} ms in all",
        millis(answer / count),
        millis(all / count)
    );
    Ok(())
}

/// A kubelet is silent for long enough to be called unreachable, and is back before its pods are moved.
async fn flaps(sim: &Sim) {
    let began = Computing::begin();
    for ordinal in 0..TIMES {
        let node = format!("aks-pool{}-18264953-vmss{ordinal:06}", ordinal % 5);
        sim.happen(What::StopKubelet(node.clone()));
        tokio::time::sleep(Duration::from_secs(90)).await;
        sim.happen(What::StartKubelet(node));
        tokio::time::sleep(Duration::from_secs(30)).await;
    }
    println!(
        "a node that flaps: {:.2} ms",
        millis(began.so_far() / TIMES)
    );
}

/// Read into a snapshot, and made again from it.
async fn again(sim: &Sim) -> Result<(), Box<dyn Error>> {
    let before = process::resident()?.0;
    let began = Computing::begin();
    let taken = take(sim).await?;
    let (read, pods) = (began.so_far(), taken.pods());
    let held = process::resident()?.0.saturating_sub(before);
    println!(
        "a snapshot with {pods} pods: read in {:.2} s, {held} MiB",
        read.as_secs_f64()
    );
    let began = Computing::begin();
    let world = taken.into_world();
    let loaded = Sim::start(world, 7);
    println!("loaded in {:.2} s", began.so_far().as_secs_f64());
    drop(loaded);
    Ok(())
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn told(what: &str, read: Read) {
    println!(
        "{what}: {} objects, {:.0} MB in {:.2} s: {:.0} objects/s",
        read.objects,
        read.megabytes(),
        read.took.as_secs_f64(),
        read.rate()
    );
}
