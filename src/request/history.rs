//! `history` and `report`: their flags.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::flags::ConnectionFlags;
use super::resume::run_id;
use crate::core::model::RunId;

/// List the rolls and drains that the cluster has records of, the newest first
///
/// Reads the run records in the namespace aksreboot; each run keeps the newest 20. A run whose record has no end is carried out
/// just now, or was cut off: `aksreboot resume RUN` finds that out and goes on with it, if it is a roll.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Exit codes:
  0  the records were read
  1  failed
  2  wrong usage

Examples:
  aksreboot history
  aksreboot history -o json")]
pub(crate) struct HistoryFlags {
    /// Format of the data on stdout
    #[arg(
        short,
        long,
        value_name = "FORMAT",
        value_enum,
        default_value = "table"
    )]
    pub(crate) output: HistoryForm,

    #[command(flatten)]
    pub(crate) connection: ConnectionFlags,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum HistoryForm {
    /// A line for each run
    Table,
    /// One JSON document, also on failure
    Json,
}

/// Tell one roll or drain: which nodes, how each ended, and how long each step took
///
/// What was planned and how each node ended is in the run record, in the cluster. How long each step took, and what it waited
/// for, is in the journal on the machine that carried the run out; where there is none, the report has no times of steps.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Exit codes:
  0  the record was read
  1  failed
  2  wrong usage
  4  there is no such run, or its record cannot be read

Examples:
  aksreboot report
  aksreboot report 20261123-185305-5689
  aksreboot report 20261123-185305-5689 --journal ./20261123-185305-5689.ndjson -o json")]
pub(crate) struct ReportFlags {
    /// The run; without it the newest
    #[arg(value_name = "RUN", value_parser = run_id)]
    pub(crate) run: Option<RunId>,

    /// The run's journal, when it is not in this machine's state directory
    #[arg(long, value_name = "FILE")]
    pub(crate) journal: Option<PathBuf>,

    /// Format of the data on stdout
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value = "text")]
    pub(crate) output: ReportForm,

    #[command(flatten)]
    pub(crate) connection: ConnectionFlags,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportForm {
    /// For a person
    Text,
    /// One JSON document, also on failure
    Json,
}
