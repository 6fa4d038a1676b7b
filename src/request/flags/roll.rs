//! `roll` as declared to clap.

use std::time::Duration;

use clap::Args;

use super::connection::{ConnectionFlags, DurationError, parse_duration};
use super::drain::DrainFlags;

#[derive(Clone, Debug, Args)]
pub(crate) struct RollFlags {
    /// Nodes to reboot, each once; without names every node whose reboot is pending
    #[arg(value_name = "NODE", conflicts_with = "selector")]
    pub(crate) nodes: Vec<String>,

    /// Label selector; only nodes that it picks
    #[arg(short = 'l', long, value_name = "SELECTOR")]
    pub(crate) selector: Option<String>,

    /// How many nodes may be unavailable at once, those counted that are already; this version rolls one at a time
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1))]
    pub(crate) max_unavailable: u32,

    /// A node that does not count as unavailable; repeat it for several
    #[arg(long, value_name = "NODE")]
    pub(crate) not_counted: Vec<String>,

    /// Carry the plan out without asking
    #[arg(short = 'y', long)]
    pub(crate) yes: bool,

    /// Image of the probe and reboot pods: a busybox, pulled by the nodes
    #[arg(long, value_name = "IMAGE", env = "AKSREBOOT_IMAGE", default_value = crate::edge::node::DEFAULT_IMAGE)]
    pub(crate) image: String,

    #[command(flatten)]
    pub(crate) drain: DrainFlags,

    #[command(flatten)]
    pub(crate) limits: LimitFlags,

    #[command(flatten)]
    pub(crate) connection: ConnectionFlags,
}

#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Time limits")]
pub(crate) struct LimitFlags {
    /// Give up on a node whose pods have not left after this
    #[arg(long, value_name = "DURATION", default_value = "30m", value_parser = whole_seconds)]
    pub(crate) drain_timeout: Duration,

    /// Give up on a node without a new boot ID this long after the ask
    #[arg(long, value_name = "DURATION", default_value = "5m", value_parser = whole_seconds)]
    pub(crate) reboot_timeout: Duration,

    /// Give up on a node that is not Ready this long after its new boot
    #[arg(long, value_name = "DURATION", default_value = "10m", value_parser = whole_seconds)]
    pub(crate) ready_timeout: Duration,

    /// How long Ready must hold before a node counts as back
    #[arg(long, value_name = "DURATION", default_value = "20s", value_parser = whole_seconds)]
    pub(crate) sustained_ready: Duration,

    /// Give up when workloads are not back this long after a node is
    #[arg(long, value_name = "DURATION", default_value = "10m", value_parser = whole_seconds)]
    pub(crate) settle_timeout: Duration,

    /// How long one probe may take, the pull of its image included
    #[arg(long, value_name = "DURATION", default_value = "60s", value_parser = whole_seconds)]
    pub(crate) probe_timeout: Duration,
}

/// A duration of at least a second; the plan holds whole seconds.
fn whole_seconds(text: &str) -> Result<Duration, String> {
    let span = parse_duration(text).map_err(|error: DurationError| error.to_string())?;
    if span.as_secs() == 0 || span.subsec_nanos() != 0 {
        return Err("a time limit is a whole number of seconds, at least one".into());
    }
    Ok(span)
}
