//! aksreboot: find Kubernetes nodes that wait for a reboot, and reboot them one by one without an outage.
//!
//! The library exists for the binary, its tests, benchmarks and fuzz targets; it promises no API.

mod app;
#[doc(hidden)]
pub mod bench;
mod core;
mod edge;
mod exit;
mod failure;
#[doc(hidden)]
pub mod fuzz;
mod render;
mod request;
#[doc(hidden)]
pub mod sim;

/// What the pods run, for the suite that runs it on real nodes.
#[doc(hidden)]
pub mod scripts {
    pub use crate::edge::node::{PROBE_SCRIPT, REBOOT_SCRIPT};
}

use std::ffi::OsString;
use std::process::ExitCode;

use exit::Exit;
use failure::Failure;
use request::flags::{Command, CommandLine};

/// A roll, rehearsed or real, makes and drops millions of small texts; the system's allocator took a quarter of its time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Runs one command line to its end and returns what the shell shall see.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let line = match request::command_line::parse(arguments) {
        Ok(line) => line,
        Err(error) => {
            // Help and version go to stdout, complaints to stderr; a closed pipe is nobody's error.
            let _ = error.print();
            return if error.use_stderr() {
                Exit::Usage
            } else {
                Exit::Ok
            }
            .into();
        }
    };
    match dispatch(line) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            render::out::failure(&failure);
            failure.exit.into()
        }
    }
}

fn dispatch(line: CommandLine) -> Result<Exit, Failure> {
    match line.command {
        Command::Status(flags) => on_runtime(app::status::command(flags)),
        Command::CheckUpdates(flags) => on_runtime(app::check_updates::command(*flags)),
        Command::Plan(flags) => on_runtime(app::plan::command(flags)),
        Command::Roll(flags) => on_runtime(app::roll::command(flags)),
        Command::Resume(flags) => on_runtime(app::resume::command(flags)),
        Command::History(flags) => on_runtime(app::history::list(flags)),
        Command::Report(flags) => on_runtime(app::history::tell(flags)),
        Command::Lock(flags) => on_runtime(app::hold::lock(flags)),
        Command::Unlock(flags) => on_runtime(app::hold::unlock(flags)),
        Command::Drain(flags) => on_runtime(app::drain::command(flags)),
        Command::Cordon(flags) => on_runtime(app::cordon::cordon(flags)),
        Command::Uncordon(flags) => on_runtime(app::cordon::uncordon(flags)),
        Command::Doctor(flags) => on_runtime(app::doctor::command(flags)),
        Command::Cleanup(flags) => on_runtime(app::cleanup::command(flags)),
        Command::Demo(flags) => app::demo::run(&flags),
        Command::Completions(flags) => app::completions::command(&flags),
        Command::Man(flags) => app::man::command(&flags),
        Command::Manifests(flags) => app::manifests::command(flags),
        Command::Schema(flags) => app::schema::command(&flags),
    }
}

/// Runs a command on a runtime of its own. What still blocks a thread then, such as an unanswered prompt, is left behind.
fn on_runtime(command: impl Future<Output = Result<Exit, Failure>>) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Exit::Failed, error).during("start the runtime"))?;
    let result = runtime.block_on(command);
    runtime.shutdown_background();
    result
}
