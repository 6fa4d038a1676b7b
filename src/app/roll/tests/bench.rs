//! The bench on which rolls are tried: a world in, requests, events and the end out.

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use clap::Parser as _;
use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::watch;

use crate::app::planning::{Planned, request_of};
use crate::app::rehearsal::tried;
use crate::app::roll::{REMOVE_IN_PEACE, Surroundings};
use crate::app::run::{Executed, execute, exit_code};
use crate::core::engine::{Outcome, Step};
use crate::core::event::{Event, What};
use crate::core::mark;
use crate::core::model::NodeName;
use crate::core::plan::Plan;
use crate::core::reason::Reason;
use crate::edge::clock::Clock;
use crate::edge::connect::Cluster;
use crate::edge::identity;
use crate::edge::node::ShortPods;
use crate::edge::operator::Operator;
use crate::edge::runner::{Ended, Signal, Sink};
use crate::edge::signals::Signals;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::request::planning::RollRequest;
use crate::request::roll::RollFlags;
use crate::sim::{Befall, RequestLine, Sim, World, scenes};

#[derive(Debug, clap::Parser)]
struct Line {
    #[command(flatten)]
    flags: RollFlags,
}

/// A roll that has ended.
pub(in crate::app::roll) struct Rolled {
    pub(in crate::app::roll) sim: Sim,
    /// The exit code, or the failure before anything began.
    pub(in crate::app::roll) end: Result<Exit, Failure>,
    pub(in crate::app::roll) ended: Option<Ended>,
    pub(in crate::app::roll) events: Vec<Event>,
    pub(in crate::app::roll) outcomes: BTreeMap<NodeName, Outcome>,
    /// From the first event to the end.
    pub(in crate::app::roll) took: Duration,
    pub(in crate::app::roll) plan: Option<Plan>,
    /// Wall time of the world's start, by which events are timed.
    pub(in crate::app::roll) began: Timestamp,
    /// UID and boot ID of each node at that time.
    pub(in crate::app::roll) nodes_before: BTreeMap<String, (String, String)>,
    /// For each event, how long the chronicle was when it came.
    pub(in crate::app::roll) places: Vec<usize>,
    /// Pods that could not be removed at the end, as the command would name them.
    pub(in crate::app::roll) leftovers: Vec<String>,
}

/// The world of three nodes, two of them pending.
pub(in crate::app::roll) fn three() -> World {
    scenes::three()
}

/// Rolls `world` with these arguments.
pub(in crate::app::roll) async fn roll(world: World, arguments: &[&str]) -> Rolled {
    Box::pin(roll_with(world, arguments, |_, _, _| {})).await
}

/// Rolls `world`, calling `at` with each event: it may send a signal or let something happen.
pub(in crate::app::roll) async fn roll_with(
    world: World,
    arguments: &[&str],
    at: impl FnMut(&Event, &Sim, &watch::Sender<Option<Signal>>),
) -> Rolled {
    let rolled = Box::pin(roll_seeded(world, 7, arguments, at)).await;
    assert_eq!(rolled.leftovers, Vec::<String>::new(), "pods left behind");
    rolled
}

/// The same over a cluster of another seed, which may leave pods behind.
pub(in crate::app::roll) async fn roll_seeded(
    world: World,
    seed: u64,
    arguments: &[&str],
    at: impl FnMut(&Event, &Sim, &watch::Sender<Option<Signal>>),
) -> Rolled {
    let names: Vec<String> = world.machines.iter().map(|m| m.name.clone()).collect();
    let sim = Sim::start(world, seed);
    sim.look_for_lows();
    let nodes_before = names
        .into_iter()
        .filter_map(|name| {
            let node = sim.node(&name)?;
            Some((name, (node.uid, node.boot_id)))
        })
        .collect();
    let cluster = Cluster::over(sim.service(), "sim", "https://sim.invalid");
    let clock = Clock::simulated(sim.now());
    let (signal, signals) = Signals::by_hand();
    let (hears, its_clock) = (signal.clone(), clock.clone());
    sim.tell_operator(move |befall| match befall {
        Befall::ClockJump(by) => its_clock.jump(by),
        Befall::Interrupt => drop(hears.send_replace(Some(Signal::Interrupt))),
        Befall::Terminate => drop(hears.send_replace(Some(Signal::Terminate))),
    });
    let around = Surroundings {
        ssh: None,
        run: identity::named(clock.wall(), 1),
        cluster,
        clock: clock.clone(),
        operator: Operator::SaidYes,
        signals,
        user: "tester".into(),
        host: "bench".into(),
        talk: |_| {},
        keep_journal: false,
    };
    let line =
        Line::try_parse_from(["roll"].iter().chain(arguments)).expect("arguments that parse");
    let mut eyes = Eyes {
        sim: sim.clone(),
        signal,
        at,
        events: Vec::new(),
        places: Vec::new(),
    };
    let began = clock.now().mono;
    let mut rolled = Rolled {
        sim,
        end: Ok(Exit::Ok),
        ended: None,
        events: Vec::new(),
        outcomes: BTreeMap::new(),
        took: Duration::ZERO,
        plan: None,
        began: clock.wall(),
        nodes_before,
        places: Vec::new(),
        leftovers: Vec::new(),
    };
    rolled.end = match request_of(&line.flags) {
        Ok(request) => {
            let probes = ShortPods::new(&around.cluster, request.probes_at_once);
            let carried = carry(&request, &around, &probes, &mut eyes, &mut rolled);
            let end = Box::pin(carried).await;
            rolled.leftovers = probes.leftovers().remove_all(REMOVE_IN_PEACE).await;
            end
        }
        Err(failure) => Err(failure),
    };
    rolled.took = clock.now().mono.saturating_sub(began);
    (rolled.events, rolled.places) = (eyes.events, eyes.places);
    rolled
}

async fn carry(
    request: &RollRequest,
    around: &Surroundings,
    probes: &ShortPods,
    sink: &mut dyn Sink,
    rolled: &mut Rolled,
) -> Result<Exit, Failure> {
    let plan = match tried(request, around, probes).await? {
        Planned::Nothing(exit, _) => return Ok(exit),
        Planned::Plan(plan, _) => plan,
    };
    rolled.plan = Some(plan.as_ref().clone());
    match execute(&plan, around, probes, sink).await? {
        Executed::NotBegun(exit) => Ok(exit),
        Executed::Ended { ended, outcomes } => {
            let exit = exit_code(&plan, &ended, &outcomes);
            rolled.ended = Some(ended);
            rolled.outcomes = outcomes;
            Ok(exit)
        }
    }
}

struct Eyes<At> {
    sim: Sim,
    signal: watch::Sender<Option<Signal>>,
    at: At,
    events: Vec<Event>,
    places: Vec<usize>,
}

impl<At: FnMut(&Event, &Sim, &watch::Sender<Option<Signal>>)> Sink for Eyes<At> {
    fn take(&mut self, event: &Event) -> io::Result<()> {
        (self.at)(event, &self.sim, &self.signal);
        self.places.push(self.sim.chronicle_length());
        self.events.push(event.clone());
        Ok(())
    }
}

impl Rolled {
    pub(in crate::app::roll) fn exit(&self) -> Exit {
        match &self.end {
            Ok(exit) => *exit,
            Err(failure) => failure.exit,
        }
    }

    /// The failure before anything began, in words.
    pub(in crate::app::roll) fn refusal(&self) -> String {
        match &self.end {
            Ok(exit) => panic!("ended with {exit:?}, not refused"),
            Err(failure) => format!("{:#}", failure.error),
        }
    }

    pub(in crate::app::roll) fn outcome(&self, node: &str) -> &Outcome {
        self.outcomes
            .get(&NodeName::from(node))
            .unwrap_or_else(|| panic!("no outcome of {node}"))
    }

    /// At which step and why a node failed.
    pub(in crate::app::roll) fn failed(&self, node: &str) -> (Step, &Reason) {
        match self.outcome(node) {
            Outcome::Failed { step, reason, .. } => (*step, reason),
            other => panic!("{node} ended as {other:?}"),
        }
    }

    pub(in crate::app::roll) fn boots(&self, node: &str) -> u32 {
        self.sim.node(node).expect("a node").boots
    }

    pub(in crate::app::roll) fn cordoned(&self, node: &str) -> bool {
        self.sim.node(node).expect("a node").cordoned
    }

    pub(in crate::app::roll) fn marked(&self, node: &str) -> bool {
        self.sim
            .node(node)
            .expect("a node")
            .annotations
            .contains_key(mark::KEY)
    }

    /// The changes of nodes and of pods that are not probes, each in a few words, in the order of their requests.
    pub(in crate::app::roll) fn acts(&self) -> Vec<String> {
        self.sim.requests().iter().filter_map(act).collect()
    }

    /// What a finished or restored run leaves: nothing but the namespace and the run record.
    pub(in crate::app::roll) fn assert_nothing_left(&self, nodes: &[&str]) {
        for node in nodes {
            assert!(!self.marked(node), "{node} is marked");
        }
        let requests = self.sim.requests();
        let of_lease = |verb: &str| {
            requests
                .iter()
                .filter(|line| {
                    line.resource == "leases" && line.verb == verb && line.namespace == "aksreboot"
                })
                .count()
        };
        assert_eq!(of_lease("create"), 1);
        assert_eq!(of_lease("delete"), 1);
    }

    /// The events of one type, such as waits, in order.
    pub(in crate::app::roll) fn waits(&self) -> Vec<&Reason> {
        self.events
            .iter()
            .filter_map(|event| match &event.what {
                What::StepWaiting { reason, .. } => Some(reason),
                _ => None,
            })
            .collect()
    }
}

/// A request that changes something, in a few words; `None` for reads and for the run's own books.
pub(in crate::app) fn act(line: &RequestLine) -> Option<String> {
    let status = line
        .status
        .filter(|status| *status >= 300)
        .map(|status| format!(" -> {status}"))
        .unwrap_or_default();
    let body: Value = serde_json::from_str(&line.body).unwrap_or_default();
    let dry = line.target.contains("dryRun");
    let what = match (line.verb.as_str(), line.resource.as_str()) {
        ("create", "pods/eviction") => {
            let uid = &body["deleteOptions"]["preconditions"]["uid"];
            assert!(uid.is_string(), "an eviction without a UID: {line}");
            format!("evict {}", workload(&line.name))
        }
        ("create", "pods") | ("patch", "daemonsets") if dry => return None,
        // The log keeps the beginning of a body only; the script in it is longer.
        ("create", "pods") if line.body.contains("\"name\":\"reboot-") => "ask".into(),
        ("create", "pods") if line.body.contains("\"name\":\"prove-") => "prove".into(),
        ("create", "pods") => return None,
        ("delete", "pods") if line.name.starts_with("reboot-") => "remove ask".into(),
        ("delete", "pods")
            if line.name.starts_with("probe-") || line.name.starts_with("prove-") =>
        {
            return None;
        }
        // Nothing else is changed there. The log keeps the beginning of a body only, and a lock is longer.
        ("patch", "daemonsets") if line.body.contains("nodeID") => "take kured".into(),
        ("patch", "daemonsets") => "free kured".into(),
        ("patch", "nodes") => format!("{} {}", node_patch(&body, line), line.name),
        (
            "create" | "patch" | "update" | "delete",
            "pods" | "daemonsets" | "deployments" | "replicasets",
        ) => line.to_string(),
        _ => return None,
    };
    Some(format!("{what}{status}"))
}

/// What a patch of a node does, by its body alone.
fn node_patch(body: &Value, line: &RequestLine) -> String {
    if let Some(operations) = body.as_array() {
        assert_eq!(
            operations[0]["op"], "test",
            "a patch that does not test the mark: {line}"
        );
        let removes = |path: &str| {
            operations
                .iter()
                .any(|op| op["op"] == "remove" && op["path"] == path)
        };
        let unmarks = removes("/metadata/annotations/aksreboot.dev~1run");
        let opens = removes("/spec/unschedulable");
        let intent = operations
            .iter()
            .filter(|op| op["op"] == "replace")
            .find_map(|op| {
                serde_json::from_str::<Value>(op["value"].as_str()?).ok()?["step"]
                    .as_str()
                    .map(str::to_owned)
            });
        return match (intent, opens, unmarks) {
            (Some(step), true, false) => format!("uncordon, intend {step},"),
            (Some(step), false, false) => format!("intend {step},"),
            (None, true, true) => "uncordon, unmark".into(),
            (None, false, true) => "unmark".into(),
            other => panic!("a patch that does {other:?}: {line}"),
        };
    }
    assert!(
        body["metadata"]["resourceVersion"].is_string(),
        "a cordon without a version: {line}"
    );
    assert!(
        body["metadata"]["annotations"][mark::KEY].is_string(),
        "a cordon without a mark: {line}"
    );
    assert_eq!(body["spec"]["unschedulable"], true);
    "cordon and mark".into()
}

/// `web-7f9c-x2x1` is a pod of `web`; which one is the controller's choice.
fn workload(pod: &str) -> &str {
    pod.split('-').next().unwrap_or(pod)
}
