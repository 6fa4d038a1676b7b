//! `history` and `report` as they are run: after rolls and drains, over records and journals that somebody damaged.

use std::path::PathBuf;
use std::process::Stdio;

use aksreboot::sim::scenes;
use serde_json::{Value, json};

use crate::command::{Cluster, code, err, out};
use crate::schemas::assert_valid;

const RECORDS: &str = "/api/v1/namespaces/aksreboot/configmaps";

fn cluster() -> Cluster {
    Cluster::serve(scenes::three().namespace("aksreboot"))
}

/// The cluster after a roll of one node, the run's ID, and its journal.
fn rolled() -> (Cluster, String, PathBuf) {
    let cluster = cluster();
    let output = cluster.run(&["roll", "node-1", "--yes", "--sustained-ready", "1s"]);
    assert_eq!(code(&output), 0, "{}", err(&output));
    let folder = cluster.home.path().join(".local/state/aksreboot");
    let journal = std::fs::read_dir(folder)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let run = journal.file_stem().unwrap().to_str().unwrap().to_owned();
    (cluster, run, journal)
}

/// A record that no version of this program wrote.
fn damaged(run: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {
            "name": format!("aksreboot-run-{run}"),
            "labels": {"app.kubernetes.io/managed-by": "aksreboot", "aksreboot.dev/run": run},
        },
        "data": {"v": "\u{1b}[31m9"},
    })
}

fn document(schema: &str, text: &str) -> Value {
    let document = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    assert_valid(schema, &document);
    document
}

#[test]
fn where_nothing_was_rolled_there_is_nothing_to_tell() {
    let cluster = cluster();
    let output = cluster.run(&["history"]);
    assert_eq!((code(&output), out(&output)), (0, ""));
    assert_eq!(err(&output), "the cluster has no record of a run\n");
    let told = document(
        "history.v1.json",
        out(&cluster.run(&["history", "-o", "json"])),
    );
    assert_eq!(told["runs"], json!([]));
    for arguments in [&["report"][..], &["report", "20260101-000000-0000"]] {
        let output = cluster.run(arguments);
        assert_eq!((code(&output), out(&output)), (4, ""), "{arguments:?}");
        let output = cluster.run(&[arguments, &["-o", "json"]].concat());
        let told = document("report.v1.json", out(&output));
        assert_eq!((code(&output), &told["run"]), (4, &Value::Null));
        assert_eq!(told["errors"].as_array().map(Vec::len), Some(1));
    }
}

#[test]
fn a_cluster_that_cannot_be_asked_is_one_document_too() {
    let cluster = cluster();
    for command in ["history", "report"] {
        let output = cluster.run(&[command, "-o", "json", "--context", "red"]);
        let told = document(&format!("{command}.v1.json"), out(&output));
        assert_ne!(code(&output), 0);
        assert_eq!(told["errors"].as_array().map(Vec::len), Some(1));
    }
}

#[test]
fn a_roll_is_listed_and_told_with_what_each_step_took() {
    let (cluster, run, journal) = rolled();
    let output = cluster.run(&["history"]);
    let rows: Vec<Vec<&str>> = out(&output)
        .lines()
        .map(|line| line.split_whitespace().collect())
        .collect();
    assert_eq!(
        rows[0],
        ["RUN", "COMMAND", "STATE", "NODES", "SESSIONS", "BEGUN"]
    );
    assert_eq!(rows[1][..5], [run.as_str(), "roll", "finished", "1/1", "1"]);

    let report = cluster.run(&["report", &run]);
    assert_eq!(code(&report), 0, "{}", err(&report));
    assert!(
        out(&report).contains("1 of 1 node done") && out(&report).contains("    return: "),
        "{}",
        out(&report)
    );
    assert_eq!(err(&report), "", "a finished run has no hints");
    let told = document(
        "report.v1.json",
        out(&cluster.run(&["report", "-o", "json"])),
    );
    assert_eq!(told["run"]["run"], run.as_str());
    assert_eq!(told["run"]["course"], "roll");
    assert_eq!(told["run"]["nodes"][0]["steps"][0]["step"], "Gate");

    // On another machine there is no journal.
    std::fs::rename(&journal, cluster.home.path().join("kept")).unwrap();
    let without = cluster.run(&["report"]);
    assert!(!out(&without).contains("return: "), "{}", out(&without));
    assert!(
        err(&without).contains("--journal FILE"),
        "{}",
        err(&without)
    );
    let kept = cluster.home.path().join("kept");
    let named = cluster.run(&["report", "--journal", kept.to_str().unwrap()]);
    assert_eq!(out(&named), out(&report));
}

#[test]
fn no_journal_whatever_keeps_the_record_from_being_told_or_drives_the_terminal() {
    let (cluster, run, journal) = rolled();
    let genuine = std::fs::read_to_string(&journal).unwrap();
    let newer = genuine.replacen("\"v\":1", "\"v\":2", 1);
    let other = genuine.replace(&run, "20260101-000000-0000");
    let hostile = genuine.replace("\"node\":\"node-1\"", "\"node\":\"\\u001b[31mnode-1\"");
    let cut = &genuine[..genuine.len() / 2];
    let broken = format!("\u{0}\u{1b}]0;x\u{7}\n{genuine}{{\"v\":1,\n");
    for (text, exit, said) in [
        (newer.as_str(), 1, "newer version"),
        (&other, 2, "journal of another run"),
        ("", 2, "has no event of run"),
        ("\u{1b}[31m\n{}\n[]\n", 2, "has no event of run"),
        (&hostile, 0, ""),
        (cut, 0, "1 line of"),
        (&broken, 0, "2 lines of"),
    ] {
        std::fs::write(&journal, text).unwrap();
        let usual = cluster.run(&["report"]);
        assert_eq!(code(&usual), 0, "{text}: {}", err(&usual));
        assert!(out(&usual).contains("rebooted and verified"), "{text}");
        assert!(err(&usual).contains(said), "{text}: {}", err(&usual));
        let named = cluster.run(&["report", "--journal", journal.to_str().unwrap()]);
        assert_eq!(code(&named), exit, "{text}: {}", err(&named));
        assert!(err(&named).contains(said), "{text}: {}", err(&named));
        for output in [&usual, &named] {
            let shown = format!("{}{}", out(output), err(output));
            assert!(!shown.contains(['\u{1b}', '\u{0}', '\u{7}']), "{shown:?}");
        }
        let json = cluster.run(&["report", "-o", "json"]);
        document("report.v1.json", out(&json));
    }
    let missing = cluster.run(&["report", "--journal", "/nowhere/journal"]);
    assert_eq!(code(&missing), 1);
}

#[test]
fn a_record_that_cannot_be_read_has_its_line_and_is_told_by_no_report() {
    let (cluster, run, _) = rolled();
    cluster.post(RECORDS, &damaged("99990101-000000-0000"));
    let output = cluster.run(&["history"]);
    assert_eq!(code(&output), 0);
    let states: Vec<&str> = out(&output)
        .lines()
        .filter_map(|line| line.split_whitespace().nth(2))
        .collect();
    assert_eq!(states, ["STATE", "unreadable", "finished"]);
    let said = err(&output);
    assert!(
        said.contains("note: run 99990101-000000-0000: recorded by another version")
            && !said.contains('\u{1b}'),
        "{said:?}"
    );
    let told = document(
        "history.v1.json",
        out(&cluster.run(&["history", "-o", "json"])),
    );
    assert_eq!(told["runs"][0]["state"], Value::Null);
    assert_eq!(told["runs"][1]["run"], run.as_str());
    // The newest is the one that is asked for; no other is told in its place.
    let report = cluster.run(&["report"]);
    assert_eq!((code(&report), out(&report)), (4, ""));
    assert!(err(&report).contains("99990101"), "{}", err(&report));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let (cluster, ..) = rolled();
    for arguments in [&["history"][..], &["report"], &["report", "-o", "json"]] {
        let mut child = cluster
            .command(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(code(&output), 0, "{arguments:?}: {}", err(&output));
        assert!(!err(&output).contains("panicked"), "{}", err(&output));
    }
}

#[test]
fn a_drain_that_was_broken_off_is_told_as_one_and_nobody_is_sent_to_resume_it() {
    let cluster = Cluster::serve(
        scenes::three()
            .namespace("aksreboot")
            .with_budget_once_locked("web", &aksreboot::sim::Bound::MinAvailable("2".into())),
    );
    let drained = cluster.run(&["drain", "node-1", "--timeout", "2s"]);
    assert_ne!(code(&drained), 0, "{}", err(&drained));
    let history = cluster.run(&["history"]);
    let row: Vec<&str> = out(&history)
        .lines()
        .nth(1)
        .unwrap()
        .split_whitespace()
        .collect();
    assert_eq!(row[1..4], ["drain", "stopped", "0/1"]);
    let report = cluster.run(&["report"]);
    assert_eq!(code(&report), 0);
    assert!(
        !err(&report).contains("resume") && err(&report).contains("a drain is not gone on with"),
        "{}",
        err(&report)
    );
}
