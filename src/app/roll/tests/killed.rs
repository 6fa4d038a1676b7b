//! Rolls that are cut off in the middle, as by `kill -9`: nothing is undone, nothing is given back.

use std::io;
use std::time::Duration;

use clap::Parser as _;

use crate::app::planning::{Planned, plan};
use crate::app::roll::Surroundings;
use crate::app::run::execute;
use crate::core::event::Event;
use crate::edge::clock::Clock;
use crate::edge::connect::Cluster;
use crate::edge::identity;
use crate::edge::node::ShortPods;
use crate::edge::operator::Operator;
use crate::edge::runner::Sink;
use crate::edge::signals::Signals;
use crate::request::planning::RollRequest;
use crate::request::roll::RollFlags;
use crate::sim::{RequestLine, Sim, World};

#[derive(Debug, clap::Parser)]
struct Line {
    #[command(flatten)]
    flags: RollFlags,
}

struct Deaf;

impl Sink for Deaf {
    fn take(&mut self, _: &Event) -> io::Result<()> {
        Ok(())
    }
}

/// A roll of `sim` that runs until its end, or until it is dropped.
pub(in crate::app) async fn begun(sim: &Sim, arguments: &[&str]) {
    let clock = Clock::simulated(sim.now());
    let around = Surroundings {
        ssh: None,
        run: identity::named(clock.wall(), 1),
        cluster: Cluster::over(sim.service(), "sim", "https://sim.invalid"),
        clock,
        operator: Operator::SaidYes,
        signals: Signals::none(),
        user: "tester".into(),
        host: "bench".into(),
        talk: |_| {},
        keep_journal: false,
    };
    let words = ["roll"].iter().chain(arguments);
    let line = Line::try_parse_from(words).expect("arguments that parse");
    let request = RollRequest::settle(&line.flags.planning).expect("a request");
    let probes = ShortPods::new(&around.cluster, request.probes_at_once);
    let Planned::Plan(plan, _) = plan(&request, &around, &probes).await.expect("a plan") else {
        panic!("nothing to roll");
    };
    execute(&plan, &around, &probes, &mut Deaf)
        .await
        .expect("a run");
}

/// The cluster after a roll that was killed as soon as `when` held.
pub(in crate::app) async fn killed(
    world: World,
    arguments: &[&str],
    when: impl Fn(&Sim) -> bool,
) -> Sim {
    let sim = Sim::start(world, 7);
    let end = async {
        while !when(&sim) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::select! {
        biased;
        () = end => {}
        () = begun(&sim, arguments) => panic!("the roll ended before it was killed"),
    }
    sim
}

/// The requests of a cluster from a point on.
pub(in crate::app) struct Book {
    from: usize,
}

impl Book {
    pub(in crate::app) fn from_here(sim: &Sim) -> Self {
        Self {
            from: sim.requests().len(),
        }
    }

    /// What was changed since, in its order.
    pub(in crate::app) fn writes(&self, sim: &Sim) -> Vec<RequestLine> {
        let lines = sim.requests().split_off(self.from);
        let writes = |line: &RequestLine| {
            !matches!(line.method.as_str(), "GET")
                && line.resource != "selfsubjectaccessreviews"
                && !line.target.contains("dryRun")
        };
        lines.into_iter().filter(writes).collect()
    }

    /// The same, a few words each.
    pub(in crate::app) fn acts(&self, sim: &Sim) -> Vec<String> {
        self.writes(sim)
            .iter()
            .map(|line| {
                let name = match line.name.as_str() {
                    "" => "",
                    // The rest is a hash.
                    name if line.resource == "pods" => name.split('-').next().unwrap_or(name),
                    name => name,
                };
                let opens = if line.body.contains("/spec/unschedulable") {
                    " (uncordons)"
                } else {
                    ""
                };
                format!("{} {} {name}{opens}", line.verb, line.resource)
                    .trim_end()
                    .to_owned()
            })
            .collect()
    }
}
