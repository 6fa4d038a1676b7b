//! The person or script that gave the command: what they are asked, and what stands for an answer when nobody is there.

use std::io::{self, IsTerminal as _};

/// Who answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    /// A person at a terminal.
    Present,
    /// `--yes`: every question is answered with yes beforehand.
    SaidYes,
    /// Nobody can answer.
    Absent,
}

/// A question nobody could answer, or that was broken off.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unanswered {
    #[error("there is no terminal to ask on")]
    NoTerminal,
    #[error("the question was broken off")]
    BrokenOff(#[source] io::Error),
}

impl Operator {
    /// Whether stdin and stderr are a terminal, and it is no CI runner's.
    pub(crate) fn found(said_yes: bool) -> Self {
        if said_yes {
            Self::SaidYes
        } else if io::stdin().is_terminal()
            && io::stderr().is_terminal()
            && std::env::var_os("CI").is_none()
        {
            Self::Present
        } else {
            Self::Absent
        }
    }

    /// A person is at a terminal, whatever they said beforehand: decides whether a credential plugin may ask.
    pub(crate) fn has_terminal() -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal() && std::env::var_os("CI").is_none()
    }

    /// Puts the terminal right after a question that got no answer: it hides the cursor while it waits.
    pub(crate) fn leave_question() {
        if io::stderr().is_terminal() {
            // Nobody sees a terminal that cannot be written to.
            let _ = dialoguer::console::Term::stderr().show_cursor();
        }
    }

    /// Asks yes or no; no is the default.
    pub(crate) async fn confirm(self, question: &str) -> Result<bool, Unanswered> {
        match self {
            Self::SaidYes => Ok(true),
            Self::Absent => Err(Unanswered::NoTerminal),
            Self::Present => {
                let question = question.to_owned();
                // Reading a terminal blocks; the runtime's own threads stay free for the network.
                let asked = tokio::task::spawn_blocking(move || {
                    dialoguer::Confirm::new()
                        .with_prompt(question)
                        .default(false)
                        .interact()
                });
                match asked.await {
                    Ok(Ok(yes)) => Ok(yes),
                    Ok(Err(dialoguer::Error::IO(error))) => Err(Unanswered::BrokenOff(error)),
                    Err(error) => Err(Unanswered::BrokenOff(io::Error::other(error))),
                }
            }
        }
    }
}
