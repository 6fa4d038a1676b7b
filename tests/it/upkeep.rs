//! `doctor` and `cleanup` as they are run: exit codes, streams, and that nothing is changed unasked.

use std::time::Duration;

use aksreboot::sim::{Away, Machine, What, World, scenes};
use serde_json::Value;

use crate::schemas::assert_valid;
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
    let output = served.run(&["doctor", "--for", "drainage"]).await;
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

/// The one document on stdout, which is one of the committed schema.
fn cleanup_document(output: &std::process::Output) -> Value {
    let document = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", text(&output.stderr)));
    assert_valid("cleanup.v1.json", &document);
    document
}

#[tokio::test]
async fn cleanup_as_json_is_one_document_of_what_was_there_and_what_was_done() {
    let served = Served::of(left_marked()).await;
    make_records(&served).await;
    let output = served.run(&["cleanup", "--dry-run", "-o", "json"]).await;
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let shown = cleanup_document(&output);
    let things: Vec<_> = shown["things"]
        .as_array()
        .unwrap()
        .iter()
        .map(|thing| [&thing["what"], &thing["name"], &thing["decision"]])
        .collect();
    assert_eq!(
        things,
        [
            ["mark", "node-4", "leave"],
            ["runRecord", "aksreboot-run-20260101-000010-0000", "remove"],
        ]
    );
    assert_eq!(shown["things"][0]["stays"]["kind"], "nodeReplaced");
    assert_eq!(shown["things"][1]["because"]["kind"], "older");
    assert_eq!(shown["removed"], serde_json::json!([]));

    // Without a yes: what was shown stands on stderr, and the document says why nothing was done.
    let output = served.run(&["cleanup", "-o", "json"]).await;
    assert_eq!(output.status.code(), Some(2));
    let refused = cleanup_document(&output);
    assert_eq!(refused["things"], shown["things"]);
    assert_eq!(refused["errors"].as_array().map(Vec::len), Some(1));
    assert!(text(&output.stderr).contains("remove  run record"));

    let output = served.run(&["cleanup", "--yes", "-o", "json"]).await;
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let done = cleanup_document(&output);
    assert_eq!(
        done["removed"],
        serde_json::json!([{
            "what": "run record aksreboot-run-20260101-000010-0000",
            "outcome": {"kind": "done"},
        }])
    );
}

#[tokio::test]
async fn cleanup_of_a_cluster_that_is_gone_is_one_document_too() {
    let served = Served::of(ready()).await;
    served
        .sim
        .happen(What::Away(Away::Gone, Duration::from_secs(3600)));
    let output = served.run(&["cleanup", "-o", "json"]).await;
    assert_eq!(output.status.code(), Some(1));
    let document = cleanup_document(&output);
    assert_eq!(document["things"], serde_json::json!([]));
    assert_eq!(document["errors"].as_array().map(Vec::len), Some(1));
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
