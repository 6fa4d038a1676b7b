//! From what a probe answered to a verdict.

mod answer;
mod kernel;
mod node_status;
mod parse;
mod pool_kernels;
mod verdict;

pub(crate) use answer::{Answer, Flag, Listing, OsRelease, write_answer};
pub(crate) use kernel::is_older;
pub(crate) use node_status::NodeStatus;
pub(crate) use parse::parse_answer;
pub(crate) use pool_kernels::{Kernels, PoolKernels};
pub(crate) use verdict::{Need, Route, Verdict, judge, judge_unprobed, not_applicable};

#[cfg(test)]
pub(crate) use verdict::tests::node as test_node;
