//! How many nodes may be away at once, and when one may begin.

use std::time::Duration;

use clap::Args;

use super::whole_seconds;
use crate::core::plan::Amount;
use crate::core::window::Window;

#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Pace")]
pub(crate) struct PaceFlags {
    /// How many nodes may be unavailable at once, counting those that are already: a number, or a percentage of the
    /// cluster's nodes, which is rounded down to one at least
    #[arg(long, value_name = "N|P%", default_value = "1")]
    pub(crate) max_unavailable: Amount,

    /// The same for the nodes of each pool
    #[arg(long, value_name = "N|P%")]
    pub(crate) max_unavailable_per_pool: Option<Amount>,

    /// The same for the nodes of each zone
    #[arg(long, value_name = "N|P%")]
    pub(crate) max_unavailable_per_zone: Option<Amount>,

    /// A node that does not count as unavailable; repeat it for several
    #[arg(long, value_name = "NODE")]
    pub(crate) not_counted: Vec<String>,

    /// Do not begin with a single node where several may be unavailable
    #[arg(long)]
    pub(crate) no_canary: bool,

    /// Begin a node only within this window, such as `sat,sun 22:00-04:00 Europe/Berlin`, and wait outside of it; repeat it
    /// for several. A node that has begun is brought to its end
    #[arg(long, value_name = "WINDOW")]
    pub(crate) window: Vec<Window>,

    /// Let this time pass between the end of a wave and the beginning of the next
    #[arg(long, value_name = "DURATION", value_parser = whole_seconds)]
    pub(crate) pause_between: Option<Duration>,

    /// Begin no node when the run is older than this; what is left over ends it with exit code 124
    #[arg(long, value_name = "DURATION", value_parser = whole_seconds)]
    pub(crate) deadline: Option<Duration>,
}
