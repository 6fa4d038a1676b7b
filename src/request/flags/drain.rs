//! The drain's flags: kubectl's names and meanings.

use clap::Args;

use crate::core::drain::DrainSettings;

#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Drain")]
pub(crate) struct DrainFlags {
    /// Evict pods that keep data in emptyDir volumes; the data is lost
    #[arg(long)]
    pub(crate) delete_emptydir_data: bool,

    /// Evict pods that no controller would make again; they are lost
    #[arg(long)]
    pub(crate) force: bool,

    /// Evict pods of lower priority first, and none of a higher one before those are gone
    #[arg(long)]
    pub(crate) evict_by_priority: bool,

    /// Seconds that each pod gets to end; -1 is its own
    #[arg(long, value_name = "SECONDS", default_value_t = -1, allow_negative_numbers = true, value_parser = clap::value_parser!(i64).range(-1..=i64::from(u32::MAX)))]
    pub(crate) grace_period: i64,
}

impl From<&DrainFlags> for DrainSettings {
    fn from(flags: &DrainFlags) -> Self {
        Self {
            force: flags.force,
            delete_emptydir_data: flags.delete_emptydir_data,
            grace_period: u32::try_from(flags.grace_period).ok(),
            by_priority: flags.evict_by_priority,
            ..Self::default()
        }
    }
}
