//! Grades.

use super::*;
use crate::core::model::NodeName;
use crate::core::reason::Denier;
use crate::core::rights::rights;

fn of(found: Found, aims: &[Aim]) -> Grade {
    judge(found, aims).grade
}

#[test]
fn what_was_not_read_is_never_fine() {
    let unread = || "connection reset".to_owned();
    for found in [
        Found::VersionUnread { message: unread() },
        Found::Version {
            version: "unheard of".into(),
        },
        Found::ClockUnread,
        Found::RightsUnread { message: unread() },
        Found::KuredUnread { message: unread() },
        Found::HostsUnread { message: unread() },
        Found::Lock {
            lock: LockSeen::Unread { message: unread() },
        },
        Found::AnyPod {
            admission: Admission::NoNode,
            policy: PolicySeen::Bound,
        },
    ] {
        let check = judge(found, &Aim::ALL);
        assert_eq!(check.grade, Grade::Unknown, "{check:?}");
        assert!(!is_good(&[check]));
    }
}

#[test]
fn an_old_version_is_said_and_the_oldest_is_fine() {
    let version = |text: &str| Found::Version {
        version: text.into(),
    };
    assert_eq!(of(version("v1.30.0"), &[]), Grade::Ok);
    assert_eq!(of(version("v1.34.4+k3s1"), &[]), Grade::Ok);
    assert_eq!(of(version("v1.29.9"), &[]), Grade::Warn);
    assert_eq!(of(version("v2.0.0"), &[]), Grade::Ok);
    assert_eq!(numbers("v1.30-rc.1+x"), Some((1, 30)));
}

#[test]
fn what_stops_a_roll_fails_only_for_who_wants_to_roll() {
    let marks = || Found::Marks {
        nodes: vec![NodeName::from("n1")],
    };
    assert_eq!(of(marks(), &[Aim::Probe]), Grade::Warn);
    assert_eq!(of(marks(), &[Aim::Probe, Aim::Roll]), Grade::Fail);
}

#[test]
fn a_right_that_only_helps_is_no_failure() {
    for right in rights(Aim::Roll) {
        let wanted = match right.need {
            Need::Must => Grade::Fail,
            Need::Helps => Grade::Warn,
        };
        let aims = vec![Aim::Roll];
        let found = Found::RightMissing { aims, right };
        assert_eq!(of(found, &[Aim::Roll]), wanted);
    }
}

#[test]
fn an_open_namespace_is_a_warning_and_a_policy_that_denies_our_own_pod_a_failure() {
    let denied = || Admission::Denied {
        by: Denier::Policy,
        message: "no".into(),
    };
    let any = |admission| Found::AnyPod {
        admission,
        policy: PolicySeen::Hidden,
    };
    assert_eq!(of(any(denied()), &[]), Grade::Ok);
    assert_eq!(of(any(Admission::Admitted), &[]), Grade::Warn);
    let probe = |admission| Found::Admission {
        pod: TrialPod::Probe,
        admission,
    };
    assert_eq!(of(probe(denied()), &[]), Grade::Fail);
    assert_eq!(of(probe(Admission::Admitted), &[]), Grade::Ok);
}
