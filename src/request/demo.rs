//! `demo`: its flags.

use clap::{Args, Subcommand};

/// Try a command on an embedded simulated cluster; nothing else is needed
///
/// A dozen simulated nodes, some waiting for a reboot, one broken, one with Windows, and a disruption budget in the way.
/// The command that runs is the real one; only the cluster behind it is simulated, and its time runs faster.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Examples:
  aksreboot demo status
  aksreboot demo check-updates
  aksreboot demo plan
  aksreboot demo doctor
  aksreboot demo roll
  aksreboot demo resume
  aksreboot demo drain
  aksreboot demo --speed 10 --ask roll
  aksreboot demo status -o wide")]
pub(crate) struct DemoFlags {
    /// How many times faster than the wall's clock the simulated time runs
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) speed: u32,

    /// Ask the command's questions, instead of answering them with yes
    #[arg(long)]
    pub(crate) ask: bool,

    #[command(subcommand)]
    pub(crate) command: DemoCommand,
}

#[derive(Clone, Debug, Subcommand)]
pub(crate) enum DemoCommand {
    /// `aksreboot status` on the demo's cluster
    Status(DemoArguments),
    /// `aksreboot check-updates` on the demo's cluster
    CheckUpdates(DemoArguments),
    /// `aksreboot plan` on the demo's cluster; without arguments, a plan for what can be reached
    Plan(DemoArguments),
    /// `aksreboot roll` on the demo's cluster; without arguments, a roll of what can be reached
    Roll(DemoArguments),
    /// `aksreboot resume` on the demo's cluster, where a colleague's roll was cut off
    Resume(DemoArguments),
    /// `aksreboot history` on the same cluster
    History(DemoArguments),
    /// `aksreboot report` on the same cluster
    Report(DemoArguments),
    /// `aksreboot drain` on the demo's cluster; without arguments, of a node whose budget is shut for a while
    Drain(DemoArguments),
    /// `aksreboot doctor` on the demo's cluster
    Doctor(DemoArguments),
    /// `aksreboot cleanup` on the demo's cluster
    Cleanup(DemoArguments),
}

/// What the command takes itself.
#[derive(Clone, Debug, Args)]
pub(crate) struct DemoArguments {
    /// What the command itself takes
    #[arg(
        value_name = "ARGUMENT",
        trailing_var_arg = true,
        allow_hyphen_values = true
    )]
    pub(crate) arguments: Vec<String>,
}
