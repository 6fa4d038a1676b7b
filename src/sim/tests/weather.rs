//! What weather does to a cluster, fault by fault; the plain ones are in `faults`.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

use super::support::Bench;
use crate::sim::{Befall, Deed, KuredAct, KuredDomain, KuredLock, Repair, What, World, scenes};

fn under(weather: &str) -> World {
    scenes::three().under(&weather.parse().unwrap())
}

async fn annotate(bench: &Bench, key: &str, value: Value) -> u16 {
    let body = json!({"metadata": {"annotations": {key: value}}});
    let merge = [("content-type", "application/merge-patch+json")];
    let (code, _) = bench
        .send("PATCH", "/api/v1/nodes/node-1", &merge, body)
        .await;
    code
}

#[tokio::test(start_paused = true)]
async fn a_late_request_is_carried_out_although_its_sender_has_given_up() {
    let bench = Bench::of(under("before patch nodes: late by 20s"));
    let sent = annotate(&bench, "a", "1".into());
    let given_up = tokio::time::timeout(Duration::from_secs(5), sent).await;
    assert!(given_up.is_err());
    let has_it = |bench: &Bench| {
        bench
            .sim
            .node("node-1")
            .unwrap()
            .annotations
            .contains_key("a")
    };
    assert!(!has_it(&bench));
    tokio::time::sleep(Duration::from_secs(16)).await;
    assert!(has_it(&bench));
}

#[tokio::test(start_paused = true)]
async fn a_late_answer_is_to_what_was_carried_out_at_once() {
    let bench = Bench::of(under("before patch nodes: its answer is late by 20s"));
    let began = tokio::time::Instant::now();
    let sent = annotate(&bench, "a", "1".into());
    let given_up = tokio::time::timeout(Duration::from_secs(5), sent).await;
    assert!(given_up.is_err());
    assert!(
        bench
            .sim
            .node("node-1")
            .unwrap()
            .annotations
            .contains_key("a")
    );
    assert_eq!(annotate(&bench, "b", "1".into()).await, 200);
    assert_eq!(began.elapsed(), Duration::from_secs(5));
}

#[tokio::test(start_paused = true)]
async fn what_waits_for_a_step_comes_when_a_mark_says_it_and_only_once() {
    let bench = Bench::of(under(
        "3s after node-1 is marked Reboot: somebody cordons node-3",
    ));
    let mark = |step: &str| json!({"step": step}).to_string().into();
    let key = "aksreboot.dev/run";
    annotate(&bench, key, mark("Cordon")).await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert!(!bench.sim.node("node-3").unwrap().cordoned);
    annotate(&bench, key, mark("Reboot")).await;
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert!(bench.sim.node("node-3").unwrap().cordoned);
    bench.sim.happen(What::Uncordon("node-3".into()));
    annotate(&bench, key, mark("Settle")).await;
    annotate(&bench, key, mark("Reboot")).await;
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert!(!bench.sim.node("node-3").unwrap().cordoned);
}

#[tokio::test(start_paused = true)]
async fn the_request_that_writes_a_step_is_told_from_the_one_that_tests_it() {
    let bench = Bench::of(under(
        "before patch nodes named node-1 marking Reboot #2: somebody cordons node-3",
    ));
    let key = "/metadata/annotations/aksreboot.dev~1run";
    let mark = |step: &str| json!({"step": step}).to_string();
    annotate(&bench, "aksreboot.dev/run", mark("Cordon").into()).await;
    let patch = [("content-type", "application/json-patch+json")];
    for (old, new) in [("Cordon", "Reboot"), ("Reboot", "Settle")] {
        let body = json!([
            {"op": "test", "path": key, "value": mark(old)},
            {"op": "replace", "path": key, "value": mark(new)},
        ]);
        let (code, _) = bench
            .send("PATCH", "/api/v1/nodes/node-1", &patch, body)
            .await;
        assert_eq!(code, 200);
    }
    assert!(!bench.sim.node("node-3").unwrap().cordoned);
}

#[tokio::test(start_paused = true)]
async fn a_held_pod_is_evicted_and_stays_until_it_is_let_go() {
    let bench = Bench::of(under("at 0s: pods of default/web are held for 1m"));
    tokio::time::sleep(Duration::from_secs(1)).await;
    let web = |bench: &Bench| {
        let pods = bench.sim.pods_in("default");
        pods.into_iter()
            .find(|pod| pod.starts_with("web-"))
            .unwrap()
    };
    let held = web(&bench);
    let path = format!("/api/v1/namespaces/default/pods/{held}");
    let (code, _) = bench.send("DELETE", &path, &[], Value::Null).await;
    assert_eq!(code, 200);
    tokio::time::sleep(Duration::from_secs(40)).await;
    let (code, pod) = bench.get(&path).await;
    assert_eq!(code, 200);
    assert!(pod["metadata"]["deletionTimestamp"].is_string());
    tokio::time::sleep(Duration::from_secs(20)).await;
    assert_eq!(bench.get(&path).await.0, 404);
}

#[tokio::test(start_paused = true)]
async fn a_reimaged_machine_is_the_same_node_on_a_new_boot_with_its_first_kernel() {
    let bench = Bench::of(scenes::three());
    let before = bench.sim.node("node-1").unwrap();
    bench.sim.happen(What::Repair {
        node: "node-1".into(),
        by: Repair::Reimage,
    });
    bench
        .until("the machine is back", async |bench| {
            let node = bench.sim.node("node-1").unwrap();
            node.boots == 1 && node.ready
        })
        .await;
    let after = bench.sim.node("node-1").unwrap();
    assert_eq!(after.uid, before.uid);
    assert_ne!(after.boot_id, before.boot_id);
    // node-1 had a newer one installed.
    assert_eq!(after.kernel, before.kernel);
    assert!(!after.flag);
}

#[tokio::test(start_paused = true)]
async fn the_operator_hears_what_befalls_them() {
    let bench = Bench::of(under(
        "at 1s: the operator's clock jumps back by 1h\nat 2s: the operator sends SIGTERM\n",
    ));
    let heard = Arc::new(Mutex::new(Vec::new()));
    let hears = Arc::clone(&heard);
    bench
        .sim
        .tell_operator(move |befall| hears.lock().unwrap().push(befall));
    tokio::time::sleep(Duration::from_secs(3)).await;
    let hour = jiff::SignedDuration::from_hours(1);
    assert_eq!(
        *heard.lock().unwrap(),
        [Befall::ClockJump(-hour), Befall::Terminate]
    );
}

async fn lock_of(bench: &Bench, annotation: &str) -> Option<Value> {
    let path = "/apis/apps/v1/namespaces/kube-system/daemonsets/kured";
    let (_, set) = bench.get(path).await;
    let text = set["metadata"]["annotations"][annotation].as_str()?;
    Some(serde_json::from_str(text).unwrap())
}

#[tokio::test(start_paused = true)]
async fn kured_writes_its_lock_as_one_holder_or_as_a_list_under_either_prefix() {
    let bench = Bench::of(scenes::three());
    let takes = |lock| {
        bench.sim.happen(What::Kured(KuredAct::Takes {
            node: "node-1".into(),
            lock,
        }));
    };
    takes(KuredLock::SINGLE);
    let single = lock_of(&bench, "weave.works/kured-node-lock")
        .await
        .unwrap();
    assert_eq!(single["nodeID"], "node-1");
    assert_eq!(single["metadata"]["unschedulable"], false);
    assert!(single["created"].is_string() && single["TTL"] == 0);
    let two = KuredLock {
        slots: 2,
        domain: KuredDomain::KuredDev,
    };
    takes(two);
    let list = lock_of(&bench, "kured.dev/kured-node-lock").await.unwrap();
    assert_eq!(
        (&list["maxOwners"], &list["locks"][0]["nodeID"]),
        (&json!(2), &json!("node-1"))
    );
    // A list that is released stays, empty; a single holder's annotation goes.
    for lock in [KuredLock::SINGLE, two] {
        let node = "node-1".into();
        bench
            .sim
            .happen(What::Kured(KuredAct::Releases { node, lock }));
    }
    assert_eq!(lock_of(&bench, "weave.works/kured-node-lock").await, None);
    let list = lock_of(&bench, "kured.dev/kured-node-lock").await.unwrap();
    assert_eq!(list, json!({"maxOwners": 2, "locks": []}));
}

#[tokio::test(start_paused = true)]
async fn neither_form_of_kureds_lock_recognises_the_other() {
    let bench = Bench::of(scenes::three());
    let takes = |node: &str, slots| {
        let lock = KuredLock {
            slots,
            ..KuredLock::SINGLE
        };
        let node = node.into();
        bench
            .sim
            .happen(What::Kured(KuredAct::Takes { node, lock }));
    };
    let annotation = "weave.works/kured-node-lock";
    // A single holder is overwritten by one who reads lists …
    takes("node-1", 1);
    takes("node-2", 2);
    let held = lock_of(&bench, annotation).await.unwrap();
    assert_eq!(held["locks"][0]["nodeID"], "node-2");
    // … and a list, even an empty one, is held for ever to one who reads single holders.
    takes("node-3", 1);
    assert_eq!(lock_of(&bench, annotation).await.unwrap(), held);
}

#[tokio::test(start_paused = true)]
async fn kured_drains_reboots_and_opens_a_node_and_leaves_one_cordoned_that_was() {
    for cordoned_before in [false, true] {
        let world = scenes::three().with_machine("node-1", |m| m.cordoned = cordoned_before);
        let bench = Bench::of(world);
        bench.sim.happen(What::Kured(KuredAct::Rolls {
            node: "node-1".into(),
            lock: KuredLock::SINGLE,
        }));
        assert!(bench.sim.node("node-1").unwrap().cordoned);
        bench
            .until("kured gives its lock back", async |bench| {
                bench.sim.node("node-1").unwrap().boots == 1
                    && lock_of(bench, "weave.works/kured-node-lock")
                        .await
                        .is_none()
            })
            .await;
        assert_eq!(bench.sim.node("node-1").unwrap().cordoned, cordoned_before);
        let under: Vec<_> = bench
            .sim
            .chronicle(0)
            .into_iter()
            .filter_map(|entry| match entry.deed {
                Deed::Rebooting(reboot) => Some(reboot.pods),
                _ => None,
            })
            .flatten()
            .filter(|pod| pod.controller.as_deref() != Some("DaemonSet"))
            .map(|pod| pod.name)
            .collect();
        assert_eq!(under, Vec::<String>::new());
    }
}
