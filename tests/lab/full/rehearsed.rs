//! What a rehearsal says against what the roll then does, on nodes whose reboots take as long as chance draws: the order of
//! the nodes, what holds their drains, how few pods are Ready at worst, and whether the roll takes what the plan printed.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::ops::RangeInclusive;

use serde_json::Value;

use crate::scenarios::parallel::in_one_zone;
use crate::suite::chance::Chance;
use crate::suite::command::Ended;
use crate::suite::lab::Lab;
use crate::suite::outside::Outside;
use crate::suite::workload::{Deployment, budget};

const ALL: [&str; 3] = ["lab-1", "lab-2", "lab-3"];
/// Seconds that a reboot takes on top of the lab's own one or two.
const REBOOTS: RangeInclusive<usize> = 20..=120;
/// What somebody would assume who knows that of their machines.
const ASSUMED: &str = "70s";
/// Seconds that a new pod takes before it is Ready. One that is Ready at once may be back before the budget is asked for the next, or
/// while the API server itself tries again because two asked at the same instant.
const SLOW: u32 = 10;
/// For the plan and for the roll alike.
const FLAGS: [&str; 8] = [
    "--image",
    crate::suite::IMAGE,
    "--sustained-ready",
    "3s",
    "--reboot-timeout",
    "5m",
    "--ready-timeout",
    "5m",
];
/// What holds a drain; other waits are a matter of seconds.
const BLOCKERS: [&str; 3] = ["budget", "severalBudgets", "evictionFailed"];

struct World {
    told: &'static str,
    nodes: [&'static str; 2],
    flags: &'static [&'static str],
    /// All pods begin on the first node; else they are spread.
    together: bool,
    replicas: u32,
    least: Option<u32>,
}

const WORLDS: [World; 3] = [
    World {
        told: "a single replica",
        nodes: ["lab-1", "lab-2"],
        flags: &[],
        together: true,
        replicas: 1,
        least: None,
    },
    World {
        told: "a budget in the way",
        nodes: ["lab-1", "lab-2"],
        flags: &[],
        together: true,
        replicas: 2,
        least: Some(1),
    },
    World {
        told: "two nodes at once behind a budget",
        nodes: ["lab-2", "lab-3"],
        flags: &["--max-unavailable", "2", "--no-canary"],
        together: false,
        replicas: 3,
        least: Some(2),
    },
];

/// `AKSREBOOT_LAB_ROLLS`: `10`, or a part of them as `4-6`; the draws of a seed are the same either way.
fn rolls() -> RangeInclusive<usize> {
    let given = std::env::var("AKSREBOOT_LAB_ROLLS").unwrap_or_else(|_| "10".into());
    let (from, to) = given.split_once('-').unwrap_or(("1", &given));
    let number = |text: &str| text.parse().expect("AKSREBOOT_LAB_ROLLS as 10 or 4-6");
    number(from)..=number(to)
}

/// What one roll came to.
struct Came {
    /// Within the printed range.
    inside: bool,
    /// What was not as it was rehearsed.
    differs: Vec<String>,
}

#[test]
#[ignore = "lab-full"]
fn a_rehearsal_says_what_the_roll_then_does_and_its_range_holds() {
    let mut chance = Chance::begin();
    let mut came = Vec::new();
    eprintln!(
        "| Roll | World | Reboots | Printed | Rehearsed | Took | Inside | Held | Fewest Ready | Else as rehearsed |"
    );
    eprintln!("|---|---|---|---|---|---|---|---|---|---|");
    for roll in 1..=*rolls().end() {
        let world = &WORLDS[(roll - 1) % WORLDS.len()];
        let reboots = world
            .nodes
            .map(|_| REBOOTS.start() + chance.below(REBOOTS.count()));
        if rolls().contains(&roll) {
            came.push(rehearsed_and_rolled(roll, world, reboots));
        }
    }
    // Only here, so that one of them does not cost the others.
    let differ: Vec<&String> = came.iter().flat_map(|came| &came.differs).collect();
    assert!(differ.is_empty(), "{differ:#?}");
    let inside = came.iter().filter(|came| came.inside).count();
    let all = came.len();
    assert!(inside * 10 >= all * 8, "{inside} of {all} inside");
}

fn rehearsed_and_rolled(number: usize, world: &World, reboots: [usize; 2]) -> Came {
    let lab = Lab::begin();
    lab.apply_manifests(&["namespace"]);
    set_up(&lab, world);
    for (node, seconds) in world.nodes.iter().zip(reboots) {
        lab.mark(node, &["dbus"]);
        lab.on_boot(node, &["late", &seconds.to_string()]);
    }
    let same = [&world.nodes[..], &FLAGS, world.flags].concat();

    let rehearse = ["--rehearse", "--assume-reboot", ASSUMED, "-o", "json"];
    let planned = lab.run(&[&["plan"], &same[..], &rehearse].concat());
    planned.exits(0);
    let plan: Value = serde_json::from_str(&planned.stdout).expect("a plan");
    let rehearsal = &plan["report"]["rehearsal"];

    let outside = Outside::begin(&lab);
    let mut running = lab.start(&[&["roll", "--yes"], &same[..]].concat());
    // Each part for itself: the whole takes longer than a command is waited for.
    for _ in world.nodes {
        running.until("  reboot: asking for the reboot");
    }
    let ended = running.end();
    let fewest = outside.end().fewest_ready("web", world.replicas as usize);
    ended.exits(0);
    let events = journal(&lab, &ended);

    let began: Vec<&str> = of_kind(&events, "node_started")
        .map(|event| word(&event["node"]))
        .collect();
    let lowest = lowest(rehearsal, world.replicas as usize);
    let held = held(world, &events);
    let differs: Vec<String> = [
        unlike("order", &order(rehearsal), &began),
        unlike("held", &held_in(world, rehearsal), &held),
        // Each budget is made to be in the way.
        unlike("held at all", &world.least.is_some(), &!held.is_empty()),
        unlike("fewest Ready", &lowest, &fewest),
    ]
    .into_iter()
    .flatten()
    .map(|what| format!("roll {number}, {what}"))
    .collect();
    let took = seconds(&events);
    let estimate = &plan["report"]["estimate"];
    let [p10, p90] = ["p10", "p90"].map(|part| estimate[part].as_u64().expect("an estimate"));
    let inside = (p10..=p90).contains(&took);
    let said = |yes: bool| if yes { "yes" } else { "no" };
    eprintln!(
        "| {number} | {} | {} s, {} s | {p10} to {p90} s | {} s | {took} s | {} | {} | {fewest} of {} | {} |",
        world.told,
        reboots[0],
        reboots[1],
        rehearsal["took"],
        said(inside),
        in_words(&held),
        world.replicas,
        said(differs.is_empty()),
    );
    if !differs.is_empty() {
        eprintln!("{differs:#?}\n{rehearsal}\n{ended}");
    }
    Came { inside, differs }
}

fn unlike<T: PartialEq + Debug>(what: &str, rehearsed: &T, seen: &T) -> Option<String> {
    (rehearsed != seen).then(|| format!("{what}: rehearsed {rehearsed:?}, seen {seen:?}"))
}

fn set_up(lab: &Lab, world: &World) {
    lab.namespace("shop");
    let others = if world.together { &ALL[1..] } else { &[] };
    for other in others {
        lab.kubectl(&["cordon", other]);
    }
    Deployment {
        replicas: world.replicas,
        slow: SLOW,
        ..Deployment::new("shop", "web", &ALL)
    }
    .up(lab);
    for other in others {
        lab.kubectl(&["uncordon", other]);
    }
    if let Some(least) = world.least {
        budget(lab, "shop", "web", least);
    }
    if !world.together {
        in_one_zone(lab, &["lab-3"]);
    }
}

fn journal(lab: &Lab, ended: &Ended) -> Vec<Value> {
    let file = format!("aksreboot/{}.ndjson", ended.run_id());
    let text = std::fs::read_to_string(lab.folder().join(file)).expect("the journal");
    text.lines()
        .map(|line| serde_json::from_str(line).expect("an event"))
        .collect()
}

fn of_kind<'a>(events: &'a [Value], kind: &'a str) -> impl Iterator<Item = &'a Value> {
    events.iter().filter(move |event| event["type"] == kind)
}

fn word(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// From the run's first event to its last.
fn seconds(events: &[Value]) -> u64 {
    let at = |event: Option<&Value>| -> jiff::Timestamp {
        word(&event.expect("an event")["ts"])
            .parse()
            .expect("a time")
    };
    let took = at(events.last()).duration_since(at(events.first()));
    took.as_secs().unsigned_abs()
}

fn order(rehearsal: &Value) -> Vec<&str> {
    let mut nodes: Vec<&Value> = rehearsal["nodes"]
        .as_array()
        .into_iter()
        .flatten()
        .collect();
    nodes.sort_by_key(|node| node["begins"].as_u64());
    nodes.into_iter().map(|node| word(&node["name"])).collect()
}

/// Whose drain was held, and by what.
type Held = BTreeSet<(String, String)>;

fn in_words(held: &Held) -> String {
    let words: Vec<String> = held
        .iter()
        .map(|(node, by)| format!("{node} by {by}"))
        .collect();
    words.join(", ")
}

/// Where two nodes drain side by side, which of them asks first is nobody's to foresee.
fn held_by(world: &World, node: &Value, step: &Value, reason: &Value) -> Option<(String, String)> {
    let kind = word(&reason["kind"]);
    let holds = word(step) == "Drain" && BLOCKERS.contains(&kind);
    let whose = if world.together { word(node) } else { "either" };
    holds.then(|| (whose.to_owned(), kind.to_owned()))
}

fn held(world: &World, events: &[Value]) -> Held {
    of_kind(events, "step_waiting")
        .filter_map(|event| held_by(world, &event["node"], &event["step"], &event["reason"]))
        .collect()
}

fn held_in(world: &World, rehearsal: &Value) -> Held {
    let nodes = rehearsal["nodes"].as_array().into_iter().flatten();
    nodes
        .flat_map(|node| {
            let waits = node["waits"].as_array().into_iter().flatten();
            waits.filter_map(|wait| held_by(world, &node["name"], &wait["step"], &wait["reason"]))
        })
        .collect()
}

/// The fewest Ready pods of the shop that were rehearsed; all of them where it says nothing.
fn lowest(rehearsal: &Value, all: usize) -> usize {
    let lows = rehearsal["lows"].as_array().into_iter().flatten();
    lows.filter(|low| low["namespace"] == "shop")
        .filter_map(|low| usize::try_from(low["ready"].as_u64()?).ok())
        .min()
        .unwrap_or(all)
}
