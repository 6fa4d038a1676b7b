//! How many nodes may be away at once.

use clap::Args;

use crate::core::plan::Amount;

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
}
