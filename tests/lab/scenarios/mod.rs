//! The scenarios. Each test's name is the rule that it shows.

mod by_ssh;
mod cleanup;
mod doctor;
mod drain;
mod lesser;
mod logins;
mod outage;
mod packages;
pub(crate) mod parallel;
mod profiles;
mod refusals;
mod resume;
pub(crate) mod roles;
mod roll;
mod routes;
mod shape;
mod sidecars;
mod signals;
mod stops;
mod watch;
