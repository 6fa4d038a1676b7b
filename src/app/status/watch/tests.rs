//! Watches of simulated clusters, in virtual time: what is said of what happens, how often nodes are read, what is left.

use std::cell::RefCell;
use std::future::Future;
use std::time::Duration;

use clap::Parser as _;
use serde_json::Value;
use tokio::time::sleep;

use super::*;
use crate::app::session::Screen;
use crate::request::status::StatusFlags;
use crate::sim::{Away, Forbidden, Machine, Probing, Sim, What, World, scenes};

#[derive(Debug, clap::Parser)]
struct Line {
    #[command(flatten)]
    flags: StatusFlags,
}

/// A watch that has ended.
struct Watched {
    sim: Sim,
    exit: Exit,
    /// What went to stdout, one entry a write.
    data: Vec<String>,
    talk: Vec<String>,
}

fn pipe() -> Screen {
    Screen {
        width: None,
        height: 0,
        colour: false,
        redraws: false,
    }
}

fn terminal() -> Screen {
    Screen {
        width: Some(80),
        height: 8,
        colour: false,
        redraws: true,
    }
}

/// Watches until `happenings` are over, then interrupts.
async fn watched<F: Future<Output = ()>>(
    world: World,
    arguments: &[&str],
    screen: fn() -> Screen,
    happenings: impl FnOnce(Sim) -> F,
) -> Watched {
    let sim = Sim::start(world.namespace("aksreboot"), 7);
    let cluster = Cluster::over(sim.service(), "sim", "https://sim.invalid");
    let line = ["status", "--watch"].iter().chain(arguments);
    let request = Line::parse_from(line).flags.settle().expect("a request");
    let form = Form::understand(request.show.clone()).expect("a form");
    let happenings = happenings(sim.clone());
    let session = Session {
        clock: Clock::simulated(sim.now()),
        screen,
        live: false,
        confirm: Some(async |_: &str| false),
        stop: async {
            happenings.await;
            Exit::Interrupted
        },
    };
    let (data, talk) = (RefCell::default(), RefCell::<Vec<String>>::default());
    let mut voice = |said: Say<'_>| {
        match said {
            Say::Data(text) => RefCell::<Vec<String>>::borrow_mut(&data).push(text.to_owned()),
            Say::Talk(line) => talk.borrow_mut().push(line.to_owned()),
        }
        Ok(Heard::Yes)
    };
    let every = request.watch.expect("a watch");
    let exit = watch_and_say(&cluster, &request, &form, every, session, &mut voice)
        .await
        .expect("an exit code");
    Watched {
        sim,
        exit,
        data: data.into_inner(),
        talk: talk.into_inner(),
    }
}

impl Watched {
    /// The rows of one node after the first table, as their cells.
    fn rows(&self, node: &str) -> Vec<Vec<String>> {
        self.data
            .iter()
            .skip(1)
            .flat_map(|text| text.lines())
            .map(|line| line.split_whitespace().map(str::to_owned).collect())
            .filter(|cells: &Vec<String>| cells.get(1).is_some_and(|name| name == node))
            .collect()
    }

    /// How many probe pods there were at a time at most, and how many are left.
    fn pods(&self) -> (usize, usize) {
        let (mut now, mut most) = (0, 0);
        for request in self.sim.requests() {
            if request.resource == "pods" && request.verb == "create" {
                now += 1;
                most = most.max(now);
            } else if request.resource == "pods" && request.verb == "delete" {
                now -= 1;
            }
        }
        (most, now)
    }

    fn probes(&self) -> usize {
        let is_probe = |request: &&crate::sim::RequestLine| {
            request.resource == "pods" && request.verb == "create"
        };
        self.sim.requests().iter().filter(is_probe).count()
    }
}

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test(start_paused = true)]
async fn a_row_is_told_when_it_changes_and_not_otherwise() {
    let watched = watched(scenes::three(), &[], pipe, async |sim| {
        sleep(Duration::from_secs(20)).await;
        sim.happen(What::Cordon("node-2".into()));
        sim.happen(What::Touch("node-1".into()));
        sleep(Duration::from_secs(20)).await;
    })
    .await;
    assert_eq!(watched.exit, Exit::Interrupted);
    insta::assert_snapshot!(watched.data.concat());
    assert_eq!(
        watched.talk,
        ["2 of 3 nodes wait for a reboot: 1 kernel, 1 dbus, oldest 3d"]
    );
    assert_eq!(watched.pods().1, 0, "pods left");
}

#[tokio::test(start_paused = true)]
async fn evidence_is_read_again_before_it_is_too_old() {
    let watched = watched(
        scenes::three(),
        &["--probe-every", "2m"],
        pipe,
        async |sim| {
            sleep(MINUTE).await;
            // Nothing of this is seen in the API.
            sim.happen(What::RaiseFlag {
                node: "node-3".into(),
                packages: vec!["libc6".into()],
            });
            sleep(2 * MINUTE).await;
        },
    )
    .await;
    let rows = watched.rows("node-3");
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!(&rows[0][2..5], ["Ready", "yes", "libc6"]);
    assert_eq!(watched.pods().1, 0, "pods left");
}

#[tokio::test(start_paused = true)]
async fn each_node_is_read_once_a_span_and_no_more_at_a_time_than_allowed() {
    let world = (0..30).fold(World::default(), |world, at| {
        world.machine(Machine::linux(&format!("node-{at}")))
    });
    let arguments = ["--probe-every", "1m", "--probe-concurrency", "3"];
    let watched = watched(world, &arguments, pipe, async |_| sleep(10 * MINUTE).await).await;
    let (most, left) = watched.pods();
    assert!(most <= 3, "{most} pods at a time");
    assert_eq!(left, 0);
    // The first round, and a round each minute or so; what is due waits for its turn.
    let rounds = watched.probes() / 30;
    assert!((8..=13).contains(&rounds), "{} probes", watched.probes());
}

#[tokio::test(start_paused = true)]
async fn a_reboot_is_read_at_once_and_what_was_known_of_the_boot_before_counts_no_more() {
    let watched = watched(
        scenes::three(),
        &["--probe-every", "1h", "-o", "json"],
        pipe,
        async |sim| {
            sleep(Duration::from_secs(10)).await;
            sim.happen(What::RebootNode("node-1".into()));
            sleep(3 * MINUTE).await;
        },
    )
    .await;
    let verdicts: Vec<(String, String)> = watched
        .data
        .iter()
        .map(|line| serde_json::from_str::<Value>(line).expect("a document a line"))
        .filter(|line| line["node"]["name"] == "node-1")
        .map(|line| {
            let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            (word(&line["node"]["reboot"]), word(&line["node"]["bootId"]))
        })
        .collect();
    let (first, last) = (
        verdicts.first().expect("one"),
        verdicts.last().expect("one"),
    );
    assert_eq!((first.0.as_str(), last.0.as_str()), ("yes", "no"));
    assert_ne!(first.1, last.1);
    // A verdict is of the boot that it stands beside: the new boot begins as unknown.
    let begun = verdicts.iter().find(|(_, boot)| *boot == last.1);
    assert_eq!(begun.map(|(word, _)| word.as_str()), Some("unknown"));
    assert_eq!(watched.pods().1, 0, "pods left");
}

#[tokio::test(start_paused = true)]
async fn while_the_api_is_away_what_was_known_stays_and_the_absence_is_told() {
    let watched = watched(
        scenes::three(),
        &["--probe-every", "30s"],
        pipe,
        async |sim| {
            sleep(Duration::from_secs(5)).await;
            sim.happen(What::Away(Away::Gone, 2 * MINUTE));
            sleep(3 * MINUTE).await;
            sim.happen(What::Cordon("node-3".into()));
            sleep(Duration::from_secs(5)).await;
        },
    )
    .await;
    assert_eq!(watched.exit, Exit::Interrupted);
    let said: Vec<&str> = watched
        .talk
        .iter()
        .filter(|line| line.contains("the API server"))
        .map(|line| line.split_once("  ").map_or("", |(_, words)| words))
        .collect();
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said[0].starts_with("the API server cannot be reached since "));
    assert_eq!(said[1], "the API server answers again");
    let rows = watched.data[1..].concat();
    assert!(!rows.contains("unknown"), "{rows}");
    assert!(rows.contains("Ready,SchedulingDisabled"), "{rows}");
}

#[tokio::test(start_paused = true)]
async fn a_watch_that_merely_ends_is_no_absence() {
    let watched = watched(scenes::three(), &[], pipe, async |sim| {
        for _ in 0..10 {
            sleep(Duration::from_secs(7)).await;
            sim.happen(What::CutWatches);
        }
    })
    .await;
    assert_eq!(watched.talk.len(), 1, "{:?}", watched.talk);
    assert_eq!(watched.data.len(), 1, "{:?}", watched.data);
}

#[tokio::test(start_paused = true)]
async fn without_the_right_to_watch_nodes_are_listed_now_and_then() {
    let mut world = scenes::three();
    world.forbidden.push(Forbidden {
        verb: "watch".into(),
        resource: "nodes".into(),
    });
    let watched = watched(world, &[], pipe, async |sim| {
        sleep(Duration::from_secs(30)).await;
        sim.happen(What::Cordon("node-3".into()));
        sleep(Duration::from_secs(30)).await;
    })
    .await;
    assert_eq!(watched.rows("node-3").len(), 1, "{:?}", watched.data);
    assert_eq!(watched.talk.len(), 1, "{:?}", watched.talk);
    let requests = watched.sim.requests();
    let lists = requests
        .iter()
        .filter(|request| request.resource == "nodes" && request.verb == "list")
        .count();
    assert!((10..=15).contains(&lists), "{lists} lists in a minute");
}

#[tokio::test(start_paused = true)]
async fn nodes_come_and_go() {
    let watched = watched(scenes::three(), &["-o", "json"], pipe, async |sim| {
        sleep(Duration::from_secs(5)).await;
        sim.happen(What::RemoveNode("node-2".into()));
        sleep(Duration::from_secs(5)).await;
        sim.happen(What::ReplaceNode("node-1".into()));
        sleep(MINUTE).await;
    })
    .await;
    let lines: Vec<Value> = watched
        .data
        .iter()
        .map(|line| serde_json::from_str(line).expect("a document a line"))
        .collect();
    assert!(
        lines
            .iter()
            .all(|line| line["kind"] == "aksreboot/StatusChange" && line["v"] == 1)
    );
    let gone: Vec<&Value> = lines.iter().filter(|line| line["type"] == "gone").collect();
    assert_eq!(gone.len(), 2, "{lines:#?}");
    assert_eq!(gone[0]["name"], "node-2");
    // The machine that took the name was read by itself.
    let last = lines
        .iter()
        .rfind(|line| line["node"]["name"] == "node-1")
        .expect("node-1");
    assert_eq!(last["node"]["reboot"], "no");
    assert_ne!(last["node"]["uid"], lines[0]["node"]["uid"]);
}

#[tokio::test(start_paused = true)]
async fn of_pending_nodes_the_end_is_told_and_of_others_nothing() {
    let watched = watched(
        scenes::three(),
        &["--pending", "--probe-every", "30s"],
        pipe,
        async |sim| {
            sleep(Duration::from_secs(5)).await;
            sim.happen(What::Cordon("node-3".into()));
            sim.happen(What::RebootNode("node-2".into()));
            sleep(3 * MINUTE).await;
        },
    )
    .await;
    assert!(watched.rows("node-3").is_empty());
    let last = watched.rows("node-2").pop().expect("a row");
    assert_eq!(&last[2..4], ["Ready", "no"]);
}

#[tokio::test(start_paused = true)]
async fn a_signal_while_nodes_are_read_leaves_no_pod() {
    let mut world = scenes::three();
    for machine in &mut world.machines {
        machine.probe = Probing::Hangs;
    }
    let watched = watched(
        world,
        &["--probe-every", "30s", "--probe-timeout", "60s"],
        pipe,
        async |_| sleep(MINUTE + Duration::from_secs(40)).await,
    )
    .await;
    assert_eq!(watched.exit, Exit::Interrupted);
    assert!(watched.probes() > 3, "{}", watched.probes());
    assert_eq!(watched.pods().1, 0, "pods left");
}

#[tokio::test(start_paused = true)]
async fn on_a_terminal_each_picture_takes_the_place_of_the_last() {
    let world = (0..9).fold(scenes::three(), |world, at| {
        world.machine(Machine::linux(&format!("spare-{at}")))
    });
    let watched = watched(world, &[], terminal, async |sim| {
        sleep(Duration::from_secs(10)).await;
        sim.happen(What::Cordon("node-1".into()));
        sleep(Duration::from_secs(3)).await;
    })
    .await;
    let last = watched.data.last().expect("a picture");
    insta::assert_snapshot!(last.replace('\u{1b}', "ESC").replace("\r\n", "\n"));
    for (before, after) in watched.data.iter().zip(&watched.data[1..]) {
        let lines = before.matches("\r\n").count();
        assert!(lines < 8, "{before}");
        assert!(after.contains(&format!("\u{1b}[{lines}A\r")), "{after:?}");
        assert!(after.ends_with("\u{1b}[?7h\u{1b}[?25h"), "{after:?}");
    }
    // One a second, whatever happens.
    assert!(watched.data.len() <= 16, "{}", watched.data.len());
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_went_away_ends_the_watch() {
    let sim = Sim::start(scenes::three().namespace("aksreboot"), 7);
    let cluster = Cluster::over(sim.service(), "sim", "https://sim.invalid");
    let request = Line::parse_from(["status", "--watch"])
        .flags
        .settle()
        .expect("a request");
    let form = Form::understand(request.show.clone()).expect("a form");
    let session = Session {
        clock: Clock::simulated(sim.now()),
        screen: pipe,
        live: false,
        confirm: Some(async |_: &str| false),
        stop: std::future::pending(),
    };
    let mut voice = |_: Say<'_>| Ok(Heard::No);
    let exit = watch_and_say(&cluster, &request, &form, MINUTE, session, &mut voice).await;
    assert_eq!(exit.expect("an exit code"), Exit::Ok);
}
