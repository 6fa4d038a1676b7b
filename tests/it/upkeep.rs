//! `doctor` and `cleanup` as they are run: exit codes, streams, and that nothing is changed unasked.

use std::time::Duration;

use aksreboot::sim::{Away, Machine, What, World, scenes};
use serde_json::Value;

use crate::served::{Served, text};

fn ready() -> World {
    scenes::three().namespace("aksreboot")
}

/// A node that an unreadable mark keeps, and one whose run is over: there is no Lease.
fn left_marked() -> World {
    let node = "u-1";
    let mark = format!(
        "{{\"v\":1,\"run\":\"20260101-000000-0000\",\"step\":\"Cordon\",\"uid\":\"{node}\",\"boot\":\"b\",\
         \"cordonedBefore\":false,\"restore\":{{}},\"at\":\"2026-01-01T00:00:00Z\"}}"
    );
    let mut machine = Machine::linux("node-4").cordoned();
    machine.annotations.push(("aksreboot.dev/run".into(), mark));
    ready().machine(machine)
}

#[tokio::test]
async fn doctor_is_0_where_nothing_fails_and_changes_nothing() {
    let served = Served::of(ready()).await;
    let output = served.run(&["doctor"]).await;
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{out}{err}");
    assert!(
        out.starts_with("ok       AKR001  API server   answers in"),
        "{out}"
    );
    assert!(err.contains("nothing was changed"), "{err}");
    assert_eq!(served.writes(), []);
}

#[tokio::test]
async fn doctor_is_1_where_something_fails_and_names_the_command() {
    let served = Served::of(scenes::three().forbidden("patch", "nodes")).await;
    let output = served.run(&["doctor", "--for", "roll", "-o", "json"]).await;
    assert_eq!(output.status.code(), Some(1));
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["kind"], "aksreboot/Doctor");
    let failing: Vec<(&str, &str)> = document["checks"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|check| check["grade"] == "fail")
        .map(|check| {
            (
                check["code"].as_str().unwrap(),
                check["remedies"][0].as_str().unwrap(),
            )
        })
        .collect();
    assert!(
        failing.contains(&(
            "AKR010",
            "aksreboot manifests roll | kubectl apply -f -  # by an administrator"
        )),
        "{failing:?}"
    );
    assert!(
        failing.contains(&(
            "AKR020",
            "aksreboot manifests namespace | kubectl apply -f -"
        )),
        "{failing:?}"
    );
    let output = served.run(&["doctor", "--for", "read"]).await;
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
    assert_eq!(served.writes(), []);
}

#[tokio::test]
async fn doctor_of_a_cluster_that_is_gone_is_one_failing_check_and_one_document() {
    let served = Served::of(ready()).await;
    served
        .sim
        .happen(What::Away(Away::Gone, Duration::from_secs(36_000)));
    let output = served.run(&["doctor", "-o", "json"]).await;
    assert_eq!(output.status.code(), Some(1));
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["checks"][0]["code"], "AKR001");
    assert_eq!(document["checks"][0]["grade"], "fail");
    assert_eq!(document["errors"].as_array().map(Vec::len), Some(1));
    assert!(text(&output.stderr).starts_with("error: "));
}

#[tokio::test]
async fn doctor_takes_only_aims_that_there_are() {
    let served = Served::of(ready()).await;
    let output = served.run(&["doctor", "--for", "drain"]).await;
    assert_eq!(output.status.code(), Some(2));
    assert!(served.sim.requests().is_empty());
}

#[tokio::test]
async fn cleanup_without_anything_left_does_nothing() {
    let served = Served::of(ready()).await;
    let output = served.run(&["cleanup"]).await;
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(text(&output.stdout), "");
    assert_eq!(text(&output.stderr), "nothing to remove\n");
    assert_eq!(served.writes(), []);
}

#[tokio::test]
async fn cleanup_without_a_terminal_shows_and_removes_nothing() {
    let served = Served::of(ready()).await;
    make_records(&served).await;
    let before = served.writes().len();
    for (arguments, code, said) in [
        (&["cleanup"][..], 2, "the same command with --yes"),
        (
            &["cleanup", "--dry-run"][..],
            0,
            "dry run: nothing was removed",
        ),
    ] {
        let output = served.run(arguments).await;
        assert_eq!(output.status.code(), Some(code), "{}", text(&output.stderr));
        let out = text(&output.stdout);
        assert_eq!(
            out,
            "remove  run record aksreboot-run-20260101-000010-0000: not among the newest 20\n"
        );
        assert!(text(&output.stderr).contains(said));
    }
    assert_eq!(served.writes().len(), before);
    let output = served.run(&["cleanup", "--yes"]).await;
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(
        text(&output.stderr),
        "removed run record aksreboot-run-20260101-000010-0000\n"
    );
}

/// One more than are kept.
async fn make_records(served: &Served) {
    for number in 10..31 {
        let name = format!("20260101-0000{number}-0000");
        served
            .post(
                "/api/v1/namespaces/aksreboot/configmaps",
                &serde_json::json!({
                    "apiVersion": "v1", "kind": "ConfigMap",
                    "metadata": {
                        "name": format!("aksreboot-run-{name}"),
                        "labels": {"app.kubernetes.io/managed-by": "aksreboot", "aksreboot.dev/run": name},
                    },
                }),
            )
            .await;
    }
}

#[tokio::test]
async fn cleanup_says_what_it_leaves_and_how_a_person_ends_it() {
    let served = Served::of(left_marked()).await;
    let output = served.run(&["cleanup", "--yes"]).await;
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let out = text(&output.stdout);
    assert!(
        out.contains("leave   mark of node node-4: another machine has the node's name now"),
        "{out}"
    );
    assert!(
        out.contains("by hand: kubectl annotate node node-4 aksreboot.dev/run-"),
        "{out}"
    );
    assert_eq!(served.writes(), []);
}
