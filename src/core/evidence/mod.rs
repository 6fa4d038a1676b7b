//! From what a probe answered to a verdict.

mod absent;
mod aks;
mod answer;
mod kernel;
mod kured;
mod node_status;
mod parse;
mod patching;
mod pool_kernels;
mod replaced;
mod sentinel;
mod system;
mod verdict;
pub(in crate::core) mod wire;
mod write;

pub(crate) use absent::{image_managed, unknown_by_absence_alone};
pub(crate) use aks::AksHints;
pub(crate) use answer::{
    Answer, Flag, Installed, Listing, OsRelease, PatchFacts, Watch, WatchedBy,
};
pub(crate) use kernel::is_older;
pub(crate) use kured::{KuredSentinel, KuredSettings, Mount, kured_settings};
pub(crate) use node_status::NodeStatus;
pub(crate) use parse::parse_answer;
pub(crate) use patching::PatchedBy;
pub(crate) use pool_kernels::{Kernels, PoolKernels};
pub(crate) use sentinel::{Sentinel, SentinelSaid};
pub(crate) use system::name as system_name;
pub(crate) use verdict::{
    Need, Route, Verdict, another_boot, judge, judge_unprobed, not_applicable,
};
pub(crate) use wire::split_answer;
pub(in crate::core) use write::answer_lines;
pub(crate) use write::write_answer;

#[cfg(test)]
pub(crate) use patching::Patching;
#[cfg(test)]
pub(crate) use verdict::tests::node as test_node;
