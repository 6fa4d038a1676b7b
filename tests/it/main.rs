//! One binary of integration tests: the program as it is run, against servers on the loopback interface.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on shall panic"
)]

mod architecture;
mod dependencies;
mod evidence;
mod generated;
mod program;
mod sim_http;
mod status;
