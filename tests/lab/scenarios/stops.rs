//! What ends a roll in the middle of a node, each with its own words, and what does not. The next node stays untouched.

use crate::suite::command::Ended;
use crate::suite::lab::Lab;

/// Two pending nodes; the first has the trouble.
const FIRST: &str = "lab-1";
const NEXT: &str = "lab-2";

fn begin() -> Lab {
    let lab = Lab::begin();
    lab.mark(FIRST, &["libc6"]);
    lab.mark(NEXT, &["libc6"]);
    lab
}

/// Rolls both nodes with these flags, which stops at the first: exit 3, the next node not begun.
fn stops(lab: &Lab, flags: &[&str]) -> Ended {
    let (reboots, boot) = (lab.reboots(NEXT), lab.node(NEXT).boot_id().to_owned());
    let ended = lab.run(&[&["roll", FIRST, NEXT, "--yes"], flags].concat());
    ended
        .exits(3)
        .says("0 of 2 nodes rebooted and verified")
        .says(&format!("{NEXT}: not begun, untouched"));
    assert_eq!(lab.reboots(NEXT), reboots, "{NEXT} rebooted\n{ended}");
    let next = lab.node(NEXT);
    assert_eq!(next.boot_id(), boot);
    assert!(
        !next.is_cordoned() && next.mark().is_none(),
        "{NEXT} was touched\n{ended}"
    );
    ended
}

/// The node stays cordoned and marked, and the end says how to undo that.
fn is_left_cordoned(lab: &Lab, ended: &Ended) {
    ended.says(&format!(
        "{FIRST}: the node stays cordoned, with the run's mark"
    ));
    ended.says(&format!(
        "kubectl uncordon {FIRST}; kubectl annotate node {FIRST} aksreboot.dev/run-"
    ));
    let node = lab.node(FIRST);
    assert!(node.is_cordoned(), "{FIRST} is not cordoned\n{ended}");
    let mark = node.mark().expect("the run's mark");
    assert_eq!(mark["run"], ended.run_id());
    assert_eq!(mark["step"], "Reboot");
}

#[test]
fn a_reboot_that_does_not_happen_stops_the_roll() {
    let lab = begin();
    lab.afterwards(&["no-reboot", FIRST, "off"]);
    lab.verb(&["no-reboot", FIRST, "ignore"]);
    let reboots = lab.reboots(FIRST);
    let ended = stops(&lab, &["--reboot-timeout", "15s"]);
    ended.says("lab-1: stopped at return: asked for the reboot, the boot ID is still");
    is_left_cordoned(&lab, &ended);
    assert_eq!(lab.reboots(FIRST), reboots);
}

#[test]
#[ignore = "lab-full"]
fn a_node_that_does_not_return_stops_the_roll() {
    let lab = begin();
    lab.on_boot(FIRST, &["stay-away"]);
    lab.afterwards(&["poweron", FIRST]);
    let ended = stops(&lab, &["--reboot-timeout", "20s"]);
    ended.says("lab-1: stopped at return: asked for the reboot, the boot ID is still");
    is_left_cordoned(&lab, &ended);
}

#[test]
#[ignore = "lab-full"]
fn a_node_that_returns_not_ready_stops_the_roll() {
    let lab = begin();
    lab.on_boot(FIRST, &["notready"]);
    lab.afterwards(&["heal", FIRST]);
    let ended = stops(&lab, &["--ready-timeout", "15s"]);
    ended.says("lab-1: stopped at return: rebooted, but NotReady");
    is_left_cordoned(&lab, &ended);
    assert!(!lab.node(FIRST).is_ready());
}

#[test]
#[ignore = "lab-full"]
fn a_flag_that_is_there_again_after_the_reboot_stops_the_roll() {
    let lab = begin();
    let boot = lab.node(FIRST).boot_id().to_owned();
    lab.on_boot(FIRST, &["keep-flag"]);
    let ended = stops(&lab, &[]);
    ended.says("lab-1: stopped at verify: rebooted, and a reboot is still pending");
    is_left_cordoned(&lab, &ended);
    assert_ne!(lab.node(FIRST).boot_id(), boot, "no reboot\n{ended}");
}

#[test]
#[ignore = "lab-full"]
fn a_kernel_that_moved_backwards_is_warned_of_and_does_not_stop_the_roll() {
    let lab = Lab::begin();
    let kernel = lab.node(FIRST).kernel().to_owned();
    lab.mark(FIRST, &["linux-base"]);
    lab.on_boot(FIRST, &["kernel-old"]);
    let ended = lab.run(&["roll", FIRST, "--yes"]);
    let node = lab.node(FIRST);
    let (old, boot) = (node.kernel().to_owned(), node.boot_id().to_owned());
    // The kernel stays until another boot says otherwise.
    lab.on_boot(FIRST, &["kernel-new"]);
    lab.verb(&["exec", FIRST, "systemctl", "reboot"]);
    lab.until_back(FIRST, &boot);
    ended.exits(0).says(&format!(
        "the kernel moved backwards: {kernel} ran before, {old} now"
    ));
    assert_eq!(lab.node(FIRST).kernel(), kernel);
    lab.is_as_before(&[FIRST]);
}

#[test]
#[ignore = "lab-full"]
fn a_node_that_was_cordoned_before_stays_cordoned() {
    let lab = Lab::begin();
    lab.mark("lab-3", &["libc6"]);
    lab.kubectl(&["cordon", "lab-3"]);
    let boot = lab.node("lab-3").boot_id().to_owned();
    let ended = lab.run(&["roll", "lab-3", "--yes"]);
    ended.exits(0).says("1 of 1 node rebooted and verified");
    assert!(
        ended.stdout.contains("cordoned already, stays cordoned"),
        "{ended}"
    );
    let node = lab.node("lab-3");
    assert!(node.is_cordoned(), "uncordoned\n{ended}");
    assert_eq!(node.mark(), None);
    assert_ne!(node.boot_id(), boot, "no reboot\n{ended}");
    lab.kubectl(&["uncordon", "lab-3"]);
    lab.is_as_before(&["lab-3"]);
}
