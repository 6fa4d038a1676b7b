//! A credential plugin (`users[].user.exec` of a kubeconfig): run once for each credential, within a bound of time,
//! asked to be silent when nobody could answer it. Its stdout is a secret and is never shown; its stderr is shown
//! with what looks like a secret taken out.

mod protocol;
mod said;

use std::collections::HashMap;
use std::process::Stdio;
use std::time::Duration;

use kube::config::{ExecConfig, ExecInteractiveMode};
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::{Child, Command};

use super::credentials::Credential;
use protocol::{question, understand};
use said::presentable;

/// For a plugin that talks to nobody: a token endpoint and its retries, a slow `az`.
const SILENT_LIMIT: Duration = Duration::from_secs(60);

/// For a plugin that asks a person: Entra's device codes are good for 15 minutes.
const CONVERSATION_LIMIT: Duration = Duration::from_secs(15 * 60);

/// How long the streams of a plugin that has ended are still read. What it left running in the background may hold
/// them open for ever.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// A credential is a few KiB. More is not one, and is not read.
const MOST_OUTPUT: u64 = 1024 * 1024;

/// Why there is no credential.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PluginError {
    #[error("the kubeconfig has a credential plugin without a command")]
    NoCommand,
    #[error("credential plugin `{command}` not found")]
    NotFound {
        command: String,
        install_hint: Option<String>,
    },
    #[error("start credential plugin `{command}`")]
    NotStarted {
        command: String,
        source: std::io::Error,
    },
    #[error("credential plugin `{command}` always asks a person, and there is no terminal")]
    NeedsTerminal { command: String },
    #[error("credential plugin `{command}` gave no credential within {limit:?}{}", said(.stderr))]
    TimedOut {
        command: String,
        limit: Duration,
        stderr: String,
    },
    #[error("credential plugin `{command}` failed ({status}){}", said(.stderr))]
    Failed {
        command: String,
        status: std::process::ExitStatus,
        stderr: String,
    },
    /// Its output is not quoted: it may hold a token.
    #[error("credential plugin `{command}` printed {what}")]
    BadAnswer { command: String, what: &'static str },
}

impl PluginError {
    pub(super) fn command(&self) -> Option<&str> {
        match self {
            Self::NoCommand => None,
            Self::NotFound { command, .. }
            | Self::NotStarted { command, .. }
            | Self::NeedsTerminal { command }
            | Self::TimedOut { command, .. }
            | Self::Failed { command, .. }
            | Self::BadAnswer { command, .. } => Some(command),
        }
    }
}

/// Whether what a plugin printed is a credential, and its stderr as it would be shown; for the fuzz targets.
pub(crate) fn read_output(stdout: &[u8], stderr: &[u8]) -> (bool, String) {
    (understand(stdout).is_ok(), presentable(stderr))
}

fn said(stderr: &str) -> String {
    if stderr.is_empty() {
        String::new()
    } else {
        format!(": {stderr}")
    }
}

pub(super) struct Plugin {
    command: String,
    exec: ExecConfig,
    /// Whether it may talk to a person on the terminal.
    interactive: bool,
    limit: Duration,
}

impl Plugin {
    /// `operator_present`: somebody sits at a terminal and can answer.
    pub(super) fn new(exec: ExecConfig, operator_present: bool) -> Result<Self, PluginError> {
        let command = exec
            .command
            .clone()
            .filter(|command| !command.is_empty())
            .ok_or(PluginError::NoCommand)?;
        let mode = exec
            .interactive_mode
            .as_ref()
            .unwrap_or(&ExecInteractiveMode::IfAvailable);
        if *mode == ExecInteractiveMode::Always && !operator_present {
            return Err(PluginError::NeedsTerminal { command });
        }
        let interactive = operator_present && *mode != ExecInteractiveMode::Never;
        Ok(Self {
            command,
            exec,
            interactive,
            limit: if interactive {
                CONVERSATION_LIMIT
            } else {
                SILENT_LIMIT
            },
        })
    }

    pub(super) async fn run(&self) -> Result<Credential, PluginError> {
        let mut running = Running::start(self.command()?).map_err(|source| {
            let command = self.command.clone();
            if source.kind() == std::io::ErrorKind::NotFound {
                let install_hint = self.exec.install_hint.clone();
                PluginError::NotFound {
                    command,
                    install_hint,
                }
            } else {
                PluginError::NotStarted { command, source }
            }
        })?;
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let ended = {
            let (out, err) = (running.child.stdout.take(), running.child.stderr.take());
            let mut reading = std::pin::pin!(async {
                tokio::join!(read(out, &mut stdout), read(err, &mut stderr));
            });
            let child = &mut running.child;
            tokio::time::timeout(self.limit, async {
                tokio::select! {
                    status = child.wait() => {
                        let _ = tokio::time::timeout(LAST_WORDS, reading).await;
                        status
                    }
                    () = &mut reading => child.wait().await,
                }
            })
            .await
        };
        let status = match ended {
            Err(_) => {
                return Err(PluginError::TimedOut {
                    command: self.command.clone(),
                    limit: self.limit,
                    stderr: presentable(&stderr),
                });
            }
            Ok(Err(source)) => {
                return Err(PluginError::NotStarted {
                    command: self.command.clone(),
                    source,
                });
            }
            Ok(Ok(status)) => status,
        };
        running.ended = true;
        if !status.success() {
            return Err(PluginError::Failed {
                command: self.command.clone(),
                status,
                stderr: presentable(&stderr),
            });
        }
        understand(&stdout).map_err(|what| PluginError::BadAnswer {
            command: self.command.clone(),
            what,
        })
    }

    fn command(&self) -> Result<Command, PluginError> {
        let question =
            question(&self.exec, self.interactive).map_err(|_| PluginError::BadAnswer {
                command: self.command.clone(),
                what: "nothing: the cluster's data for it cannot be written as JSON",
            })?;
        let mut command = Command::new(&self.command);
        command
            .args(self.exec.args.iter().flatten())
            .envs(self.exec.env.iter().flatten().filter_map(pair))
            .env("KUBERNETES_EXEC_INFO", question)
            .stdout(Stdio::piped())
            .kill_on_drop(true);
        if self.interactive {
            command.stdin(Stdio::inherit()).stderr(Stdio::inherit());
        } else {
            command.stdin(Stdio::null()).stderr(Stdio::piped());
            // A group of its own, so that what it has started itself (kubelogin starts az) ends with it.
            #[cfg(unix)]
            command.process_group(0);
        }
        Ok(command)
    }
}

/// One entry of `env`: `{name: …, value: …}`.
fn pair(entry: &HashMap<String, String>) -> Option<(&String, &String)> {
    Some((entry.get("name")?, entry.get("value")?))
}

/// A plugin at work; dropped early, it and what it has started are killed.
struct Running {
    child: Child,
    ended: bool,
}

impl Running {
    fn start(mut command: Command) -> std::io::Result<Self> {
        Ok(Self {
            child: command.spawn()?,
            ended: false,
        })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // The id is there only while the process has not been waited for, so it cannot be another's. In a terminal's
        // group (a plugin that talks) no such group exists, and `kill_on_drop` ends the plugin itself.
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
async fn read(stream: Option<impl AsyncRead + Unpin>, into: &mut Vec<u8>) {
    if let Some(stream) = stream {
        let _ = stream.take(MOST_OUTPUT).read_to_end(into).await;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    fn shell(script: &str, limit: Duration) -> Plugin {
        let exec = ExecConfig {
            command: Some("/bin/sh".to_owned()),
            args: Some(vec!["-c".to_owned(), script.to_owned()]),
            ..ExecConfig::default()
        };
        let mut plugin = Plugin::new(exec, false).unwrap();
        plugin.limit = limit;
        plugin
    }

    #[test]
    fn a_plugin_has_a_minute_and_a_person_a_quarter_of_an_hour() {
        let exec = ExecConfig {
            command: Some("x".to_owned()),
            ..ExecConfig::default()
        };
        let limit = |present| Plugin::new(exec.clone(), present).unwrap().limit;
        assert_eq!(limit(false).as_secs(), 60);
        assert_eq!(limit(true).as_secs(), 900);
    }

    #[tokio::test]
    async fn a_plugin_that_hangs_is_ended_with_all_that_it_started() {
        let folder = tempfile::tempdir().unwrap();
        let alive = folder.path().join("alive");
        // As kubelogin does: it starts another program, which holds the streams open and waits for a person.
        let script = format!(
            "echo 'enter the code ABC at https://microsoft.com/devicelogin' >&2
             (while sleep 0.05; do echo x >>'{}'; done) & wait",
            alive.display()
        );
        let start = Instant::now();
        let error = shell(&script, Duration::from_secs(1)).run().await;
        assert!(start.elapsed() < Duration::from_secs(5));
        let Err(error) = error else {
            panic!("a credential")
        };
        let told = error.to_string();
        assert!(
            told.contains(
                "no credential within 1s: enter the code ABC at https://microsoft.com/devicelogin"
            ),
            "{told}"
        );

        // What writes no more is gone: the size stands still over many of its turns.
        let size = || std::fs::metadata(&alive).unwrap().len();
        assert!(size() > 0, "it was at work");
        let (mut before, deadline) = (size(), Instant::now() + Duration::from_secs(5));
        loop {
            tokio::time::sleep(Duration::from_millis(500)).await;
            if size() == before {
                break;
            }
            assert!(Instant::now() < deadline, "it still runs");
            before = size();
        }
    }

    #[tokio::test]
    async fn a_plugin_that_prints_for_ever_is_not_listened_to_for_ever() {
        let error = shell("yes", Duration::from_secs(30)).run().await.err();
        assert!(
            matches!(error, Some(PluginError::Failed { .. })),
            "{error:?}"
        );
    }
}
