//! What all nodes come to together: a number with a part that is not known is never shown as a whole one, and nothing as zero.

use super::*;
use crate::core::updates::decide::Conclusion;

/// One node each, by what is known of its packages.
fn of(packages: impl IntoIterator<Item = Packages>) -> Vec<NodeUpdates> {
    let node = |(at, packages)| NodeUpdates {
        status: status(&format!("n{at}"), "blue", Need::No, Vec::new()),
        packages,
        image: Image::Unknown(Reason::AzureNotAsked),
    };
    packages.into_iter().enumerate().map(node).collect()
}

fn known(pending: usize) -> Packages {
    let one = |at| package(&format!("p{at}"), Some("1"), "2");
    Packages::Known(updates((0..pending).map(one).collect(), 3600))
}

fn old(pending: usize) -> Packages {
    match known(pending) {
        Packages::Known(read) => Packages::Unknown {
            reasons: vec![Reason::PackageDataUndated],
            read: Some(read),
        },
        other => other,
    }
}

/// The numbers came, the list did not.
fn cut(pending: u32, more: &[Reason]) -> Packages {
    let counts = Counts {
        pending,
        security: Some(pending),
        phased: 0,
        kept_back: 0,
    };
    let message = "the log was cut".to_owned();
    let cut = Reason::PackageListCut { message, counts };
    Packages::Unknown {
        reasons: [&[cut][..], more].concat(),
        read: Some(Updates {
            omitted: pending,
            ..updates(Vec::new(), 3600)
        }),
    }
}

const UNREAD: Packages = Packages::Unknown {
    reasons: Vec::new(),
    read: None,
};

fn value(report: &Report<'_>, name: &str) -> String {
    let pairs = outputs(report);
    let pair = pairs.into_iter().find(|(known, _)| *known == name);
    pair.expect(name).1
}

#[test]
fn a_total_is_a_number_only_where_each_part_of_it_is_known() {
    for (row, packages, pending, at_least) in [
        (1, vec![known(2), known(0)], "2", "2"),
        (2, vec![known(2), UNREAD], "", "2"),
        (3, vec![UNREAD], "", ""),
        (4, vec![known(2), old(3)], "", "5"),
        // The numbers of a list that did not come are numbers.
        (5, vec![known(2), cut(300, &[])], "302", "302"),
        (
            6,
            vec![known(2), cut(300, &[Reason::PackageDataUndated])],
            "",
            "302",
        ),
        (
            7,
            vec![known(1), Packages::NotApplicable(Reason::Windows)],
            "1",
            "1",
        ),
        (8, vec![], "", ""),
    ] {
        with(of(packages), &[], |report| {
            assert_eq!(value(report, "pending-packages"), pending, "row {row}");
            let name = "pending-packages-at-least";
            assert_eq!(value(report, name), at_least, "row {row}");
            let document = serde_json::to_value(Document::new(report)).expect("JSON");
            let number = |text: &str| serde_json::json!(text.parse::<u64>().ok());
            let summary = &document["summary"];
            assert_eq!(summary["pending"], number(pending), "row {row}");
            assert_eq!(summary["pendingAtLeast"], number(at_least), "row {row}");
        });
    }
}

#[test]
fn a_name_that_no_node_has_leaves_every_total_open() {
    let errors = ["no node is called nobody".to_owned()];
    with(of([known(2)]), &errors, |report| {
        assert_eq!(value(report, "nodes"), "1");
        assert_eq!(value(report, "pending-packages"), "");
        assert_eq!(value(report, "pending-packages-at-least"), "2");
        assert_eq!(value(report, "reboot-pending"), "");
    });
}

#[test]
fn what_could_not_be_listed_has_no_numbers_at_all() {
    let errors = ["list nodes: connection refused".to_owned()];
    with(Vec::new(), &errors, |report| {
        for (name, value) in outputs(report) {
            let wanted = match name {
                "overall" => "unknown",
                "exit-code" => "1",
                _ => "",
            };
            assert_eq!(value, wanted, "{name}");
        }
        let document = serde_json::to_value(Document::new(report)).expect("JSON");
        let summary = document["summary"].as_object().expect("a summary");
        assert!(summary.values().all(serde_json::Value::is_null));
    });
}

#[test]
fn a_security_update_that_is_known_counts_among_packages_that_nobody_classed() {
    let unclassed = |name: &str, security| PackageUpdate {
        security,
        ..package(name, Some("1"), "2")
    };
    let mixed = Packages::Known(updates(
        vec![unclassed("a", None), unclassed("b", Some(true))],
        3600,
    ));
    with(of([mixed]), &[], |report| {
        assert_eq!(value(report, "pending-packages"), "2");
        assert_eq!(value(report, "security-packages"), "");
        assert_eq!(value(report, "security-packages-at-least"), "1");
    });
}

#[test]
fn nothing_found_in_what_may_be_old_is_not_shown_as_a_zero() {
    with(of([old(0), old(2), cut(0, &[]), UNREAD]), &[], |report| {
        let cells: Vec<String> = report
            .nodes
            .iter()
            .map(|node| count(node, |counts| Some(counts.pending)))
            .collect();
        assert_eq!(cells, ["<unknown>", "2?", "0", "<unknown>"]);
    });
}

#[test]
fn what_is_behind_by_what_was_read_is_counted_and_named_whatever_is_tolerated() {
    for unknowns in [Unknowns::Fail, Unknowns::Tolerated] {
        let terms = Terms {
            unknowns,
            ..terms()
        };
        on(&terms, of([old(3), UNREAD, known(0)]), &[], |report| {
            let said = summary(report);
            assert!(
                said.starts_with("0 of 3 nodes are behind; at least 3 packages"),
                "{said}"
            );
            assert!(said.contains("2 unknown ("), "{said}");
            assert!(
                said.contains("1 of them behind by what was read: n0"),
                "{said}"
            );
            assert_eq!(value(report, "overall"), "unknown");
            assert_eq!(value(report, "behind-at-least"), "1");
            assert_eq!(words::behind(&report.nodes[0]), "unknown (pending)");
            assert_eq!(words::behind(&report.nodes[1]), "unknown");
            assert!(junit(report).contains("behind by what was read in pending"));
        });
    }
}

#[test]
fn where_nothing_counts_nothing_is_judged_and_nothing_up_to_date() {
    let terms = Terms {
        criteria: Vec::new(),
        ..terms()
    };
    on(&terms, of([known(2), UNREAD]), &[], |report| {
        let conclusions = report.nodes.iter().map(|node| node.conclusion);
        assert!(conclusions.eq([Conclusion::NotAsked; 2]));
        let table = report.sheet(Breadth::Narrow).text(Frame::default());
        assert!(
            table.lines().skip(1).all(|line| line.ends_with(" -")),
            "{table}"
        );
        assert_eq!(value(report, "overall"), "not-asked");
        assert_eq!(value(report, "up-to-date"), "0");
        assert_eq!(value(report, "not-asked"), "2");
        assert_eq!(
            summary(report),
            "2 nodes read, and none judged: nothing counts (--fail-on none); at least 2 packages pending by what was read, \
             security not known everywhere"
        );
        let (cases, failures, errors, skipped) = oracles::assert_junit(&junit(report));
        assert_eq!((cases, failures, errors, skipped), (2, 0, 0, 2));
        assert_eq!(gravity(report), None);
    });
}

#[test]
fn two_limits_of_overdue_are_two_numbers_and_one_word() {
    let days = |days: u64| Criterion::Overdue(Duration::from_secs(days * 86_400));
    let terms = Terms {
        criteria: vec![days(7), days(30)],
        ..terms()
    };
    let mut waiting = of([known(0), known(0)]);
    for (node, since) in waiting.iter_mut().zip([12, 40]) {
        node.status.verdict.need = Need::Yes;
        node.status.verdict.since = Some(at(NOW - since * DAY));
    }
    on(&terms, waiting, &[], |report| {
        let said = summary(report);
        assert!(
            said.starts_with("2 of 2 nodes are behind: 2 overdue=7d, 1 overdue=30d"),
            "{said}"
        );
        assert_eq!(words::behind(&report.nodes[1]), "overdue");
    });
}

#[test]
fn one_node_is_and_several_are() {
    for (nodes, wanted) in [
        (vec![known(0)], "0 of 1 node is behind"),
        (vec![known(1)], "1 of 1 node is behind"),
        (vec![known(0), known(0)], "0 of 2 nodes are behind"),
        (vec![known(1), known(0)], "1 of 2 nodes is behind"),
    ] {
        let said = with(of(nodes), &[], summary);
        assert!(said.starts_with(wanted), "{said}");
    }
}
