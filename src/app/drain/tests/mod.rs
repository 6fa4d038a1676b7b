//! Drains on simulated clusters, in virtual time: the order of the requests, what is left, what is said.

mod bench;
mod by_hand;
mod dry_runs;
mod refusals;
mod sequence;
mod troubles;
