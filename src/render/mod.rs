//! The only code that writes to stdout and stderr.

pub(crate) mod azure;
mod blocker;
pub(crate) mod check_updates;
pub(crate) mod cleanup;
pub(crate) mod colour;
pub(crate) mod columns;
pub(crate) mod doctor;
pub(crate) mod doubt;
pub(crate) mod drain;
pub(crate) mod format;
pub(crate) mod history;
pub(crate) mod out;
mod package_doubt;
pub(crate) mod plan;
pub(crate) mod progress;
pub(crate) mod reason;
mod rehearsal;
pub(crate) mod report;
pub(crate) mod resume;
pub(crate) mod status;
pub(crate) mod stories;
pub(crate) mod story;
pub(crate) mod text;
