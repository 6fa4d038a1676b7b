//! The differences that are known and let be, each with its reason. A case that is named here must fail on that side:
//! what passes everywhere has no excuse any more. docs/conformance.md has the same table.

use crate::sides::Side;

pub(crate) struct Difference {
    pub(crate) case: &'static str,
    pub(crate) on: On,
    pub(crate) reason: &'static str,
}

/// Where a case fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum On {
    Sim,
    /// Kubernetes up to this minor version.
    UpTo(u32),
}

pub(crate) const DIFFERENCES: &[Difference] = &[
    Difference {
        case: "a_pending_pod_of_another_uid_costs_ten_seconds",
        on: On::Sim,
        reason: "the sim answers at once: its requests are carried out whole, and only the time is missing",
    },
    Difference {
        case: "the_printed_manifests_are_accepted",
        on: On::Sim,
        reason: "the sim knows no roles and no policies as objects: who may do what is in its world's description",
    },
    Difference {
        case: "the_printed_policy_admits_our_pods_and_no_others",
        on: On::Sim,
        reason: "the sim evaluates no policy: what admission refuses is in its world's description",
    },
    Difference {
        case: "a_new_pod_is_of_its_first_generation",
        on: On::UpTo(32),
        reason: "pods have no generation before Kubernetes 1.33; nothing reads it",
    },
];

/// What is wrong with the list itself.
pub(crate) fn faults() -> Vec<String> {
    const DOCUMENT: &str = include_str!("../../docs/conformance.md");
    let mut faults = Vec::new();
    for Difference { case, reason, .. } in DIFFERENCES {
        if !crate::cases::all().any(|known| known.name == *case) {
            faults.push(format!(
                "a difference is declared for {case}, and there is no such case"
            ));
        }
        if !DOCUMENT.contains(&format!("| `{case}` |")) || !DOCUMENT.contains(reason) {
            faults.push(format!(
                "docs/conformance.md does not have the declared difference of {case}"
            ));
        }
    }
    faults
}

pub(crate) fn declared(case: &str, side: &Side) -> Option<&'static Difference> {
    DIFFERENCES.iter().find(|difference| {
        difference.case == case
            && match (difference.on, side) {
                (On::Sim, Side::Sim) => true,
                (On::UpTo(minor), Side::Server(server)) => server.minor <= minor,
                _ => false,
            }
    })
}
