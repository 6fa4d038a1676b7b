//! `schema`: which document's.

use clap::{Args, ValueEnum};

/// Print the JSON schema of a document that this program writes
///
/// Without a name, the names are listed. A document's version (`v`) rises when a field changes its meaning or goes; new
/// fields, kinds and words may come at any time, and readers pass over those that they do not know.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Examples:
  aksreboot schema
  aksreboot schema status > status.schema.json")]
pub(crate) struct SchemaFlags {
    /// Which document
    #[arg(value_enum, value_name = "DOCUMENT")]
    pub(crate) document: Option<SchemaOf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaOf {
    /// What `status -o json` prints
    Status,
    /// A line of `status --watch -o json`
    StatusChange,
    /// What `check-updates -o json` prints
    CheckUpdates,
    /// What `cleanup -o json` prints
    Cleanup,
    /// What `history -o json` prints
    History,
    /// What `report -o json` prints
    Report,
    /// What `plan -o json` prints and `plan --out` writes
    Plan,
    /// A line of a roll's journal
    Event,
}
