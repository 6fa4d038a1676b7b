//! A plan rehearsed: the real engine carries it out on a copy of the cluster, in a time of its own. Nothing of the real
//! cluster is asked or touched here, and nothing is decided that a roll decides.

use std::collections::BTreeSet;
use std::io;
use std::time::Duration;

use jiff::Timestamp;

use crate::core::drain::{OWN_NAMESPACE, is_ours};
use crate::core::event::Event;
use crate::core::model::{NodeName, Snapshot};
use crate::core::plan::{Plan, Via};
use crate::core::rehearsal::{Assumed, Lowest, Rehearsal, fold, under_way};
use crate::edge::clock::Clock;
use crate::edge::connect::Cluster;
use crate::edge::identity;
use crate::edge::node::{Form, ShortPods};
use crate::edge::operator::Operator;
use crate::edge::runner::{Ended, Sink};
use crate::edge::signals::Signals;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::request::planning::RollRequest;
use crate::sim::{Sim, World};

use super::planning::{Planned, plan};
use super::roll::Surroundings;
use super::run::{Executed, execute};

/// The same plan on the same snapshot is rehearsed the same way each time.
const SEED: u64 = 1;

/// The plan, and where that was asked for, how its rehearsal went.
pub(crate) async fn tried(
    request: &RollRequest,
    around: &Surroundings,
    probes: &ShortPods,
) -> Result<Planned, Failure> {
    let mut planned = Box::pin(plan(request, around, probes)).await?;
    if let (Planned::Plan(plan, snapshot), Some(reboot)) = (&mut planned, request.rehearse) {
        refuse_half_a_cluster(snapshot)?;
        (around.talk)("rehearsing …");
        let scene = Scene {
            taken: plan.report.made_at,
            plan: Plan::clone(plan),
            snapshot: std::mem::take(snapshot),
            reboot,
            probes_at_once: request.probes_at_once,
            form: Form::Own(request.pod_shape.clone()),
        };
        plan.report.rehearsal = Some(rehearse(scene).await?);
    }
    Ok(planned)
}

/// A copy without its budgets or workloads would go where the cluster does not.
fn refuse_half_a_cluster(snapshot: &Snapshot) -> Result<(), Failure> {
    let Some(first) = snapshot.uncopied().next() else {
        return Ok(());
    };
    let lists: Vec<&str> = snapshot.uncopied().map(|unread| unread.what).collect();
    Err(Failure::say(
        Exit::Failed,
        format!(
            "a rehearsal needs lists that the user may not read: {} ({})",
            lists.join(", "),
            first.message
        ),
    )
    .hint("the role of a roll has them: aksreboot manifests roll")
    .hint("without --rehearse there is a plan, which says what is not known"))
}

/// What a rehearsal begins with.
struct Scene {
    plan: Plan,
    snapshot: Snapshot,
    /// When the snapshot was taken.
    taken: Timestamp,
    /// From the ask until a node is Ready again, which no snapshot can tell.
    reboot: Duration,
    probes_at_once: usize,
    form: Form,
}

/// Rehearses on a thread of its own: virtual time must not meet the real one.
async fn rehearse(scene: Scene) -> Result<Rehearsal, Failure> {
    let rehearsed = tokio::task::spawn_blocking(move || on_own_runtime(scene)).await;
    rehearsed.map_err(|error| Failure::new(Exit::Failed, error).during("rehearse the plan"))?
}

fn on_own_runtime(scene: Scene) -> Result<Rehearsal, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .map_err(|error| Failure::new(Exit::Failed, error).during("start the rehearsal"))?;
    runtime.block_on(play(scene))
}

async fn play(scene: Scene) -> Result<Rehearsal, Failure> {
    let reboot = scene.reboot;
    let mut plan = scene.plan;
    // The hosts of the copy are reached by pods alone; either way takes as long.
    plan.spec.settings.via = Via::Pod;
    let sim = Sim::start(world(&plan, scene.snapshot, scene.taken, reboot), SEED);
    sim.keep_no_log();
    let cluster = Cluster::over(
        sim.service(),
        &plan.report.context,
        &plan.spec.cluster.server,
    );
    let clock = Clock::simulated(sim.now());
    let probes = ShortPods::of(&cluster, scene.probes_at_once, scene.form);
    let around = Surroundings {
        run: identity::named(clock.wall(), SEED),
        cluster,
        clock,
        operator: Operator::SaidYes,
        signals: Signals::none(),
        ssh: None,
        user: "rehearsal".into(),
        host: "rehearsal".into(),
        talk: |_| {},
        keep_journal: false,
    };
    let mut heard = Heard::default();
    sim.look_for_lows();
    let ended = match execute(&plan, &around, &probes, &mut heard).await? {
        Executed::Ended { ended, .. } => ended,
        Executed::NotBegun(exit) => return Err(Failure::say(exit, "the rehearsal was ended")),
    };
    let targets: Vec<NodeName> = plan.spec.targets.iter().map(|t| t.name.clone()).collect();
    let nodes = fold(&targets, &heard.0);
    let lows = sim
        .lows()
        .into_iter()
        .filter(|low| low.ready < low.before)
        .map(|low| {
            let at = low.at.as_secs();
            Lowest {
                kind: low.kind.to_owned(),
                namespace: low.namespace,
                name: low.name,
                before: low.before,
                ready: low.ready,
                at,
                node: under_way(&nodes, at).cloned(),
            }
        })
        .collect();
    Ok(Rehearsal {
        assumed: Assumed {
            reboot: reboot.as_secs(),
        },
        took: around.clock.now().mono.as_secs(),
        stopped: match ended {
            Ended::Stopped(why) => Some(why),
            Ended::Finished | Ended::Interrupted(_) => None,
        },
        nodes,
        lows,
    })
}

/// The copy: as the snapshot shows the cluster, but for our own short pods, which are nobody's business by now.
fn world(plan: &Plan, mut snapshot: Snapshot, taken: Timestamp, reboot: Duration) -> World {
    snapshot
        .pods
        .retain(|pod| !(pod.key.namespace == OWN_NAMESPACE && is_ours(pod)));
    let pending: BTreeSet<NodeName> = plan.spec.targets.iter().map(|t| t.name.clone()).collect();
    let mut world = World::of(snapshot, &pending);
    world.start = taken;
    for machine in &mut world.machines {
        let own = &mut machine.reboot;
        let around_boot = own.shutdown + own.ready_after;
        // A reboot that is assumed to be shorter than these takes no time to boot, and shortens them.
        if let Some(boot) = reboot.checked_sub(around_boot) {
            own.boot = boot;
        } else {
            own.boot = Duration::ZERO;
            own.shutdown = own.shutdown.mul_f64(reboot.div_duration_f64(around_boot));
            own.ready_after = reboot.saturating_sub(own.shutdown);
        }
    }
    world
}

/// Keeps every event.
#[derive(Default)]
struct Heard(Vec<Event>);

impl Sink for Heard {
    fn take(&mut self, event: &Event) -> io::Result<()> {
        self.0.push(event.clone());
        Ok(())
    }
}
