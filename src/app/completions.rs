//! `completions`: the completion script of a shell, from the declarations of the command line.

use clap::CommandFactory as _;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::out;
use crate::request::flags::CommandLine;
use crate::request::generated::CompletionsFlags;

/// Prints the script.
pub(crate) fn command(flags: &CompletionsFlags) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(
        flags.shell,
        &mut CommandLine::command(),
        "aksreboot",
        &mut script,
    );
    let script = String::from_utf8(script).map_err(|error| Failure::new(Exit::Failed, error))?;
    out::data(&script)
        .map_err(|error| Failure::new(Exit::Failed, error).during("write to stdout"))?;
    Ok(Exit::Ok)
}
