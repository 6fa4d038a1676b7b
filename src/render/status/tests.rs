//! What `status` prints, for nodes of every verdict.

use super::*;
use crate::core::evidence::{judge_unprobed, test_node};
use crate::core::model::NodeName;
use crate::core::model::{Node, OperatingSystem};
use crate::core::reason::Reason;
use crate::render::format::table::{Frame, table};

fn status(name: &str, need: Need, reasons: Vec<Reason>) -> NodeStatus {
    let node = Node {
        name: NodeName::new(name),
        ..test_node()
    };
    let mut verdict = judge_unprobed(&OperatingSystem::Linux, false, node.kernel.clone());
    verdict.need = need;
    verdict.reasons = reasons;
    NodeStatus::new(&node, verdict)
}

fn now() -> Timestamp {
    Timestamp::from_second(1_800_000_000).expect("a time")
}

fn some_nodes() -> Vec<NodeStatus> {
    let mut waiting = status(
        "aks-blue-12345678-vmss000000",
        Need::Yes,
        vec![Reason::Flag {
            packages: vec!["dbus".into(), "libc6".into(), "linux-base".into()],
            omitted: 0,
        }],
    );
    waiting.verdict.since = Timestamp::from_second(1_800_000_000 - 12 * 86_400).ok();
    waiting.verdict.newest_installed = Some(Kernel::new("6.8.0-1030-azure"));
    let mut fine = status("aks-blue-12345678-vmss000001", Need::No, Vec::new());
    fine.status = "Ready,SchedulingDisabled".into();
    fine.verdict.newest_installed = fine.verdict.running.clone();
    let unknown = status(
        "aks-blue-12345678-vmss00000a",
        Need::Unknown,
        vec![Reason::NodeNotReady {
            detail: "NodeStatusUnknown".into(),
        }],
    );
    let windows = status("akswin00000b", Need::NotApplicable, vec![Reason::Windows]);
    vec![waiting, fine, unknown, windows]
}

fn shown(wide: bool, width: Option<usize>) -> String {
    let frame = Frame {
        headers: true,
        wide,
        width,
    };
    table(COLUMNS, &some_nodes(), &View { now: now() }, frame)
}

#[test]
fn the_whole_table() {
    insta::assert_snapshot!(shown(false, None));
}

#[test]
fn the_table_fits_the_terminal_and_never_loses_the_verdict() {
    for width in [200, 120, 100, 80, 60, 40] {
        let text = shown(false, Some(width));
        for line in text.lines() {
            assert!(line.chars().count() <= width, "{width}: {line}");
        }
        assert!(text.contains("REBOOT"), "{width}");
        assert!(text.contains("REASON"), "{width}");
    }
    insta::assert_snapshot!(format!(
        "{}\n{}",
        shown(false, Some(80)),
        shown(false, Some(40))
    ));
}

#[test]
fn the_wide_table() {
    insta::assert_snapshot!(shown(true, None));
}

#[test]
fn the_document() {
    let nodes = some_nodes();
    let errors = ["node x was not found".to_owned()];
    let document = Document::new("prod", "https://example.invalid", &nodes[..2], &errors);
    insta::assert_snapshot!(crate::render::format::json::document(&document).expect("JSON"));
}

#[test]
fn the_summary_counts_what_waits_and_what_is_unknown() {
    assert_eq!(
        summary(&some_nodes()),
        "1 of 4 nodes waits for a reboot, 1 unknown"
    );
    assert_eq!(
        summary(&some_nodes()[1..2]),
        "0 of 1 node wait for a reboot"
    );
}

#[test]
fn equal_doubts_are_told_once_with_what_would_help() {
    let denied = |name: &str, pod: &str| {
        status(
            name,
            Need::Unknown,
            vec![Reason::ProbeDenied {
                namespace: "aksreboot".into(),
                by: crate::core::reason::Denier::PodSecurity,
                message: format!("pods \"{pod}\" is forbidden: violates PodSecurity"),
            }],
        )
    };
    let nodes = [
        denied("n1", "probe-0123456789-0123456789abcdef"),
        denied("n2", "probe-9876543210-fedcba9876543210"),
    ];
    let debug = [
        denied("n1", "node-debugger-aks-1-abcde"),
        denied("n2", "node-debugger-aks-2-fghkl"),
    ];
    assert!(
        explanations(&debug)[0]
            .contains("n1, n2: PodSecurity refuses the probe pod: pods \"node-debugger-\u{2026}\""),
        "{:?}",
        explanations(&debug)
    );
    assert_eq!(
        explanations(&nodes),
        [
            "unknown: n1, n2: PodSecurity refuses the probe pod: pods \"probe-\u{2026}\" is forbidden: violates PodSecurity",
            "hint: kubectl label namespace aksreboot pod-security.kubernetes.io/enforce=privileged --overwrite",
        ]
    );
}
