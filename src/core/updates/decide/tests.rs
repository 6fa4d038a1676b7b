//! The table of what makes a node behind, and what makes a command end how: row by row.

mod ignoring;

use super::super::image::Image;
use super::super::outcome::{Ending, Listed, Overall, ending, overall};
use super::super::{DataAge, Manager, PackageUpdate};
use super::*;
use crate::core::evidence::{judge_unprobed, test_node};
use crate::core::model::{Node, NodeKind, NodeName};

const DAY: Duration = Duration::from_secs(86_400);
const NOW: i64 = 1_800_000_000;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).expect("a time")
}

fn node(name: &str, need: Need) -> NodeStatus {
    let node = Node {
        name: NodeName::new(name),
        labels: [("agentpool".to_owned(), "blue".to_owned())].into(),
        ..test_node()
    };
    let mut verdict = judge_unprobed(NodeKind::Host, None);
    verdict.need = need;
    verdict.reasons = match need {
        Need::Unknown => vec![Reason::NotProbed],
        Need::NotApplicable => vec![Reason::Windows],
        _ => Vec::new(),
    };
    NodeStatus::new(&node, verdict)
}

fn package(name: &str, security: Option<bool>, standing: Standing) -> PackageUpdate {
    PackageUpdate {
        name: name.into(),
        architecture: None,
        installed: Some("1".into()),
        candidate: "2".into(),
        security,
        standing,
        origin: None,
    }
}

fn plain(name: &str) -> PackageUpdate {
    package(name, Some(false), Standing::Pending)
}

fn updates(packages: Vec<PackageUpdate>) -> Updates {
    Updates {
        manager: Manager::Apt,
        packages,
        omitted: 0,
        data: DataAge {
            as_of: None,
            by: None,
            refreshed: false,
        },
        notes: Vec::new(),
        cost: None,
    }
}

fn known(packages: Vec<PackageUpdate>) -> Packages {
    Packages::Known(updates(packages))
}

fn stale(packages: Vec<PackageUpdate>) -> Packages {
    Packages::Unknown {
        reasons: vec![Reason::Interrupted],
        read: Some(updates(packages)),
    }
}

const UNREAD: Packages = Packages::Unknown {
    reasons: Vec::new(),
    read: None,
};

fn judged(need: Need, packages: Packages, criteria: &[Criterion], ignores: &Ignores) -> Judged {
    let status = node("n1", need);
    let updates = NodeUpdates {
        status,
        packages,
        image: Image::Unknown(Reason::AzureNotAsked),
    };
    judge(updates, criteria, ignores, at(NOW))
}

fn conclusion(need: Need, packages: Packages, criteria: &[Criterion]) -> Conclusion {
    judged(need, packages, criteria, &Ignores::default()).conclusion
}

const USUAL: &[Criterion] = &[Criterion::Pending, Criterion::Reboot];
const SECURITY: &[Criterion] = &[Criterion::Security];
const REBOOT: &[Criterion] = &[Criterion::Reboot];

#[test]
fn a_node_is_behind_by_what_was_asked_for_and_by_nothing_else() {
    use Conclusion::{Behind, NotApplicable, NotAsked, Unknown, UpToDate};
    let mending = || package("openssl", Some(true), Standing::Pending);
    let unclassed = || package("tdnf-thing", None, Standing::Pending);
    let windows = || Packages::NotApplicable(Reason::Windows);
    for (row, need, packages, criteria, wanted) in [
        (1, Need::No, known(vec![]), USUAL, UpToDate),
        (2, Need::No, known(vec![plain("a")]), USUAL, Behind),
        (3, Need::Yes, known(vec![]), USUAL, Behind),
        (4, Need::Unknown, known(vec![]), USUAL, Unknown),
        (5, Need::No, UNREAD, USUAL, Unknown),
        // Something is surely pending, and the rest of the question has no answer.
        (6, Need::Yes, UNREAD, USUAL, Unknown),
        (7, Need::Unknown, known(vec![plain("a")]), USUAL, Unknown),
        (8, Need::No, stale(vec![]), USUAL, Unknown),
        (9, Need::No, stale(vec![plain("a")]), USUAL, Unknown),
        (10, Need::NotApplicable, windows(), USUAL, NotApplicable),
        // A system whose image brings the packages may still wait for a reboot.
        (11, Need::No, windows(), USUAL, UpToDate),
        (12, Need::Yes, windows(), USUAL, Behind),
        // What nobody asked for makes nothing unknown, and nothing behind.
        (13, Need::No, UNREAD, REBOOT, UpToDate),
        (14, Need::Yes, UNREAD, REBOOT, Behind),
        (15, Need::Unknown, known(vec![]), SECURITY, UpToDate),
        (16, Need::Yes, known(vec![plain("a")]), SECURITY, UpToDate),
        (17, Need::No, known(vec![mending()]), SECURITY, Behind),
        (18, Need::No, known(vec![unclassed()]), SECURITY, Unknown),
        (
            19,
            Need::No,
            known(vec![unclassed(), mending()]),
            SECURITY,
            Behind,
        ),
        // Nothing counts: nobody says that it is up to date.
        (20, Need::Unknown, UNREAD, &[], NotAsked),
        (22, Need::Yes, known(vec![plain("a")]), &[], NotAsked),
        // Phased and kept back: an upgrade would not install them now.
        (
            21,
            Need::No,
            known(vec![
                package("a", Some(true), Standing::Phased),
                package("b", Some(true), Standing::KeptBack),
            ]),
            &[Criterion::Pending, Criterion::Security],
            UpToDate,
        ),
    ] {
        assert_eq!(conclusion(need, packages, criteria), wanted, "row {row}");
    }
}

#[test]
fn packages_that_the_list_leaves_out_are_not_taken_for_none() {
    let left_out = |packages| {
        Packages::Known(Updates {
            omitted: 3,
            ..updates(packages)
        })
    };
    let both = &[Criterion::Pending, Criterion::Security];
    assert_eq!(
        conclusion(Need::No, left_out(vec![]), both),
        Conclusion::Unknown
    );
    let with_one = judged(
        Need::No,
        left_out(vec![plain("a")]),
        both,
        &Ignores::default(),
    );
    assert_eq!(with_one.found[0].1, Found::Behind);
    assert_eq!(
        with_one.found[1].1,
        Found::Unknown(vec![Reason::PackageListCut {
            message: "3 more than it names".into(),
            counts: Counts::of(&[plain("a")]),
        }])
    );
}

#[test]
fn overdue_goes_by_when_the_reboot_became_pending_and_is_unknown_without_it() {
    let since = |need, since: Option<i64>| {
        let mut status = node("n1", need);
        status.verdict.since = since.map(at);
        let updates = NodeUpdates {
            status,
            packages: UNREAD,
            image: Image::Unknown(Reason::AzureNotAsked),
        };
        let asked = [Criterion::Overdue(7 * DAY)];
        judge(updates, &asked, &Ignores::default(), at(NOW)).conclusion
    };
    for (need, seconds, wanted) in [
        (Need::Yes, Some(NOW - 8 * 86_400), Conclusion::Behind),
        (Need::Yes, Some(NOW - 7 * 86_400), Conclusion::UpToDate),
        (Need::Yes, Some(NOW + 60), Conclusion::UpToDate),
        (Need::Yes, None, Conclusion::Unknown),
        (Need::No, None, Conclusion::UpToDate),
        (Need::Unknown, None, Conclusion::Unknown),
        (Need::NotApplicable, None, Conclusion::NotApplicable),
    ] {
        assert_eq!(since(need, seconds), wanted, "{need:?} {seconds:?}");
    }
}

#[test]
fn a_security_count_is_there_only_where_every_package_is_classed() {
    let counts = |packages| {
        let judged = judged(Need::No, known(packages), USUAL, &Ignores::default());
        judged.counts.expect("counts")
    };
    let mending = || package("a", Some(true), Standing::Pending);
    assert_eq!(counts(vec![mending(), plain("b")]).security, Some(1));
    let unclassed = package("c", None, Standing::Pending);
    assert_eq!(counts(vec![mending(), unclassed]).security, None);
    assert_eq!(counts(vec![]).security, Some(0));
    let phased = package("d", None, Standing::Phased);
    assert_eq!(counts(vec![phased]).security, Some(0));
}

#[test]
fn nothing_that_could_not_be_decided_is_ever_up_to_date() {
    let packages: [fn() -> Packages; 5] = [
        || known(vec![]),
        || known(vec![plain("a")]),
        || known(vec![package("a", None, Standing::Pending)]),
        || stale(vec![plain("a")]),
        || UNREAD,
    ];
    let week = Criterion::Overdue(7 * DAY);
    let all = [
        Criterion::Pending,
        Criterion::Security,
        Criterion::Reboot,
        week,
    ];
    for need in [Need::Yes, Need::No, Need::Unknown, Need::NotApplicable] {
        for packages in packages {
            for subset in 0..16_u8 {
                let asked = all
                    .iter()
                    .enumerate()
                    .filter(|(bit, _)| subset & (1 << bit) != 0);
                let asked: Vec<Criterion> = asked.map(|(_, criterion)| *criterion).collect();
                let judged = judged(need, packages(), &asked, &Ignores::default());
                let is_open =
                    |found: &Found| matches!(found, Found::Unknown(_) | Found::BehindAtLeast(_));
                let open = judged.found.iter().any(|(_, found)| is_open(found));
                assert_eq!(open, judged.conclusion == Conclusion::Unknown, "{judged:?}");
                // Nor is it called so where it is tolerated.
                let whole = overall(&[judged], Listed::Whole);
                assert_eq!(open, whole == Overall::Unknown);
                assert_eq!(asked.is_empty(), whole == Overall::NotAsked);
            }
        }
    }
}

#[test]
fn an_image_counts_as_azure_says_and_without_its_word_is_unknown() {
    let known = |is_behind| Image::Known {
        latest: "new".into(),
        is_behind,
    };
    for (image, wanted) in [
        (known(true), Conclusion::Behind),
        (known(false), Conclusion::UpToDate),
        (
            Image::Unknown(Reason::NodeImageNotTold),
            Conclusion::Unknown,
        ),
        (
            Image::NotApplicable(Reason::VirtualNode),
            Conclusion::NotApplicable,
        ),
    ] {
        let updates = NodeUpdates {
            status: node("n1", Need::Yes),
            packages: UNREAD,
            image,
        };
        let judged = judge(updates, &[Criterion::Image], &Ignores::default(), at(NOW));
        assert_eq!(judged.conclusion, wanted);
    }
}
