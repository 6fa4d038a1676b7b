//! One file for each form that data takes on stdout.

pub(crate) mod json;
pub(crate) mod name;
pub(crate) mod table;
pub(crate) mod yaml;

/// How wide stdout is, where it is a terminal.
pub(crate) fn stdout_width() -> Option<usize> {
    let stdout = std::io::stdout();
    if !std::io::IsTerminal::is_terminal(&stdout) {
        return None;
    }
    terminal_size::terminal_size_of(stdout).map(|(width, _)| usize::from(width.0))
}
