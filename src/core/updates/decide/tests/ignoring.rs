//! With an ignore file: what its entries pass over, and the table of how all nodes together end a command.

use jiff::civil::date;

use super::*;
use crate::core::updates::ignore::{Ignore, Pattern};

fn ignoring(node: Option<&str>, pool: Option<&str>, package: Option<&str>, expires: i8) -> Ignores {
    let pattern = |text: Option<&str>| text.and_then(Pattern::new);
    let entry = Ignore {
        node: pattern(node),
        pool: pattern(pool),
        package: pattern(package),
        reason: "known".into(),
        expires: date(2027, 1, expires),
    };
    Ignores::on(date(2027, 1, 15), vec![entry])
}

#[test]
fn an_entry_passes_over_what_it_names_until_its_last_day_is_over() {
    let two = || known(vec![plain("linux-azure"), plain("libc6")]);
    let under = |ignores: &Ignores, need, packages| judged(need, packages, USUAL, ignores);
    let kernel = ignoring(None, None, Some("linux-*"), 15);
    let some = under(&kernel, Need::No, two());
    assert_eq!(some.conclusion, Conclusion::Behind);
    assert_eq!(some.counts.map(|counts| counts.pending), Some(1));
    assert_eq!(some.ignored_packages, [Some(Place(0)), None]);
    let only = || known(vec![plain("linux-azure")]);
    assert_eq!(
        under(&kernel, Need::No, only()).conclusion,
        Conclusion::Ignored
    );
    // Packages alone: the reboot counts.
    assert_eq!(
        under(&kernel, Need::Yes, only()).conclusion,
        Conclusion::Behind
    );
    // The day after.
    let expired = ignoring(None, None, Some("linux-*"), 14);
    assert_eq!(
        under(&expired, Need::No, only()).conclusion,
        Conclusion::Behind
    );
    // A whole node, unknown or not; what is up to date needs no ignoring.
    let whole = ignoring(Some("n*"), Some("blue"), None, 15);
    for (need, packages, wanted) in [
        (Need::Yes, UNREAD, Conclusion::Ignored),
        (Need::Unknown, UNREAD, Conclusion::Ignored),
        (Need::No, known(vec![]), Conclusion::UpToDate),
        (
            Need::NotApplicable,
            Packages::NotApplicable(Reason::Windows),
            Conclusion::NotApplicable,
        ),
    ] {
        assert_eq!(under(&whole, need, packages).conclusion, wanted);
    }
    for others in [
        ignoring(Some("m*"), None, None, 15),
        ignoring(None, Some("green"), None, 15),
        ignoring(Some("n1"), Some("green"), None, 15),
        ignoring(Some("m1"), None, Some("*"), 15),
    ] {
        assert_eq!(
            under(&others, Need::Yes, two()).conclusion,
            Conclusion::Behind
        );
    }
}

#[test]
fn an_entry_hides_no_doubt_about_packages() {
    let every = ignoring(None, None, Some("*"), 15);
    let of = |packages| judged(Need::No, packages, USUAL, &every).conclusion;
    assert_eq!(of(stale(vec![plain("a")])), Conclusion::Unknown);
    assert_eq!(of(UNREAD), Conclusion::Unknown);
}

#[test]
fn the_whole_is_unknown_before_it_is_behind_and_behind_before_up_to_date() {
    use Overall::{Behind, NotAsked, Unknown, UpToDate};
    let of = |need, packages| judged(need, packages, USUAL, &Ignores::default());
    let fine = || of(Need::No, known(vec![]));
    let behind = || of(Need::Yes, known(vec![]));
    let unknown = || of(Need::No, UNREAD);
    let partly = || of(Need::Yes, UNREAD);
    let old = || of(Need::No, stale(vec![plain("a")]));
    let not_applicable = || {
        let packages = Packages::NotApplicable(Reason::Windows);
        of(Need::NotApplicable, packages)
    };
    let ignored = || {
        let whole = ignoring(Some("*"), None, None, 15);
        judged(Need::Unknown, UNREAD, USUAL, &whole)
    };
    let expired = || {
        let whole = ignoring(Some("*"), None, None, 14);
        judged(Need::Yes, known(vec![]), USUAL, &whole)
    };
    let unasked = || judged(Need::Yes, UNREAD, &[], &Ignores::default());
    for (row, nodes, whole, tolerant) in [
        (1, vec![], Unknown, Ending::Undecided),
        (2, vec![fine()], UpToDate, Ending::Good),
        (3, vec![fine(), behind()], Behind, Ending::Behind),
        (4, vec![fine(), unknown()], Unknown, Ending::Good),
        (5, vec![behind(), unknown()], Unknown, Ending::Behind),
        (6, vec![fine(), partly()], Unknown, Ending::Behind),
        (7, vec![fine(), old()], Unknown, Ending::Behind),
        (8, vec![not_applicable()], UpToDate, Ending::Good),
        (9, vec![ignored()], UpToDate, Ending::Good),
        (10, vec![ignored(), behind()], Behind, Ending::Behind),
        (11, vec![ignored(), unknown()], Unknown, Ending::Good),
        (12, vec![expired()], Behind, Ending::Behind),
        (
            13,
            vec![ignored(), expired(), unknown(), fine()],
            Unknown,
            Ending::Behind,
        ),
        (14, vec![unasked(), unasked()], NotAsked, Ending::Good),
    ] {
        assert_eq!(overall(&nodes, Listed::Whole), whole, "row {row}");
        let strict = match whole {
            UpToDate | NotAsked => Ending::Good,
            Behind => Ending::Behind,
            Unknown => Ending::Undecided,
        };
        for (unknowns, wanted) in [(Unknowns::Fail, strict), (Unknowns::Tolerated, tolerant)] {
            assert_eq!(ending(&nodes, Listed::Whole, unknowns), wanted, "row {row}");
            // A name that no node has.
            assert_eq!(
                ending(&nodes, Listed::WithGaps, unknowns),
                Ending::Undecided,
                "row {row}"
            );
        }
    }
}

#[test]
fn numbers_without_a_list_are_enough_but_where_packages_are_ignored_by_name() {
    let lost = |pending, security, more: &[Reason]| Packages::Unknown {
        reasons: [Reason::PackageListCut {
            message: "no permission".into(),
            counts: Counts {
                pending,
                security,
                phased: 1,
                kept_back: 0,
            },
        }]
        .iter()
        .chain(more)
        .cloned()
        .collect(),
        read: Some(Updates {
            omitted: pending + 1,
            ..updates(vec![])
        }),
    };
    let both = &[Criterion::Pending, Criterion::Security];
    for (row, packages, wanted) in [
        (1, lost(300, Some(12), &[]), Conclusion::Behind),
        (2, lost(0, Some(0), &[]), Conclusion::UpToDate),
        (3, lost(3, None, &[]), Conclusion::Unknown),
        (
            4,
            lost(3, Some(0), &[Reason::PackageDataUndated]),
            Conclusion::Unknown,
        ),
    ] {
        assert_eq!(conclusion(Need::No, packages, both), wanted, "row {row}");
    }
    // With another doubt, whichever comes first, some are pending all the same, and none says nothing.
    let old = || Reason::PackageDataUndated;
    let first = |packages| match packages {
        Packages::Unknown { mut reasons, read } => {
            reasons.rotate_right(1);
            Packages::Unknown { reasons, read }
        }
        other => other,
    };
    for packages in [
        lost(3, Some(0), &[old()]),
        first(lost(3, Some(0), &[old()])),
    ] {
        let judged = judged(Need::No, packages, both, &Ignores::default());
        assert_eq!(judged.counts.map(|counts| counts.pending), Some(3));
        assert_eq!(judged.known_counts(), None);
        assert!(matches!(judged.found[0].1, Found::BehindAtLeast(_)));
        assert!(matches!(judged.found[1].1, Found::Unknown(_)));
        assert!(judged.is_behind() && judged.is_behind_at_least());
    }
    let many = judged(
        Need::No,
        lost(300, Some(12), &[]),
        both,
        &Ignores::default(),
    );
    assert_eq!(many.known_counts().map(|counts| counts.pending), Some(300));
    let named = |expires| {
        let entry = ignoring(None, None, Some("linux-*"), expires);
        let judged = judged(Need::No, lost(3, Some(0), &[]), both, &entry);
        assert_eq!(judged.known_counts().is_some(), expires == 14);
        judged.conclusion
    };
    assert_eq!(
        (named(15), named(14)),
        (Conclusion::Unknown, Conclusion::Behind)
    );
}
