//! Every exit code of the program, in one place. Nothing else names a number.

use std::process::ExitCode;

/// How the process ends. The codes are part of the interface: scripts branch on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// Done, or nothing to do.
    Ok,
    /// Failed, or could not decide.
    Failed,
    /// Wrong usage, or a question that needed a terminal.
    Usage,
    /// The roll stopped, or left selected nodes out; it can be gone on with.
    Stopped,
    /// Refused before anything was touched.
    Refused,
    /// Another run, a hold or kured has the cluster.
    Locked,
    /// `check-updates` found something pending.
    Pending,
    /// The overall deadline passed.
    Deadline,
    /// Ended by SIGINT.
    Interrupted,
    /// Ended by SIGTERM.
    Terminated,
}

impl Exit {
    /// The number that the shell sees.
    pub const fn code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Stopped => 3,
            Self::Refused => 4,
            Self::Locked => 5,
            Self::Pending => 100,
            Self::Deadline => 124,
            Self::Interrupted => 130,
            Self::Terminated => 143,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
