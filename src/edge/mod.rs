//! The only code that knows Kubernetes' client, ssh, files, the terminal and the time.

pub(crate) mod ask;
pub(crate) mod ci;
pub(crate) mod cleanup;
pub(crate) mod clock;
pub(crate) mod cluster;
pub(crate) mod connect;
pub(crate) mod doctor;
pub(crate) mod files;
pub(crate) mod hold;
pub(crate) mod identity;
pub(crate) mod ignore_file;
pub(crate) mod journal;
pub(crate) mod manifests;
pub(crate) mod node;
pub(crate) mod operator;
pub(crate) mod outside;
pub(crate) mod rights;
pub(crate) mod runner;
pub(crate) mod signals;
pub(crate) mod ssh;
