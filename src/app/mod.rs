//! One file a command: wires request, edge, core and render together, and decides nothing.

pub(crate) mod check_updates;
pub(crate) mod cleanup;
pub(crate) mod completions;
pub(crate) mod cordon;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod drain;
pub(crate) mod history;
pub(crate) mod hold;
pub(crate) mod man;
pub(crate) mod manifests;
mod namespace;
mod pick_nodes;
pub(crate) mod plan;
pub(crate) mod planning;
mod reading;
pub(crate) mod rehearsal;
pub(crate) mod resume;
pub(crate) mod roll;
mod run;
pub(crate) mod schema;
mod session;
pub(crate) mod status;
