//! `status --via debug` as it is run, against a simulated cluster on the loopback interface.

use std::collections::BTreeSet;
use std::time::Duration;

use aksreboot::sim::{Machine, Probing, scenes};

use crate::routes::node;
use crate::status::{Lab, document, text};

#[tokio::test]
async fn debug_pods_are_kubectls_in_the_contexts_namespace_and_are_gone_afterwards() {
    let lab = Lab::of(scenes::three()).await;
    let output = lab.status(&["--via", "debug", "-o", "json"]).await;
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let read = document(&output);
    for (name, need) in [("node-1", "yes"), ("node-2", "yes"), ("node-3", "no")] {
        assert_eq!(node(&read, name)["reboot"], need);
        assert_eq!(node(&read, name)["readBy"], "debug");
    }
    let requests = lab.sim.requests();
    let created: Vec<_> = requests
        .iter()
        .filter(|request| request.verb == "create" && request.resource == "pods")
        .collect();
    assert_eq!(created.len(), 3);
    for request in &created {
        assert_eq!(request.namespace, "default", "{request:?}");
    }
    assert_eq!(lab.verbs_on_pods("delete"), 3);
}

#[tokio::test]
async fn a_profile_without_the_hosts_files_is_never_a_no() {
    let lab = Lab::of(scenes::three().namespace("tools")).await;
    let words = ["--via", "debug", "--profile", "baseline", "-n", "tools"];
    let output = lab.status(&[&words[..], &["-o", "json"]].concat()).await;
    let read = document(&output);
    for name in ["node-1", "node-2", "node-3"] {
        assert_eq!(node(&read, name)["reboot"], "unknown");
        assert_eq!(
            node(&read, name)["reasons"][0]["kind"],
            "profileWithoutHost"
        );
    }
    assert_eq!(lab.verbs_on_pods("delete"), 3);
    let output = lab.status(&words).await;
    assert!(
        text(&output.stderr).contains("hint: --profile general"),
        "{}",
        text(&output.stderr)
    );
}

#[tokio::test]
async fn an_interrupt_removes_debug_pods_too() {
    let mut hanging = Machine::linux("node-4");
    hanging.probe = Probing::Hangs;
    let lab = Lab::of(scenes::three().machine(hanging)).await;
    let child = lab.command(&["--via", "debug"]).spawn().unwrap();
    tokio::time::timeout(Duration::from_secs(20), async {
        while lab.verbs_on_pods("delete") < 3 || lab.verbs_on_pods("create") < 4 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await
    .unwrap();
    let process = i32::try_from(child.id().unwrap()).unwrap();
    let process = rustix::process::Pid::from_raw(process).unwrap();
    rustix::process::kill_process(process, rustix::process::Signal::TERM).unwrap();
    let output = tokio::time::timeout(Duration::from_secs(5), child.wait_with_output())
        .await
        .expect("within five seconds")
        .unwrap();
    assert_eq!(output.status.code(), Some(143), "{}", text(&output.stderr));
    // One whose answer the signal overtook is deleted once more, so pods are counted and not requests.
    let deleted: BTreeSet<String> = lab
        .sim
        .requests()
        .into_iter()
        .filter(|request| request.verb == "delete" && request.resource == "pods")
        .map(|request| request.name)
        .collect();
    assert_eq!(deleted.len(), 4, "{deleted:?}");
}
