//! Reads and writes of cluster objects: slim types, pages, watches, cordon, evict.

mod answer;
mod nodes;
mod page;
mod table;

pub(crate) use answer::{code, in_words};
pub(crate) use nodes::{NODES, SlimNode, list_nodes};
pub(crate) use page::{Listed, list_pages};
pub(crate) use table::{NodeRow, list_node_rows};
