//! Two nodes at once: a wave of a single system node, then one of two, and never more away than the limit allows.

use crate::suite::audit::{Audit, acts_on};
use crate::suite::lab::Lab;
use crate::suite::outside::Outside;
use crate::suite::workload::{Deployment, budget};

const ZONE: &str = "topology.kubernetes.io/zone";

#[test]
#[ignore = "lab-full"]
fn the_nodes_of_a_wave_are_away_side_by_side_and_never_more_than_the_limit_allows() {
    side_by_side(
        &["lab-1", "lab-2", "lab-3"],
        "3 nodes to reboot, in 2 waves of at most 2 nodes",
    );
}

/// Puts these nodes into the zone of `lab-2` until the test is over: a wave is of one zone.
pub(crate) fn in_one_zone(lab: &Lab, nodes: &[&str]) {
    for node in nodes {
        let own = lab.node(node).0["metadata"]["labels"][ZONE].clone();
        let label = |zone: &str| {
            let zone = format!("{ZONE}={zone}");
            ["kubectl", "label", "node", node, "--overwrite", &zone].map(str::to_owned)
        };
        let (back, there) = (label(own.as_str().expect("a zone")), label("lab-2"));
        lab.afterwards(&back.each_ref().map(String::as_str));
        lab.verb(&there.each_ref().map(String::as_str));
    }
}

/// Rolls these nodes, the first of which is a system node, two at a time.
pub(crate) fn side_by_side(nodes: &[&str], waves: &str) {
    let lab = Lab::begin();
    lab.apply_manifests(&["namespace"]);
    lab.namespace("shop");
    Deployment {
        replicas: 2,
        ..Deployment::new("shop", "web", &["lab-1", "lab-2"])
    }
    .up(&lab);
    budget(&lab, "shop", "web", 1);
    in_one_zone(&lab, &nodes[2..]);
    let reboots = || -> Vec<u32> { nodes.iter().map(|node| lab.reboots(node)).collect() };
    let before = reboots();
    for node in nodes {
        lab.mark(node, &["dbus"]);
    }

    let outside = Outside::begin(&lab);
    let audit = Audit::from_here(&lab);
    let ended = lab.run(&["roll", "--max-unavailable", "2", "--yes"]);
    let (seen, requests) = (outside.end(), audit.requests());
    let count = nodes.len();
    ended
        .exits(0)
        .says(&format!("{count} of {count} nodes rebooted and verified"));
    assert!(ended.stdout.contains(waves), "{ended}");
    let after = reboots();
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
    lab.is_as_before(nodes);
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
