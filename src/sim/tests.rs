//! The cluster as its clients see it: a `kube::Client` over the service, in paused time.

mod evicting;
mod faults;
mod indexes;
mod reading;
mod rebooting;
mod scheduling;
mod snapshot;
mod support;
mod weather;
mod worlds;
mod writing;
