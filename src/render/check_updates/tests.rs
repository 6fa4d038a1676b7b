//! What `check-updates` prints, for nodes of every conclusion and with names that would do harm.

mod azure;
mod hostile;
mod oracles;
mod totals;

use std::time::Duration;

use jiff::civil::date;

use super::*;
use crate::core::evidence::{NodeStatus, judge_unprobed, test_node};
use crate::core::model::{Kernel, Node, NodeKind, NodeName};
use crate::core::reason::Reason;
use crate::core::updates::decide::{Criterion, NodeUpdates, Unknowns, judge};
use crate::core::updates::ignore::{Ignore, Pattern};
use crate::core::updates::image::Image;
use crate::core::updates::outcome::overall;
use crate::core::updates::{Cost, DataAge, DataAgeBy, Manager, PackageUpdate, Standing, Updates};
use crate::render::format::sheet::Frame;
use crate::render::format::{json, yaml};

const NOW: i64 = 1_800_000_000;
const DAY: i64 = 86_400;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).expect("a time")
}

fn status(name: &str, pool: &str, need: Need, reasons: Vec<Reason>) -> NodeStatus {
    let node = Node {
        name: NodeName::new(name),
        labels: [("agentpool".to_owned(), pool.to_owned())].into(),
        ..test_node()
    };
    let mut verdict = judge_unprobed(NodeKind::Host, node.kernel.clone());
    verdict.need = need;
    verdict.reasons = reasons;
    NodeStatus::new(&node, verdict)
}

fn package(name: &str, installed: Option<&str>, candidate: &str) -> PackageUpdate {
    PackageUpdate {
        name: name.into(),
        architecture: Some("amd64".into()),
        installed: installed.map(str::to_owned),
        candidate: candidate.into(),
        security: Some(false),
        standing: Standing::Pending,
        origin: Some("Ubuntu:24.04/noble-updates".into()),
    }
}

fn updates(packages: Vec<PackageUpdate>, age: i64) -> Updates {
    Updates {
        manager: Manager::Apt,
        packages,
        omitted: 0,
        data: DataAge {
            as_of: Some(at(NOW - age)),
            by: Some(DataAgeBy::SuccessStamp),
            refreshed: false,
        },
        notes: Vec::new(),
        cost: Some(Cost {
            cpu_milliseconds: 812,
            milliseconds: 1_204,
        }),
    }
}

/// A node of each conclusion.
fn nodes() -> Vec<NodeUpdates> {
    let mut waiting = status(
        "aks-blue-12345678-vmss000000",
        "blue",
        Need::Yes,
        vec![Reason::Flag {
            packages: vec!["linux-base".into()],
            omitted: 0,
        }],
    );
    waiting.verdict.since = Some(at(NOW - 12 * DAY));
    waiting.verdict.newest_installed = Some(Kernel::new("6.8.0-1030-azure"));
    let mending = PackageUpdate {
        security: Some(true),
        ..package("openssl", Some("3.0.13-0ubuntu3.1"), "3.0.13-0ubuntu3.4")
    };
    let phased = PackageUpdate {
        standing: Standing::Phased,
        ..package("snapd", Some("2.63"), "2.66")
    };
    let new = package("linux-image-6.8.0-1031-azure", None, "6.8.0-1031.36");
    let fine = status("aks-blue-12345678-vmss000001", "blue", Need::No, Vec::new());
    let old = status("aks-blue-12345678-vmss00000a", "blue", Need::No, Vec::new());
    let pinned = status("aks-gpu-12345678-vmss000000", "gpu", Need::No, Vec::new());
    let windows = status(
        "akswin00000b",
        "win",
        Need::NotApplicable,
        vec![Reason::Windows],
    );
    let of = |status, packages| NodeUpdates {
        status,
        packages,
        image: Image::Unknown(Reason::AzureNotAsked),
    };
    vec![
        of(
            waiting,
            Packages::Known(updates(
                vec![
                    new,
                    package("linux-azure", Some("6.8.0-1030.35"), "6.8.0-1031.36"),
                    mending,
                    phased,
                ],
                3 * 3600,
            )),
        ),
        of(fine, Packages::Known(updates(vec![], 5 * 3600))),
        of(
            old,
            Packages::Unknown {
                reasons: vec![Reason::NodeNotReady {
                    detail: "KubeletNotReady".into(),
                }],
                read: Some(updates(vec![package("vim", Some("1"), "2")], 40 * DAY)),
            },
        ),
        of(
            pinned,
            Packages::Known(updates(
                vec![package("nvidia-driver", Some("550"), "560")],
                3600,
            )),
        ),
        of(windows, Packages::NotApplicable(Reason::Windows)),
    ]
}

fn ignores() -> Ignores {
    let entry = |package: &str, expires| Ignore {
        node: None,
        pool: Pattern::new("gpu"),
        package: Pattern::new(package),
        reason: "the driver is pinned".into(),
        expires,
    };
    Ignores::on(
        date(2027, 1, 15),
        vec![
            entry("nvidia-*", date(2027, 3, 31)),
            entry("cuda-*", date(2026, 12, 31)),
        ],
    )
}

fn terms() -> Terms {
    Terms {
        criteria: vec![
            Criterion::Pending,
            Criterion::Reboot,
            Criterion::Overdue(Duration::from_secs(7 * 86_400)),
        ],
        unknowns: Unknowns::Fail,
        max_data_age: Some(Duration::from_secs(3 * 86_400)),
        refresh: false,
    }
}

/// What a form says of these nodes.
fn with<T>(nodes: Vec<NodeUpdates>, errors: &[String], said: impl FnOnce(&Report<'_>) -> T) -> T {
    on(&terms(), nodes, errors, said)
}

/// The same on other terms.
fn on<T>(
    terms: &Terms,
    nodes: Vec<NodeUpdates>,
    errors: &[String],
    said: impl FnOnce(&Report<'_>) -> T,
) -> T {
    let ignores = ignores();
    let judged: Vec<Judged> = nodes
        .into_iter()
        .map(|node| judge(node, &terms.criteria, &ignores, at(NOW)))
        .collect();
    let listed = match (errors.is_empty(), judged.is_empty()) {
        (true, _) => Listed::Whole,
        (false, true) => Listed::Nothing,
        (false, false) => Listed::WithGaps,
    };
    said(&Report {
        context: "prod",
        server: "https://prod.example:443",
        at: at(NOW),
        terms,
        ignores: &ignores,
        azure: &Azure::NotAsked,
        nodes: &judged,
        listed,
        overall: overall(&judged, listed),
        exit: 1,
        errors,
    })
}

fn usual<T>(said: impl FnOnce(&Report<'_>) -> T) -> T {
    with(nodes(), &[], said)
}

fn shown(breadth: Breadth, width: Option<usize>) -> String {
    usual(|report| {
        report.sheet(breadth).text(Frame {
            width,
            ..Frame::default()
        })
    })
}

#[test]
fn the_table_fits_a_terminal_and_never_loses_what_counts() {
    for width in [80, 60, 50] {
        let text = shown(Breadth::Narrow, Some(width));
        for line in text.lines() {
            assert!(line.chars().count() <= width, "{width}: {line}");
        }
        assert!(text.contains("pending,reboot,overdue"), "{text}");
    }
    insta::assert_snapshot!(shown(Breadth::Narrow, Some(80)));
}

#[test]
fn the_wide_table_has_everything() {
    insta::assert_snapshot!(shown(Breadth::Wide, None));
}

#[test]
fn the_packages_are_a_table_of_their_own() {
    insta::assert_snapshot!(usual(|report| {
        packages_sheet(&listed(report)).text(Frame::default())
    }));
}

#[test]
fn the_sentences_say_why_what_is_ignored_and_what_it_comes_to() {
    insta::assert_snapshot!(usual(beside).join("\n"));
}

#[test]
fn the_document() {
    insta::assert_snapshot!(usual(|report| {
        json::document(&Document::new(report)).expect("a document")
    }));
}

#[test]
fn yaml_says_what_json_says() {
    let (json, yaml) = usual(|report| {
        let document = Document::new(report);
        (
            serde_json::to_value(&document).expect("JSON"),
            yaml::document(&document).expect("YAML"),
        )
    });
    let read: serde_json::Value = serde_saphyr::from_str(&yaml).expect("YAML");
    assert_eq!(read, json);
}

#[test]
fn markdown_for_a_job_summary() {
    insta::assert_snapshot!(usual(|report| markdown(report, true)));
}

#[test]
fn junit_for_what_shows_tests() {
    insta::assert_snapshot!(usual(junit));
}

#[test]
fn csv_by_node_and_by_package() {
    let text = usual(|report| csv(report, false) + "\n" + &csv(report, true));
    insta::assert_snapshot!(text.replace('\r', ""));
}

#[test]
fn the_outputs_are_words_and_numbers() {
    let pairs = usual(outputs);
    let text: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    insta::assert_snapshot!(text.join("\n"));
}

#[test]
fn a_failure_has_every_form_too() {
    let errors = ["list nodes: connection refused".to_owned()];
    let (summary, junit, markdown) = with(Vec::new(), &errors, |report| {
        (summary(report), junit(report), markdown(report, false))
    });
    for with_packages in [false, true] {
        let csv = with(Vec::new(), &errors, |report| csv(report, with_packages));
        let lines: Vec<&str> = csv.lines().collect();
        assert_eq!(lines.len(), 2, "{csv}");
        assert!(
            lines[1].contains("unknown") && lines[1].contains(&errors[0]),
            "{csv}"
        );
    }
    assert_eq!(
        summary,
        "nothing could be decided: list nodes: connection refused"
    );
    assert!(
        junit.contains(r#"tests="1" failures="0" errors="1""#),
        "{junit}"
    );
    assert!(markdown.contains("## Node updates: unknown"), "{markdown}");
    assert!(markdown.contains("### Errors"), "{markdown}");
}

#[test]
fn why_and_until_when_something_is_ignored_is_in_every_form() {
    let forms = usual(|report| {
        [
            beside(report).join("\n"),
            json::document(&Document::new(report)).expect("JSON"),
            markdown(report, false),
            junit(report),
            csv(report, false),
            csv(report, true),
            super::ignores(report).join("\n"),
        ]
    });
    for form in forms {
        assert!(form.contains("the driver is pinned"), "{form}");
        assert!(form.replace('\\', "").contains("2027-03-31"), "{form}");
    }
}

#[test]
fn no_node_is_an_error_and_not_a_suite_that_passes() {
    let junit = with(Vec::new(), &[], junit);
    assert!(
        junit.contains(r#"tests="1" failures="0" errors="1""#),
        "{junit}"
    );
}

#[test]
fn a_summary_without_room_leaves_out_packages_first_and_says_so() {
    usual(|report| {
        let whole = markdown(report, true);
        assert_eq!(markdown_within(report, true, whole.len()), whole);
        let mut last = whole.len();
        let mut seen = Vec::new();
        while last > 0 {
            let text = markdown_within(report, true, last - 1);
            assert!(text.len() < last);
            last = text.len();
            seen.push(text);
        }
        assert!(seen[0].contains("packages are left out"), "{}", seen[0]);
        assert!(seen[0].contains("vmss00000a"), "{}", seen[0]);
        assert!(
            seen[1].contains("more, left out for want of room"),
            "{}",
            seen[1]
        );
        assert_eq!(seen.last().map(String::as_str), Some(""));
    });
}
