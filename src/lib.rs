//! aksreboot: find Kubernetes nodes that wait for a reboot, and reboot them one by one without an outage.
//!
//! The library exists for the binary, its tests, benchmarks and fuzz targets; it promises no API.

mod app;
mod core;
mod edge;
mod exit;
mod failure;
mod render;
mod request;
#[doc(hidden)]
pub mod sim;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser as _;

/// Runs one command line to its end and returns what the shell shall see.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let line = match request::flags::CommandLine::try_parse_from(arguments) {
        Ok(line) => line,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() {
                exit::Exit::Usage
            } else {
                exit::Exit::Ok
            }
            .into();
        }
    };
    match line.command {}
}
