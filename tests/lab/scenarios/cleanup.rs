//! `cleanup` after a roll that was killed outright: the node as it was, and nothing of the run left but its record.

use crate::suite::lab::Lab;
use crate::suite::workload::{Deployment, budget};
use crate::suite::{IMAGE, OWN};

#[test]
#[ignore = "lab-full"]
fn a_roll_that_was_killed_while_it_drained_is_cleaned_up_and_a_live_one_is_let_be() {
    let lab = Lab::begin();
    lab.namespace("shop");
    Deployment::new("shop", "web", &["lab-2"]).up(&lab);
    budget(&lab, "shop", "web", 0);
    lab.mark("lab-2", &["libc6"]);
    let mut running = lab.start(&["roll", "lab-2", "--yes"]);
    running.until("lab-2  begins");
    budget(&lab, "shop", "web", 1);
    lab.until("the node is cordoned", 60, || {
        lab.node("lab-2").is_cordoned()
    });

    // The run is alive: everything of it stays.
    let alive = lab.run(&["cleanup", "--yes"]);
    alive.exits(0).says("nothing to remove");
    assert!(alive.stdout.contains("mark of node lab-2"), "{alive}");
    assert!(alive.stdout.contains("and is alive"), "{alive}");
    assert!(lab.node("lab-2").mark().is_some() && lab.node("lab-2").is_cordoned());

    running.signal("KILL");
    running.end();
    lab.run(&["cleanup"])
        .exits(2)
        .says("the same command with --yes");
    assert!(lab.node("lab-2").is_cordoned(), "nothing was agreed to");
    let shown = lab.run(&["cleanup", "--dry-run"]);
    shown.exits(0).says("nothing was removed");
    assert!(
        shown.stdout.contains("remove  mark of node lab-2"),
        "{shown}"
    );
    let ended = lab.run(&["cleanup", "--yes"]);
    ended.exits(0).says("removed mark of node lab-2");
    lab.is_as_before(&["lab-2"]);
    let records = lab.own("configmaps");
    assert!(
        records
            .iter()
            .any(|name| name.starts_with("aksreboot-run-")),
        "the run's record is among the newest"
    );
    lab.run(&["cleanup", "--yes", "--records", "all"])
        .exits(0)
        .says("removed run record");
    let objects = lab.own("configmaps");
    assert_eq!(objects, ["kube-root-ca.crt"], "records are left in {OWN}");
}

#[test]
#[ignore = "lab-full"]
fn a_roll_that_was_killed_after_its_ask_keeps_the_node_until_it_is_back() {
    let lab = Lab::begin();
    lab.mark("lab-1", &["libc6"]);
    // Long enough to look before the node is back.
    lab.on_boot("lab-1", &["late", "8"]);
    let boot = lab.node("lab-1").boot_id().to_owned();
    let running = lab.start(&["roll", "lab-1", "--yes"]);
    lab.until("the reboot is asked for", 60, || {
        lab.own("pods").iter().any(|pod| pod.starts_with("reboot-"))
    });
    running.signal("KILL");
    running.end();
    let early = lab.run(&["cleanup", "--yes"]);
    early.exits(0);
    assert!(
        early
            .stdout
            .contains("mark of node lab-1: a reboot may still come"),
        "{early}"
    );
    assert!(lab.node("lab-1").is_cordoned() && lab.node("lab-1").mark().is_some());

    lab.until_back("lab-1", &boot);
    let ended = lab.run(&["cleanup", "--yes"]);
    ended.exits(0).says("removed mark of node lab-1");
    assert!(ended.stdout.contains("made for an earlier boot"), "{ended}");
    lab.is_as_before(&["lab-1"]);
}

#[test]
#[ignore = "lab-full"]
fn of_debug_pods_only_those_of_a_killed_status_go_and_only_after_their_time() {
    let lab = Lab::begin();
    let label = "app.kubernetes.io/managed-by=kubectl-debug";
    let force = ["--grace-period=0", "--force"];
    let remove = [&["kubectl", "delete", "pods", "-l", label], &force[..]].concat();
    lab.afterwards(&remove);
    lab.verb(&remove);
    // A person's own: one that has ended, which kubectl leaves, and one that somebody is in.
    for command in ["true", "sleep 600"] {
        let image = format!("--image={IMAGE}");
        lab.kubectl(&[
            "debug",
            "node/lab-1",
            &image,
            "--",
            "/bin/sh",
            "-c",
            command,
        ]);
    }
    lab.afterwards(&["kubelet", "lab-2", "start"]);
    lab.verb(&["kubelet", "lab-2", "stop"]);
    let words = ["status", "lab-2", "--via", "debug", "--probe-timeout", "5s"];
    let running = lab.start(&words);
    let on_lab_2 = || -> Vec<String> {
        let pods = lab.get(&["pods", "-l", label]);
        let pods = pods["items"].as_array().expect("pods").clone();
        pods.iter()
            .filter_map(|pod| pod["metadata"]["name"].as_str())
            .filter(|name| name.contains("lab-2"))
            .map(str::to_owned)
            .collect()
    };
    lab.until("the debug pod is there", 30, || !on_lab_2().is_empty());
    running.signal("KILL");
    running.end();
    // It runs to its end, and stays.
    lab.verb(&["kubelet", "lab-2", "start"]);
    let name = on_lab_2().pop().expect("a pod");
    lab.until("the debug pod has ended", 60, || {
        lab.get(&["pod", &name])["status"]["phase"] == "Succeeded"
    });
    let early = lab.run(&["cleanup", "--dry-run"]);
    early.exits(0);
    let theirs = "made by somebody's kubectl debug, who may still be in it";
    assert_eq!(early.stdout.matches(theirs).count(), 2, "{early}");
    lab.until("nobody waits for it any more", 30, || {
        let shown = lab.run(&["cleanup", "--dry-run"]);
        shown
            .stdout
            .contains(&format!("remove  pod default/{name} on lab-2: "))
    });
    let ended = lab.run(&["cleanup", "--yes", "-o", "json"]);
    ended.exits(0).says(&format!("removed pod default/{name}"));
    let document: serde_json::Value = serde_json::from_str(&ended.stdout).expect("a document");
    assert_eq!(document["removed"].as_array().map(Vec::len), Some(1));
    assert_eq!(on_lab_2(), [""; 0]);
    let left = lab.get(&["pods", "-l", label]);
    assert_eq!(
        left["items"].as_array().map(Vec::len),
        Some(2),
        "a person's own stay"
    );
}
