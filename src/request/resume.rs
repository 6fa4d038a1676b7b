//! `resume`: its flags.

use clap::Args;

use super::flags::{ConnectionFlags, SshFlags};
use crate::core::model::RunId;

/// Go on with a roll that was cut off, stopped or interrupted
///
/// Works from any machine: what the run planned, how far each node has come and how it was before stand in the cluster. Shows
/// where every node is, asks, takes the dead process's lock over, and goes on with the same plan and the same settings. A node
/// that was rebooted is not rebooted again; one that was not begun takes its turn. While the process that carries the run out
/// is alive, nothing is touched; whether it is, takes up to a minute to see from another machine.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Exit codes:
  0    every selected node is rebooted and verified, or needs nothing; or there is no run to go on with
  1    failed before anything was touched
  2    wrong usage, or a question that needed a terminal
  3    the run stopped again, or left selected nodes out
  4    refused, nothing touched: no such run, a record that cannot be used, another cluster, or the answer was no
  5    the run is alive, or another run, kured or AKS has the cluster
  130  ended by SIGINT (143: SIGTERM), in the state that was told

Examples:
  aksreboot resume
  aksreboot resume 20261123-185305-5689
  aksreboot resume --yes")]
pub(crate) struct ResumeFlags {
    /// The run; without it the one that nodes or the lock speak of, or else the newest
    #[arg(value_name = "RUN", value_parser = run_id)]
    pub(crate) run: Option<RunId>,

    /// Go on without asking
    #[arg(short = 'y', long)]
    pub(crate) yes: bool,

    #[command(flatten)]
    pub(crate) ssh: SshFlags,

    #[command(flatten)]
    pub(crate) connection: ConnectionFlags,
}

/// A run ID is part of objects' names: whatever cannot be is a slip.
pub(super) fn run_id(text: &str) -> Result<RunId, String> {
    let is_label = !text.is_empty()
        && text.len() <= 63
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if is_label {
        Ok(RunId::new(text))
    } else {
        Err("a run is named like 20261123-185305-5689; the end of every roll tells its own".into())
    }
}
