use super::*;
use crate::core::evidence::{Answer, OsRelease, test_node};
use crate::core::model::OperatingSystem;
use crate::core::updates::{Counts, Manager, PackageList, PackageUpdate, Standing};

const DAY: Duration = Duration::from_secs(86_400);

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).expect("a time")
}

/// A node of which one package is pending, by data of an hour ago.
fn answer() -> NodeAnswer {
    let packages = vec![PackageUpdate {
        name: "libc6".into(),
        architecture: None,
        installed: Some("1".into()),
        candidate: "2".into(),
        security: Some(true),
        standing: Standing::Pending,
        origin: None,
    }];
    NodeAnswer {
        evidence: Answer {
            boot: test_node().boot,
            clock: Some(at(1_000_000)),
            os: OsRelease {
                id: Some("ubuntu".into()),
                ..OsRelease::default()
            },
            ..Answer::default()
        },
        packages: Ok(Some(PackagesAnswer {
            manager: Manager::Apt,
            said: Asked::Read(PackageList {
                counts: Counts::of(&packages),
                packages: Ok(packages),
                omitted: 0,
            }),
            data: Some((DataAgeBy::Lists, at(1_000_000 - 3600))),
            sources_without_data: (Vec::new(), 0),
            locks: Vec::new(),
            cost: None,
        })),
    }
}

fn changed(change: impl FnOnce(&mut PackagesAnswer)) -> NodeAnswer {
    let mut answer = answer();
    let packages = answer.packages.as_mut().expect("packages");
    change(packages.as_mut().expect("a manager"));
    answer
}

fn judged(answer: &NodeAnswer) -> Packages {
    // A clock of ours that is far off: only the node's own may count.
    judge_packages(&test_node(), Ok(answer), 3 * DAY, at(9_000_000))
}

fn doubts(answer: &NodeAnswer) -> (Vec<Reason>, bool) {
    match judged(answer) {
        Packages::Unknown { reasons, read } => (reasons, read.is_some()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_was_read_whole_on_fresh_data_is_known() {
    let Packages::Known(updates) = judged(&answer()) else {
        panic!("{:?}", judged(&answer()));
    };
    assert_eq!(updates.packages.len(), 1);
    assert_eq!(updates.data.by, Some(DataAgeBy::Lists));
    assert!(!updates.data.refreshed);
}

#[test]
fn data_that_is_too_old_is_unknown_and_what_was_read_is_kept() {
    let old = |age: i64| changed(|it| it.data = Some((DataAgeBy::Lists, at(1_000_000 - age))));
    assert!(matches!(judged(&old(3 * 86_400)), Packages::Known(_)));
    let (reasons, read) = doubts(&old(3 * 86_400 + 1));
    assert!(matches!(
        reasons[..],
        [Reason::PackageDataOld {
            limit_seconds: 259_200,
            ..
        }]
    ));
    assert!(read);
}

#[test]
fn nothing_pending_on_old_data_is_unknown_too() {
    let empty = changed(|it| {
        it.data = Some((DataAgeBy::Lists, at(0)));
        it.said = Asked::Read(PackageList {
            counts: Counts::of(&[]),
            packages: Ok(Vec::new()),
            omitted: 0,
        });
    });
    assert!(matches!(judged(&empty), Packages::Unknown { .. }));
}

#[test]
fn data_without_a_time_or_from_the_future_is_of_no_age() {
    for data in [None, Some((DataAgeBy::Lists, at(1_000_000 + 3600)))] {
        let (reasons, _) = doubts(&changed(|it| it.data = data));
        assert_eq!(reasons, [Reason::PackageDataUndated]);
    }
    let nearly = changed(|it| it.data = Some((DataAgeBy::Refresh, at(1_000_000 + 60))));
    assert!(matches!(judged(&nearly), Packages::Known(_)));
}

#[test]
fn no_data_is_unknown_and_never_nothing() {
    let (reasons, read) = doubts(&changed(|it| it.said = Asked::NoData));
    assert!(matches!(reasons[..], [Reason::PackageDataMissing { .. }]));
    assert!(!read);
    let (reasons, read) = doubts(&changed(|it| {
        it.sources_without_data = (vec!["security.example_dists_x".into()], 0);
    }));
    assert!(matches!(reasons[..], [Reason::PackageDataMissing { .. }]));
    assert!(read);
}

#[test]
fn a_manager_that_failed_is_unknown_in_its_own_words() {
    let (reasons, read) = doubts(&changed(|it| {
        it.said = Asked::Failed {
            program: "apt-get".into(),
            message: "broken".into(),
        };
    }));
    assert!(
        matches!(&reasons[..], [Reason::PackageQuestionFailed { message, .. }] if message == "broken")
    );
    assert!(!read);
}

#[test]
fn a_list_that_was_lost_keeps_its_numbers() {
    let lost = changed(|it| {
        if let Asked::Read(list) = &mut it.said {
            list.packages = Err("12 bytes of 90".into());
        }
    });
    let Packages::Unknown {
        reasons,
        read: Some(updates),
    } = judged(&lost)
    else {
        panic!("{:?}", judged(&lost));
    };
    assert_eq!(updates.omitted, 1);
    assert!(matches!(&reasons[..], [Reason::PackageListCut { counts, .. }] if counts.pending == 1));
}

#[test]
fn a_lock_is_a_note_and_decides_nothing() {
    let locked = changed(|it| it.locks = vec!["/var/lib/dpkg/lock".into()]);
    let Packages::Known(updates) = judged(&locked) else {
        panic!("{:?}", judged(&locked));
    };
    assert!(matches!(
        updates.notes[..],
        [Reason::PackageLocksHeld { .. }]
    ));
}

#[test]
fn where_single_packages_are_never_replaced_the_question_does_not_apply() {
    let mut image = answer();
    image.evidence.os.id = Some("azurelinux".into());
    image.evidence.os.variant = Some("azurecontainerlinux".into());
    assert!(matches!(
        judged(&image),
        Packages::NotApplicable(Reason::ImageManaged { .. })
    ));
    let mut windows = test_node();
    windows.os = OperatingSystem::Windows;
    let answer = judge_packages(&windows, Err(&Reason::NotProbed), DAY, at(0));
    assert_eq!(answer, Packages::NotApplicable(Reason::Windows));
}

#[test]
fn an_answer_of_another_boot_or_none_at_all_says_nothing() {
    let mut other = answer();
    other.evidence.boot = Some(crate::core::model::BootId::new("other"));
    let (reasons, read) = doubts(&other);
    assert!(matches!(reasons[..], [Reason::BootMismatch { .. }]));
    assert!(!read);
    let unread = judge_packages(&test_node(), Err(&Reason::Interrupted), DAY, at(0));
    assert!(matches!(unread, Packages::Unknown { read: None, .. }));
}

#[test]
fn a_system_with_another_package_manager_is_unknown() {
    let mut suse = answer();
    suse.packages = Ok(None);
    suse.evidence.os.id = Some("sles".into());
    let (reasons, _) = doubts(&suse);
    assert_eq!(
        reasons,
        [Reason::NoPackageManager {
            system: "sles".into()
        }]
    );
}
