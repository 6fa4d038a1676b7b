//! One program, run to its end or to its limit. Dropped early or late, it and what it has started are killed.

use std::io;
use std::process::ExitStatus;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// How long the streams of a program that has ended are still read. What it left running in the background may hold
/// them open for ever.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// How a program ended, and what it printed on the streams that were piped.
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
}

/// Why there is no end to speak of.
pub(crate) enum Cut {
    NotStarted(io::Error),
    TimedOut { stderr: Vec<u8> },
}

/// Runs `command` for at most `limit`, and reads at most `most` bytes of each stream.
pub(crate) async fn run(mut command: Command, limit: Duration, most: u64) -> Result<Ended, Cut> {
    let mut running = Running {
        child: command
            .kill_on_drop(true)
            .spawn()
            .map_err(Cut::NotStarted)?,
        ended: false,
    };
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let ended = {
        let (out, err) = (running.child.stdout.take(), running.child.stderr.take());
        let mut reading = std::pin::pin!(async {
            tokio::join!(read(out, most, &mut stdout), read(err, most, &mut stderr));
        });
        let child = &mut running.child;
        timeout(limit, async {
            tokio::select! {
                status = child.wait() => {
                    let _ = timeout(LAST_WORDS, reading).await;
                    status
                }
                () = &mut reading => child.wait().await,
            }
        })
        .await
    };
    match ended {
        Err(_) => Err(Cut::TimedOut { stderr }),
        Ok(Err(source)) => Err(Cut::NotStarted(source)),
        Ok(Ok(status)) => {
            running.ended = true;
            Ok(Ended {
                status,
                stdout,
                stderr,
            })
        }
    }
}

/// A group of its own, so that what the program starts itself ends with it. Not for one that talks to a person: it would
/// be stopped at its first word from the terminal.
pub(crate) fn apart(command: &mut Command) {
    #[cfg(unix)]
    command.process_group(0);
    #[cfg(not(unix))]
    let _ = command;
}

struct Running {
    child: Child,
    ended: bool,
}

impl Drop for Running {
    fn drop(&mut self) {
        // The id is there only while the process has not been waited for, so it cannot be another's. In a terminal's
        // group (a program that talks) no such group exists, and `kill_on_drop` ends the program itself.
        #[cfg(unix)]
        if !self.ended
            && let Some(group) = self
                .child
                .id()
                .and_then(|id| i32::try_from(id).ok())
                .and_then(rustix::process::Pid::from_raw)
        {
            // Gone already is as good.
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    }
}

/// Reads to the end. An error ends it too: what came counts, and the exit status says the rest.
async fn read(stream: Option<impl AsyncRead + Unpin>, most: u64, into: &mut Vec<u8>) {
    if let Some(stream) = stream {
        let _ = stream.take(most).read_to_end(into).await;
    }
}
