//! What decides a plan: the flags that `plan` and `roll` share, and the request that they settle to. Whether the plan is
//! carried out is not said here.

use std::time::Duration;

use clap::Args;

use crate::core::drain::DrainSettings;
use crate::core::engine::Course;
use crate::core::model::NodeName;
use crate::core::plan::{Amount, Pace, Settings, Spec, Timeouts, Via};
use crate::edge::node::PodShape;
use crate::exit::Exit;
use crate::failure::Failure;

use super::flags::{
    ConnectionFlags, DrainFlags, LimitFlags, PaceFlags, ProbePodFlags, SshFlags, SshSettings, age,
    via, whole_seconds,
};

#[derive(Clone, Debug, Args)]
pub(crate) struct PlanningFlags {
    /// Nodes to reboot, each named once; without names every node whose reboot is pending
    #[arg(value_name = "NODE", conflicts_with_all = ["selector", "pools", "pending_for"])]
    nodes: Vec<String>,

    /// Only nodes that this label selector picks
    #[arg(short = 'l', long, value_name = "SELECTOR")]
    selector: Option<String>,

    /// Only nodes of this pool; repeat it for several
    #[arg(long = "pool", value_name = "NAME")]
    pools: Vec<String>,

    /// Only nodes whose reboot has been pending for at least this long, such as 2d
    #[arg(long, value_name = "AGE", value_parser = age)]
    pending_for: Option<Duration>,

    /// Reboot nodes too of which it is known that no reboot is pending
    #[arg(long)]
    reboot_all: bool,

    /// Roll although kured has its lock or its lock cannot be taken: it may reboot nodes at the same time
    #[arg(long)]
    ignore_kured_lock: bool,

    #[command(flatten)]
    pace: PaceFlags,

    /// Carry the plan out on a simulated copy of the cluster first, and show when each node goes, what it waits for and how few
    /// pods of each workload are Ready at worst; nothing of it touches the cluster
    #[arg(long, help_heading = "Rehearsal")]
    rehearse: bool,

    /// How long a node takes from the ask for its reboot until it is Ready again, in the rehearsal
    #[arg(long, value_name = "DURATION", default_value = "1m", value_parser = whole_seconds, requires = "rehearse", help_heading = "Rehearsal")]
    assume_reboot: Duration,

    #[command(flatten)]
    drain: DrainFlags,
    #[command(flatten)]
    limits: LimitFlags,
    /// How nodes are read and asked to reboot: by short-lived pods, or by a login with the ssh of this machine, which needs no
    /// right to make pods [default: pod]
    #[arg(long, value_name = "WAY", value_parser = via(), help_heading = "SSH")]
    via: Option<Via>,
    #[command(flatten)]
    ssh: SshFlags,
    #[command(flatten)]
    probe: ProbePodFlags,
    #[command(flatten)]
    pub(crate) connection: ConnectionFlags,
}

/// What a roll was asked to do.
pub(crate) struct RollRequest {
    /// Named nodes in the order given; empty is every node.
    pub(crate) names: Vec<NodeName>,
    /// Label selector; empty picks everything.
    pub(crate) selector: String,
    /// Pools by name; empty is every one.
    pub(crate) pools: Vec<String>,
    /// Zero takes what has just become pending too.
    pub(crate) pending_for: Duration,
    /// All of it as it will be, but for a percentage in `max_unavailable`.
    pub(crate) settings: Settings,
    pub(crate) max_unavailable: Amount,
    /// Begin with a wave of one node.
    pub(crate) canary: bool,
    /// How many nodes are probed at once.
    pub(crate) probes_at_once: usize,
    /// `Some`: nodes are read and rebooted by logging in.
    pub(crate) ssh: Option<SshSettings>,
    /// What this cluster asks of probe pods.
    pub(crate) pod_shape: PodShape,
    /// Rehearse the plan, with reboots that take this long.
    pub(crate) rehearse: Option<Duration>,
    /// The spec of a plan that was made before; nothing else may be carried out.
    pub(crate) planned: Option<Spec>,
}

impl RollRequest {
    /// What a plan that was made before asks for: its nodes, its settings. Of the flags only those count that change
    /// nothing of a plan.
    pub(crate) fn of_plan(flags: &PlanningFlags, spec: Spec) -> Result<Self, Failure> {
        let in_first = spec.targets.iter().filter(|target| target.wave == 1);
        let base = Self::settle_for(flags, spec.settings.via)?;
        Ok(Self {
            max_unavailable: Amount::Count(spec.settings.max_unavailable),
            // A first wave of one is one of one, whatever made it so.
            canary: in_first.count() == 1,
            names: spec
                .targets
                .iter()
                .map(|target| target.name.clone())
                .collect(),
            settings: spec.settings.clone(),
            planned: Some(spec),
            ..base
        })
    }

    pub(crate) fn settle(flags: &PlanningFlags) -> Result<Self, Failure> {
        Self::settle_for(flags, flags.via.unwrap_or_default())
    }

    fn settle_for(flags: &PlanningFlags, via: Via) -> Result<Self, Failure> {
        if via == Via::Ssh {
            flags.probe.refuse_of_pods()?;
        }
        let mut names: Vec<NodeName> = Vec::new();
        for name in &flags.nodes {
            let name = NodeName::new(name.strip_prefix("node/").unwrap_or(name));
            if names.contains(&name) {
                return Err(
                    Failure::say(Exit::Usage, format!("node `{name}` is named twice"))
                        .hint("name each node once; perhaps one of them was meant to be another"),
                );
            }
            names.push(name);
        }
        let pace = &flags.pace;
        let mut not_counted: Vec<NodeName> = pace
            .not_counted
            .iter()
            .map(|name| NodeName::new(name.as_str()))
            .collect();
        not_counted.sort();
        not_counted.dedup();
        let limits = &flags.limits;
        Ok(Self {
            ssh: flags.ssh.logins_for(via)?,
            names,
            selector: flags.selector.clone().unwrap_or_default(),
            pools: flags.pools.clone(),
            pending_for: flags.pending_for.unwrap_or_default(),
            max_unavailable: pace.max_unavailable,
            canary: !pace.no_canary,
            probes_at_once: flags.probe.probe_concurrency.into(),
            pod_shape: PodShape::from(&flags.probe.shape),
            rehearse: flags.rehearse.then_some(flags.assume_reboot),
            planned: None,
            settings: Settings {
                course: Course::Roll,
                via,
                image: flags.probe.image.clone(),
                sentinel: flags.probe.sentinel(),
                // Of how many nodes a percentage is, only the cluster can say.
                max_unavailable: pace.max_unavailable.of(0),
                reboot_all: flags.reboot_all,
                ignore_kured_lock: flags.ignore_kured_lock,
                pace: Pace {
                    per_pool: pace.max_unavailable_per_pool,
                    per_zone: pace.max_unavailable_per_zone,
                    windows: pace.window.clone(),
                    pause: pace.pause_between.unwrap_or_default(),
                    deadline: pace.deadline.unwrap_or_default(),
                },
                not_counted,
                drain: DrainSettings::from(&flags.drain),
                timeouts: Timeouts {
                    drain: limits.drain_timeout,
                    reboot: limits.reboot_timeout,
                    ready: limits.ready_timeout,
                    sustained_ready: limits.sustained_ready,
                    settle: limits.settle_timeout,
                    probe: flags.probe.probe_timeout,
                },
            },
        })
    }
}
