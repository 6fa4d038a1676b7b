//! Reads and writes of cluster objects: slim types, pages, watches, cordon, evict.
//! Answers that are to be expected (gone, conflict, refused) are values; nothing here decides what they mean for a roll.

mod answer;
pub(crate) mod budgets;
pub(crate) mod events;
pub(crate) mod evict;
pub(crate) mod node_lease;
pub(crate) mod node_patch;
mod nodes;
mod page;
mod persistent;
mod pod_spec;
pub(crate) mod pods;
mod services;
pub(crate) mod snapshot;
mod table;
pub(crate) mod volumes;
pub(crate) mod watch;
pub(crate) mod wire;
pub(crate) mod workloads;

pub(crate) use answer::{code, in_words};
pub(crate) use nodes::{NODES, Selectors, SlimNode, list_nodes};
pub(crate) use page::list_pages;
pub(crate) use pods::SlimPod;
pub(crate) use snapshot::SlimBudget;
pub(crate) use table::{NodeRow, RowLabels, list_node_rows, rows_of};
