//! Why a pod of ours did not run to its end, told apart by the remedy, from the words and codes of whoever refused it.

use std::time::Duration;

use crate::core::reason::{Denier, Reason};

/// Why a pod did not run to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PodTrouble {
    NamespaceMissing {
        namespace: String,
    },
    Denied {
        by: Denier,
        namespace: String,
        message: String,
    },
    Image {
        image: String,
        message: String,
    },
    NoRoom {
        message: String,
    },
    Timeout {
        limit: Duration,
        state: String,
    },
    Failed {
        message: String,
    },
    Api {
        message: String,
    },
}

impl PodTrouble {
    /// The blocker that a failed proof is.
    pub(super) fn into_blocker(self) -> Reason {
        let message = match self {
            Self::Api { message } => return Reason::ApiUnavailable { message },
            Self::Timeout { limit, state } => {
                return Reason::RebootPodTimeout {
                    seconds: limit.as_secs(),
                    state,
                };
            }
            Self::NamespaceMissing { namespace } => {
                format!("the namespace {namespace} does not exist")
            }
            Self::Denied { message, .. } => format!("refused at creation: {message}"),
            Self::Image { image, message } => format!("image {image}: {message}"),
            Self::NoRoom { message } => format!("no room on the node: {message}"),
            Self::Failed { message } => message,
        };
        Reason::RebootPodFailed { message }
    }

    /// The doubt that a probe's trouble leaves.
    pub(super) fn into_doubt(self) -> Reason {
        match self {
            Self::NamespaceMissing { namespace } => Reason::ProbeNamespaceMissing { namespace },
            Self::Denied {
                by,
                namespace,
                message,
            } => Reason::ProbeDenied {
                by,
                namespace,
                message,
            },
            Self::Image { image, message } => Reason::ProbeImage { image, message },
            Self::NoRoom { message } => Reason::ProbeNoRoom { message },
            Self::Timeout { limit, state } => Reason::ProbeTimeout {
                seconds: limit.as_secs(),
                state,
            },
            Self::Failed { message } => Reason::ProbeFailed { message },
            Self::Api { message } => Reason::ApiUnavailable { message },
        }
    }
}

/// What a creation that was refused with this code means.
pub(super) fn at_creation(code: u16, namespace: &str, message: String) -> PodTrouble {
    let namespace = namespace.to_owned();
    match (code, denier(&message)) {
        (404, _) => PodTrouble::NamespaceMissing { namespace },
        // Policies and webhooks choose their code; 422 is what a policy says that chose none.
        (403, by) | (_, by @ (Denier::Policy | Denier::PodSecurity)) => PodTrouble::Denied {
            by,
            namespace,
            message,
        },
        _ => PodTrouble::Api { message },
    }
}

/// The kubelet refused or ended the pod as a whole.
pub(super) fn by_kubelet(reason: &str, message: &str) -> PodTrouble {
    let said = with_message(reason, message);
    if reason.starts_with("OutOf") {
        PodTrouble::NoRoom { message: said }
    } else {
        PodTrouble::Failed { message: said }
    }
}

/// What said no, by the wording of the API server's own parts.
/// A namespace lets no pod in until its controller has made the service account, some moments after its creation.
pub(super) fn waits_for_account(message: &str) -> bool {
    message.contains("error looking up service account")
}

pub(crate) fn denier(message: &str) -> Denier {
    if message.contains("violates PodSecurity") {
        Denier::PodSecurity
    } else if message.contains("admission webhook") || message.contains("ValidatingAdmissionPolicy")
    {
        Denier::Policy
    } else if message.contains(" cannot create resource ") {
        Denier::Role
    } else {
        Denier::Other
    }
}

pub(super) fn with_message(reason: &str, message: &str) -> String {
    if message.is_empty() {
        reason.to_owned()
    } else {
        format!("{reason}: {message}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_denial_is_told_by_who_denied() {
        for (message, by) in [
            (
                r#"pods is forbidden: User "ci" cannot create resource "pods" in API group "" in the namespace "aksreboot""#,
                Denier::Role,
            ),
            (
                r#"pods "probe-1" is forbidden: violates PodSecurity "baseline:latest": hostPath volumes (volume "host")"#,
                Denier::PodSecurity,
            ),
            (
                r#"admission webhook "validation.gatekeeper.sh" denied the request: [azurepolicy-k8sazurev3hostfilesystem]"#,
                Denier::Policy,
            ),
            (
                r#"pods "p" is forbidden: ValidatingAdmissionPolicy 'aksreboot-pods' with binding 'aksreboot-pods' denied request: no"#,
                Denier::Policy,
            ),
            (
                r#"pods "p" is forbidden: exceeded quota: small"#,
                Denier::Other,
            ),
        ] {
            assert_eq!(denier(message), by, "{message}");
        }
    }
}
