//! What says that a cluster is ours to roll: the Lease of one run, the record of the run, a hold
//! that somebody set, and kured, who may have it.

pub(crate) mod kured;
pub(crate) mod kured_hold;
pub(crate) mod kured_place;
pub(crate) mod kured_repair;
pub(crate) mod kured_run;
pub(crate) mod lease;
pub(crate) mod pause;
pub(crate) mod record;
