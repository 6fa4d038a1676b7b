//! What the drain may not take away: pods behind a budget, data in emptyDir volumes, pods that nobody makes again.

use std::time::Duration;

use crate::suite::audit::Audit;
use crate::suite::lab::Lab;
use crate::suite::workload::{Deployment, budget, lone_pod};

/// What the issue promises: a blocker is named within this.
const NAMED_WITHIN: Duration = Duration::from_secs(5);

#[test]
fn a_budget_that_allows_nothing_is_named_at_once_and_given_up_with_the_node_restored() {
    let lab = Lab::begin();
    lab.namespace("vault");
    Deployment::new("vault", "safe", &["lab-1"]).up(&lab);
    budget(&lab, "vault", "safe", 0);
    lab.mark("lab-1", &["libc6"]);
    let pods = lab.kubectl(&["get", "pods", "-n", "vault", "-o", "name"]);
    let (reboots, audit) = (lab.reboots("lab-1"), Audit::from_here(&lab));

    let mut running = lab.start(&["roll", "lab-1", "--yes", "--drain-timeout", "12s"]);
    // Shut before, it would keep the node out of the plan.
    running.until("lab-1  begins");
    budget(&lab, "vault", "safe", 1);
    let ended = running.end();

    ended
        .exits(3)
        .says("lab-1: stopped at drain: vault/safe-")
        .says("The disruption budget safe needs 1 healthy pods and has 1 currently")
        .says("hint: kubectl describe poddisruptionbudget -n vault safe")
        .says("lab-1: the node is as it was before: cordon and mark are undone");
    let evicting = ended.line("drain: evicting vault/safe-").at;
    let named = ended.line("The disruption budget safe").at;
    let took = named.saturating_duration_since(evicting);
    assert!(took < NAMED_WITHIN, "named after {took:?}\n{ended}");
    let tried = ended
        .line("drain: stops: ")
        .at
        .saturating_duration_since(evicting);
    let (least, most) = (Duration::from_secs(10), Duration::from_secs(15));
    assert!(
        (least..most).contains(&tried),
        "given up after {tried:?}\n{ended}"
    );
    lab.is_as_before(&["lab-1"]);
    assert_eq!(lab.reboots("lab-1"), reboots, "rebooted\n{ended}");
    assert_eq!(
        lab.kubectl(&["get", "pods", "-n", "vault", "-o", "name"]),
        pods
    );
    let deleted = audit
        .requests()
        .into_iter()
        .find(|request| request.verb.starts_with("delete") && request.namespace == "vault");
    assert!(deleted.is_none(), "{deleted:?}");
}

#[test]
#[ignore = "lab-full"]
fn a_node_whose_drain_would_never_end_is_left_out_with_the_proof_and_the_others_are_rolled() {
    let lab = Lab::begin();
    lab.namespace("vault");
    Deployment::new("vault", "safe", &["lab-1"]).up(&lab);
    budget(&lab, "vault", "safe", 1);
    lab.mark("lab-1", &["libc6"]);
    lab.mark("lab-2", &["libc6"]);
    let (one, two) = (lab.reboots("lab-1"), lab.reboots("lab-2"));
    let ended = lab.run(&["roll", "lab-1", "lab-2", "--yes"]);
    ended.exits(3);
    let said = "(minAvailable 1) never lets vault/safe-";
    assert!(ended.stdout.contains(said), "{ended}");
    assert!(
        ended
            .stdout
            .contains("it wants 1 healthy, and there are never more than 1"),
        "{ended}"
    );
    lab.is_as_before(&["lab-1"]);
    assert_eq!(lab.reboots("lab-1"), one, "{ended}");
    assert_eq!(lab.reboots("lab-2"), two + 1, "{ended}");
}

#[test]
#[ignore = "lab-full"]
fn data_and_pods_that_would_be_lost_are_refused_for_all_nodes_at_once_and_go_when_told() {
    let lab = Lab::begin();
    lab.namespace("desk");
    Deployment {
        empty_dir: true,
        ..Deployment::new("desk", "cache", &["lab-1"])
    }
    .up(&lab);
    lone_pod(&lab, "desk", "lone", "lab-2");
    lab.mark("lab-1", &["libc6"]);
    lab.mark("lab-2", &["libc6"]);
    let audit = Audit::from_here(&lab);

    let refused = lab.run(&["roll", "--yes"]);
    refused
        .exits(4)
        .says("desk/cache-")
        .says("desk/lone")
        .says("--delete-emptydir-data")
        .says("--force");
    let touched = audit
        .requests()
        .into_iter()
        .find(|request| request.verb == "patch" || request.subresource == "eviction");
    assert!(touched.is_none(), "{touched:?}\n{refused}");
    lab.is_as_before(&["lab-1", "lab-2"]);

    let (boot, reboots) = (lab.node("lab-2").boot_id().to_owned(), lab.reboots("lab-1"));
    let told = ["--force", "--delete-emptydir-data"];
    let ended = lab.run(&[&["roll", "lab-2", "--yes"], &told[..]].concat());
    ended.exits(0).says("evicting desk/lone");
    assert!(
        ended.stdout.contains("pods without a controller are lost"),
        "{ended}"
    );
    assert_ne!(lab.node("lab-2").boot_id(), boot);
    let pods = lab.kubectl(&["get", "pods", "-n", "desk", "-o", "name"]);
    assert!(!pods.contains("pod/lone"), "{pods}\n{ended}");
    assert_eq!(
        lab.reboots("lab-1"),
        reboots,
        "a node that was not named\n{ended}"
    );
    lab.is_as_before(&["lab-1", "lab-2"]);
}
