//! A credential plugin (`users[].user.exec` of a kubeconfig): run once for each credential, within a bound of time,
//! asked to be silent when nobody could answer it. Its stdout is a secret and is never shown; its stderr is shown
//! with what looks like a secret taken out.

use std::collections::HashMap;
use std::process::Stdio;
use std::time::Duration;

use http::HeaderValue;
use kube::config::{ExecAuthCluster, ExecConfig, ExecInteractiveMode};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::{Child, Command};

use super::credentials::{ClientCertificate, Credential};

/// For a plugin that talks to nobody: a token endpoint and its retries, a slow `az`.
const SILENT_LIMIT: Duration = Duration::from_secs(60);

/// For a plugin that asks a person: Entra's device codes are good for 15 minutes.
const CONVERSATION_LIMIT: Duration = Duration::from_secs(15 * 60);

/// How long the streams of a plugin that has ended are still read. What it left running in the background may hold
/// them open for ever.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// A credential is a few KiB. More is not one, and is not read.
const MOST_OUTPUT: u64 = 1024 * 1024;

/// As much of what a plugin said as a person will read.
const MOST_SAID: usize = 1000;

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
        let question = Question {
            api_version: self.exec.api_version.as_deref(),
            kind: "ExecCredential",
            spec: Spec {
                interactive: self.interactive,
                cluster: self.exec.cluster.as_ref(),
            },
        };
        let question = serde_json::to_string(&question).map_err(|_| PluginError::BadAnswer {
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

/// `ExecCredential` as a plugin gets it, in KUBERNETES_EXEC_INFO.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Question<'q> {
    #[serde(skip_serializing_if = "Option::is_none")]
    api_version: Option<&'q str>,
    kind: &'static str,
    spec: Spec<'q>,
}

#[derive(Serialize)]
struct Spec<'q> {
    interactive: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    cluster: Option<&'q ExecAuthCluster>,
}

/// `ExecCredential` as a plugin prints it.
#[derive(Deserialize)]
struct Answer {
    status: Option<Status>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    expiration_timestamp: Option<String>,
    token: Option<String>,
    client_certificate_data: Option<String>,
    client_key_data: Option<String>,
}

/// JSON, or YAML as client-go admits it. The error never quotes: it may be about a token.
fn understand(stdout: &[u8]) -> Result<Credential, &'static str> {
    let answer: Answer =
        serde_saphyr::from_slice(stdout).map_err(|_| "something that is no ExecCredential")?;
    let status = answer.status.ok_or("an ExecCredential without a status")?;
    let header = status
        .token
        .filter(|token| !token.is_empty())
        .map(|token| {
            let mut header = HeaderValue::try_from(format!("Bearer {}", token.trim()))
                .map_err(|_| "a token with characters that no token has")?;
            header.set_sensitive(true);
            Ok::<_, &'static str>(header)
        })
        .transpose()?;
    let certificate = match (status.client_certificate_data, status.client_key_data) {
        (Some(certificate), Some(key)) => Some(ClientCertificate {
            certificate,
            key: key.into(),
        }),
        (None, None) => None,
        _ => return Err("a client certificate without its key, or a key without its certificate"),
    };
    if header.is_none() && certificate.is_none() {
        return Err("neither a token nor a client certificate");
    }
    let expires = status
        .expiration_timestamp
        .map(|at| at.parse())
        .transpose()
        .map_err(|_| "an expiration time that is no RFC 3339 time")?;
    Ok(Credential {
        header,
        certificate,
        expires,
    })
}

/// What a plugin said, on one line, its end where it is long, without what looks like a secret.
fn presentable(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    let text = without_secrets(&lines.join(" | "));
    match text.char_indices().rev().nth(MOST_SAID) {
        Some((start, _)) => format!("…{}", &text[start..]),
        None => text,
    }
}

/// Takes out JSON web tokens and long runs without a word's shape: tokens, keys, client secrets. Names, GUIDs and
/// codes for a login page stay.
fn without_secrets(text: &str) -> String {
    const LONGEST_INNOCENT: usize = 39;
    let in_run = |c: char| c.is_ascii_alphanumeric() || "+_=~-".contains(c);
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|c| !in_run(c)).unwrap_or(rest.len());
        let (run, tail) = rest.split_at(end);
        let web_token = run.len() > 10 && run.starts_with("eyJ");
        if web_token || run.len() > LONGEST_INNOCENT {
            out.push_str("[removed]");
        } else {
            out.push_str(run);
        }
        let next = tail.find(in_run).unwrap_or(tail.len());
        out.push_str(&tail[..next]);
        rest = &tail[next..];
    }
    out
}
