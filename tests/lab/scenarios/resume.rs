//! `resume` after a process that was killed outright, without its journal: one reboot of each node, and nothing left behind.

use std::io::Write as _;
use std::time::Instant;

use crate::suite::audit::{Audit, acts_on};
use crate::suite::lab::Lab;
use crate::suite::outside::Outside;
use crate::suite::workload::{Deployment, budget};

#[test]
fn a_roll_that_is_killed_while_it_drains_and_again_after_its_ask_ends_as_if_it_had_not_been() {
    let lab = Lab::begin();
    lab.apply_manifests(&["namespace"]);
    lab.namespace("shop");
    Deployment {
        replicas: 2,
        ..Deployment::new("shop", "web", &["lab-1", "lab-2"])
    }
    .up(&lab);
    budget(&lab, "shop", "web", 1);
    let nodes = ["lab-1", "lab-2"];
    let before = nodes.map(|node| lab.reboots(node));
    for node in nodes {
        lab.mark(node, &["dbus"]);
    }
    let outside = Outside::begin(&lab);
    let audit = Audit::from_here(&lab);

    // An eviction that the kill cuts off in the server may have spent its budget and left its pod: that is forgotten only
    // after two minutes, which the drain must have.
    let mut rolling = lab.start(&["roll", "--yes", "--drain-timeout", "200s"]);
    rolling.until("lab-1  cordoned");
    rolling.signal("KILL");
    rolling.end();
    assert!(lab.node("lab-1").is_cordoned() && lab.node("lab-1").mark().is_some());

    let killed = Instant::now();
    let mut resumed = lab.start(&["resume", "--yes"]);
    resumed.until("goes on: 2 nodes left");
    let resumed_after = killed.elapsed();
    resumed.until("lab-1  reboot: asking for the reboot");
    resumed.signal("KILL");
    resumed.end();

    let ended = lab.run(&["resume", "--yes"]);
    let (seen, requests) = (outside.end(), audit.requests());
    ended.exits(0).says("2 of 2 nodes rebooted and verified");
    let after = nodes.map(|node| lab.reboots(node));
    for (after, before) in after.iter().zip(&before) {
        assert_eq!(after - before, 1, "one reboot of each\n{ended}");
    }
    assert_eq!(
        seen.most_unavailable(),
        1,
        "nodes unavailable at once\n{ended}"
    );
    assert!(
        seen.fewest_ready("web", 2) >= 1,
        "no pod was Ready at some time\n{ended}"
    );
    let places = seen.places();
    for node in nodes {
        let acts = acts_on(node, &requests, &places);
        let of = |wanted: &str| acts.iter().filter(|act| *act == wanted).count();
        assert_eq!(
            (of("cordon"), of("ask"), of("uncordon")),
            (1, 1, 1),
            "{acts:?}"
        );
    }
    lab.is_as_before(&nodes);
    lab.run(&["resume", "--yes"]).exits(0);
    assert_eq!(lab.node("lab-1").mark(), None);
    // Past the capture of a test that passes: the figure is for whoever runs the suite.
    writeln!(
        std::io::stderr(),
        "\nresumed {:.1} s after the kill",
        resumed_after.as_secs_f64()
    )
    .expect("stderr");
}
