//! `kill -9` at random moments of rolls and of the resumes after them, each gone on with from nothing but the cluster.

use std::time::{Duration, Instant};

use crate::scenarios::parallel::in_one_zone;
use crate::suite::audit::{Audit, acts_on};
use crate::suite::chance::Chance;
use crate::suite::command::Ended;
use crate::suite::lab::Lab;
use crate::suite::outside::Outside;
use crate::suite::workload::{Deployment, budget};

const KILLS: usize = 30;
/// Kills are this dense at least after the first of a roll.
const DENSE: u32 = 3;
/// An eviction that a kill cuts off may have spent its budget for two minutes.
const ROLL: [&str; 4] = ["roll", "--yes", "--drain-timeout", "200s"];
const RESUME: [&str; 2] = ["resume", "--yes"];

/// What is rolled.
struct Shape {
    told: &'static str,
    nodes: [&'static str; 2],
    flags: &'static [&'static str],
    /// Cordoned by somebody before the roll.
    kept: Option<&'static str>,
    most_away: usize,
}

const SHAPES: [Shape; 3] = [
    Shape {
        told: "one after another",
        nodes: ["lab-1", "lab-2"],
        flags: &[],
        kept: None,
        most_away: 1,
    },
    Shape {
        told: "both at once",
        nodes: ["lab-2", "lab-3"],
        flags: &["--max-unavailable", "2", "--no-canary"],
        kept: None,
        most_away: 2,
    },
    Shape {
        told: "one cordoned before",
        nodes: ["lab-2", "lab-4"],
        flags: &["--max-unavailable", "2", "--no-canary"],
        kept: Some("lab-4"),
        most_away: 2,
    },
];

/// What the draws are made from, and what came of them.
struct Night<'a> {
    lab: &'a Lab,
    chance: Chance,
    /// An uncut roll's time and lines.
    uncut: (Duration, usize),
    kills: usize,
    resumed: Vec<Duration>,
}

#[test]
#[ignore = "lab-full"]
fn whatever_moment_a_roll_is_killed_at_it_is_resumed_to_one_reboot_a_node_and_nothing_left() {
    let lab = Lab::begin();
    let chance = Chance::begin();
    lab.apply_manifests(&["namespace"]);
    lab.namespace("shop");
    Deployment {
        replicas: 3,
        ..Deployment::new("shop", "web", &["lab-1", "lab-2", "lab-3", "lab-4"])
    }
    .up(&lab);
    budget(&lab, "shop", "web", 2);
    in_one_zone(&lab, &["lab-3", "lab-4"]);
    let mut night = Night {
        lab: &lab,
        chance,
        uncut: (Duration::MAX, usize::MAX),
        kills: KILLS,
        resumed: Vec::new(),
    };
    night.uncut = night.roll(&SHAPES[0]);
    let (took, lines) = night.uncut;
    eprintln!("uncut: {:.0} s, {lines} lines", took.as_secs_f64());
    night.kills = 0;
    let mut rolls = 0;
    while night.kills < KILLS {
        rolls += 1;
        let shape = &SHAPES[night.chance.below(SHAPES.len())];
        eprintln!("roll {rolls}, {}", shape.told);
        night.roll(shape);
    }
    night.resumed.sort();
    let seconds = |part: usize| night.resumed[(night.resumed.len() - 1) * part / 4].as_secs_f64();
    eprintln!(
        "{} kills in {rolls} rolls; {} times gone on with: {:.1} s after the kill (median), {:.1} s at most",
        night.kills,
        night.resumed.len(),
        seconds(2),
        seconds(4)
    );
    assert!(seconds(2) <= 3.0, "the aim");
}

impl Night<'_> {
    /// A roll that is killed and gone on with until it has ended. Returns the time and the lines of the last process.
    fn roll(&mut self, shape: &Shape) -> (Duration, usize) {
        let lab = self.lab;
        let before = shape.nodes.map(|node| lab.reboots(node));
        for node in shape.nodes {
            lab.mark(node, &["dbus"]);
        }
        if let Some(kept) = shape.kept {
            lab.kubectl(&["cordon", kept]);
        }
        let (outside, audit) = (Outside::begin(lab), Audit::from_here(lab));
        let roll = [&ROLL[..], shape.flags].concat();
        let mut words = roll.clone();
        let mut began = Instant::now();
        let mut ended = self.cut(&words, None);
        loop {
            if ended.code.is_none() {
                let killed = ended.at;
                words = RESUME.to_vec();
                ended = self.cut(&words, Some(killed));
            } else if words == RESUME && shape.nodes.map(|node| lab.reboots(node)) == before {
                // Killed before there was a run: nothing may have been touched, and the roll is begun anew.
                eprintln!("  there was no run yet");
                for node in shape.nodes {
                    let node = lab.node(node);
                    assert_eq!(node.mark(), None, "{ended}");
                }
                lab.run(&["cleanup", "--yes"]).exits(0);
                words.clone_from(&roll);
                began = Instant::now();
                ended = self.cut(&words, None);
            } else {
                break;
            }
        }
        let took = ended.at - began;
        ended.exits(0);
        let (seen, requests) = (outside.end(), audit.requests());
        let after = shape.nodes.map(|node| lab.reboots(node));
        assert_eq!(
            after,
            before.map(|count| count + 1),
            "one reboot of each\n{ended}"
        );
        let away = seen.most_unavailable();
        assert!(away <= shape.most_away, "{away} unavailable\n{ended}");
        assert!(seen.fewest_ready("web", 3) >= 2, "the budget\n{ended}");
        let places = seen.places();
        for node in shape.nodes {
            let acts = acts_on(node, &requests, &places);
            let of = |wanted: &str| acts.iter().filter(|act| *act == wanted).count();
            let uncordons = usize::from(shape.kept != Some(node));
            assert_eq!(of("ask"), 1, "{node}: {acts:?}\n{ended}");
            assert_eq!(of("uncordon"), uncordons, "{node}: {acts:?}\n{ended}");
        }
        if let Some(kept) = shape.kept {
            assert!(lab.node(kept).is_cordoned(), "{kept} was opened\n{ended}");
            lab.kubectl(&["uncordon", kept]);
        }
        lab.is_as_before(&["lab-1", "lab-2", "lab-3", "lab-4"]);
        (took, ended.lines.len())
    }

    /// One process, killed at a random moment unless it has ended before, or enough were killed.
    fn cut(&mut self, words: &[&str], killed: Option<Instant>) -> Ended {
        let mut running = self.lab.operator("somebody").start(words);
        if self.kills < KILLS {
            let (mut took, mut lines) = self.uncut;
            if killed.is_some() {
                took /= DENSE;
                lines /= DENSE as usize;
            }
            // Most of a roll's time is the nodes' boots: two of three kills follow an event, at once or in a while.
            if self.chance.below(3) == 0 {
                running.listen(self.chance.span(took), usize::MAX);
            } else {
                let (lines, more) = (self.chance.below(lines), 300 << self.chance.below(5));
                running.listen(took, lines);
                running.listen(self.chance.span(Duration::from_millis(more)), usize::MAX);
            }
            running.signal("KILL");
        }
        let ended = running.end();
        let goes_on = ended
            .lines
            .iter()
            .find(|line| line.text.contains(" goes on: "));
        if let (Some(killed), Some(line)) = (killed, goes_on) {
            let after = line.at - killed;
            eprintln!("  gone on with {:.1} s after the kill", after.as_secs_f64());
            self.resumed.push(after);
        }
        if ended.code.is_none() {
            self.kills += 1;
            let last = ended.lines.last().map_or("nothing", |line| &*line.text);
            eprintln!("  kill {} of {}, after: {last}", self.kills, words[0]);
        }
        ended
    }
}

#[test]
#[ignore = "lab-full"]
fn a_run_whose_machine_is_lost_is_gone_on_with_elsewhere_after_the_leases_time() {
    let lab = Lab::begin();
    lab.apply_manifests(&["namespace"]);
    lab.mark("lab-2", &["dbus"]);
    let before = lab.reboots("lab-2");
    let alice = lab.operator("alice").at("bastion");
    let mut rolling = alice.start(&["roll", "--yes"]);
    rolling.until("lab-2  return: asked for the reboot");
    rolling.signal("KILL");
    let killed = rolling.end().at;
    let ended = lab.operator("bob").at("laptop").run(&["resume", "--yes"]);
    ended
        .exits(0)
        .says("watching for up to 60 s whether it is alive");
    let after = ended.line(" goes on: ").at - killed;
    eprintln!(
        "gone on with elsewhere {:.1} s after the kill",
        after.as_secs_f64()
    );
    assert!(after <= Duration::from_secs(65), "{after:?}\n{ended}");
    assert_eq!(lab.reboots("lab-2"), before + 1, "{ended}");
    lab.is_as_before(&["lab-2"]);
}
