//! The API server away for three minutes in each step, with the program's own time limits but for the drain's, which is shorter
//! than the outage.

use crate::suite::audit::{Audit, acts_on};
use crate::suite::command::Running;
use crate::suite::lab::Lab;
use crate::suite::outside::Outside;
use crate::suite::workload::{Deployment, budget};

const AWAY: &str = "180";
const NODE: &str = "lab-1";

/// Rolls a node with a workload; `until` returns when the API server is to go.
fn goes_on(slow: u32, until: impl Fn(&Lab, &mut Running), back: impl Fn(&Lab)) {
    let lab = Lab::begin();
    lab.apply_manifests(&["namespace"]);
    lab.namespace("shop");
    Deployment {
        slow,
        ..Deployment::new("shop", "web", &[NODE])
    }
    .up(&lab);
    budget(&lab, "shop", "web", 0);
    lab.mark(NODE, &["libc6"]);
    lab.on_boot(NODE, &["late", "5"]);
    let (reboots, audit) = (lab.reboots(NODE), Audit::from_here(&lab));
    let mut running = lab.start(&[
        "roll",
        NODE,
        "--yes",
        "--drain-timeout",
        "120s",
        "--reboot-timeout",
        "5m",
        "--ready-timeout",
        "10m",
        "--settle-timeout",
        "10m",
    ]);
    until(&lab, &mut running);
    lab.verb(&["apiserver", "outage", AWAY]);
    // The watches of a witness would not outlive the outage.
    let outside = Outside::begin(&lab);
    back(&lab);
    let ended = running.end();
    let seen = outside.end();
    for line in &ended.lines {
        eprintln!("  {}", line.text);
    }
    ended.exits(0).says("1 of 1 node rebooted and verified");
    assert_eq!(lab.reboots(NODE), reboots + 1, "{ended}");
    let requests = audit.requests();
    let acts = acts_on(NODE, &requests, &seen.places());
    let of = |wanted: &str| acts.iter().filter(|act| *act == wanted).count();
    assert_eq!(
        (of("cordon"), of("ask"), of("uncordon"), of("unmark")),
        (1, 1, 1, 1),
        "{acts:?}\n{ended}"
    );
    // A scheduler that hears of the cordon late puts the next pod where the last one was.
    let evicted = requests
        .iter()
        .filter(|request| request.is("create", "pods", "eviction") && request.was_done())
        .count();
    assert!(evicted <= 8, "{evicted} evictions of one pod\n{ended}");
    lab.is_as_before(&[NODE]);
}

#[test]
#[ignore = "lab-full"]
fn an_api_server_away_for_three_minutes_at_the_gate_is_waited_for() {
    goes_on(0, |_, running| drop(running.until("lab-1  begins")), |_| {});
}

#[test]
#[ignore = "lab-full"]
fn an_api_server_away_for_three_minutes_in_the_drain_is_waited_for() {
    goes_on(
        0,
        |lab, running| {
            running.until("lab-1  begins");
            budget(lab, "shop", "web", 1);
            running.until("The disruption budget web");
        },
        |lab| {
            lab.kubectl(&["delete", "poddisruptionbudget", "-n", "shop", "web"]);
        },
    );
}

#[test]
#[ignore = "lab-full"]
fn an_api_server_away_for_three_minutes_at_the_ask_is_waited_for() {
    goes_on(
        0,
        |_, running| drop(running.until("lab-1  reboot: asking for the reboot")),
        |_| {},
    );
}

#[test]
#[ignore = "lab-full"]
fn an_api_server_away_for_three_minutes_while_the_node_boots_is_waited_for() {
    goes_on(
        0,
        |_, running| drop(running.until("lab-1  return: asked for the reboot")),
        |_| {},
    );
}

#[test]
#[ignore = "lab-full"]
fn an_api_server_away_for_three_minutes_while_the_node_is_verified_is_waited_for() {
    goes_on(
        0,
        |lab, running| {
            running.until("lab-1  return: Ready; it must hold");
            lab.until("the probe after the reboot", 60, || {
                let pods = lab.own("pods");
                pods.iter().any(|name| name.starts_with("probe-"))
            });
        },
        |_| {},
    );
}

#[test]
#[ignore = "lab-full"]
fn an_api_server_away_for_three_minutes_while_workloads_come_back_is_waited_for() {
    goes_on(
        8,
        |_, running| drop(running.until("settle: workloads not back: shop/web")),
        |_| {},
    );
}
