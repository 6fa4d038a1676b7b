//! How long the steps of a roll may take.

use std::time::Duration;

use clap::Args;

use super::connection::{DurationError, parse_duration};

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
}

/// A duration of at least a second; the plan holds whole seconds.
pub(in crate::request) fn whole_seconds(text: &str) -> Result<Duration, String> {
    let span = parse_duration(text).map_err(|error: DurationError| error.to_string())?;
    if span.as_secs() == 0 || span.subsec_nanos() != 0 {
        return Err("a time limit is a whole number of seconds, at least one".into());
    }
    Ok(span)
}
