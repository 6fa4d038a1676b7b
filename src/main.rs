//! The process: runtime, panic hook, exit code. Everything else is the library's.

use std::process::ExitCode;

fn main() -> ExitCode {
    aksreboot::run(std::env::args_os())
}
