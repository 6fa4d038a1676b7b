//! `doctor`: its flags, and the examination that they settle to.

use clap::{Args, ValueEnum};

use super::flags::ConnectionFlags;
use crate::core::rights::Aim;
use crate::edge::doctor::Examination;

/// Find out what will not work, and which command mends it
///
/// Asks the API server what each command will need: every right, whether it would admit the pods (as dry runs), and who
/// else has a hand in the cluster. Changes nothing.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Exit codes:
  0  nothing fails
  1  something fails, or could not be decided
  2  wrong usage

Examples:
  aksreboot doctor
  aksreboot doctor --for status
  aksreboot doctor --for roll --image registry.example/busybox:1.36 -o json")]
pub(crate) struct DoctorFlags {
    /// Look only at what these commands need; several with commas
    #[arg(
        long = "for",
        value_name = "COMMAND",
        value_enum,
        value_delimiter = ','
    )]
    aims: Vec<Purpose>,

    /// Image of the pods, as it will be given to status and roll
    #[arg(long, value_name = "IMAGE", default_value = crate::edge::node::DEFAULT_IMAGE)]
    image: String,

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
    /// A line for each check
    Table,
    /// One JSON document, also on failure
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Purpose {
    /// status --via api, which tells no yes from no
    Read,
    /// status with probe pods
    Status,
    /// check-updates
    CheckUpdates,
    /// roll
    Roll,
    /// cleanup
    Cleanup,
}

impl DoctorFlags {
    pub(crate) fn settle(&self) -> Examination {
        let mut aims: Vec<Aim> = self
            .aims
            .iter()
            .map(|purpose| match purpose {
                Purpose::Read => Aim::Read,
                Purpose::Status => Aim::Probe,
                Purpose::CheckUpdates => Aim::CheckUpdates,
                Purpose::Roll => Aim::Roll,
                Purpose::Cleanup => Aim::Cleanup,
            })
            .collect();
        if aims.is_empty() {
            aims = Aim::ALL.to_vec();
        }
        aims.sort_unstable();
        aims.dedup();
        Examination {
            aims,
            image: self.image.clone(),
        }
    }
}
