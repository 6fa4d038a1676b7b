//! One file for each form that data takes on stdout.

pub(crate) mod ci;
pub(crate) mod csv;
pub(crate) mod custom_columns;
pub(crate) mod json;
pub(crate) mod jsonpath;
pub(crate) mod markdown;
pub(crate) mod name;
pub(crate) mod pairs;
pub(crate) mod sheet;
pub(crate) mod table;
pub(crate) mod xml;
pub(crate) mod yaml;

/// How wide and how high stdout is, where it is a terminal.
pub(crate) fn stdout_size() -> Option<(usize, usize)> {
    let stdout = std::io::stdout();
    if !std::io::IsTerminal::is_terminal(&stdout) {
        return None;
    }
    terminal_size::terminal_size_of(stdout)
        .map(|(width, height)| (usize::from(width.0), usize::from(height.0)))
}
