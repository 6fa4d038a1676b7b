//! Bad input and other people's claims on the cluster: said in words, with an exit code of its own, and nothing touched.

use crate::suite::audit::Audit;
use crate::suite::command::Ended;
use crate::suite::lab::Lab;
use crate::suite::workload::looks_like_kured;

/// The command, after which no node was changed and nothing of ours is left.
fn untouched(lab: &Lab, words: &[&str]) -> Ended {
    let audit = Audit::from_here(lab);
    let ended = lab.run(words);
    let touched = audit
        .requests()
        .into_iter()
        .find(|request| request.verb == "patch" || request.subresource == "eviction");
    assert!(touched.is_none(), "{touched:?}\n{ended}");
    lab.is_as_before(&["lab-1", "lab-2", "lab-3"]);
    ended
}

#[test]
fn a_roll_of_the_wrong_nodes_touches_nothing() {
    let lab = Lab::begin();
    untouched(&lab, &["roll", "lab-9", "--yes"])
        .exits(4)
        .says("lab-9");
    untouched(&lab, &["roll", "lab-1", "lab-1", "--yes"])
        .exits(2)
        .says("node `lab-1` is named twice");
    untouched(&lab, &["roll", "-l", "pool=none", "--yes"])
        .exits(4)
        .says("no node matches the selector `pool=none`");
    untouched(&lab, &["roll", "--yes"])
        .exits(0)
        .says("no node is known to wait for a reboot; nothing was changed");
}

#[test]
fn a_roll_without_a_yes_or_a_terminal_shows_its_plan_and_touches_nothing() {
    let lab = Lab::begin();
    lab.mark("lab-1", &["libc6"]);
    let ended = untouched(&lab, &["roll"]);
    ended.exits(2).says("--yes").does_not_say("begins");
    assert!(ended.stdout.contains("1 node to reboot:"), "{ended}");
    assert!(ended.stdout.contains("1. lab-1: "), "{ended}");
}

#[test]
#[ignore = "lab-full"]
fn a_cluster_whose_kured_has_its_lock_is_not_rolled_and_rolled_under_it_when_it_is_free() {
    let lab = Lab::begin();
    lab.namespace("other");
    looks_like_kured(&lab, "other");
    lab.mark("lab-1", &["libc6"]);
    let annotate = |value: &str| {
        let lock = format!("weave.works/kured-node-lock{value}");
        lab.kubectl(&["annotate", "daemonset", "-n", "other", "kured", &lock]);
    };
    annotate("={\"nodeID\":\"lab-2\"}");
    untouched(&lab, &["roll", "--yes"])
        .exits(5)
        .says("kured's lock (DaemonSet other/kured) is held by lab-2, expires never");
    annotate("-");
    let audit = Audit::from_here(&lab);
    lab.run(&["roll", "--yes"])
        .exits(0)
        .says("its lock is taken for each node")
        .says("1 of 1 node rebooted and verified");
    let patches = audit
        .requests()
        .into_iter()
        .filter(|request| request.is("patch", "daemonsets", ""))
        .map(|request| request.code)
        .collect::<Vec<_>>();
    // The dry run, before the cordon, before the ask, and given back.
    assert_eq!(patches, [200; 4]);
    let kured = lab.get(&["daemonset", "-n", "other", "kured"]);
    let left = kured["metadata"]["annotations"].to_string();
    assert!(!left.contains("kured-node-lock"), "{left}");
    lab.is_as_before(&["lab-1", "lab-2", "lab-3"]);
}

#[test]
fn a_reader_that_stops_reading_is_no_crash() {
    let lab = Lab::begin();
    let ended = lab.run_unread(&["status"]);
    assert!(!matches!(ended.code, Some(101 | 141) | None), "{ended}");
    ended.does_not_say("panicked");
    lab.is_as_before(&["lab-1", "lab-2", "lab-3"]);
}

/// The letters alone: colour takes no room.
fn without_colour(row: &str) -> String {
    let mut parts = row.split('\u{1b}');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        text + part.split_once('m').map_or(part, |(_, rest)| rest)
    })
}

#[test]
fn a_narrow_terminal_gets_whole_rows_that_fit() {
    let lab = Lab::begin();
    lab.mark("lab-1", &["libc6", "dbus", "linux-base", "openssl"]);
    // Without it a terminal is asked.
    lab.apply_manifests(&["namespace"]);
    let table = lab.on_terminal(40, &["status"]);
    let header = table.lines().find(|line| line.starts_with("NAME"));
    assert!(
        header.is_some_and(|header| header.contains("REBOOT")),
        "{table}"
    );
    let rows: Vec<&str> = table
        .lines()
        .filter(|line| line.starts_with("lab-"))
        .collect();
    assert_eq!(rows.len(), 3, "{table}");
    for row in rows {
        assert!(
            without_colour(row).trim_end().chars().count() <= 40,
            "{row:?}\n{table}"
        );
    }
}
