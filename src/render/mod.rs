//! The only code that writes to stdout and stderr.

pub(crate) mod out;
pub(crate) mod text;
