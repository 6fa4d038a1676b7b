//! The cluster as its clients see it: a `kube::Client` over the service, in paused time.

mod reading;
mod rebooting;
mod support;
