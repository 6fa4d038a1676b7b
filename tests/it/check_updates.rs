//! `check-updates` as it is run, against a simulated cluster on the loopback interface: exit codes, streams, and what is left behind.

use std::fs;
use std::process::Output;
use std::time::Duration;

use aksreboot::sim::{Machine, PackageKind, Probing, World, scenes};
use serde_json::Value;

use crate::schemas::assert_valid;
use crate::served::{Served, interrupt, text};

const DAY: Duration = Duration::from_secs(24 * 3600);

pub(crate) fn fine(name: &str) -> Machine {
    Machine::linux(name)
}

pub(crate) fn pending(name: &str) -> Machine {
    Machine::linux(name).newer("vim", "1", "2", PackageKind::Plain)
}

pub(crate) fn mending(name: &str) -> Machine {
    Machine::linux(name).newer("openssl", "3.0.1", "3.0.2", PackageKind::Security)
}

fn waiting(name: &str) -> Machine {
    Machine::linux(name).pending(&["linux-base"], 9 * DAY)
}

pub(crate) fn stale(name: &str) -> Machine {
    pending(name).package_data(Some(10 * DAY))
}

pub(crate) fn broken(name: &str) -> Machine {
    Machine::linux(name).not_ready()
}

fn windows(name: &str) -> Machine {
    Machine::windows(name)
}

pub(crate) fn of(machines: impl IntoIterator<Item = Machine>) -> World {
    machines
        .into_iter()
        .fold(World::default().namespace("aksreboot"), World::machine)
}

pub(crate) async fn check(served: &Served, arguments: &[&str]) -> Output {
    served.run(&[&["check-updates"], arguments].concat()).await
}

pub(crate) async fn document(served: &Served, arguments: &[&str]) -> (Option<i32>, Value) {
    let output = check(served, &[&["-o", "json"], arguments].concat()).await;
    let document: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", text(&output.stderr)));
    assert_valid("check-updates.v2.json", &document);
    assert_eq!(
        document["exitCode"].as_i64(),
        output.status.code().map(i64::from)
    );
    (output.status.code(), document)
}

pub(crate) fn conclusions(document: &Value) -> Vec<&str> {
    let nodes = document["nodes"].as_array().unwrap();
    nodes
        .iter()
        .map(|node| node["conclusion"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn the_exit_code_is_what_the_table_says() {
    let served = Served::of(of([
        fine("fine"),
        pending("pending"),
        mending("mending"),
        waiting("waiting"),
        stale("stale"),
        broken("broken"),
        windows("windows"),
        Machine::azure_linux("tdnf").newer("curl", "1", "2", PackageKind::Plain),
    ]))
    .await;
    for (nodes, flags, code) in [
        (&["fine"][..], &[][..], 0),
        (&["fine", "windows"], &[], 0),
        (&["windows"], &[], 0),
        (&["pending"], &[], 100),
        (&["mending"], &[], 100),
        (&["waiting"], &[], 100),
        (&["fine", "waiting", "windows"], &[], 100),
        (&["stale"], &[], 1),
        (&["broken"], &[], 1),
        // Not decided outranks behind.
        (&["pending", "broken"], &[], 1),
        (&["waiting", "stale"], &[], 1),
        (&["pending", "broken"], &["--tolerate-unknown"], 100),
        (&["fine", "broken"], &["--tolerate-unknown"], 0),
        // What was read of stale data counts, where being unknown does not.
        (&["stale"], &["--tolerate-unknown"], 100),
        // What nobody asked for decides nothing.
        (&["pending"], &["--fail-on", "security"], 0),
        (&["mending"], &["--fail-on", "security"], 100),
        (&["waiting"], &["--fail-on", "pending"], 0),
        (&["stale"], &["--fail-on", "reboot"], 0),
        (&["broken"], &["--fail-on", "none"], 0),
        (&["pending", "waiting"], &["--fail-on", "none"], 0),
        // Which of tdnf's packages mend security faults is not known.
        (&["tdnf"], &["--fail-on", "pending"], 100),
        (&["tdnf"], &["--fail-on", "security"], 1),
        (&["waiting"], &["--fail-on", "overdue=8d"], 100),
        (&["waiting"], &["--fail-on", "overdue=4000d"], 0),
        (&["stale"], &["--max-data-age", "11d"], 100),
        (&["stale"], &["--max-data-age", "any"], 100),
        (&["stale"], &["--refresh"], 100),
        // A name that no node has, and no node at all.
        (&["fine", "nobody"], &[], 1),
        (&["fine", "nobody"], &["--tolerate-unknown"], 1),
        (&["-l", "a=nowhere"], &[], 1),
        // Only the API: nobody can tell.
        (&["fine"], &["--via", "api"], 1),
    ] {
        let output = check(&served, &[nodes, flags].concat()).await;
        assert_eq!(
            output.status.code(),
            Some(code),
            "{nodes:?} {flags:?}: {}{}",
            text(&output.stdout),
            text(&output.stderr)
        );
    }
}

#[tokio::test]
async fn what_is_pending_is_told_by_node_with_its_age_and_why_the_rest_is_unknown() {
    let served = Served::of(of([mending("node-1"), stale("node-2"), broken("node-3")])).await;
    let (code, document) = document(&served, &[]).await;
    assert_eq!(code, Some(1));
    assert_eq!(conclusions(&document), ["behind", "unknown", "unknown"]);
    let packages = |at: usize| &document["nodes"][at]["packages"];
    assert_eq!(packages(0)["pending"], 1);
    assert_eq!(packages(0)["security"], 1);
    assert_eq!(packages(0)["list"][0]["name"], "openssl");
    assert!(packages(0)["dataAsOf"].is_string());
    // Unknown is null, and what was read stands beside it.
    assert_eq!(packages(1)["pending"], Value::Null);
    assert_eq!(packages(1)["list"][0]["name"], "vim");
    assert_eq!(packages(1)["reasons"][0]["kind"], "packageDataOld");
    assert_eq!(packages(2)["pending"], Value::Null);
    assert_eq!(packages(2)["reasons"][0]["kind"], "nodeNotReady");
    let said = check(&served, &[]).await;
    let said = text(&said.stderr);
    assert!(said.contains("2 unknown"), "{said}");
    assert!(said.contains("hint: --refresh"), "{said}");
}

#[tokio::test]
async fn three_hundred_packages_are_all_there() {
    let many = (0..300).fold(fine("node-1"), |machine, number| {
        let name = format!("a-package-with-a-long-name-{number}");
        machine.newer(
            &name,
            "1:2.3.4-5ubuntu6.7",
            "1:2.3.4-5ubuntu6.8",
            PackageKind::Plain,
        )
    });
    let served = Served::of(of([many])).await;
    let (code, document) = document(&served, &[]).await;
    assert_eq!(code, Some(100));
    let packages = &document["nodes"][0]["packages"];
    assert_eq!(packages["pending"], 300);
    assert_eq!(packages["list"].as_array().map(Vec::len), Some(300));
    let listed = check(&served, &["--packages", "-o", "csv"]).await;
    assert_eq!(text(&listed.stdout).lines().count(), 301);
}

#[tokio::test]
async fn an_ignore_file_passes_over_what_it_names_until_it_ends() {
    let served = Served::of(of([pending("node-1"), broken("node-2"), waiting("node-3")])).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ignore.yaml");
    let path = file.to_str().unwrap();
    let entry = |what: &str, expires: &str| {
        format!("  - {{{what}, reason: \"because ::error::x\", expires: {expires}}}\n")
    };
    let all = ["package: vi*", "node: node-2", "pool: user, node: node-3"];
    for (kept, code) in [(3, 0), (2, 100), (1, 1), (0, 1)] {
        let entries = all.iter().enumerate().map(|(at, what)| {
            let expires = if at < kept {
                "9999-12-31"
            } else {
                "2001-01-01"
            };
            entry(what, expires)
        });
        fs::write(&file, format!("ignore:\n{}", entries.collect::<String>())).unwrap();
        let output = check(&served, &["--ignore-file", path]).await;
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{kept}: {said}");
        assert_eq!(
            said.matches("ended on 2001-01-01").count(),
            3 - kept,
            "{said}"
        );
        assert_eq!(said.matches("ignored until").count(), kept, "{said}");
    }
}

#[tokio::test]
async fn a_bad_ignore_file_is_wrong_usage_and_nothing_is_asked() {
    let served = Served::of(of([fine("node-1")])).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ignore.yaml");
    let path = file.to_str().unwrap();
    fs::write(
        &file,
        "ignore:\n  - node: a\n    reason: b\n    expire: 2027-01-01\n",
    )
    .unwrap();
    let report = folder.path().join("report.xml");
    let wanted = format!("junit={}", report.display());
    let output = check(&served, &["--ignore-file", path, "--report", &wanted]).await;
    assert_eq!(output.status.code(), Some(2));
    let said = text(&output.stderr);
    for word in [path, "line 4", "expire"] {
        assert!(said.contains(word), "{said}");
    }
    let output = check(&served, &["--ignore-file", "/nowhere/ignore.yaml"]).await;
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("/nowhere/ignore.yaml"));
    assert!(served.sim.requests().is_empty());
    assert!(!report.exists());
}

#[tokio::test]
async fn tolerance_changes_the_exit_code_and_nothing_that_is_said() {
    let served = Served::of(of([broken("node-1"), stale("node-2"), stale("node-3")])).await;
    let strict = document(&served, &[]).await;
    let tolerant = document(&served, &["--tolerate-unknown"]).await;
    assert_eq!((strict.0, tolerant.0), (Some(1), Some(100)));
    for (_, document) in [&strict, &tolerant] {
        assert_eq!(document["overall"], "unknown");
        assert_eq!(document["summary"]["behindAtLeast"], 2);
        assert_eq!(document["summary"]["pending"], Value::Null);
        assert_eq!(document["summary"]["pendingAtLeast"], 2);
    }
    for flags in [&[][..], &["--tolerate-unknown"]] {
        let names = check(&served, &[&["-o", "name"], flags].concat()).await;
        assert_eq!(text(&names.stdout), "node/node-2\nnode/node-3\n");
    }
    let only = document(&served, &["node-1", "--tolerate-unknown"]).await;
    assert_eq!((only.0, &only.1["overall"]), (Some(0), &"unknown".into()));
    let said = check(&served, &["--tolerate-unknown"]).await;
    let said = text(&said.stderr);
    assert!(
        said.contains("2 of them behind by what was read: node-2, node-3"),
        "{said}"
    );
}

#[tokio::test]
async fn a_report_only_run_calls_nothing_up_to_date() {
    let served = Served::of(of([fine("node-1"), broken("node-2")])).await;
    let (code, document) = document(&served, &["--fail-on", "none"]).await;
    assert_eq!(code, Some(0));
    assert_eq!(document["overall"], "notAsked");
    assert_eq!(conclusions(&document), ["notAsked", "notAsked"]);
    let said = check(&served, &["--fail-on", "none"]).await;
    assert!(text(&said.stderr).contains("unknown: node-2: the node is not ready"));
}

#[tokio::test]
async fn scripts_get_names_and_templates_and_a_word_on_what_is_missing() {
    let served = Served::of(of([mending("node-1"), fine("node-2"), broken("node-3")])).await;
    let names = check(&served, &["-o", "name"]).await;
    assert_eq!(text(&names.stdout), "node/node-1\n");
    let note = "note: 1 node could not be decided; aksreboot check-updates says why\n";
    assert_eq!(text(&names.stderr), note);
    let template = "jsonpath={range .nodes[*]}{.name}={.packages.security} {end}";
    let filled = check(&served, &["-o", template, "node-1", "node-2"]).await;
    assert_eq!(text(&filled.stdout), "node-1=1 node-2=0 ");
    assert_eq!(text(&filled.stderr), "");
    let columns = "custom-columns=N:.name,P:.packages.list[*].name";
    let filled = check(&served, &["-o", columns, "node-1"]).await;
    assert_eq!(text(&filled.stdout), "N        P\nnode-1   openssl\n");
}

#[tokio::test]
async fn no_pod_is_left_however_it_ends() {
    let mut hanging = fine("node-2");
    hanging.probe = Probing::Hangs;
    let served = Served::of(of([pending("node-1"), hanging])).await;
    let verbs = |verb: &str| {
        let requests = served.sim.requests();
        let those = requests
            .iter()
            .filter(|line| line.verb == verb && line.resource == "pods");
        those.count()
    };
    let mut command = served.command(&["check-updates", "-o", "json"]);
    let child = command
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    tokio::time::timeout(Duration::from_secs(20), async {
        while verbs("delete") < 1 || verbs("create") < 2 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await
    .unwrap();
    tokio::time::sleep(Duration::from_millis(500)).await;
    let output = interrupt(child).await;
    assert_eq!(output.status.code(), Some(130), "{}", text(&output.stderr));
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_valid("check-updates.v2.json", &document);
    assert_eq!(document["exitCode"], 130);
    assert_eq!(conclusions(&document), ["behind", "unknown"]);
    assert_eq!(verbs("delete"), 2);
}

#[tokio::test]
async fn the_demo_shows_it_without_a_cluster() {
    let served = Served::of(scenes::three()).await;
    let output = served.run(&["demo", "check-updates", "-o", "json"]).await;
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_valid("check-updates.v2.json", &document);
    assert_eq!(document["nodes"].as_array().map(Vec::len), Some(12));
    assert!(served.sim.requests().is_empty());
}
