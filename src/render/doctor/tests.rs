//! The lines and the table of codes.

use super::*;
use crate::core::doctor::{Admission, PolicySeen, TrialPod, judge};
use crate::core::reason::Denier;
use crate::core::rights::{Aim, rights};

#[test]
fn what_is_not_fine_is_followed_by_what_mends_it() {
    let right = rights(Aim::Roll)
        .into_iter()
        .find(|right| right.verb == "patch" && right.resource == "nodes")
        .expect("a right");
    let found = [
        Found::Api { latency_ms: 12 },
        Found::Version {
            version: "v1.34.4".into(),
        },
        Found::Clock { ahead_ms: -95_000 },
        Found::RightsHeld {
            aim: Aim::Probe,
            count: 6,
        },
        Found::RightMissing {
            aims: vec![Aim::Roll, Aim::Cleanup],
            right,
        },
        Found::PodSecurity {
            enforce: Some("baseline".into()),
            warnings: Vec::new(),
        },
        Found::Admission {
            pod: TrialPod::Probe,
            admission: Admission::Denied {
                by: Denier::Policy,
                message:
                    "ValidatingAdmissionPolicy 'aksreboot-pods' with \u{1b}[31m denied request"
                        .into(),
            },
        },
        Found::AnyPod {
            admission: Admission::Admitted,
            policy: PolicySeen::Missing,
        },
        Found::Image {
            image: "busybox".into(),
            seen_on: 1,
            of: 3,
            moving: true,
        },
    ];
    let checks: Vec<Check> = found
        .into_iter()
        .map(|found| judge(found, &Aim::ALL))
        .collect();
    insta::assert_snapshot!(text(&checks));
    assert_eq!(
        summary(&checks),
        "9 checks: 3 failed, 3 to be known, 3 fine; nothing was changed"
    );
}

/// A code that scripts rest on, and what it stands for, is in the table of the documentation.
#[test]
fn every_code_is_in_the_documentation() {
    let page = include_str!("../../../docs/doctor.md");
    let source = include_str!("../../core/doctor/mod.rs");
    let codes: std::collections::BTreeSet<&str> = source
        .match_indices("AKR")
        .filter_map(|(at, _)| source.get(at..at + 6))
        .filter(|code| code[3..].bytes().all(|byte| byte.is_ascii_digit()))
        .collect();
    assert!(codes.len() > 15, "{codes:?}");
    for code in codes {
        assert!(
            page.contains(&format!("| {code} |")),
            "{code} is not in docs/doctor.md"
        );
    }
}
