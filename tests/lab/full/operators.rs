//! Several people at one cluster: a second roll, two who go on with the same run, a process that was suspended while its
//! run was taken from it, and a colleague with kubectl.

use std::time::Duration;

use crate::suite::audit::{Audit, acts_on};
use crate::suite::command::Ended;
use crate::suite::lab::Lab;
use crate::suite::outside::Outside;
use crate::suite::workload::{Deployment, budget};
use crate::suite::{OWN, now};

const NODES: [&str; 2] = ["lab-1", "lab-2"];

fn begin() -> (Lab, [u32; 2]) {
    let lab = Lab::begin();
    lab.apply_manifests(&["namespace"]);
    lab.namespace("shop");
    Deployment {
        replicas: 2,
        ..Deployment::new("shop", "web", &NODES)
    }
    .up(&lab);
    budget(&lab, "shop", "web", 1);
    for node in NODES {
        lab.mark(node, &["dbus"]);
    }
    let before = NODES.map(|node| lab.reboots(node));
    (lab, before)
}

/// One reboot of each node since, and nothing left.
fn rebooted_once(lab: &Lab, before: [u32; 2], ended: &Ended) {
    let after = NODES.map(|node| lab.reboots(node));
    assert_eq!(
        after,
        before.map(|count| count + 1),
        "one reboot of each\n{ended}"
    );
    lab.is_as_before(&NODES);
}

#[test]
#[ignore = "lab-full"]
fn a_second_roll_is_refused_and_told_who_rolls_where_and_since_when() {
    let (lab, before) = begin();
    let alice = lab.operator("alice").at("bastion");
    let bob = lab.operator("bob").at("laptop");
    let mut first = alice.start(&["roll", "--yes", "--pause-between", "40s"]);
    let refused = || {
        let second = bob.run(&["roll", "--yes"]);
        let audit = lab.get(&["lease", "-n", "aksreboot", "aksreboot"]);
        let since = audit["spec"]["acquireTime"].as_str().unwrap_or_default();
        let (run, since) = (
            audit["spec"]["holderIdentity"].as_str().unwrap_or_default(),
            since.split('.').next().unwrap_or_default(),
        );
        let told = format!("run {run} of alice on bastion holds the cluster since {since}");
        second.exits(5).says(&told);
        eprintln!("{}", second.line(&told).text);
    };
    first.until("lab-1  return: asked for the reboot");
    refused();
    // No node carries a mark now: only the Lease speaks of the run.
    first.until("lab-1  done");
    assert_eq!(lab.node("lab-1").mark(), None);
    refused();
    let ended = first.end();
    ended.exits(0).says("2 of 2 nodes rebooted and verified");
    rebooted_once(&lab, before, &ended);
}

#[test]
#[ignore = "lab-full"]
fn of_two_who_go_on_with_a_killed_run_exactly_one_does() {
    for round in 0..4 {
        let (lab, before) = begin();
        let audit = Audit::from_here(&lab);
        let outside = Outside::begin(&lab);
        let mut rolling = lab.start(&["roll", "--yes", "--drain-timeout", "200s"]);
        lab.on_boot("lab-1", &["late", "25"]);
        rolling.until(["lab-1  cordoned", "lab-1  return: asked"][round % 2]);
        rolling.signal("KILL");
        rolling.end();
        let (bob, carol) = (lab.operator("bob"), lab.operator("carol"));
        let (one, other) = (
            bob.start(&["resume", "--yes"]),
            carol.start(&["resume", "--yes"]),
        );
        let ended = [one.end(), other.end()];
        let goes_on = |ended: &Ended| {
            ended
                .lines
                .iter()
                .any(|line| line.text.contains(" goes on: "))
        };
        let [winner, loser] = match ended {
            [one, other] if goes_on(&one) => [one, other],
            [one, other] => [other, one],
        };
        winner.exits(0).says("2 of 2 nodes rebooted and verified");
        loser.exits(5).says("holds the cluster since");
        assert!(!goes_on(&loser), "{loser}");
        eprintln!("{}", loser.line("holds the cluster since").text);
        let (seen, requests) = (outside.end(), audit.requests());
        for node in NODES {
            let acts = acts_on(node, &requests, &seen.places());
            let asks = acts.iter().filter(|act| *act == "ask").count();
            assert_eq!(asks, 1, "{acts:?}\n{winner}{loser}");
        }
        rebooted_once(&lab, before, &winner);
    }
}

/// Where alice's process is stopped, and where in bob's run, or after it, it wakes.
struct Nap {
    stopped: &'static str,
    wakes: Option<&'static str>,
}

fn takes_over(nap: &Nap) {
    let (lab, before) = begin();
    let own = lab.user("alice", &["clusterrole/cluster-admin"]);
    let alice = lab.operator("alice").at("bastion").by(&own);
    let bob = lab.operator("bob").at("laptop");
    let (outside, audit) = (Outside::begin(&lab), Audit::from_here(&lab));

    let mut suspended = alice.start(&["roll", "--yes", "--drain-timeout", "200s"]);
    suspended.until(nap.stopped);
    suspended.signal("STOP");
    let mut taking = bob.start(&["resume", "--yes"]);
    taking.until(" goes on: ");
    if let Some(words) = nap.wakes {
        taking.until(words);
    }
    let (ended, woken) = if nap.wakes.is_some() {
        let woken = now();
        suspended.signal("CONT");
        (taking.end(), woken)
    } else {
        let ended = taking.end();
        let woken = now();
        suspended.signal("CONT");
        (ended, woken)
    };
    let fenced = suspended.end();
    fenced.exits(5).says(if nap.wakes.is_some() {
        "of bob on laptop"
    } else {
        // The other has ended the run by then, and given the Lease back.
        "the run stopped: the lock is gone"
    });
    ended.exits(0).says("2 of 2 nodes rebooted and verified");
    let stop = fenced
        .lines
        .iter()
        .find(|line| line.text.contains("the lock "));
    eprintln!("woken: {}", stop.map_or("", |line| &*line.text));

    // The renewal that finds the lock lost is a write too, and must be refused. A pod that was to look is taken away.
    let (seen, requests) = (outside.end(), audit.requests());
    let late: Vec<_> = requests
        .iter()
        .filter(|request| request.user == "alice" && request.came > woken)
        .filter(|request| !["get", "list", "watch"].contains(&&*request.verb))
        .filter(|request| request.was_done() || request.resource != "leases")
        .filter(|request| {
            let is_short = ["probe-", "prove-"]
                .iter()
                .any(|own| request.name.starts_with(own));
            request.verb != "delete" || !is_short
        })
        .collect();
    // What was being sent when it was stopped arrives now, and no client can call it back: an ask for a boot that is over.
    let (asks, late): (Vec<_>, Vec<_>) = late.into_iter().partition(|request| {
        request.verb == "create" && request.name.starts_with("reboot-") && nap.wakes.is_none()
    });
    assert!(late.is_empty(), "written after waking: {late:#?}\n{fenced}");
    assert!(asks.len() <= 1, "{asks:#?}\n{fenced}");
    if asks.iter().any(|ask| ask.was_done()) {
        eprintln!("asked after waking, for the boot that was over");
        lab.until("the late pod refuses", 90, || {
            let pods = lab.get(&["pods", "-n", OWN, "-l", "aksreboot.dev/purpose=reboot"]);
            let statuses = &pods["items"][0]["status"]["containerStatuses"];
            let ended = &statuses[0]["state"]["terminated"]["message"];
            ended
                .as_str()
                .is_some_and(|words| words.contains("refused"))
        });
        lab.run(&["cleanup", "--yes"]).exits(0);
    }
    for node in NODES {
        let acts = acts_on(node, &requests, &seen.places());
        let of = |wanted: &str| acts.iter().filter(|act| *act == wanted).count();
        let late = usize::from(node == "lab-1") * asks.len();
        assert_eq!(
            (of("cordon"), of("ask"), of("uncordon")),
            (1, 1 + late, 1),
            "{acts:?}\n{fenced}{ended}"
        );
    }
    assert_eq!(seen.most_unavailable(), 1, "{fenced}{ended}");
    rebooted_once(&lab, before, &ended);
}

#[test]
#[ignore = "lab-full"]
fn a_process_suspended_in_the_drain_that_wakes_in_the_middle_of_anothers_run_writes_nothing() {
    takes_over(&Nap {
        stopped: "lab-1  drain: evicting",
        wakes: Some("return: asked for the reboot"),
    });
}

#[test]
#[ignore = "lab-full"]
fn a_process_suspended_before_its_ask_that_wakes_after_the_run_writes_nothing() {
    takes_over(&Nap {
        stopped: "lab-1  reboot: asking for the reboot",
        wakes: None,
    });
}

#[test]
#[ignore = "lab-full"]
fn a_colleagues_uncordon_in_the_middle_of_a_drain_stops_the_roll_and_is_respected() {
    let (lab, before) = begin();
    lab.namespace("vault");
    Deployment {
        replicas: 2,
        ..Deployment::new("vault", "safe", &["lab-1"])
    }
    .up(&lab);
    budget(&lab, "vault", "safe", 0);
    let audit = Audit::from_here(&lab);
    let mut rolling = lab.start(&["roll", "--yes"]);
    rolling.until("lab-1  begins");
    budget(&lab, "vault", "safe", 2);
    rolling.until("The disruption budget safe");
    let uncordoned = now();
    lab.kubectl(&["uncordon", "lab-1"]);
    let ended = rolling.end();
    ended
        .exits(3)
        .says("lab-1: stopped at drain: somebody else uncordoned the node")
        .says("lab-2: not begun, untouched");
    let took = ended.at - ended.line("drain: stops: ").at;
    assert!(took < Duration::from_secs(10), "{took:?}\n{ended}");
    for line in ended
        .lines
        .iter()
        .filter(|line| line.text.starts_with("lab-"))
    {
        eprintln!("{}", line.text);
    }
    // An eviction may have been on its way.
    let late = audit.requests().into_iter().find(|request| {
        request.subresource == "eviction" && request.came.duration_since(uncordoned).as_secs() >= 2
    });
    assert!(late.is_none(), "{late:?}\n{ended}");
    assert_eq!(NODES.map(|node| lab.reboots(node)), before, "{ended}");
    let pods = lab.get(&["pods", "-n", "vault"]);
    assert_eq!(pods["items"].as_array().map(Vec::len), Some(2), "{pods}");
    lab.is_as_before(&NODES);
}
