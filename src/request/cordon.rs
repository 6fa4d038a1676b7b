//! `cordon` and `uncordon`: their flags.

use clap::Args;

use crate::failure::Failure;

use super::drain::{DryRun, Nodes};
use super::flags::ConnectionFlags;

/// Mark nodes as unschedulable, as kubectl cordon does
#[derive(Clone, Debug, Args)]
#[command(after_help = "Exit codes:
  0    every node is cordoned
  1    failed, or a node could not be changed
  2    wrong usage
  4    refused, nothing touched: unknown node

Examples:
  aksreboot cordon node-1
  aksreboot cordon node-1 --reason 'disk errors, ticket 4711'
  aksreboot cordon -l agentpool=blue --dry-run=server")]
pub(crate) struct CordonFlags {
    #[command(flatten)]
    pub(crate) which: WhichFlags,

    /// Why; kept on the node with who and when, and a roll leaves the node alone as long as it is there
    #[arg(long, value_name = "TEXT", value_parser = said)]
    pub(crate) reason: Option<String>,

    #[command(flatten)]
    pub(crate) connection: ConnectionFlags,
}

/// Mark nodes as schedulable, as kubectl uncordon does
///
/// A node with the mark of a run is left alone: its reboot may still come.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Exit codes:
  0    every node is open
  1    failed, or a node could not be changed
  2    wrong usage
  4    refused, nothing touched: unknown node
  5    a run has its mark on a node

Examples:
  aksreboot uncordon node-1
  aksreboot uncordon -l agentpool=blue --dry-run=server")]
pub(crate) struct UncordonFlags {
    #[command(flatten)]
    pub(crate) which: WhichFlags,
    #[command(flatten)]
    pub(crate) connection: ConnectionFlags,
}

fn said(text: &str) -> Result<String, String> {
    if text.trim().is_empty() {
        return Err("a reason has words".into());
    }
    Ok(text.to_owned())
}

/// Which nodes, and whether it is meant.
#[derive(Clone, Debug, Args)]
pub(crate) struct WhichFlags {
    /// Nodes by name
    #[arg(
        value_name = "NODE",
        conflicts_with = "selector",
        required_unless_present = "selector"
    )]
    nodes: Vec<String>,

    /// Nodes that this label selector picks
    #[arg(short = 'l', long, value_name = "SELECTOR")]
    selector: Option<String>,

    /// Show what would be done: by what the nodes say (client), or by asking the API server once for each (server)
    #[arg(long, value_name = "WAY", value_enum, default_value = "none", num_args = 0..=1, require_equals = true, default_missing_value = "client")]
    pub(crate) dry_run: DryRun,
}

impl WhichFlags {
    pub(crate) fn settle(&self) -> Result<Nodes, Failure> {
        Nodes::settle(&self.nodes, self.selector.as_deref())
    }
}
