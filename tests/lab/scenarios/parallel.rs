//! Two nodes at once: a wave of a single system node, then one of two, and never more away than the limit allows.

use crate::suite::audit::{Audit, acts_on};
use crate::suite::lab::Lab;
use crate::suite::outside::Outside;
use crate::suite::workload::{Deployment, budget};

const ZONE: &str = "topology.kubernetes.io/zone";

#[test]
fn the_nodes_of_a_wave_are_away_side_by_side_and_never_more_than_the_limit_allows() {
    let lab = Lab::begin();
    lab.apply_manifests(&["namespace"]);
    lab.namespace("shop");
    Deployment {
        replicas: 2,
        ..Deployment::new("shop", "web", &["lab-1", "lab-2"])
    }
    .up(&lab);
    budget(&lab, "shop", "web", 1);
    // A wave is of one zone.
    lab.afterwards(&[
        "kubectl",
        "label",
        "node",
        "lab-3",
        "--overwrite",
        &format!("{ZONE}=lab-3"),
    ]);
    lab.kubectl(&[
        "label",
        "node",
        "lab-3",
        "--overwrite",
        &format!("{ZONE}=lab-2"),
    ]);
    let nodes = ["lab-1", "lab-2", "lab-3"];
    let before = nodes.map(|node| lab.reboots(node));
    for node in nodes {
        lab.mark(node, &["dbus"]);
    }

    let outside = Outside::begin(&lab);
    let audit = Audit::from_here(&lab);
    let ended = lab.run(&[
        "roll",
        "--max-unavailable",
        "2",
        "--yes",
        "--sustained-ready",
        "3s",
    ]);
    let (seen, requests) = (outside.end(), audit.requests());
    ended.exits(0).says("3 of 3 nodes rebooted and verified");
    let waves = "3 nodes to reboot, in 2 waves of at most 2 nodes";
    assert!(ended.stdout.contains(waves), "{ended}");
    let after = nodes.map(|node| lab.reboots(node));
    for (after, before) in after.iter().zip(&before) {
        assert_eq!(after - before, 1, "one reboot of each\n{ended}");
    }
    assert_eq!(
        seen.most_unavailable(),
        2,
        "nodes unavailable at once\n{ended}"
    );
    assert!(
        seen.fewest_ready("web", 2) >= 1,
        "no pod was Ready at some time\n{ended}"
    );
    lab.is_as_before(&nodes);
    let places = seen.places();
    for node in nodes {
        let acts = acts_on(node, &requests, &places);
        assert_eq!(acts.first().map(String::as_str), Some("cordon"), "{acts:?}");
        assert_eq!(acts.last().map(String::as_str), Some("unmark"), "{acts:?}");
        assert_eq!(
            acts.iter().filter(|act| **act == "ask").count(),
            1,
            "{acts:?}"
        );
    }
}
