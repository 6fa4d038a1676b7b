//! What `status` shows: the columns, the document, and the sentences beside them.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde::Serialize;

use crate::core::evidence::{Need, NodeStatus, Route};
use crate::core::model::{BootId, Kernel, NodeName, Uid};
use crate::core::reason::Reason;

use super::columns::{Column, Cut, Gives, When};
use super::doubt::{in_short, in_words, remedy};
use super::format::table::NONE;
use super::text::{age, count, some_of};

/// What the cells depend on besides their node.
pub(crate) struct View {
    pub(crate) now: Timestamp,
}

const UNKNOWN: &str = "<unknown>";

pub(crate) const COLUMNS: &[Column<NodeStatus, View>] = &[
    Column {
        header: "NAME",
        when: When::Always,
        cell: |node, _| node.name.to_string(),
        gives: Gives::Width {
            order: 5,
            least: 14,
            cut: Cut::Middle,
        },
    },
    Column {
        header: "STATUS",
        when: When::Always,
        cell: |node, _| node.status.clone(),
        gives: Gives::All { order: 6 },
    },
    Column {
        header: "REBOOT",
        when: When::Always,
        cell: |node, _| need(node.verdict.need).to_owned(),
        gives: Gives::Nothing,
    },
    Column {
        header: "REASON",
        when: When::Always,
        cell: |node, _| why(node),
        gives: Gives::Width {
            order: 3,
            least: 12,
            cut: Cut::End,
        },
    },
    Column {
        header: "SINCE",
        when: When::Always,
        cell: since,
        gives: Gives::All { order: 4 },
    },
    Column {
        header: "KERNEL",
        when: When::Always,
        cell: |node, _| kernel(node.verdict.running.as_ref()),
        gives: Gives::All { order: 2 },
    },
    Column {
        header: "NEWEST-KERNEL",
        when: When::Always,
        cell: |node, _| kernel(node.verdict.newest_installed.as_ref()),
        gives: Gives::All { order: 1 },
    },
    wide("POOL", |node, _| or_none(node.pool.as_deref())),
    wide("ZONE", |node, _| or_none(node.zone.as_deref())),
    wide("VERSION", |node, _| or_none(Some(&node.version))),
    wide("OS-IMAGE", |node, _| or_none(Some(&node.os_image))),
    wide("NODE-IMAGE", |node, _| or_none(node.node_image.as_deref())),
    wide("READ-BY", |node, _| {
        match node.verdict.read_by {
            Route::Api => "api",
            Route::Pod => "pod",
        }
        .to_owned()
    }),
];

const fn wide(
    header: &'static str,
    cell: fn(&NodeStatus, &View) -> String,
) -> Column<NodeStatus, View> {
    Column {
        header,
        when: When::Wide,
        cell,
        gives: Gives::Nothing,
    }
}

fn need(need: Need) -> &'static str {
    match need {
        Need::Yes => "yes",
        Need::No => "no",
        Need::Unknown => "unknown",
        Need::NotApplicable => "n-a",
    }
}

/// What makes the verdict; where nothing does, what else is to be known.
fn why(node: &NodeStatus) -> String {
    let verdict = &node.verdict;
    let told = if verdict.reasons.is_empty() {
        &verdict.notes
    } else {
        &verdict.reasons
    };
    if told.is_empty() {
        return NONE.to_owned();
    }
    told.iter().map(in_short).collect::<Vec<_>>().join(", ")
}

fn since(node: &NodeStatus, view: &View) -> String {
    match (node.verdict.need, node.verdict.since) {
        (Need::Yes, Some(since)) => {
            // A node's clock may be ahead of ours.
            age(view
                .now
                .duration_since(since)
                .try_into()
                .unwrap_or_default())
        }
        (Need::Yes, None) => UNKNOWN.to_owned(),
        _ => NONE.to_owned(),
    }
}

fn kernel(kernel: Option<&Kernel>) -> String {
    kernel.map_or_else(|| UNKNOWN.to_owned(), ToString::to_string)
}

fn or_none(text: Option<&str>) -> String {
    text.filter(|text| !text.is_empty())
        .unwrap_or(NONE)
        .to_owned()
}

/// The document of `-o json`, version 1. Fields are added, never changed.
#[derive(Serialize)]
pub(crate) struct Document<'a> {
    kind: &'static str,
    v: u8,
    cluster: ClusterName<'a>,
    nodes: Vec<NodeEntry<'a>>,
    /// What kept the document from being whole, in words.
    errors: &'a [String],
}

#[derive(Serialize)]
struct ClusterName<'a> {
    context: &'a str,
    server: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NodeEntry<'a> {
    name: &'a NodeName,
    uid: &'a Uid,
    status: &'a str,
    reboot: Need,
    reasons: &'a [Reason],
    notes: &'a [Reason],
    since: Option<Timestamp>,
    kernel: Option<&'a Kernel>,
    newest_kernel: Option<&'a Kernel>,
    boot_id: Option<&'a BootId>,
    pool: Option<&'a str>,
    zone: Option<&'a str>,
    version: &'a str,
    os_image: &'a str,
    node_image: Option<&'a str>,
    read_by: Route,
}

impl<'a> Document<'a> {
    pub(crate) fn new(
        context: &'a str,
        server: &'a str,
        nodes: &'a [NodeStatus],
        errors: &'a [String],
    ) -> Self {
        Self {
            kind: "aksreboot/Status",
            v: 1,
            cluster: ClusterName { context, server },
            nodes: nodes.iter().map(NodeEntry::new).collect(),
            errors,
        }
    }
}

impl<'a> NodeEntry<'a> {
    fn new(node: &'a NodeStatus) -> Self {
        let verdict = &node.verdict;
        Self {
            name: &node.name,
            uid: &node.uid,
            status: &node.status,
            reboot: verdict.need,
            reasons: &verdict.reasons,
            notes: &verdict.notes,
            since: verdict.since,
            kernel: verdict.running.as_ref(),
            newest_kernel: verdict.newest_installed.as_ref(),
            boot_id: node.boot.as_ref(),
            pool: node.pool.as_deref(),
            zone: node.zone.as_deref(),
            version: &node.version,
            os_image: &node.os_image,
            node_image: node.node_image.as_deref(),
            read_by: verdict.read_by,
        }
    }
}

/// One line: how many wait, and how many could not be judged.
pub(crate) fn summary(nodes: &[NodeStatus]) -> String {
    let of = |need| {
        nodes
            .iter()
            .filter(|node| node.verdict.need == need)
            .count()
    };
    let (waiting, unknown) = (of(Need::Yes), of(Need::Unknown));
    let mut text = format!(
        "{waiting} of {} {} for a reboot",
        count(nodes.len(), "node"),
        if waiting == 1 { "waits" } else { "wait" }
    );
    if unknown > 0 {
        let _ = write!(text, ", {unknown} unknown");
    }
    text
}

/// More lines than a person reads.
const MOST_LINES: usize = 20;

/// Why nodes are unknown, a line for each reason, and what would help, once each. Notes of the others too.
pub(crate) fn explanations(nodes: &[NodeStatus]) -> Vec<String> {
    let mut told: Vec<(String, Vec<&NodeName>)> = Vec::new();
    let mut remedies: Vec<String> = Vec::new();
    for node in nodes {
        let verdict = &node.verdict;
        let doubts: &[Reason] = match verdict.need {
            Need::Unknown => &verdict.reasons,
            _ => &[],
        };
        let lines = doubts
            .iter()
            .map(|doubt| format!("unknown: {}", without_pod_names(&in_words(doubt))))
            .chain(
                verdict
                    .notes
                    .iter()
                    .map(|note| format!("note: {}", in_words(note))),
            );
        for line in lines {
            match told.iter_mut().find(|(known, _)| *known == line) {
                Some((_, names)) => names.push(&node.name),
                None => told.push((line, vec![&node.name])),
            }
        }
        for remedy in doubts.iter().filter_map(remedy) {
            if !remedies.contains(&remedy) {
                remedies.push(remedy);
            }
        }
    }
    let more = told.len().saturating_sub(MOST_LINES);
    told.into_iter()
        .take(MOST_LINES)
        .map(|(line, names)| {
            let (kind, words) = line.split_once(": ").unwrap_or(("", &line));
            format!("{kind}: {}: {words}", some_of(&names, 3))
        })
        .chain((more > 0).then(|| format!("and {more} more such lines; -o json has them all")))
        .chain(remedies.into_iter().map(|remedy| format!("hint: {remedy}")))
        .collect()
}

/// The server names the refused pod in its answer, a random name that would keep equal stories apart.
fn without_pod_names(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("probe-") {
        let (before, name) = rest.split_at(at);
        let end = name["probe-".len()..]
            .find(|c: char| !(c.is_ascii_hexdigit() || c == '-'))
            .map_or(name.len(), |end| end + "probe-".len());
        out.push_str(before);
        // Two hashes; anything shorter is a word.
        out.push_str(if end > 20 {
            "probe-\u{2026}"
        } else {
            &name[..end]
        });
        rest = &name[end..];
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::evidence::{judge_unprobed, test_node};
    use crate::core::model::{Node, OperatingSystem};
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
                    by: crate::core::reason::Denier::PodSecurity,
                    message: format!("pods \"{pod}\" is forbidden: violates PodSecurity"),
                }],
            )
        };
        let nodes = [
            denied("n1", "probe-0123456789-0123456789abcdef"),
            denied("n2", "probe-9876543210-fedcba9876543210"),
        ];
        assert_eq!(
            explanations(&nodes),
            [
                "unknown: n1, n2: PodSecurity refuses the probe pod: pods \"probe-\u{2026}\" is forbidden: violates PodSecurity",
                "hint: kubectl label namespace aksreboot pod-security.kubernetes.io/enforce=privileged --overwrite",
            ]
        );
    }
}
