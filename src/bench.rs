//! What the benchmarks measure that only the inside can do: a whole roll on a simulated cluster, in virtual time; a
//! cluster read into a snapshot and made again from it. For `benches/` alone; it promises nothing and shows nothing.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hasher as _};
use std::io;
use std::time::Duration;

use clap::Parser as _;

use crate::app::planning::Planned;
use crate::app::rehearsal;
use crate::app::roll::{self, Surroundings};
use crate::core::drain::DrainSettings;
use crate::core::engine::Fleet;
use crate::core::event::{Event, What};
use crate::core::evidence::{Need, Route, Verdict};
use crate::core::model::{Node, NodeName, OperatingSystem, Pod, Snapshot};
use crate::core::placement::Room;
use crate::core::plan::{Candidate, Terms, WaveLimits, foresee, select};
use crate::core::reason::Reason;
use crate::core::rehearsal::Rehearsal;
use crate::edge::clock::Clock;
use crate::edge::cluster::{list_nodes, snapshot};
use crate::edge::connect::Cluster;
use crate::edge::identity;
use crate::edge::operator::Operator;
use crate::edge::runner::Sink;
use crate::edge::signals::Signals;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::request::planning::RollRequest;
use crate::request::roll::RollFlags;
use crate::sim::{Sim, World};

#[derive(Debug, clap::Parser)]
struct Line {
    #[command(flatten)]
    flags: RollFlags,
}

/// A roll that came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rolled {
    /// Every selected node is verified.
    pub verified: bool,
    pub events: usize,
    /// Of the bytes of all events in their order: equal for equal streams.
    pub events_hash: u64,
    pub requests: usize,
    /// In the cluster's own time, from the first request to the end.
    pub took: Duration,
}

/// Plans and carries out a roll of `sim` with these arguments, on the current runtime, whose clock is paused.
///
/// # Errors
/// The refusal in words, when the roll did not begin.
pub async fn roll(sim: &Sim, arguments: &[&str]) -> Result<Rolled, String> {
    roll_watched(sim, arguments, |_| {}).await
}

/// The same; `done` is told after each node how many have been left for good so far.
///
/// # Errors
/// As [`roll`].
pub async fn roll_watched(
    sim: &Sim,
    arguments: &[&str],
    done: impl FnMut(usize),
) -> Result<Rolled, String> {
    let request = request(arguments)?;
    let around = around(sim);
    let mut sink = Counting {
        events: 0,
        hash: DefaultHasher::default(),
        left: 0,
        done,
    };
    let exit = roll::in_silence(&request, &around, &mut sink)
        .await
        .map_err(|failure| words(&failure))?;
    Ok(Rolled {
        verified: exit == Exit::Ok,
        events: sink.events,
        events_hash: sink.hash.finish(),
        requests: sim.request_count(),
        took: around.clock.now().mono,
    })
}

/// Makes the plan that these arguments ask for, its rehearsal included where they do, and shows it to nobody.
///
/// # Errors
/// The refusal in words, when there is no plan, or its rehearsal ends badly.
pub async fn plan(sim: &Sim, arguments: &[&str]) -> Result<(), String> {
    let request = request(arguments)?;
    let around = around(sim);
    let probes = roll::probes_for(&request, &around);
    match rehearsal::tried(&request, &around, &probes).await {
        Ok(Planned::Plan(plan, _)) if plan.report.rehearsal.iter().all(Rehearsal::is_good) => {
            Ok(())
        }
        Ok(Planned::Plan(..)) => Err("the rehearsal ends badly".into()),
        Ok(Planned::Nothing(..)) => Err("there is nothing to plan".into()),
        Err(failure) => Err(words(&failure)),
    }
}

fn request(arguments: &[&str]) -> Result<RollRequest, String> {
    let line = Line::try_parse_from(["roll"].iter().chain(arguments))
        .map_err(|error| error.to_string())?;
    RollRequest::settle(&line.flags.planning).map_err(|failure| words(&failure))
}

fn words(failure: &Failure) -> String {
    format!("{:#}", failure.error)
}

fn around(sim: &Sim) -> Surroundings {
    let clock = Clock::simulated(sim.now());
    Surroundings {
        ssh: None,
        run: identity::named(clock.wall(), 1),
        cluster: Cluster::over(sim.service(), "sim", "https://sim.invalid"),
        clock,
        operator: Operator::SaidYes,
        signals: Signals::none(),
        user: "bench".into(),
        host: "bench".into(),
        talk: |_| {},
        keep_journal: false,
    }
}

struct Counting<F> {
    events: usize,
    hash: DefaultHasher,
    left: usize,
    done: F,
}

impl<F: FnMut(usize)> Sink for Counting<F> {
    fn take(&mut self, event: &Event) -> io::Result<()> {
        self.events += 1;
        self.hash.write(&serde_json::to_vec(event)?);
        if matches!(event.what, What::NodeFinished { .. }) {
            self.left += 1;
            (self.done)(self.left);
        }
        Ok(())
    }
}

/// A snapshot of a cluster, as plans and rehearsals read it.
pub struct Taken(Snapshot);

/// Reads everything that a snapshot holds.
///
/// # Errors
/// What the cluster answered instead, in words.
pub async fn take(sim: &Sim) -> Result<Taken, String> {
    let cluster = Cluster::over(sim.service(), "sim", "https://sim.invalid");
    let read = snapshot::read(&cluster.client).await;
    read.map(Taken).map_err(|error| error.to_string())
}

/// Pods of one node that find no room elsewhere.
#[derive(Debug, Default, serde::Serialize)]
pub struct Lacking {
    /// Whoever comes first.
    pub none: Vec<String>,
    /// By the order in which they come.
    pub perhaps: Vec<String>,
}

/// Of the pods of each of these nodes, those that find no room when their node goes alone, by the cluster as it is now.
///
/// # Errors
/// What the cluster answered instead, in words.
pub async fn without_room(
    client: &kube::Client,
    nodes: &[&str],
) -> Result<BTreeMap<String, Lacking>, String> {
    let listed = list_nodes(client, "")
        .await
        .map_err(|error| error.to_string())?;
    let snapshot = snapshot::beside(client, listed.items)
        .await
        .map_err(|error| error.to_string())?;
    let on = |name: &NodeName| -> Vec<&Pod> {
        let pods = snapshot.pods.iter();
        let mut pods: Vec<&Pod> = pods.filter(|pod| pod.node.as_ref() == Some(name)).collect();
        pods.sort_by(|a, b| a.key.cmp(&b.key));
        pods
    };
    let names: Vec<NodeName> = nodes.iter().map(|name| NodeName::from(*name)).collect();
    let mut room = Room::of_cluster(&snapshot, names.iter().flat_map(on));
    let mut found = BTreeMap::new();
    for name in &names {
        let judged = room.judge(&[(name, on(name))]);
        let mut lacking = Lacking::default();
        for reason in judged.into_iter().flatten() {
            match reason {
                Reason::NoRoom { pods, .. } => {
                    lacking.none.extend(pods.into_iter().map(|pod| pod.name));
                }
                Reason::RoomByOrder { pods } => {
                    lacking.perhaps.extend(pods.into_iter().map(|pod| pod.name));
                }
                _ => {}
            }
        }
        found.insert(name.as_str().to_owned(), lacking);
    }
    Ok(found)
}

/// How much a plan found.
#[derive(Clone, Copy, Debug)]
pub struct Foretold {
    pub targets: usize,
    pub findings: usize,
}

fn pending() -> Verdict {
    Verdict {
        need: Need::Yes,
        reasons: Vec::new(),
        notes: Vec::new(),
        since: None,
        running: None,
        newest_installed: None,
        patching: None,
        read_by: Route::Api,
    }
}

impl Taken {
    pub fn pods(&self) -> usize {
        self.0.pods.len()
    }

    /// What a plan foresees when every Linux node waits for a reboot and nothing is spared.
    pub fn plan(&self) -> Foretold {
        let linux = |node: &&Node| node.os == OperatingSystem::Linux;
        let nodes: Vec<(&Node, Verdict)> = self
            .0
            .nodes
            .iter()
            .filter(linux)
            .map(|node| (node, pending()))
            .collect();
        let candidates: Vec<Candidate<'_>> = nodes
            .iter()
            .map(|(node, verdict)| Candidate { node, verdict })
            .collect();
        let settings = DrainSettings {
            force: true,
            delete_emptydir_data: true,
            ..DrainSettings::default()
        };
        let fleet: Fleet = self
            .0
            .nodes
            .iter()
            .map(|node| (node.name.clone(), node.clone()))
            .collect();
        let Ok(request) = request(&[]) else {
            return Foretold {
                targets: 0,
                findings: 0,
            };
        };
        let terms = Terms {
            all: false,
            pending_for: Duration::ZERO,
            now: jiff::Timestamp::UNIX_EPOCH,
        };
        let limits = WaveLimits::new(&fleet, &request.settings, true);
        let foreseen = foresee(
            select(&candidates, &terms),
            &self.0,
            &settings,
            &limits,
            None,
        );
        Foretold {
            targets: foreseen.selection.targets.len(),
            findings: foreseen.blockers.len() + foreseen.warnings.len(),
        }
    }

    /// The world that begins as the cluster was, with every reboot pending.
    pub fn into_world(self) -> World {
        let pending = self.0.nodes.iter().map(|node| node.name.clone()).collect();
        World::of(self.0, &pending)
    }
}
