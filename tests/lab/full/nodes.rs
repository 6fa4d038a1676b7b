//! A node that takes its time, and four nodes in waves. What a node does that never returns, returns NotReady or with its
//! flag is in the first tier.

use crate::scenarios::parallel::side_by_side;
use crate::suite::lab::Lab;

#[test]
#[ignore = "lab-full"]
fn a_node_that_returns_late_but_within_its_limit_is_waited_for() {
    let lab = Lab::begin();
    lab.mark("lab-1", &["libc6"]);
    lab.on_boot("lab-1", &["late", "75"]);
    let before = lab.reboots("lab-1");
    let ended = lab.run(&["roll", "lab-1", "--yes", "--reboot-timeout", "150s"]);
    ended.exits(0).says("1 of 1 node rebooted and verified");
    assert_eq!(lab.reboots("lab-1"), before + 1, "{ended}");
    let away = ended.line("return: rebooted, new boot ID").at - ended.line("return: asked for").at;
    assert!(away.as_secs() >= 75, "{away:?}\n{ended}");
    eprintln!("back on a new boot after {} s", away.as_secs());
    lab.is_as_before(&["lab-1"]);
}

#[test]
#[ignore = "lab-full"]
fn four_nodes_are_rolled_two_at_a_time_and_never_three_are_away() {
    side_by_side(
        &["lab-1", "lab-2", "lab-3", "lab-4"],
        "4 nodes to reboot, in 3 waves of at most 2 nodes",
    );
}
