//! The two streams. A reader that went away (`| head`) ends the output, not with an error.

use std::io::{self, IsTerminal as _, Write as _};

use crate::failure::Failure;

use super::text::sanitise;

/// Writes data to stdout. A closed pipe is success: the reader has had enough.
pub(crate) fn data(text: &str) -> io::Result<()> {
    data_heard(text).map(|_| ())
}

/// Whether what was written was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    Yes,
    /// The reader went away.
    No,
}

/// Writes data to stdout, for commands that go on for as long as somebody reads.
pub(crate) fn data_heard(text: &str) -> io::Result<Heard> {
    let mut stdout = io::stdout().lock();
    match stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
    {
        Ok(()) => Ok(Heard::Yes),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Heard::No),
        Err(error) => Err(error),
    }
}

/// Writes one line of talk to stderr. Nobody listening is no reason to stop.
pub(crate) fn talk(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// Prints a failure once: `error:`, its causes, then the hints.
pub(crate) fn failure(failure: &Failure) {
    talk(&format!("error: {}", sanitise(&failure.error.to_string())));
    let mut last = failure.error.to_string();
    for cause in failure.error.chain().skip(1) {
        let cause = cause.to_string();
        // Some libraries print their source within themselves; the same words twice help nobody.
        if !last.contains(&cause) {
            talk(&format!("  because: {}", sanitise(&cause)));
        }
        last = cause;
    }
    for hint in &failure.hints {
        talk(&format!("hint: {}", sanitise(hint)));
    }
}

/// Whether a person sees stderr as it is written: a terminal that can move its cursor, and no CI runner.
pub(crate) fn stderr_is_live() -> bool {
    io::stderr().is_terminal()
        && std::env::var_os("TERM").is_some_and(|term| term != "dumb")
        && std::env::var_os("CI").is_none()
}
