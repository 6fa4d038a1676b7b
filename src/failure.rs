//! The one error of the command boundary: what kind (decides the exit code), what happened, what to do next.
//! It does not print itself; `render` does.

use crate::exit::Exit;

/// A command that could not do its work.
#[derive(Debug)]
pub(crate) struct Failure {
    /// Decides the exit code; never derived from text.
    pub(crate) exit: Exit,
    /// What happened, outermost operation first. Printed once as `error:`, then its causes.
    pub(crate) error: anyhow::Error,
    /// Each a sentence or a command that can be copied.
    pub(crate) hints: Vec<String>,
}

impl Failure {
    pub(crate) fn new(exit: Exit, error: impl Into<anyhow::Error>) -> Self {
        Self {
            exit,
            error: error.into(),
            hints: Vec::new(),
        }
    }

    /// A failure whose whole story is one sentence.
    pub(crate) fn say(exit: Exit, message: impl std::fmt::Display) -> Self {
        Self::new(exit, anyhow::anyhow!("{message}"))
    }

    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Names the operation during which the failure happened.
    #[must_use]
    pub(crate) fn during(
        mut self,
        operation: impl std::fmt::Display + Send + Sync + 'static,
    ) -> Self {
        self.error = self.error.context(operation);
        self
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::new(Exit::Failed, error)
    }
}
