//! One login after another, each one connection: the script on its input, the answer from its output, and the end of it.

use std::io;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use openssh::{ControlPersist, KnownHosts, Session, SessionBuilder, Stdio};
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

use crate::core::evidence::{Sentinel, parse_answer, split_answer};
use crate::core::model::Node;
use crate::core::reason::Reason;
use crate::core::updates::{NodeAnswer, Question};
use crate::edge::node::{Inquiry, ScriptSettings, nonce, packages_in};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::request::flags::SshSettings;

use super::address::address;
use super::command::{answer_of, input, remote_command};
use super::trouble::{Login, failed, in_one_line, refused};
use super::{LOGINS_AT_ONCE, config};

/// The answer is below 4 KiB, and a list of packages below 1 MiB; the rest is for what a user's start-up files print
/// before it.
const LARGEST_OUTPUT: u64 = 1024 * 1024 + 64 * 1024;
/// Of what a login says on stderr, the part that is kept.
const KEPT_TALK: u64 = 2 * 1024;
/// Should we be killed, ssh ends the connection by itself.
const IDLE: NonZeroUsize = NonZeroUsize::new(20).unwrap();
/// Closing is a word to a process on this machine.
const CLOSE_WITHIN: Duration = Duration::from_secs(2);

/// Logs in to nodes, some at a time. Dropped, it leaves no connection, no socket and no file.
pub(crate) struct Ssh {
    pub(super) settings: SshSettings,
    /// The configuration and the control sockets, for nobody else's eyes.
    pub(super) folder: TempDir,
    room: Semaphore,
}

impl Ssh {
    pub(crate) fn new(settings: SshSettings) -> Result<Self, Failure> {
        let made = || -> io::Result<TempDir> {
            let folder = tempfile::Builder::new()
                .prefix("aksreboot-")
                .tempdir_in(short_folder())?;
            let users = settings.config.as_deref();
            std::fs::write(folder.path().join("config"), config::text(users))?;
            Ok(folder)
        };
        let folder = made().map_err(|error| {
            Failure::new(Exit::Failed, error).during("make a folder for ssh's control sockets")
        })?;
        Ok(Self {
            settings,
            folder,
            room: Semaphore::new(LOGINS_AT_ONCE),
        })
    }

    /// Comes when a login may be made, and holds it until dropped.
    pub(crate) async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        // Never closed, so a permit always comes.
        self.room.acquire().await.ok()
    }

    /// What `node` says of itself within `limit`, or why it could not be asked. Whether it is the right host
    /// is for the judgement to say, by the boot ID in the answer.
    pub(crate) async fn read(
        &self,
        node: &Node,
        inquiry: Inquiry,
        sentinel: &Sentinel,
    ) -> Result<NodeAnswer, Reason> {
        let nonce = nonce()?;
        let input = input(&ScriptSettings::on_host(&nonce, sentinel, inquiry));
        let output = self.said(node, inquiry.within, &input).await?;
        let (answer, list) = split_answer(answer_of(&output, &nonce), &nonce);
        if inquiry.question == Question::Reboot && !list.is_empty() {
            return Err(Reason::ProbeAnswer {
                message: "more after its end".into(),
            });
        }
        Ok(NodeAnswer {
            evidence: parse_answer(answer, &nonce)?.asked(sentinel),
            packages: packages_in(answer, &nonce, inquiry.question, Ok(list)),
        })
    }

    /// What a login to `node` prints, run with `input` for its script.
    pub(super) async fn said(
        &self,
        node: &Node,
        limit: Duration,
        input: &str,
    ) -> Result<Vec<u8>, Reason> {
        let address = address(node, self.settings.address)?;
        let connected = AtomicBool::new(false);
        let login = Login {
            address: &address,
            user: self.settings.user.as_deref(),
            config: self.settings.config.as_deref().and_then(Path::to_str),
        };
        match timeout(limit, self.ask(login, input, limit, &connected)).await {
            Ok(output) => output,
            Err(_) => Err(Reason::SshTimeout {
                address,
                seconds: limit.as_secs(),
                state: if connected.load(Ordering::Relaxed) {
                    "running the script".into()
                } else {
                    "connecting".into()
                },
            }),
        }
    }

    async fn ask(
        &self,
        login: Login<'_>,
        input: &str,
        limit: Duration,
        connected: &AtomicBool,
    ) -> Result<Vec<u8>, Reason> {
        let session = self
            .builder()
            .connect(login.address)
            .await
            .map_err(|error| refused(login, &error))?;
        connected.store(true, Ordering::Relaxed);
        let command = remote_command(self.settings.sudo, limit);
        let said = run(&session, &command, input).await;
        if timeout(CLOSE_WITHIN, session.close()).await.is_err() {
            tracing::debug!(
                address = login.address,
                "ssh connection left to its own end"
            );
        }
        match said {
            Ok(Said {
                output,
                code: Some(0),
                ..
            }) => Ok(output),
            Ok(said) => Err(failed(login, said.to_string())),
            Err(Trouble::TooLong) => Err(Reason::ProbeAnswer {
                message: format!("cut after {} KiB without an end", LARGEST_OUTPUT / 1024),
            }),
            Err(Trouble::Ssh(error)) => Err(refused(login, &error)),
        }
    }

    fn builder(&self) -> SessionBuilder {
        let mut builder = SessionBuilder::default();
        builder
            .known_hosts_check(KnownHosts::Strict)
            .config_file(self.folder.path().join("config"))
            .control_directory(self.folder.path())
            .control_persist(ControlPersist::IdleFor(IDLE));
        if let Some(user) = &self.settings.user {
            builder.user(user.clone());
        }
        builder
    }
}

/// Sockets have room for about a hundred characters of path.
fn short_folder() -> PathBuf {
    std::env::var_os("XDG_RUNTIME_DIR")
        .map(PathBuf::from)
        .filter(|folder| folder.is_absolute() && folder.as_os_str().len() < 40 && folder.is_dir())
        .unwrap_or_else(|| PathBuf::from("/tmp"))
}

/// What came of a command.
#[derive(Debug)]
struct Said {
    output: Vec<u8>,
    talk: Vec<u8>,
    /// `None`: it did not come to an exit code.
    code: Option<i32>,
}

impl std::fmt::Display for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.code {
            // `timeout`'s own.
            Some(124) => f.write_str("the script did not end")?,
            Some(code) => write!(f, "the script ended with exit code {code}")?,
            None => f.write_str("the connection or the script broke off")?,
        }
        let talk = in_one_line(&String::from_utf8_lossy(&self.talk));
        if talk.is_empty() {
            Ok(())
        } else {
            write!(f, ": {talk}")
        }
    }
}

enum Trouble {
    TooLong,
    Ssh(openssh::Error),
}

impl From<openssh::Error> for Trouble {
    fn from(error: openssh::Error) -> Self {
        Self::Ssh(error)
    }
}

/// Runs `command` with `input`, and keeps no more of its output than an answer has.
async fn run(session: &Session, command: &str, input: &str) -> Result<Said, Trouble> {
    let mut child = session
        .raw_command(command)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .await?;
    let stdin = child.stdin().take();
    let (stdout, stderr) = (child.stdout().take(), child.stderr().take());
    let (mut output, mut talk) = (Vec::new(), Vec::new());
    let write = async {
        if let Some(mut stdin) = stdin {
            // A host that does not read on says why by its end.
            let _ = stdin.write_all(input.as_bytes()).await;
            let _ = stdin.shutdown().await;
        }
    };
    let read = async {
        if let Some(stdout) = stdout {
            let _ = stdout
                .take(LARGEST_OUTPUT + 1)
                .read_to_end(&mut output)
                .await;
        }
        output.len() as u64 > LARGEST_OUTPUT
    };
    let too_long = {
        let work = async { futures::join!(write, read).1 };
        tokio::select! {
            too_long = work => too_long,
            () = keep_talk(stderr, &mut talk) => false,
        }
    };
    if too_long {
        // Dropped here, the local process ends, and with the connection the remote one's output.
        return Err(Trouble::TooLong);
    }
    let code = match child.wait().await {
        Ok(status) => status.code(),
        // The crate's name for ssh's own failures, which its log explains.
        Err(openssh::Error::RemoteProcessTerminated) => None,
        Err(error) => return Err(error.into()),
    };
    Ok(Said { output, talk, code })
}

/// Takes in what is said on stderr and forgets most of it; never ends, since its end means nothing.
async fn keep_talk(stderr: Option<impl AsyncRead + Unpin>, talk: &mut Vec<u8>) {
    if let Some(mut stderr) = stderr {
        let _ = (&mut stderr).take(KEPT_TALK).read_to_end(talk).await;
        let _ = tokio::io::copy(&mut stderr, &mut tokio::io::sink()).await;
    }
    std::future::pending::<()>().await;
}
