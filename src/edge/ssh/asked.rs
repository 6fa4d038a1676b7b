//! What a host says about an ask for a reboot over SSH, in the core's words.

use crate::core::model::BootId;
use crate::core::reason::Reason;
use crate::edge::node::{RebootMessage, Refusal};

/// Whether a boot was asked to end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Looked {
    /// And still is what runs.
    Asked,
    Free,
    /// The host runs another boot by now.
    OtherBoot(BootId),
}

/// What stands on a host while one of its boots was asked to end.
pub(crate) fn mark_of(boot: &BootId) -> String {
    format!("/run/aksreboot-{boot}")
}

/// What a proof came to.
pub(crate) fn proof(message: &RebootMessage, boot: &BootId) -> Result<(), Reason> {
    match message {
        RebootMessage::Proved => Ok(()),
        RebootMessage::Refused(Refusal::Asked) => Err(Reason::AskedBySsh {
            mark: mark_of(boot),
        }),
        message => Err(message.blocker().unwrap_or_else(unreadable)),
    }
}

pub(super) fn unreadable() -> Reason {
    Reason::ProbeAnswer {
        message: "the host does not say whether it was asked to reboot".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_proof_is_a_proof() {
        let boot = BootId::new("b");
        assert_eq!(proof(&RebootMessage::Proved, &boot), Ok(()));
        assert_eq!(
            proof(&RebootMessage::Refused(Refusal::Asked), &boot),
            Err(Reason::AskedBySsh {
                mark: "/run/aksreboot-b".into()
            })
        );
        for message in [
            RebootMessage::Asking,
            RebootMessage::SignalFailed,
            RebootMessage::Refused(Refusal::Unit),
            RebootMessage::Refused(Refusal::Mark),
        ] {
            assert!(proof(&message, &boot).is_err(), "{message:?}");
        }
    }
}
