//! `status` over systems of every family: verdicts, columns, and the line that says why no flag is not up to date.

use std::time::Duration;

use aksreboot::sim::{Machine, Workload, World};

use crate::status::{Lab, document, text};

const DAY: Duration = Duration::from_secs(86_400);

fn every_family() -> World {
    World::default()
        .namespace("aksreboot")
        .machine(Machine::linux("ubuntu"))
        .machine(Machine::azure_linux("azl-clean"))
        .machine(Machine::azure_linux("azl-patched").replaced("glibc", DAY))
        .machine(Machine::azure_linux("azl-before").replaced("glibc", 50 * DAY))
        .machine(Machine::image_managed("acl"))
        .machine(Machine::linux("unpatched").never_patched())
        .machine(Machine::windows("windows"))
        .machine(Machine::linux("aks-hostedpool-12345678-vms0"))
}

#[tokio::test]
async fn every_family_gets_the_verdict_that_its_evidence_allows() {
    let lab = Lab::of(every_family()).await;
    let output = lab.status(&["-o", "json"]).await;
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let document = document(&output);
    let nodes = document["nodes"].as_array().unwrap();
    for (name, need, reason, patched) in [
        ("ubuntu", "no", "", "unattendedUpgrades"),
        ("azl-clean", "no", "", "dnfAutomatic"),
        ("azl-patched", "yes", "replaced", "dnfAutomatic"),
        ("azl-before", "no", "", "dnfAutomatic"),
        ("acl", "unknown", "imageManaged", "nodeImage"),
        ("unpatched", "no", "", "nodeImage"),
        ("windows", "notApplicable", "windows", "unknown"),
        (
            "aks-hostedpool-12345678-vms0",
            "notApplicable",
            "managedNode",
            "unknown",
        ),
    ] {
        let node = nodes.iter().find(|node| node["name"] == name).unwrap();
        assert_eq!(node["reboot"], need, "{name}: {node}");
        assert_eq!(
            node["reasons"][0]["kind"].as_str().unwrap_or_default(),
            reason,
            "{name}"
        );
        assert_eq!(node["patchedBy"], patched, "{name}");
    }
    // The parts that were replaced, and since when.
    let patched = nodes.iter().find(|node| node["name"] == "azl-patched");
    let patched = patched.unwrap();
    assert_eq!(
        patched["reasons"][0]["components"],
        serde_json::json!(["glibc"])
    );
    assert_eq!(patched["since"], "2026-03-03T08:00:00Z");
    assert_eq!(patched["newestKernel"], "6.6.117.1-1.azl3");
    assert_eq!(patched["osSku"], "AzureLinux");
    assert_eq!(patched["imageDate"], "2026-02-10");
    assert_eq!(
        lab.verbs_on_pods("create"),
        6,
        "none on nodes that are not ours"
    );
}

#[tokio::test]
async fn nodes_that_nothing_updates_are_counted_in_a_line() {
    let lab = Lab::of(every_family()).await;
    let output = lab.status(&["-o", "wide"]).await;
    let told = text(&output.stderr);
    // How old the oldest image is depends on the day of this test.
    assert!(
        told.contains("note: 2 nodes are updated only by a new node image (the oldest is "),
        "{told}"
    );
    assert!(
        told.contains("unknown: acl: Azure Container Linux is updated by its image"),
        "{told}"
    );
    let table = text(&output.stdout);
    let header = table.lines().next().unwrap();
    for column in ["IMAGE-AGE", "OS-SKU", "PATCHED-BY", "LAST-PATCHED"] {
        assert!(header.contains(column), "{header}");
    }
    assert!(table.contains("glibc replaced"), "{table}");
    let one = Lab::of(
        World::default()
            .namespace("aksreboot")
            .machine(Machine::linux("n")),
    )
    .await;
    let output = one.status(&[]).await;
    assert!(
        !text(&output.stderr).contains("note:"),
        "{}",
        text(&output.stderr)
    );
}

#[tokio::test]
async fn the_operators_own_evidence_takes_the_systems_place() {
    let lab = Lab::of(every_family()).await;
    let output = lab
        .status(&["-o", "json", "--sentinel-file", "/run/mine"])
        .await;
    let of_file = document(&output);
    for node in of_file["nodes"].as_array().unwrap() {
        let wanted = match node["name"].as_str().unwrap() {
            "windows" | "aks-hostedpool-12345678-vms0" => "notApplicable",
            _ => "no",
        };
        assert_eq!(node["reboot"], wanted, "{node}");
    }
    let output = lab
        .status(&["-o", "json", "--sentinel-command", "needs-restarting -r"])
        .await;
    let of_command = document(&output);
    assert_eq!(of_command["nodes"][0]["reboot"], "unknown");
    assert_eq!(
        of_command["nodes"][0]["reasons"][0]["kind"],
        "sentinelNotRun"
    );
    assert!(
        text(&output.stderr).contains("the sentinel command was not run: a pod has no root shell"),
        "{}",
        text(&output.stderr)
    );
    for wrong in [
        &["--sentinel-file", "run/mine"][..],
        &["--sentinel-file", "/run/a", "--sentinel-command", "x"],
        &["--sentinel-command", ""],
    ] {
        let output = lab.status(wrong).await;
        assert_eq!(output.status.code(), Some(2), "{wrong:?}");
    }
}

#[tokio::test]
async fn a_kured_that_goes_by_the_flag_needs_no_word() {
    let world = every_family().workload(Workload::daemon_set("kured"));
    let lab = Lab::of(world).await;
    let output = lab.status(&[]).await;
    assert!(
        !text(&output.stderr).contains("kured"),
        "{}",
        text(&output.stderr)
    );
    let output = lab.status(&["--sentinel-file", "/run/mine"]).await;
    assert!(
        text(&output.stderr)
            .contains("note: kured (DaemonSet kube-system/kured) goes by /run/reboot-required"),
        "{}",
        text(&output.stderr)
    );
    // Whoever may not look for it is not troubled.
    let blind = Lab::of(every_family().forbidden("list", "daemonsets")).await;
    let output = blind.status(&[]).await;
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
}
