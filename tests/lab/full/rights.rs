//! The printed role of a roll, and no more: enough for a whole roll, and for going on with one that was killed.

use crate::scenarios::roles::{apply_all, member};
use crate::suite::audit::Audit;
use crate::suite::lab::Lab;
use crate::suite::workload::{Deployment, budget};

#[test]
#[ignore = "lab-full"]
fn the_printed_role_is_enough_for_a_roll_that_is_killed_twice_and_gone_on_with() {
    let lab = Lab::begin();
    apply_all(&lab);
    lab.namespace("shop");
    Deployment {
        replicas: 2,
        ..Deployment::new("shop", "web", &["lab-1", "lab-2"])
    }
    .up(&lab);
    budget(&lab, "shop", "web", 1);
    let nodes = ["lab-1", "lab-2"];
    for node in nodes {
        lab.mark(node, &["dbus"]);
    }
    let before = nodes.map(|node| lab.reboots(node));
    let audit = Audit::from_here(&lab);
    let killed_at = |words: &[&str], at: &str| {
        let words = [words, &member("aksreboot-rollers")[..]].concat();
        let mut running = lab.operator("somebody").start(&words);
        running.until(at);
        running.signal("KILL");
        running.end();
    };
    let roll = ["roll", "--yes", "--drain-timeout", "200s"];
    killed_at(&roll, "lab-1  cordoned");
    killed_at(&["resume", "--yes"], "lab-1  return: asked for the reboot");
    let words = [&["resume", "--yes"], &member("aksreboot-rollers")[..]].concat();
    let ended = lab.operator("somebody").run(&words);
    ended
        .exits(0)
        .says("2 of 2 nodes rebooted and verified")
        .does_not_say("warning");
    let requests = audit.requests();
    let refused = requests.iter().find(|request| request.code == 403);
    assert!(refused.is_none(), "{refused:?}\n{ended}");
    let after = nodes.map(|node| lab.reboots(node));
    assert_eq!(after, before.map(|count| count + 1), "{ended}");
    eprintln!("{} requests, none refused", requests.len());
    lab.is_as_before(&nodes);
}
