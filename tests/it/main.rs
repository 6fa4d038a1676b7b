//! One binary of integration tests: the program as it is run, against servers on the loopback interface.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on shall panic"
)]

mod architecture;
#[cfg(unix)]
mod check_images;
mod check_reports;
#[cfg(unix)]
mod check_updates;
#[cfg(unix)]
mod ci;
mod command;
#[cfg(unix)]
mod debug_pods;
mod dependencies;
#[cfg(unix)]
mod doctor_logins;
mod evidence;
mod generated;
mod holds;
mod plan;
mod program;
#[cfg(unix)]
mod routes;
mod runs;
mod schemas;
mod served;
mod sim_http;
mod status;
mod status_shown;
mod upkeep;
