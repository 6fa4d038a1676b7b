//! `cleanup`: its flags.

use clap::{Args, ValueEnum};

use super::flags::ConnectionFlags;
use crate::core::cleanup::Records;

/// Remove what killed commands left in the cluster
///
/// Finds pods, the owner marks and cordons of runs that are over, their lock, and old run records. Shows what it would
/// remove and what it leaves alone, with the reasons, and asks. Touches nothing of a run that is alive; where that takes
/// watching its lock, it waits up to a minute. A node goes back to how it was before its run, unless a reboot may still come.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Exit codes:
  0  done, or nothing to do
  1  failed, or something could not be removed
  2  wrong usage, or a question that needed a terminal
  4  not confirmed; nothing was removed
  5  a run took the lock meanwhile

Examples:
  aksreboot cleanup --dry-run
  aksreboot cleanup
  aksreboot cleanup --yes --records all
  aksreboot cleanup --dry-run -o json")]
pub(crate) struct CleanupFlags {
    /// Remove without asking
    #[arg(short = 'y', long)]
    pub(crate) yes: bool,

    /// Show what would be removed, and remove nothing
    #[arg(long, conflicts_with = "yes")]
    pub(crate) dry_run: bool,

    /// Which run records go
    #[arg(long, value_name = "WHICH", value_enum, default_value = "old")]
    records: Which,

    /// Format of the data on stdout
    #[arg(
        short,
        long,
        value_name = "FORMAT",
        value_enum,
        default_value = "table"
    )]
    pub(crate) output: Form,

    #[command(flatten)]
    pub(crate) connection: ConnectionFlags,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// A line for each thing
    Table,
    /// One JSON document at the end, also on failure
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Which {
    /// All but the newest 20
    Old,
    /// All that no node speaks of
    All,
}

impl CleanupFlags {
    pub(crate) fn records(&self) -> Records {
        match self.records {
            Which::Old => Records::Old,
            Which::All => Records::All,
        }
    }
}
