//! The bench on which drains are tried: a world in, requests, events and the end out.

use std::collections::BTreeMap;
use std::io;

use clap::Parser as _;
use tokio::sync::watch;

use crate::app::drain::{dry_run, no_pods, planning};
use crate::app::roll::Surroundings;
use crate::app::roll::tests::act;
use crate::app::run::{Executed, execute, exit_code};
use crate::core::engine::{Outcome, Step};
use crate::core::event::Event;
use crate::core::mark;
use crate::core::model::NodeName;
use crate::core::reason::Reason;
use crate::edge::clock::Clock;
use crate::edge::connect::Cluster;
use crate::edge::identity;
use crate::edge::operator::Operator;
use crate::edge::runner::{Signal, Sink};
use crate::edge::signals::Signals;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::drain as shown;
use crate::request::drain::{DrainCommandFlags, DrainRequest, DryRun};
use crate::sim::{Sim, Workload, World, scenes};

#[derive(Debug, clap::Parser)]
struct Line {
    #[command(flatten)]
    flags: DrainCommandFlags,
}

/// Three nodes in a cluster that has the namespace, and six pods of `db`, two on each.
pub(super) fn world() -> World {
    scenes::three()
        .namespace("aksreboot")
        .workload(Workload::deployment("db", 6))
}

/// A drain that has ended.
pub(super) struct Drained {
    pub(super) sim: Sim,
    pub(super) end: Result<Exit, Failure>,
    pub(super) events: Vec<Event>,
    pub(super) outcomes: BTreeMap<NodeName, Outcome>,
    /// What was shown before it began.
    pub(super) shown: String,
}

pub(super) async fn drain(world: World, arguments: &[&str]) -> Drained {
    drain_with(world, arguments, |_, _, _| {}).await
}

/// Drains, calling `at` with each event: it may send a signal or let something happen.
pub(super) async fn drain_with(
    world: World,
    arguments: &[&str],
    at: impl FnMut(&Event, &Sim, &watch::Sender<Option<Signal>>),
) -> Drained {
    let sim = Sim::start(world, 7);
    let clock = Clock::simulated(sim.now());
    let (signal, signals) = Signals::by_hand();
    let around = Surroundings {
        ssh: None,
        run: identity::named(clock.wall(), 1),
        cluster: Cluster::over(sim.service(), "sim", "https://sim.invalid"),
        clock,
        operator: Operator::Absent,
        signals,
        user: "tester".into(),
        host: "bench".into(),
        talk: |_| {},
        keep_journal: false,
    };
    let line =
        Line::try_parse_from(["drain"].iter().chain(arguments)).expect("arguments that parse");
    let mut eyes = Eyes {
        sim: sim.clone(),
        signal,
        at,
        events: Vec::new(),
    };
    let mut drained = Drained {
        sim,
        end: Ok(Exit::Ok),
        events: Vec::new(),
        outcomes: BTreeMap::new(),
        shown: String::new(),
    };
    drained.end = match DrainRequest::settle(&line.flags) {
        Ok(request) => carry(&request, &around, &mut eyes, &mut drained).await,
        Err(failure) => Err(failure),
    };
    drained.events = eyes.events;
    drained
}

async fn carry(
    request: &DrainRequest,
    around: &Surroundings,
    sink: &mut dyn Sink,
    drained: &mut Drained,
) -> Result<Exit, Failure> {
    let scene = planning::look(request, around).await?;
    drained.shown = shown::plan(&scene, &request.settings);
    if request.dry_run != DryRun::None {
        return dry_run::tried(request, around, &scene).await;
    }
    let plan = planning::plan(request, around, scene).await?;
    match execute(&plan, around, &no_pods(around), sink).await? {
        Executed::NotBegun(exit) => Ok(exit),
        Executed::Ended { ended, outcomes } => {
            let exit = exit_code(&plan, &ended, &outcomes);
            drained.outcomes = outcomes;
            Ok(exit)
        }
    }
}

struct Eyes<At> {
    sim: Sim,
    signal: watch::Sender<Option<Signal>>,
    at: At,
    events: Vec<Event>,
}

impl<At: FnMut(&Event, &Sim, &watch::Sender<Option<Signal>>)> Sink for Eyes<At> {
    fn take(&mut self, event: &Event) -> io::Result<()> {
        (self.at)(event, &self.sim, &self.signal);
        self.events.push(event.clone());
        Ok(())
    }
}

impl Drained {
    pub(super) fn exit(&self) -> Exit {
        match &self.end {
            Ok(exit) => *exit,
            Err(failure) => failure.exit,
        }
    }

    /// Why nothing began, with what is advised.
    pub(super) fn refusal(&self) -> String {
        match &self.end {
            Ok(exit) => panic!("ended with {exit:?}, not refused"),
            Err(failure) => format!("{:#}\n{}", failure.error, failure.hints.join("\n")),
        }
    }

    pub(super) fn outcome(&self, node: &str) -> &Outcome {
        self.outcomes
            .get(&NodeName::from(node))
            .unwrap_or_else(|| panic!("no outcome of {node}: {:?}", self.end))
    }

    pub(super) fn failed(&self, node: &str) -> (Step, &Reason) {
        match self.outcome(node) {
            Outcome::Failed { step, reason, .. } => (*step, reason),
            other => panic!("{node} ended as {other:?}"),
        }
    }

    pub(super) fn cordoned(&self, node: &str) -> bool {
        self.sim.node(node).expect("a node").cordoned
    }

    pub(super) fn marked(&self, node: &str) -> bool {
        let node = self.sim.node(node).expect("a node");
        node.annotations.contains_key(mark::KEY)
    }

    /// The changes of nodes and pods, each in a few words, in the order of their requests.
    pub(super) fn acts(&self) -> Vec<String> {
        self.sim.requests().iter().filter_map(act).collect()
    }

    /// Everything that was not only read, but for questions after rights.
    pub(super) fn writes(&self) -> Vec<String> {
        let lines = self.sim.requests();
        let writes = lines
            .iter()
            .filter(|line| line.method != "GET" && line.resource != "selfsubjectaccessreviews");
        writes.map(ToString::to_string).collect()
    }
}
