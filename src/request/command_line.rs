//! The command line as a whole: what it is called, its closing help, and its parsing. Which commands there are is
//! declared in `flags`.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use clap::builder::StyledStr;
use clap::{Arg, Command, CommandFactory as _, FromArgMatches as _};

use super::flags::CommandLine;

/// kubectl runs a program of this name for `kubectl aksreboot`.
const PLUGIN: &str = "kubectl-aksreboot";

/// What `--help` says after the commands.
pub(super) const AFTER_HELP: &str = "Exit codes:
  0    done, or nothing to do
  1    failed, or could not decide
  2    wrong usage, or a question that needed a terminal
  3    the roll or drain stopped, or left selected nodes out
  4    refused before anything was touched
  5    another run, kured or AKS has the cluster
  100  check-updates: a node is behind in what counts
  130  ended by SIGINT (143: SIGTERM)

Environment:
  KUBECONFIG               kubeconfig files, as for kubectl
  HTTPS_PROXY, HTTP_PROXY  the proxy to the API server; NO_PROXY has the exceptions
  XDG_STATE_HOME           each roll's journal is in aksreboot/ below it (~/.local/state)
  CI                       when set, nothing is asked and no progress bar is drawn

Examples:
  aksreboot status
  aksreboot status -o wide --context blue
  aksreboot check-updates --fail-on security,reboot
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
        command = as_plugin(command).bin_name("kubectl aksreboot");
    }
    let mut matches = command.try_get_matches_from_mut(arguments)?;
    CommandLine::from_arg_matches_mut(&mut matches).map_err(|error| error.format(&mut command))
}

/// The same commands, whose help names the program as `kubectl` calls it: in examples, and where a text quotes a command.
fn as_plugin(command: Command) -> Command {
    let renamed = |text: Option<&StyledStr>| -> Option<String> {
        let text = text?.to_string();
        let renamed = text
            .replace("\n  aksreboot ", "\n  kubectl aksreboot ")
            .replace("`aksreboot ", "`kubectl aksreboot ");
        (renamed != text).then_some(renamed)
    };
    let mut command = command.mut_subcommands(as_plugin).mut_args(|argument| {
        let (help, long) = (
            renamed(argument.get_help()),
            renamed(argument.get_long_help()),
        );
        let argument = help.into_iter().fold(argument, Arg::help);
        long.into_iter().fold(argument, Arg::long_help)
    });
    if let Some(text) = renamed(command.get_about()) {
        command = command.about(text);
    }
    if let Some(text) = renamed(command.get_long_about()) {
        command = command.long_about(text);
    }
    if let Some(text) = renamed(command.get_after_help()) {
        command = command.after_help(text);
    }
    command
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
    fn no_help_text_tells_a_user_of_kubectl_to_type_another_name() {
        let help = |called: &str, words: &[&str]| {
            let words = std::iter::once(called).chain(words.iter().copied());
            parse(words.chain(["--help"]).map(OsString::from))
                .unwrap_err()
                .to_string()
        };
        let command = CommandLine::command();
        let mut paths: Vec<Vec<&str>> = vec![Vec::new()];
        for subcommand in command.get_subcommands() {
            paths.push(vec![subcommand.get_name()]);
            for below in subcommand.get_subcommands() {
                paths.push(vec![subcommand.get_name(), below.get_name()]);
            }
        }
        assert!(paths.len() > 8, "{paths:?}");
        let typed = |line: &str| {
            line.trim_start().starts_with("aksreboot ") || line.contains("`aksreboot ")
        };
        let mut seen = 0;
        for path in paths {
            seen += help("aksreboot", &path)
                .lines()
                .filter(|line| typed(line))
                .count();
            let text = help("kubectl-aksreboot", &path);
            let wrong: Vec<&str> = text.lines().filter(|line| typed(line)).collect();
            assert!(wrong.is_empty(), "{path:?}: {wrong:?}");
        }
        assert!(seen > 15, "{seen} lines name the program");
    }

    #[test]
    fn a_wrong_flag_is_answered_under_the_same_name() {
        assert!(
            usage(&["kubectl-aksreboot", "roll", "--fast"])
                .starts_with("Usage: kubectl aksreboot roll")
        );
    }
}
