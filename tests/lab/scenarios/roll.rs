//! The whole way: `status` tells pending nodes from others, `roll` reboots just those, one at a time, with workloads up.

use std::io::Write as _;
use std::time::Duration;

use serde_json::Value;

use crate::suite::audit::{Audit, Request, acts_on};
use crate::suite::idle::Idle;
use crate::suite::lab::Lab;
use crate::suite::outside::Outside;
use crate::suite::workload::{Deployment, budget, daemon_set};

/// One node's way through a roll.
const WAY: [&str; 7] = [
    "cordon",
    "evict",
    "mark Reboot",
    "ask",
    "remove the ask",
    "uncordon",
    "unmark",
];

#[test]
fn a_roll_reboots_the_pending_nodes_one_at_a_time_and_leaves_nothing_behind() {
    let lab = Lab::begin();
    lab.apply_manifests(&["namespace"]);
    lab.namespace("shop");
    Deployment {
        replicas: 2,
        ..Deployment::new("shop", "web", &["lab-1", "lab-2"])
    }
    .up(&lab);
    budget(&lab, "shop", "web", 1);
    daemon_set(&lab, "shop", "agent");
    lab.mark("lab-1", &["libc6", "linux-base", "libc6", "linux-base"]);
    lab.mark("lab-2", &["dbus"]);
    let newer = newer_kernel(&lab, "lab-1");

    status_tells_them_apart(&lab, &newer);

    let before = state(&lab);
    let outside = Outside::begin(&lab);
    let audit = Audit::from_here(&lab);
    // The default span: with a shorter one the kubelet's next renewal, not the span, would end the wait.
    let ended = lab.run(&[
        "roll",
        "--max-unavailable",
        "1",
        "--yes",
        "--sustained-ready",
        "20s",
    ]);
    let (seen, requests) = (outside.end(), audit.requests());
    ended.exits(0).says("2 of 2 nodes rebooted and verified");

    let after = state(&lab);
    let reboots: Vec<u32> = after.iter().zip(&before).map(|(a, b)| a.1 - b.1).collect();
    assert_eq!(reboots, [1, 1, 0], "reboots\n{ended}");
    let booted: Vec<bool> = after.iter().zip(&before).map(|(a, b)| a.0 != b.0).collect();
    assert_eq!(booted, [true, true, false], "new boot IDs\n{ended}");
    assert_eq!(
        seen.most_unavailable(),
        1,
        "nodes unavailable at once\n{ended}"
    );
    assert!(
        seen.fewest_ready("web", 2) >= 1,
        "no pod was Ready at some time\n{ended}"
    );
    lab.is_as_before(&["lab-1", "lab-2", "lab-3"]);
    let records = lab.own("configmaps");
    assert!(
        records.contains(&format!("aksreboot-run-{}", ended.run_id())),
        "{records:?}"
    );

    let places = seen.places();
    for node in ["lab-1", "lab-2"] {
        assert_eq!(
            acts_on(node, &requests, &places),
            WAY,
            "writes about {node}\n{ended}"
        );
        let sustained = Duration::from_secs(20);
        let idle = Idle::of(node, &requests, &seen, &places, ("web", 2), sustained);
        // Past the capture of a test that passes: the figure is for whoever runs the suite.
        writeln!(std::io::stderr(), "\n{idle}").expect("stderr");
    }
    let deleted = requests.iter().find(|request| deletes_a_workload(request));
    assert!(deleted.is_none(), "{deleted:?}");
    let documents = status(&lab);
    assert!(
        documents.iter().all(|node| node["reboot"] == "no"),
        "{documents:?}"
    );
}

/// A kernel image of the running kernel's flavour and a higher version.
fn newer_kernel(lab: &Lab, node: &str) -> String {
    let running = lab.node(node).kernel().to_owned();
    let (version, flavour) = running.split_once('-').expect("a flavour");
    let newer = format!("{version}9-{flavour}");
    let file = format!("/boot/vmlinuz-{newer}");
    lab.afterwards(&["exec", node, "rm", "-f", &file]);
    lab.verb(&["exec", node, "touch", &file]);
    newer
}

fn status(lab: &Lab) -> Vec<Value> {
    let ended = lab.run(&["status", "-o", "json"]);
    ended.exits(0);
    let mut document: Value = serde_json::from_str(&ended.stdout).expect("one document");
    serde_json::from_value(document["nodes"].take()).expect("nodes")
}

fn status_tells_them_apart(lab: &Lab, newer: &str) {
    let nodes = status(lab);
    let needs: Vec<&Value> = nodes.iter().map(|node| &node["reboot"]).collect();
    assert_eq!(needs, ["yes", "yes", "no"], "{nodes:?}");
    let packages = |node: usize| &nodes[node]["reasons"][0]["packages"];
    assert_eq!(*packages(0), serde_json::json!(["libc6", "linux-base"]));
    assert_eq!(*packages(1), serde_json::json!(["dbus"]));
    let since: jiff::Timestamp = nodes[0]["since"]
        .as_str()
        .unwrap_or_default()
        .parse()
        .expect("a time");
    let age = crate::suite::now().duration_since(since);
    assert!(age.as_secs() < 300, "pending since {since}");
    let node = lab.node("lab-1");
    assert_eq!(nodes[0]["kernel"], node.kernel());
    assert_eq!(nodes[0]["newestKernel"], newer);
    assert_eq!(nodes[0]["bootId"], node.boot_id());

    let table = lab.run(&["status"]);
    table.exits(0).says("2 of 3 nodes wait for a reboot");
    let row = |name: &str| -> Vec<&str> {
        let row = table.stdout.lines().find(|line| line.starts_with(name));
        row.unwrap_or_else(|| panic!("no {name}\n{table}"))
            .split_whitespace()
            .collect()
    };
    assert_eq!(
        row("lab-1")[1..4],
        ["Ready", "yes", "kernel,libc6"],
        "{table}"
    );
    assert_eq!(row("lab-1")[6], newer, "{table}");
    assert_eq!(row("lab-2")[1..4], ["Ready", "yes", "dbus"], "{table}");
    assert_eq!(row("lab-3")[1..3], ["Ready", "no"], "{table}");
    assert_eq!(lab.own("pods"), [""; 0], "status leaves pods");
}

/// Boot ID and reboots of each node.
fn state(lab: &Lab) -> Vec<(String, u32)> {
    ["lab-1", "lab-2", "lab-3"]
        .map(|name| (lab.node(name).boot_id().to_owned(), lab.reboots(name)))
        .into()
}

fn deletes_a_workload(request: &Request) -> bool {
    request.verb.starts_with("delete")
        && request.resource == "pods"
        && request.namespace != crate::suite::OWN
}
