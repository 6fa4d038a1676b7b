//! What says that a cluster is ours to roll: the Lease of one run, the record of the run, and kured, who may have it.

pub(crate) mod kured;
pub(crate) mod lease;
pub(crate) mod record;
