//! The command line as a whole: what it is called, its closing help, and its parsing. Which commands there are is
//! declared in `flags`.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use clap::{CommandFactory as _, FromArgMatches as _};

use super::flags::CommandLine;

/// kubectl runs a program of this name for `kubectl aksreboot`.
const PLUGIN: &str = "kubectl-aksreboot";

/// What `--help` says after the commands.
pub(super) const AFTER_HELP: &str = "Exit codes:
  0    done, or nothing to do
  1    failed, or could not decide
  2    wrong usage, or a question that needed a terminal
  3    the roll stopped, or left selected nodes out
  4    refused before anything was touched
  5    another run, kured or AKS has the cluster
  130  ended by SIGINT (143: SIGTERM)

Environment:
  KUBECONFIG               kubeconfig files, as for kubectl
  HTTPS_PROXY, HTTP_PROXY  the proxy to the API server; NO_PROXY has the exceptions
  XDG_STATE_HOME           each roll's journal is in aksreboot/ below it (~/.local/state)
  CI                       when set, nothing is asked and no progress bar is drawn

Examples:
  aksreboot status
  aksreboot status -o wide --context blue
  aksreboot roll
  aksreboot roll -l agentpool=blue --yes
  aksreboot completions bash > /etc/bash_completion.d/aksreboot";

/// Parses the arguments, the first of which is the name that the program was called by. Help and version come as errors,
/// as clap has them.
pub(crate) fn parse(
    arguments: impl IntoIterator<Item = OsString>,
) -> Result<CommandLine, clap::Error> {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let mut command = CommandLine::command();
    if arguments.first().is_some_and(|name| is_plugin(name)) {
        command = command.bin_name("kubectl aksreboot");
    }
    let mut matches = command.try_get_matches_from_mut(arguments)?;
    CommandLine::from_arg_matches_mut(&mut matches).map_err(|error| error.format(&mut command))
}

fn is_plugin(name: &OsStr) -> bool {
    let name = Path::new(name);
    name.file_stem().is_some_and(|stem| stem == PLUGIN)
        && name
            .extension()
            .is_none_or(|extension| extension.eq_ignore_ascii_case("exe"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage(arguments: &[&str]) -> String {
        let error = parse(arguments.iter().map(OsString::from)).unwrap_err();
        let text = error.to_string();
        let usage = text.lines().find(|line| line.starts_with("Usage:"));
        usage.unwrap_or_default().to_owned()
    }

    #[test]
    fn the_declarations_hold_together() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn help_names_the_program_as_the_user_calls_it() {
        for (called, usage_of_status) in [
            ("aksreboot", "Usage: aksreboot status [OPTIONS] [NODE]..."),
            (
                "/usr/local/bin/kubectl-aksreboot",
                "Usage: kubectl aksreboot status [OPTIONS] [NODE]...",
            ),
            (
                "kubectl-aksreboot.exe",
                "Usage: kubectl aksreboot status [OPTIONS] [NODE]...",
            ),
        ] {
            assert_eq!(usage(&[called, "status", "--help"]), usage_of_status);
        }
        assert_eq!(
            usage(&["kubectl-aksreboot", "--help"]),
            "Usage: kubectl aksreboot <COMMAND>"
        );
    }

    #[test]
    fn a_wrong_flag_is_answered_under_the_same_name() {
        assert!(
            usage(&["kubectl-aksreboot", "roll", "--fast"])
                .starts_with("Usage: kubectl aksreboot roll")
        );
    }
}
