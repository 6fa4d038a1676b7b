//! An ask that takes effect late: the reboot pod starts long after it was made, or the host has the reboot in its queue. A node
//! that is back in service by then is not rebooted, and none is put back while its reboot may still come.

use std::time::Duration;

use serde_json::Value;

use crate::suite::audit::{Audit, acts_on};
use crate::suite::command::Running;
use crate::suite::lab::Lab;
use crate::suite::{MARK, OWN};

const NODE: &str = "lab-1";
/// For so long an ask is good.
const GOOD_FOR: &str = "20s";
const PAST_IT: Duration = Duration::from_secs(25);

/// A roll whose reboot pod waits for a kubelet: it was stopped between the cordon and the ask.
fn asked_of_a_stopped_kubelet(lab: &Lab) -> Running {
    lab.apply_manifests(&["namespace"]);
    lab.mark(NODE, &["libc6"]);
    lab.afterwards(&["kubelet", NODE, "start"]);
    let mut rolling = lab.start(&["roll", NODE, "--yes", "--reboot-timeout", GOOD_FOR]);
    rolling.until("lab-1  cordoned");
    rolling.signal("STOP");
    lab.verb(&["kubelet", NODE, "stop"]);
    rolling.signal("CONT");
    rolling.until("lab-1  return: asked for the reboot");
    rolling
}

/// What the reboot pod said when it had ended; empty before.
fn last_words(lab: &Lab) -> String {
    let pods = lab.get(&["pods", "-n", OWN, "-l", "aksreboot.dev/purpose=reboot"]);
    let statuses = &pods["items"][0]["status"]["containerStatuses"];
    let ended = &statuses[0]["state"]["terminated"]["message"];
    ended.as_str().unwrap_or_default().to_owned()
}

/// The kubelet is there again, and the reboot pod has run to its end without a reboot.
fn starts_too_late(lab: &Lab) {
    lab.verb(&["kubelet", NODE, "start"]);
    lab.until("the late reboot pod has ended", 90, || {
        !last_words(lab).is_empty()
    });
    let words = last_words(lab);
    eprintln!("the late reboot pod: {}", words.trim());
    assert!(words.contains("not-after"), "{words}");
    lab.until("the node is Ready", 90, || lab.node(NODE).is_ready());
}

fn asks(audit: &Audit) -> usize {
    let acts = acts_on(NODE, &audit.requests(), &std::collections::BTreeMap::new());
    acts.iter().filter(|act| *act == "ask").count()
}

#[test]
#[ignore = "lab-full"]
fn a_reboot_pod_that_starts_when_an_operator_has_opened_the_node_does_not_reboot_it() {
    let lab = Lab::begin();
    let (before, audit) = (lab.reboots(NODE), Audit::from_here(&lab));
    let ended = asked_of_a_stopped_kubelet(&lab).end();
    ended
        .exits(3)
        .says("lab-1: stopped at return: asked for the reboot, the boot ID is still");
    // By hand, and without a look at the pod.
    lab.kubectl(&["uncordon", NODE]);
    lab.kubectl(&["annotate", "node", NODE, &format!("{MARK}-")]);
    std::thread::sleep(PAST_IT);
    starts_too_late(&lab);
    lab.run(&["cleanup", "--yes"])
        .exits(0)
        .says("removed pod aksreboot/reboot-");
    assert_eq!(lab.reboots(NODE), before, "{ended}");
    assert_eq!(asks(&audit), 1);
    lab.is_as_before(&[NODE]);
}

#[test]
#[ignore = "lab-full"]
fn a_reboot_pod_that_has_not_started_keeps_the_node_from_resume_and_cleanup_until_it_cannot_reboot()
{
    let lab = Lab::begin();
    let (before, audit) = (lab.reboots(NODE), Audit::from_here(&lab));
    let rolling = asked_of_a_stopped_kubelet(&lab);
    rolling.signal("KILL");
    rolling.end();
    let kept = |words: &str| {
        let node = lab.node(NODE);
        assert!(node.is_cordoned() && node.mark().is_some(), "{words}");
    };
    let early = lab.run(&["cleanup", "--yes"]);
    assert!(
        early
            .stdout
            .contains("a reboot may still come by pod aksreboot/reboot-"),
        "{early}"
    );
    kept("by a cleanup");
    let resumed = lab.run(&["resume", "--yes"]);
    resumed
        .exits(3)
        .says("lab-1: stopped at return: asked for the reboot, the boot ID is still");
    kept("by a resume");
    std::thread::sleep(PAST_IT);
    starts_too_late(&lab);
    lab.run(&["cleanup", "--yes"])
        .exits(0)
        .says("removed mark of node lab-1");
    assert_eq!(lab.reboots(NODE), before, "{resumed}");
    assert_eq!(asks(&audit), 1);
    lab.is_as_before(&[NODE]);
}

#[test]
#[ignore = "lab-full"]
fn a_reboot_in_the_hosts_queue_keeps_the_node_cordoned_until_it_has_come() {
    let lab = Lab::begin();
    lab.apply_manifests(&["namespace"]);
    lab.mark(NODE, &["libc6"]);
    lab.afterwards(&["slow-shutdown", NODE, "off"]);
    lab.verb(&["slow-shutdown", NODE, "60"]);
    let (before, boot) = (lab.reboots(NODE), lab.node(NODE).boot_id().to_owned());
    let ended = lab.run(&["roll", NODE, "--yes", "--reboot-timeout", GOOD_FOR]);
    ended.exits(3).says("the node stays cordoned");
    let early = lab.run(&["cleanup", "--yes"]);
    let node: Value = lab.get(&["node", NODE]);
    assert_eq!(
        node["spec"]["unschedulable"],
        Value::Bool(true),
        "{early}{ended}"
    );
    assert_eq!(lab.reboots(NODE), before, "too early for this test");
    lab.until_back(NODE, &boot);
    assert!(lab.node(NODE).is_cordoned());
    lab.run(&["cleanup", "--yes"])
        .exits(0)
        .says("removed mark of node lab-1");
    assert_eq!(lab.reboots(NODE), before + 1, "{ended}");
    lab.is_as_before(&[NODE]);
}
