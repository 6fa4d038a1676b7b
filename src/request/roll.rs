//! `roll`: its flags.

use std::path::PathBuf;

use clap::Args;

use super::planning::PlanningFlags;

/// Reboot the nodes that wait for it, one at a time
///
/// Reads the nodes, shows the plan and the cluster it is for, asks, and then takes one node after another: cordon, drain,
/// reboot, wait for the new boot, verify, uncordon, wait for the workloads. A node that fails stops the roll; it says
/// in what state the node was left and how to go on. A node that was cordoned before stays cordoned.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Exit codes:
  0    every selected node is rebooted and verified, or needs nothing
  1    failed before anything was touched
  2    wrong usage, or a question that needed a terminal
  3    the roll stopped, or left selected nodes out
  4    refused, nothing touched
  5    another run, kured or AKS has the cluster
  130  ended by SIGINT (143: SIGTERM), in the state that was told

Examples:
  aksreboot roll
  aksreboot roll --max-unavailable 1 --yes
  aksreboot roll aks-blue-12345678-vmss000000 --delete-emptydir-data
  aksreboot roll -l agentpool=blue --drain-timeout 45m
  aksreboot roll --via ssh --ssh-user azureuser
  aksreboot roll --plan tonight.json --yes")]
pub(crate) struct RollFlags {
    #[command(flatten)]
    pub(crate) planning: PlanningFlags,

    /// Carry out the plan in this file (from plan --out), and nothing else: refused when the cluster is not as it was planned,
    /// naming what differs
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["nodes", "selector", "pools", "pending_for", "reboot_all", "ignore_kured_lock", "PaceFlags", "DrainFlags", "LimitFlags", "image", "probe_timeout", "sentinel_file", "via"],
    )]
    pub(crate) plan: Option<PathBuf>,

    /// Carry the plan out without asking
    #[arg(short = 'y', long)]
    pub(crate) yes: bool,
}
