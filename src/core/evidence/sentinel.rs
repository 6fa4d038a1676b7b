//! What the operator takes for evidence in place of the flag: a file or a command of their own, as kured has them
//! (`--reboot-sentinel`, `--reboot-sentinel-command`).

use serde::{Deserialize, Serialize};

use super::answer::{Answer, Flag};

/// What counts as evidence.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Sentinel {
    /// What the system itself has: its flag, and the parts that were replaced.
    #[default]
    System,
    /// A file on the host: there, a reboot is pending; not there, none is.
    File(String),
    /// A command in a root shell on the host: 0, a reboot is pending; 1, none is. kured takes every other code for a no;
    /// here it is unknown.
    Command(String),
}

/// What a probe says of the operator's own evidence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum SentinelSaid {
    #[default]
    NotRead,
    File(Flag),
    Exit(u8),
    /// The command was not run; why, in the script's words.
    Refused(String),
}

impl Sentinel {
    /// Whether nothing but the system's own evidence was asked for.
    pub(crate) fn is_system(&self) -> bool {
        *self == Self::System
    }

    /// The file that was named.
    pub(crate) fn file(&self) -> Option<&str> {
        match self {
            Self::File(path) => Some(path),
            Self::System | Self::Command(_) => None,
        }
    }

    /// The command that was named. It is only for a root shell on the host; in a pod the script refuses it.
    pub(crate) fn command(&self) -> Option<&str> {
        match self {
            Self::Command(command) => Some(command),
            Self::System | Self::File(_) => None,
        }
    }
}

impl Answer {
    /// The answer as one to this question: a sentinel that was asked for and not answered is then unknown, never passed
    /// over.
    pub(crate) fn asked(mut self, sentinel: &Sentinel) -> Self {
        self.asked = sentinel.clone();
        self
    }
}
