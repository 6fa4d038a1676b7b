//! A signal ends the command within five seconds in every step, in the state that it tells; what it leaves can be undone
//! by the commands that it prints.

use crate::suite::OWN;
use crate::suite::command::Ended;
use crate::suite::lab::Lab;
use crate::suite::workload::{Deployment, budget};

/// Carries out what the end says to undo by hand, in its order; what is only to be looked at is not.
fn undo_as_told(lab: &Lab, ended: &Ended) {
    let told = ended.lines.iter().filter_map(|line| {
        let (_, commands) = line.text.strip_prefix("hint: ")?.split_once(": kubectl ")?;
        (!commands.starts_with("get ")).then_some(commands)
    });
    let mut carried_out = 0;
    for command in told.flat_map(|commands| commands.split("; kubectl ")) {
        let words: Vec<&str> = command.split_whitespace().collect();
        lab.kubectl(&words);
        carried_out += 1;
    }
    assert!(carried_out > 0, "no commands to undo by\n{ended}");
}

/// The lock names nobody, and says that a run was interrupted.
fn lock_is_free_and_kept(lab: &Lab) {
    let lease = lab.get(&["lease", "-n", OWN, "aksreboot"]);
    assert_eq!(
        lease["spec"]["holderIdentity"].as_str().unwrap_or_default(),
        "",
        "{lease}"
    );
}

#[test]
fn status_ended_while_it_probes_leaves_no_pod() {
    let lab = Lab::begin();
    lab.apply_manifests(&["namespace"]);
    let running = lab.start(&["status"]);
    lab.until("a probe pod is there", 30, || !lab.own("pods").is_empty());
    let sent = running.signal("INT");
    running.end().exits(130).soon_after(sent);
    lab.is_as_before(&["lab-1", "lab-2", "lab-3"]);
}

#[test]
fn a_signal_at_gate_leaves_the_node_untouched() {
    let lab = Lab::begin();
    lab.mark("lab-1", &["libc6"]);
    let reboots = lab.reboots("lab-1");
    let mut running = lab.start(&["roll", "lab-1", "--yes"]);
    running.until("lab-1  begins");
    let sent = running.signal("INT");
    let ended = running.end();
    ended
        .exits(130)
        .soon_after(sent)
        .says("lab-1: interrupted at gate; the node was not touched");
    lab.is_as_before(&["lab-1"]);
    assert_eq!(lab.reboots("lab-1"), reboots);
}

#[test]
fn a_signal_at_drain_restores_the_node() {
    let lab = Lab::begin();
    lab.namespace("vault");
    Deployment::new("vault", "safe", &["lab-1"]).up(&lab);
    budget(&lab, "vault", "safe", 0);
    lab.mark("lab-1", &["libc6"]);
    let reboots = lab.reboots("lab-1");
    let mut running = lab.start(&["roll", "lab-1", "--yes"]);
    running.until("lab-1  begins");
    budget(&lab, "vault", "safe", 1);
    running.until("The disruption budget safe");
    assert!(lab.node("lab-1").is_cordoned());
    let sent = running.signal("INT");
    let ended = running.end();
    ended.exits(130).soon_after(sent).says(
        "lab-1: interrupted at drain; the node is as it was before: cordon and mark are undone",
    );
    lab.is_as_before(&["lab-1"]);
    assert_eq!(lab.reboots("lab-1"), reboots);
}

#[test]
#[ignore = "lab-full"]
fn a_signal_at_return_leaves_the_node_cordoned_and_the_printed_commands_undo_it() {
    let lab = Lab::begin();
    lab.mark("lab-1", &["libc6"]);
    lab.on_boot("lab-1", &["late", "8"]);
    let boot = lab.node("lab-1").boot_id().to_owned();
    let mut running = lab.start(&["roll", "lab-1", "--yes"]);
    running.until("return: asked for the reboot");
    let sent = running.signal("INT");
    let ended = running.end();
    ended
        .exits(130)
        .soon_after(sent)
        .says("lab-1: interrupted at return; the node stays cordoned, with the run's mark");
    let node = lab.node("lab-1");
    assert!(node.is_cordoned(), "{ended}");
    assert_eq!(
        node.mark().expect("the run's mark")["step"],
        "Reboot",
        "{ended}"
    );
    lock_is_free_and_kept(&lab);

    let next = lab.run(&["roll", "lab-1", "--yes"]);
    next.exits(5).says("lab-1").says(&ended.run_id());
    assert!(lab.node("lab-1").is_cordoned(), "{next}");

    lab.until_back("lab-1", &boot);
    undo_as_told(&lab, &ended);
    let node = lab.node("lab-1");
    assert!(!node.is_cordoned() && node.mark().is_none(), "{ended}");
    assert_eq!(lab.own("pods"), [""; 0], "pods are left\n{ended}");
    // The lock that is left does not keep the next roll out.
    lab.run(&["roll", "--yes"])
        .exits(0)
        .says("nothing was changed");
}

#[test]
#[ignore = "lab-full"]
fn a_signal_at_verify_leaves_the_node_cordoned_and_no_probe_pod() {
    let lab = Lab::begin();
    lab.mark("lab-2", &["libc6"]);
    let boot = lab.node("lab-2").boot_id().to_owned();
    let mut running = lab.start(&["roll", "lab-2", "--yes"]);
    running.until("return: Ready; it must hold");
    let is_probing = || {
        lab.own("pods")
            .iter()
            .any(|name| name.starts_with("probe-"))
    };
    lab.until("the probe after the reboot", 60, is_probing);
    let sent = running.signal("INT");
    let ended = running.end();
    ended
        .exits(130)
        .soon_after(sent)
        .says("lab-2: interrupted at verify; the node stays cordoned, with the run's mark");
    assert!(!is_probing(), "{ended}");
    let node = lab.node("lab-2");
    assert!(node.is_cordoned(), "{ended}");
    assert_eq!(node.mark().expect("the run's mark")["run"], ended.run_id());
    assert_ne!(node.boot_id(), boot);
    lock_is_free_and_kept(&lab);
    undo_as_told(&lab, &ended);
    let node = lab.node("lab-2");
    assert!(!node.is_cordoned() && node.mark().is_none(), "{ended}");
}

#[test]
#[ignore = "lab-full"]
fn a_signal_at_settle_leaves_the_node_in_service_with_the_mark() {
    let lab = Lab::begin();
    lab.namespace("shop");
    Deployment {
        slow: 8,
        ..Deployment::new("shop", "web", &["lab-1"])
    }
    .up(&lab);
    lab.mark("lab-1", &["libc6"]);
    let mut running = lab.start(&["roll", "lab-1", "--yes"]);
    running.until("settle: workloads not back: shop/web");
    let sent = running.signal("TERM");
    let ended = running.end();
    ended
        .exits(143)
        .soon_after(sent)
        .says("lab-1: interrupted at settle; the node is back in service, with the run's mark");
    let node = lab.node("lab-1");
    assert!(!node.is_cordoned(), "{ended}");
    assert_eq!(
        node.mark().expect("the run's mark")["step"],
        "Settle",
        "{ended}"
    );
    lock_is_free_and_kept(&lab);
    undo_as_told(&lab, &ended);
    assert_eq!(lab.node("lab-1").mark(), None, "{ended}");
}
