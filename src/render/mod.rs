//! The only code that writes to stdout and stderr.

#[cfg_attr(not(test), expect(dead_code, reason = "check-updates is to use it"))]
pub(crate) mod azure;
pub(crate) mod cleanup;
pub(crate) mod colour;
pub(crate) mod columns;
pub(crate) mod doctor;
pub(crate) mod doubt;
pub(crate) mod format;
pub(crate) mod out;
pub(crate) mod plan;
pub(crate) mod progress;
pub(crate) mod reason;
mod rehearsal;
pub(crate) mod status;
pub(crate) mod story;
pub(crate) mod text;
