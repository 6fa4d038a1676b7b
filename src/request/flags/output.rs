//! How a command's data is printed: kubectl's names for it.

use clap::{Args, ValueEnum};

#[derive(Clone, Debug, Args)]
pub(crate) struct OutputFlags {
    /// Format of the data on stdout
    #[arg(short, long, value_name = "FORMAT", default_value = "table")]
    pub(crate) output: Output,

    /// Print tables without their header line
    #[arg(long)]
    pub(crate) no_headers: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// What fits the terminal
    Table,
    /// Every column
    Wide,
    /// One JSON document, also on failure
    Json,
    /// node/NAME, a line each
    Name,
}
