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

use exit::Exit;
use failure::Failure;

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
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            render::out::failure(&Failure::new(Exit::Failed, error).during("start the runtime"));
            return Exit::Failed.into();
        }
    };
    let outcome = runtime.block_on(async {
        match line.command {
            request::flags::Command::Status(flags) => status(&flags).await,
        }
    });
    match outcome {
        Ok(exit) => exit.into(),
        Err(failure) => {
            render::out::failure(&failure);
            failure.exit.into()
        }
    }
}

async fn status(flags: &request::status::StatusFlags) -> Result<Exit, Failure> {
    let request = flags.settle();
    let cluster = match edge::connect::connect(&flags.connection, false).await {
        Ok(cluster) => cluster,
        Err(failure) => {
            if request.output == request::flags::Output::Json {
                let document = app::status::document_of(&failure)?;
                render::out::data(&document)
                    .map_err(|error| Failure::new(Exit::Failed, error).during("write to stdout"))?;
            }
            return Err(failure);
        }
    };
    let session = app::status::Session {
        now: k8s_openapi::jiff::Zoned::now().timestamp(),
        width: render::format::stdout_width(),
        live: render::out::stderr_is_live(),
        confirm: None::<fn(&str) -> std::future::Ready<bool>>,
        stop: async {
            let _ = tokio::signal::ctrl_c().await;
            Exit::Interrupted
        },
    };
    app::status::run(&cluster, &request, session).await
}
