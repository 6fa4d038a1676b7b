//! The only code that knows Kubernetes' client, ssh, files, the terminal and the time.

pub(crate) mod cluster;
pub(crate) mod connect;
pub(crate) mod node;
