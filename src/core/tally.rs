//! How the readings of one command have gone so far, by one way. Where nothing succeeds, the rest is not tried: thousands
//! of nodes would otherwise each take their whole time limit to say the same.

use super::reason::Reason;

#[derive(Debug, Default)]
pub(crate) struct Tally {
    succeeded: bool,
    failed: u32,
    last: Option<Reason>,
}

impl Tally {
    /// Enough to tell a cluster from some bad nodes.
    const ENOUGH: u32 = 32;

    pub(crate) fn count<T>(&mut self, answer: &Result<T, Reason>) {
        match answer {
            Ok(_) => self.succeeded = true,
            // A node that is not ready was not probed, and one without an address was not gone to; they say nothing of
            // the others.
            Err(Reason::NodeNotReady { .. } | Reason::SshNoAddress { .. }) => {}
            Err(reason) => {
                self.failed = self.failed.saturating_add(1);
                self.last = Some(reason.clone());
            }
        }
    }

    pub(crate) fn given_up(&self) -> Option<Reason> {
        let last = self.last.clone().filter(|_| !self.succeeded)?;
        match last {
            // These hold for the whole namespace.
            Reason::ProbeNamespaceMissing { .. } | Reason::ProbeDenied { .. } => Some(last),
            last if self.failed >= Self::ENOUGH => Some(Reason::ProbeGivenUp {
                failed: self.failed,
                last: Box::new(last),
            }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(message: &str) -> Result<(), Reason> {
        Err(Reason::SshFailed {
            address: "10.0.0.4".into(),
            message: message.into(),
        })
    }

    #[test]
    fn one_success_is_reason_to_try_every_node() {
        let mut tally = Tally::default();
        tally.count(&Ok(()));
        for _ in 0..100 {
            tally.count(&failed("no"));
        }
        assert_eq!(tally.given_up(), None);
    }

    #[test]
    fn thirty_two_failures_and_no_success_are_enough() {
        let mut tally = Tally::default();
        for _ in 0..31 {
            tally.count(&failed("no"));
        }
        assert_eq!(tally.given_up(), None);
        tally.count(&failed("last"));
        assert!(matches!(
            tally.given_up(),
            Some(Reason::ProbeGivenUp { failed: 32, .. })
        ));
    }
}
