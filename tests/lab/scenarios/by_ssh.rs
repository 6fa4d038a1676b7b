//! A roll where no pod is let in and none may be made: by SSH alone, with its own least role, killed after the ask and gone on
//! with.

use super::roles::{apply_all, is_exactly_enough, member, run_as};
use super::routes::ssh_config;
use crate::suite::OWN;
use crate::suite::audit::Audit;
use crate::suite::lab::Lab;
use crate::suite::outside::Outside;
use crate::suite::workload::Deployment;

const GROUP: &str = "aksreboot-ssh-rollers";

#[test]
#[ignore = "lab-full"]
fn where_no_pod_is_let_in_a_roll_by_ssh_asks_each_boot_once_even_when_killed_after_the_ask() {
    let lab = Lab::begin();
    apply_all(&lab);
    let level = |level: &str| format!("pod-security.kubernetes.io/enforce={level}");
    let (restricted, privileged) = (level("restricted"), level("privileged"));
    let label = ["label", "namespace", OWN, "--overwrite"];
    lab.afterwards(&[&["kubectl"][..], &label, &[&privileged]].concat());
    lab.kubectl(&[&label[..], &[&restricted]].concat());
    lab.namespace("shop");
    Deployment::new("shop", "web", &["lab-2", "lab-3"]).up(&lab);
    let config = ssh_config(&lab);
    let ssh = ["--ssh-config", &config];
    let nodes = ["lab-2", "lab-3"];
    let before = nodes.map(|node| lab.reboots(node));
    for node in nodes {
        lab.mark(node, &["dbus"]);
    }
    let outside = Outside::begin(&lab);
    let audit = Audit::from_here(&lab);

    let words = [&["roll", "--via", "ssh", "--yes"][..], &ssh, &member(GROUP)].concat();
    let mut rolling = lab.start(&words);
    rolling.until("lab-2  reboot: asking for the reboot");
    rolling.signal("KILL");
    rolling.end();
    remove_its_folder();
    let words = [&["resume", "--yes"][..], &ssh, &member(GROUP)].concat();
    let ended = lab.run(&words);
    ended.exits(0).says("2 of 2 nodes rebooted and verified");

    let seen = outside.end();
    assert_eq!(
        seen.most_unavailable(),
        1,
        "nodes unavailable at once\n{ended}"
    );
    let after = nodes.map(|node| lab.reboots(node));
    for (after, before) in after.iter().zip(&before) {
        assert_eq!(after - before, 1, "one reboot of each\n{ended}");
    }
    let requests = audit.requests();
    let made = requests
        .iter()
        .find(|request| request.is("create", "pods", "") || request.is("delete", "pods", ""));
    assert!(made.is_none(), "{made:?}");
    let spared = [
        "get nodes *",
        "get statefulsets *",
        "get replicationcontrollers *",
        "get poddisruptionbudgets *",
        "list volumeattachments *",
        "get persistentvolumeclaims *",
        "list persistentvolumes *",
        "list csinodes *",
        "delete configmaps aksreboot",
        // There is no kured.
        "get daemonsets kube-system",
        "patch daemonsets kube-system",
    ];
    is_exactly_enough(&lab, "roll-ssh", &audit, &spared);
    lab.is_as_before(&nodes);

    // By pods the same is refused here, before anything is touched.
    lab.mark("lab-2", &["dbus"]);
    run_as(&lab, "aksreboot-rollers", &["roll", "--yes"]).does_not_say("cordoned");

    // A boot that was asked by somebody is not asked again.
    let boot = lab.node("lab-2").boot_id().to_owned();
    let mark = format!("/run/aksreboot-{boot}");
    lab.verb(&["ssh", "lab-2", "sudo", "mkdir", &mark]);
    let words = [&["roll", "lab-2", "--via", "ssh", "--yes"][..], &ssh].concat();
    lab.run(&words)
        .exits(3)
        .says(&format!(
            "a reboot of this boot was asked for before ({mark} on the node)"
        ))
        .says(&format!("sudo rmdir {mark}"))
        .does_not_say("cordoned");
    lab.verb(&["ssh", "lab-2", "sudo", "rmdir", &mark]);
    assert_eq!(lab.node("lab-2").boot_id(), boot);
}

/// Only the host knows whether it was asked, so the node is not opened before it is on another boot.
#[test]
#[ignore = "lab-full"]
fn a_roll_by_ssh_that_was_killed_after_its_ask_is_cleaned_up_when_its_node_has_rebooted() {
    let lab = Lab::begin();
    lab.apply_manifests(&["namespace"]);
    lab.mark("lab-2", &["dbus"]);
    lab.afterwards(&["slow-shutdown", "lab-2", "off"]);
    lab.verb(&["slow-shutdown", "lab-2", "25"]);
    let (reboots, boot) = (lab.reboots("lab-2"), lab.node("lab-2").boot_id().to_owned());
    let config = ssh_config(&lab);
    let words = ["roll", "lab-2", "--via", "ssh", "--yes", "--ssh-config"];
    let mut rolling = lab.start(&[&words[..], &[&config]].concat());
    rolling.until("lab-2  reboot: asking for the reboot");
    // The host's sshd goes first, often before it has told of the ask.
    std::thread::sleep(std::time::Duration::from_secs(3));
    rolling.signal("KILL");
    rolling.end();
    remove_its_folder();

    let early = lab.run(&["cleanup", "--yes"]);
    early.exits(0);
    assert!(
        early.stdout.contains(
            "mark of node lab-2: a reboot may still come: it was to be asked for over SSH"
        ),
        "{early}"
    );
    let node = lab.node("lab-2");
    assert_eq!(node.boot_id(), boot, "too early for this test");
    assert!(node.is_cordoned() && node.mark().is_some(), "{early}");

    lab.until_back("lab-2", &boot);
    assert!(lab.node("lab-2").is_cordoned());
    lab.run(&["cleanup", "--yes"])
        .exits(0)
        .says("removed mark of node lab-2");
    assert_eq!(lab.reboots("lab-2"), reboots + 1);
    lab.is_as_before(&["lab-2"]);
}

/// What a process that is killed outright cannot remove: the configuration and the socket of its logins.
fn remove_its_folder() {
    for entry in std::fs::read_dir("/tmp").expect("/tmp").flatten() {
        let name = entry.file_name();
        if entry.path().is_dir() && name.to_string_lossy().starts_with("aksreboot-") {
            std::fs::remove_dir_all(entry.path()).expect("a folder of the killed roll");
        }
    }
}
