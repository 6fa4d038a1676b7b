//! From arguments to settled values: the only place where defaults are merged and combinations refused.

pub(crate) mod check_updates;
pub(crate) mod cleanup;
pub(crate) mod command_line;
pub(crate) mod cordon;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod drain;
pub(crate) mod flags;
pub(crate) mod generated;
pub(crate) mod history;
pub(crate) mod hold;
pub(crate) mod manifests;
pub(crate) mod plan;
pub(crate) mod planning;
pub(crate) mod resume;
pub(crate) mod roll;
pub(crate) mod schema;
pub(crate) mod status;
