//! The conformance suite: one list of cases about the HTTP behaviour that aksreboot relies on, run unchanged on the
//! simulated cluster and, where `AKSREBOOT_CONFORMANCE_KUBECONFIG` names one, on a real API server (docs/conformance.md).
//! A difference is a failure, or is declared with its reason in `differences`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a case that cannot go on shall panic, and the harness says on stdout what became of each"
)]
#![allow(
    clippy::needless_pass_by_value,
    clippy::unused_self,
    reason = "a case hands over the value that it has just made, and waits only in the name of its cluster"
)]

mod answer;
mod arguments;
mod cases;
mod cluster;
mod differences;
mod fixtures;
mod harness;
mod prepared;
mod sides;
mod watch;

use std::process::ExitCode;

fn main() -> ExitCode {
    match arguments::Arguments::parse(std::env::args().skip(1)) {
        Ok(arguments) => harness::run(&arguments),
        Err(wrong) => {
            eprintln!("error: {wrong}");
            ExitCode::from(2)
        }
    }
}
