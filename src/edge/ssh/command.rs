//! What a login is for: the command line, what goes into it, and which part of what comes back is the answer.

use std::time::Duration;

use crate::edge::node::{PROBE_SCRIPT, ScriptSettings};
use crate::request::flags::Sudo;

/// What the host runs: its own shell on what comes in, for as long as we would wait, as root where that needs no
/// password. Without quotes, line breaks or exclamation marks that any login shell would take for its own.
pub(super) fn remote_command(sudo: Sudo, limit: Duration) -> String {
    let as_root = match sudo {
        Sudo::Auto => {
            "case $(id -u) in 0) ;; *) if sudo -n true >/dev/null 2>&1 </dev/null; then set -- sudo -n \"$@\"; fi ;; esac; "
        }
        Sudo::Never => "",
    };
    // The whole script is read before any of it runs, so that nothing in it can eat the rest.
    format!(
        "exec /bin/sh -c 'set -- /bin/sh -c \"eval \\\"\\$(cat)\\\"\"; \
         if command -v timeout >/dev/null 2>&1; then set -- timeout {} \"$@\"; fi; \
         {as_root}exec \"$@\"'",
        limit.as_secs().max(1)
    )
}

/// The probe script with its variables.
pub(super) fn input(script: &ScriptSettings<'_>) -> String {
    with_variables(&script.variables(), PROBE_SCRIPT)
}

/// A script with its variables, as it goes in.
pub(super) fn with_variables(variables: &[(&str, &str)], script: &str) -> String {
    let variables: Vec<String> = variables
        .iter()
        .map(|(name, value)| format!("{name}={}\nexport {name}\n", quoted(value)))
        .collect();
    variables.concat() + script
}

fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\'', "'\\''"))
}

/// From the answer's first line on. What start-up files print comes before it, and cannot know the nonce.
pub(super) fn answer_of<'o>(output: &'o [u8], nonce: &str) -> &'o [u8] {
    let at = line_at(output, &format!("aksreboot-probe 1 {nonce}\n")).unwrap_or(0);
    output.get(at..).unwrap_or_default()
}

/// What comes after the line `head`; `None` where there is no such line, or no text after it.
pub(super) fn answer_after<'o>(output: &'o [u8], head: &str) -> Option<&'o str> {
    let at = line_at(output, head)?;
    std::str::from_utf8(output.get(at + head.len()..)?).ok()
}

fn line_at(output: &[u8], line: &str) -> Option<usize> {
    output
        .windows(line.len())
        .enumerate()
        .find(|(at, window)| {
            *window == line.as_bytes() && (*at == 0 || output.get(at - 1) == Some(&b'\n'))
        })
        .map(|(at, _)| at)
}
