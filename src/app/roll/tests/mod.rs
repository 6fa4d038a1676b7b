//! Rolls on simulated clusters, in virtual time: the order of the requests, the words of each stop, the state that is left.

mod aks;
mod bench;
mod by_hand;
mod chosen;
mod from_file;
mod held;
mod killed;
mod kured;
mod nights;
mod parallel;
mod planned;
mod refusals;
mod rehearsed;
mod rights;
mod sequence;
mod signals;
mod stops;
mod systems;
mod transcripts;
mod unheard;
mod volumes;
mod waiting;
mod weather;
mod when;

pub(in crate::app) use bench::act;
pub(super) use bench::{Rolled, roll, roll_with, three};
pub(in crate::app) use killed::{Book, begun, killed};
pub(in crate::app) use rights::{asked as asked_rights, assert_exactly};
