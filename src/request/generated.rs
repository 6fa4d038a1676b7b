//! `completions` and `man`: what is generated from the declarations of the command line.

use std::path::PathBuf;

use clap::Args;
use clap_complete::Shell;

/// Print the completion script of a shell
///
/// The script goes to stdout; where it belongs depends on the shell and the system.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Examples:
  aksreboot completions bash > /etc/bash_completion.d/aksreboot
  aksreboot completions zsh > \"${fpath[1]}/_aksreboot\"
  aksreboot completions fish > ~/.config/fish/completions/aksreboot.fish
  aksreboot completions powershell >> $PROFILE")]
pub(crate) struct CompletionsFlags {
    #[arg(value_name = "SHELL")]
    pub(crate) shell: Shell,
}

/// Print the manual page, or write all of them
///
/// Without a directory the main page goes to stdout. With one, every page is written there: aksreboot.1 and one for each
/// command. Files of the same names are replaced.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Examples:
  aksreboot man | man -l -
  aksreboot man ~/.local/share/man/man1")]
pub(crate) struct ManFlags {
    /// Where the pages are written; made when it is missing
    #[arg(value_name = "DIR")]
    pub(crate) directory: Option<PathBuf>,
}
