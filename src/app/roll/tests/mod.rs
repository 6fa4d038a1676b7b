//! Rolls on simulated clusters, in virtual time: the order of the requests, the words of each stop, the state that is left.

mod bench;
mod refusals;
mod sequence;
mod signals;
mod stops;
mod systems;
mod weather;

pub(super) use bench::{Rolled, roll, roll_with, three};
