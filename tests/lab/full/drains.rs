//! `drain` by itself where something else goes on meanwhile: a namespace that ends, a pod that a finaliser keeps, an API server that
//! is away.

use std::time::Duration;

use serde_json::{Value, json};

use crate::suite::audit::{Audit, Request};
use crate::suite::command::Ended;
use crate::suite::lab::Lab;
use crate::suite::workload::{Deployment, budget, pod, rolled_out};

pub(super) const NODE: &str = "lab-1";
pub(super) const SHOP: &str = "shop";
pub(super) const RESTORED: &str = "lab-1: the node is as it was before: cordon and mark are undone";

/// One pod on the node; where it is made again anywhere else, on these nodes.
pub(super) fn shop(lab: &Lab, nodes: &[&str]) {
    lab.apply_manifests(&["namespace"]);
    lab.namespace(SHOP);
    for other in &nodes[1..] {
        lab.kubectl(&["cordon", other]);
    }
    Deployment::new(SHOP, "web", nodes).up(lab);
    for other in &nodes[1..] {
        lab.kubectl(&["uncordon", other]);
    }
}

/// Name and UID of the pods of a namespace that are on the node.
pub(super) fn pods(lab: &Lab, namespace: &str) -> Vec<(String, String)> {
    let on_node = format!("spec.nodeName={NODE}");
    let pods = lab.get(&["pods", "-n", namespace, "--field-selector", &on_node]);
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let pods = pods["items"].as_array().into_iter().flatten();
    pods.map(|pod| {
        (
            word(&pod["metadata"]["name"]),
            word(&pod["metadata"]["uid"]),
        )
    })
    .collect()
}

/// What the server answered to the evictions of these pods, in their order: each with the UID of the pod that was there, and
/// nothing but evictions was asked for.
pub(super) fn answers(audit: &Audit, pods: &[(String, String)]) -> Vec<u64> {
    let requests = audit.requests();
    let deleted =
        |request: &&Request| request.verb.starts_with("delete") && request.resource == "pods";
    let deleted = requests.iter().find(deleted);
    assert!(deleted.is_none(), "{deleted:?}");
    requests
        .iter()
        .filter(|request| request.is("create", "pods", "eviction"))
        .map(|request| {
            let uid = &request.body["deleteOptions"]["preconditions"]["uid"];
            let (name, uid) = (request.name.clone(), uid.as_str().unwrap_or_default());
            assert!(pods.contains(&(name, uid.to_owned())), "{request:?}");
            request.code
        })
        .collect()
}

/// The node is empty of the namespace's pods, cordoned and nobody's, and the lock is given back.
pub(super) fn is_drained(lab: &Lab, namespace: &str, ended: &Ended) {
    ended
        .exits(0)
        .says("1 of 1 node drained")
        .says("lab-1: stays cordoned; to open it again: aksreboot uncordon lab-1");
    assert_eq!(pods(lab, namespace), [], "{ended}");
    let node = lab.node(NODE);
    assert!(node.is_cordoned(), "open\n{ended}");
    assert_eq!(node.mark(), None, "marked\n{ended}");
    assert_eq!(lab.own("leases"), [""; 0], "a lock is left\n{ended}");
}

pub(super) fn show(ended: &Ended) {
    for line in &ended.lines {
        eprintln!("  {}", line.text);
    }
}

#[test]
#[ignore = "lab-full"]
fn a_namespace_that_ends_takes_its_pods_with_it_and_the_drain_waits_for_that() {
    let lab = Lab::begin();
    shop(&lab, &[NODE]);
    // Shut, so that its pod is still there when the namespace begins to end.
    budget(&lab, SHOP, "web", 1);
    let (before, audit) = (pods(&lab, SHOP), Audit::from_here(&lab));
    let mut running = lab.start(&["drain", NODE, "--timeout", "60s"]);
    running.until("The disruption budget web");
    lab.kubectl(&["delete", "namespace", SHOP, "--wait=false"]);
    running.until("because it is being terminated");
    let ended = running.end();
    show(&ended);
    is_drained(&lab, SHOP, &ended);
    let answers = answers(&audit, &before);
    assert!(answers.contains(&403), "{answers:?}\n{ended}");
    assert!(
        answers.iter().all(|code| *code >= 400),
        "{answers:?}\n{ended}"
    );
}

/// As a scheduler puts them that has not heard of the cordon: its controller names the node itself.
#[test]
#[ignore = "lab-full"]
fn pods_that_keep_coming_are_evicted_in_rounds_until_the_limit_and_the_node_is_opened() {
    let lab = Lab::begin();
    lab.apply_manifests(&["namespace"]);
    lab.namespace(SHOP);
    let mut spec = pod(&[NODE]);
    spec["nodeName"] = json!(NODE);
    let labels = json!({"app": "pinned"});
    let deployment = json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"namespace": SHOP, "name": "pinned"},
        "spec": {
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": spec},
        },
    });
    lab.apply(&deployment.to_string());
    rolled_out(&lab, SHOP, "deployment", "pinned");
    let audit = Audit::from_here(&lab);
    let ended = lab.run(&["drain", NODE, "--timeout", "25s"]);
    show(&ended);
    ended
        .exits(3)
        .says("lab-1: stopped at drain: ")
        .says(RESTORED);
    lab.is_as_before(&[NODE]);
    let granted: Vec<_> = audit
        .requests()
        .into_iter()
        .filter(|request| request.is("create", "pods", "eviction") && request.was_done())
        .map(|request| request.came)
        .collect();
    // The first, and the rounds at once, after 2, 6 and 14 s.
    assert_eq!(granted.len(), 5, "{granted:?}\n{ended}");
}

#[test]
#[ignore = "lab-full"]
fn a_pod_that_a_finaliser_keeps_is_named_and_waited_for_and_the_node_is_opened_when_it_stays() {
    let lab = Lab::begin();
    shop(&lab, &[NODE, "lab-2"]);
    let before = pods(&lab, SHOP);
    let [(name, _)] = &before[..] else {
        panic!("one pod: {before:?}");
    };
    let finalisers = |list: &str| {
        let patch = format!("{{\"metadata\":{{\"finalizers\":{list}}}}}");
        let words = [
            "kubectl",
            "patch",
            "pod",
            "-n",
            SHOP,
            name,
            "--type=merge",
            "-p",
            &patch,
        ];
        words.map(str::to_owned)
    };
    let (kept, free) = (finalisers("[\"example.com/keep\"]"), finalisers("null"));
    let (kept, free) = (
        kept.each_ref().map(String::as_str),
        free.each_ref().map(String::as_str),
    );
    lab.verb(&kept);
    let audit = Audit::from_here(&lab);

    let stays = format!("1 pod still on the node: {SHOP}/{name}");
    let stopped = lab.run(&["drain", NODE, "--timeout", "10s"]);
    show(&stopped);
    stopped
        .exits(3)
        .says(&format!("lab-1: stopped at drain: {stays}"))
        .says(RESTORED);
    lab.is_as_before(&[NODE]);
    assert_eq!(pods(&lab, SHOP), before, "another pod\n{stopped}");

    // It goes on where the first has ended: the pod is on its way out already.
    let mut running = lab.start(&["drain", NODE, "--timeout", "60s"]);
    running.until(&stays);
    lab.verb(&free);
    let ended = running.end();
    show(&ended);
    is_drained(&lab, SHOP, &ended);
    assert_eq!(answers(&audit, &before), [201], "one eviction\n{ended}");
}

#[test]
#[ignore = "lab-full"]
fn the_clock_of_a_drain_stands_still_while_the_api_server_is_away_and_the_drain_ends_well() {
    let lab = Lab::begin();
    shop(&lab, &[NODE, "lab-2"]);
    budget(&lab, SHOP, "web", 1);
    let (before, audit) = (pods(&lab, SHOP), Audit::from_here(&lab));
    let mut running = lab.start(&["drain", NODE, "--timeout", "40s"]);
    let began = running.until("The disruption budget web").at;
    lab.verb(&["apiserver", "outage", "60"]);
    lab.kubectl(&["delete", "poddisruptionbudget", "-n", SHOP, "web"]);
    // Left alone it looks for the API server again within a minute or two, and ends no pod before.
    lab.verb(&["kubelet", NODE, "stop"]);
    lab.verb(&["kubelet", NODE, "start"]);
    let ended = running.end();
    show(&ended);
    ended.says("the API server cannot be reached");
    is_drained(&lab, SHOP, &ended);
    let took = ended.at.saturating_duration_since(began);
    assert!(took > Duration::from_secs(60), "{took:?}\n{ended}");
    let answers = answers(&audit, &before);
    let granted = answers.iter().filter(|code| **code == 201).count();
    assert_eq!(granted, 1, "{answers:?}\n{ended}");
    assert!(answers.contains(&429), "{answers:?}\n{ended}");
}
