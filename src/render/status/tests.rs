//! What `status` prints, for nodes of every verdict.

use super::*;
use crate::core::evidence::{judge_unprobed, test_node};
use crate::core::model::NodeName;
use crate::core::model::{Node, NodeKind};
use crate::core::reason::Reason;
use crate::render::format::sheet::Frame;

fn status(name: &str, need: Need, reasons: Vec<Reason>) -> NodeStatus {
    let node = Node {
        name: NodeName::new(name),
        ..test_node()
    };
    let mut verdict = judge_unprobed(NodeKind::Host, node.kernel.clone());
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
    let nodes = some_nodes();
    let breadth = if wide { Breadth::Wide } else { Breadth::Narrow };
    sheet(
        &nodes.iter().collect::<Vec<_>>(),
        &View::of(&nodes, now()),
        breadth,
        &ShownLabels::default(),
    )
    .text(Frame {
        width,
        ..Frame::default()
    })
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
            assert!(
                unicode_width::UnicodeWidthStr::width(line) <= width,
                "{width}: {line}"
            );
        }
        assert!(text.contains("REBOOT"), "{width}");
        assert!(text.contains("REASON"), "{width}");
    }
    insta::assert_snapshot!(
        [200, 80, 60, 40]
            .map(|width| shown(false, Some(width)))
            .join("\n")
    );
}

#[test]
fn the_wide_table() {
    insta::assert_snapshot!(shown(true, None));
}

#[test]
fn the_document() {
    let nodes = some_nodes();
    let errors = ["node x was not found".to_owned()];
    let document = Document::new(
        "prod",
        "https://example.invalid",
        &nodes,
        &nodes[..2],
        &errors,
    );
    insta::assert_snapshot!(crate::render::format::json::document(&document).expect("JSON"));
}

#[test]
fn the_summary_counts_what_waits_and_what_is_unknown() {
    assert_eq!(
        summary(&some_nodes(), now()),
        "1 of 4 nodes waits for a reboot: 1 kernel, oldest 12d; 1 unknown (node not ready)"
    );
    assert_eq!(
        summary(&some_nodes()[1..2], now()),
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

#[test]
fn an_older_kernel_in_a_pool_is_marked_and_the_pool_is_named_below() {
    let mut nodes = vec![
        status("n1", Need::No, Vec::new()),
        status("n2", Need::No, Vec::new()),
        status("n3", Need::No, Vec::new()),
    ];
    for node in &mut nodes {
        node.pool = Some("user".into());
    }
    nodes[1].verdict.running = Some(Kernel::new("6.8.0-1046-azure"));
    let view = View::of(&nodes, now());
    let shown: Vec<&NodeStatus> = nodes.iter().collect();
    let table = sheet(&shown, &view, Breadth::Narrow, &ShownLabels::default());
    insta::assert_snapshot!(table.text(Frame::default()), @r"
    NAME   STATUS   REBOOT   REASON   SINCE    KERNEL              NEWEST-KERNEL
    n1     Ready    no       <none>   <none>   6.8.0-1021-azure*   <unknown>
    n2     Ready    no       <none>   <none>   6.8.0-1046-azure    <unknown>
    n3     Ready    no       <none>   <none>   6.8.0-1021-azure*   <unknown>
    ");
    assert_eq!(
        uneven_pools(&view.kernels),
        ["* pool user runs 2 kernels: 6.8.0-1021-azure (2), 6.8.0-1046-azure (1)"]
    );
}

#[test]
fn labels_are_columns_under_their_short_name() {
    let nodes = [
        status("n1", Need::No, Vec::new()).with_labels(
            [("example.com/team", "\u{7bc0}\u{70b9}"), ("tier", "a")]
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .into(),
        ),
        status("n2", Need::No, Vec::new()),
    ];
    let shown: Vec<&NodeStatus> = nodes.iter().collect();
    let labels = ShownLabels {
        columns: vec!["example.com/team".into()],
        all: true,
    };
    let table = sheet(&shown, &View::of(&nodes, now()), Breadth::Narrow, &labels);
    insta::assert_snapshot!(table.text(Frame::default()), @r"
    NAME   STATUS   REBOOT   REASON   SINCE    KERNEL             NEWEST-KERNEL   TEAM     LABELS
    n1     Ready    no       <none>   <none>   6.8.0-1021-azure   <unknown>       節点     example.com/team=節点,tier=a
    n2     Ready    no       <none>   <none>   6.8.0-1021-azure   <unknown>       <none>   <none>
    ");
}

#[test]
fn the_summary_says_what_most_wait_for_and_why_others_are_unknown() {
    let flag = |name: &str, packages: &[&str]| {
        status(
            name,
            Need::Yes,
            vec![Reason::Flag {
                packages: packages.iter().map(|&package| package.to_owned()).collect(),
                omitted: 0,
            }],
        )
    };
    let mut nodes = vec![
        flag("a", &["libc6"]),
        flag("b", &["linux-base", "libc6"]),
        flag("c", &["linux-image-6.8.0-1046-azure"]),
        status("d", Need::Unknown, vec![Reason::NotProbed]),
        status("e", Need::Unknown, vec![Reason::Interrupted]),
        status("f", Need::Unknown, vec![Reason::NotProbed]),
    ];
    assert_eq!(
        summary(&nodes, now()),
        "3 of 6 nodes wait for a reboot: 2 kernel, 1 libc6; 3 unknown (2 not probed, 1 interrupted)"
    );
    for package in ["x", "y", "z", "dbus"] {
        nodes.push(flag(package, &[package]));
    }
    assert!(summary(&nodes, now()).contains(": 2 kernel, 1 libc6, 1 x, 1 y, 2 for other reasons;"));
}

proptest::proptest! {
    /// Whatever nodes are called and have to say, the table fits 80 columns, verdict and reason included.
    #[test]
    fn eighty_columns_are_enough(
        name in "[a-z\u{7bc0}\u{70b9}.-]{1,253}",
        status_word in "(NotReady|Ready)(,SchedulingDisabled)?",
        kernel in "[0-9a-z.-]{1,64}",
        package in "[a-z\u{e9}\u{4e00}-]{1,120}",
        width in 40_usize..120,
    ) {
        let mut node = status(&name, Need::Yes, vec![Reason::Flag { packages: vec![package], omitted: 3 }]);
        node.status = status_word;
        node.verdict.running = Some(Kernel::new(kernel));
        let nodes = [node];
        let shown: Vec<&NodeStatus> = nodes.iter().collect();
        let text = sheet(&shown, &View::of(&nodes, now()), Breadth::Narrow, &ShownLabels::default())
            .text(Frame { width: Some(width), ..Frame::default() });
        for line in text.lines() {
            proptest::prop_assert!(unicode_width::UnicodeWidthStr::width(line) <= width, "{}", line);
        }
        proptest::prop_assert!(text.contains("REBOOT") && text.contains("REASON"));
    }
}
