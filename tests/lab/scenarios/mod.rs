//! The scenarios. Each test's name is the rule that it shows.

mod drain;
mod outage;
mod refusals;
mod roles;
mod roll;
mod signals;
mod stops;
mod watch;
