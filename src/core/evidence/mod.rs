//! From what a probe answered to a verdict.

mod answer;

pub(crate) use answer::{Answer, Flag, Listing, OsRelease, write_answer};
