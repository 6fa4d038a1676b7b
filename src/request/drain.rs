//! `drain`: its flags, kubectl's names and meanings, and the settings that they come to.

use std::time::Duration;

use clap::{ArgAction, Args, ValueEnum};

use crate::core::drain::DrainSettings;
use crate::core::engine::{Course, NO_LIMIT};
use crate::core::evidence::Sentinel;
use crate::core::model::NodeName;
use crate::core::plan::{Pace, Settings, Timeouts, Via};
use crate::exit::Exit;
use crate::failure::Failure;

use super::flags::{ConnectionFlags, DrainFlags, parse_duration};

/// Cordon nodes and evict their pods, as kubectl drain does
///
/// Takes kubectl's flags, and asks nothing. All nodes are cordoned before the first is drained; they are drained one after
/// another, and stay cordoned. A drain that fails stops there, and what it cordoned is opened again. What each answer of the
/// API server leads to, and what differs from kubectl and why, is in docs/drain.md.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Exit codes:
  0    every node is drained and cordoned
  1    failed before anything was touched
  2    wrong usage, or a question that needed a terminal
  3    the drain stopped at a node
  4    refused, nothing touched: unknown node, missing flags; or the dry run met a pod that would not go
  5    another run has the cluster or the node
  130  ended by SIGINT (143: SIGTERM); what was cordoned is opened again

Examples:
  aksreboot drain aks-blue-12345678-vmss000000
  aksreboot drain node-1 --delete-emptydir-data --timeout 20m
  aksreboot drain -l agentpool=blue --dry-run=server
  aksreboot drain node-1 --pod-selector app=web")]
pub(crate) struct DrainCommandFlags {
    /// Nodes to drain
    #[arg(
        value_name = "NODE",
        conflicts_with = "selector",
        required_unless_present = "selector"
    )]
    nodes: Vec<String>,

    /// Nodes that this label selector picks
    #[arg(short = 'l', long, value_name = "SELECTOR")]
    selector: Option<String>,

    /// Show what would be done: by what the pods say (client), or by asking the API server once for each (server)
    #[arg(long, value_name = "WAY", value_enum, default_value = "none", num_args = 0..=1, require_equals = true, default_missing_value = "client")]
    dry_run: DryRun,

    /// Answer the question whether to make the namespace for the lock with yes
    #[arg(short = 'y', long)]
    pub(crate) yes: bool,

    #[command(flatten)]
    drain: DrainFlags,

    /// Leave the pods of DaemonSets on the node; with =false they refuse the drain
    #[arg(long, value_name = "BOOL", action = ArgAction::Set, default_value_t = true, num_args = 0..=1, require_equals = true, default_missing_value = "true", help_heading = "Drain")]
    ignore_daemonsets: bool,

    /// Only pods that this label selector picks; the others stay
    #[arg(long, value_name = "SELECTOR", help_heading = "Drain")]
    pod_selector: Option<String>,

    /// Delete pods where they would be evicted; this goes past every disruption budget
    #[arg(long, help_heading = "Drain")]
    disable_eviction: bool,

    /// Do not wait for pods whose deletion has been due for more than this many seconds; they may still run; 0 waits for all
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 0,
        help_heading = "Drain"
    )]
    skip_wait_for_delete_timeout: u32,

    /// Give up on a node whose pods have not left after this; 0 is never
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = span, help_heading = "Drain")]
    timeout: Duration,

    #[command(flatten)]
    pub(crate) connection: ConnectionFlags,
}

/// What is done instead of the real thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DryRun {
    /// The real thing
    None,
    /// Only reads
    Client,
    /// Dry runs on the API server
    Server,
}

/// What a drain was asked to do.
#[derive(Clone, Debug)]
pub(crate) struct DrainRequest {
    pub(crate) nodes: Nodes,
    pub(crate) dry_run: DryRun,
    pub(crate) settings: Settings,
}

/// Which nodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Nodes {
    /// In the order given, each once.
    Named(Vec<NodeName>),
    /// By label selector.
    Picked(String),
}

impl Nodes {
    /// As kubectl takes them: by name or by selector, and an empty selector is a mistake.
    pub(crate) fn settle(names: &[String], selector: Option<&str>) -> Result<Self, Failure> {
        if let Some(selector) = selector {
            if selector.trim().is_empty() {
                return Err(Failure::say(
                    Exit::Usage,
                    "the selector is empty, which is every node",
                )
                .hint("name the nodes, or a label such as -l agentpool=blue"));
            }
            return Ok(Self::Picked(selector.to_owned()));
        }
        let mut named: Vec<NodeName> = Vec::new();
        for name in names {
            let name = name
                .strip_prefix("node/")
                .or_else(|| name.strip_prefix("nodes/"))
                .unwrap_or(name);
            let name = NodeName::new(name);
            if !named.contains(&name) {
                named.push(name);
            }
        }
        Ok(Self::Named(named))
    }
}

impl DrainRequest {
    pub(crate) fn settle(flags: &DrainCommandFlags) -> Result<Self, Failure> {
        let skip = flags.skip_wait_for_delete_timeout;
        let limit = if flags.timeout.is_zero() {
            NO_LIMIT
        } else {
            flags.timeout
        };
        Ok(Self {
            nodes: Nodes::settle(&flags.nodes, flags.selector.as_deref())?,
            dry_run: flags.dry_run,
            settings: Settings {
                via: Via::Pod,
                course: Course::Drain,
                // Nothing of a drain runs a pod, probes, reboots or counts.
                image: String::new(),
                sentinel: Sentinel::System,
                max_unavailable: u32::MAX,
                pace: Pace::default(),
                reboot_all: false,
                ignore_kured_lock: false,
                not_counted: Vec::new(),
                drain: DrainSettings {
                    ignore_daemonsets: flags.ignore_daemonsets,
                    pod_selector: flags.pod_selector.clone(),
                    disable_eviction: flags.disable_eviction,
                    skip_wait_for_delete: (skip > 0).then_some(skip),
                    ..DrainSettings::from(&flags.drain)
                },
                timeouts: Timeouts {
                    drain: limit,
                    ready: Duration::from_secs(600),
                    reboot: Duration::ZERO,
                    sustained_ready: Duration::ZERO,
                    settle: Duration::ZERO,
                    probe: Duration::ZERO,
                },
            },
        })
    }
}

/// Whole seconds; the plan holds no others.
fn span(text: &str) -> Result<Duration, String> {
    let span = parse_duration(text).map_err(|error| error.to_string())?;
    if span.subsec_nanos() != 0 {
        return Err("a time limit is a whole number of seconds".into());
    }
    Ok(span.min(NO_LIMIT))
}
