//! `plan`: its flags.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::planning::PlanningFlags;

/// Show what a roll would do, and do nothing of it
///
/// Reads the nodes as a roll does, and prints the plan that the same flags give `roll`: which nodes, in what order, what is
/// left out and why, under which limits. What would hold the roll back is said here. No node is changed.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Exit codes:
  0    there is a plan, or nothing to do
  1    the cluster could not be read
  2    wrong usage, or a question that needed a terminal
  3    nothing to do as far as is known; of some nodes it is not known, or their drain would never end
  4    refused: a roll with these flags would not begin
  5    another run, kured or AKS has the cluster
  130  ended by SIGINT (143: SIGTERM)

Examples:
  aksreboot plan
  aksreboot plan -l agentpool=blue --delete-emptydir-data
  aksreboot plan --rehearse --assume-reboot 90s
  aksreboot plan --out tonight.json
  aksreboot plan -o json")]
pub(crate) struct PlanFlags {
    #[command(flatten)]
    pub(crate) planning: PlanningFlags,

    /// Write the plan to this file too, as JSON and for its owner's eyes only: roll --plan FILE carries out just that
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,

    /// Format of the plan on stdout
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    pub(crate) output: PlanOutput,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlanOutput {
    /// For people
    Text,
    /// One JSON document, also on failure
    Json,
    /// The nodes to reboot, in their order: node/NAME, a line each
    Name,
}
