//! A credential plugin (`users[].user.exec` of a kubeconfig): run once for each credential, within a bound of time,
//! asked to be silent when nobody could answer it. Its stdout is a secret and is never shown; its stderr is shown
//! with what looks like a secret taken out.

mod protocol;

use std::collections::HashMap;
use std::process::Stdio;
use std::time::Duration;

use kube::config::{ExecConfig, ExecInteractiveMode};
use tokio::process::Command;

use super::credentials::Credential;
use crate::edge::outside::presentable;
use crate::edge::outside::process::{self, Cut};
use protocol::{question, understand};

/// For a plugin that talks to nobody: a token endpoint and its retries, a slow `az`.
const SILENT_LIMIT: Duration = Duration::from_secs(60);

/// For a plugin that asks a person: Entra's device codes are good for 15 minutes.
const CONVERSATION_LIMIT: Duration = Duration::from_secs(15 * 60);

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
        let command = self.command.clone();
        let ended = match process::run(self.command()?, self.limit, MOST_OUTPUT).await {
            Ok(ended) => ended,
            Err(Cut::NotStarted(source)) if source.kind() == std::io::ErrorKind::NotFound => {
                let install_hint = self.exec.install_hint.clone();
                return Err(PluginError::NotFound {
                    command,
                    install_hint,
                });
            }
            Err(Cut::NotStarted(source)) => {
                return Err(PluginError::NotStarted { command, source });
            }
            Err(Cut::TimedOut { stderr }) => {
                return Err(PluginError::TimedOut {
                    command,
                    limit: self.limit,
                    stderr: presentable(&stderr),
                });
            }
        };
        if !ended.status.success() {
            return Err(PluginError::Failed {
                command,
                status: ended.status,
                stderr: presentable(&ended.stderr),
            });
        }
        understand(&ended.stdout).map_err(|what| PluginError::BadAnswer { command, what })
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
            .stdout(Stdio::piped());
        if self.interactive {
            command.stdin(Stdio::inherit()).stderr(Stdio::inherit());
        } else {
            command.stdin(Stdio::null()).stderr(Stdio::piped());
            // kubelogin starts az, which shall end with it.
            process::apart(&mut command);
        }
        Ok(command)
    }
}

/// One entry of `env`: `{name: …, value: …}`.
fn pair(entry: &HashMap<String, String>) -> Option<(&String, &String)> {
    Some((entry.get("name")?, entry.get("value")?))
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
