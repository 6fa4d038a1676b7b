//! What is known of the nodes while changes are followed: each as the API last showed it, with the verdict on the boot
//! that it has now, and when its evidence was read. A verdict on another boot is none.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::core::evidence::{NodeStatus, Route, judge};
use crate::core::model::{Node, NodeName, ShownLabels};
use crate::core::reason::Reason;

#[derive(Debug, Default)]
pub(super) struct Known(BTreeMap<NodeName, Row>);

#[derive(Debug)]
struct Row {
    /// `None` until the watch has shown it.
    node: Option<Node>,
    status: NodeStatus,
    read_at: Option<Timestamp>,
}

/// What the API alone says of a node.
#[derive(Debug)]
pub(super) enum Word {
    /// There is nothing else to read.
    Last(NodeStatus),
    UntilRead(NodeStatus),
}

/// What a look at a node brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// As before.
    Same,
    /// Another row, the same evidence.
    Changed,
    /// The evidence may no longer hold: another boot, another readiness.
    Disturbed,
    New,
}

impl Known {
    /// The rows of the first reading.
    pub(super) fn of(nodes: Vec<NodeStatus>, read_at: Timestamp) -> Self {
        Self(
            nodes
                .into_iter()
                .map(|status| {
                    let read = status.verdict.read_by != Route::Api;
                    let row = Row {
                        node: None,
                        read_at: read.then_some(read_at),
                        status,
                    };
                    (row.status.name.clone(), row)
                })
                .collect(),
        )
    }

    /// Takes in a node as the API shows it.
    pub(super) fn see(&mut self, node: Node, word: Word, labels: &ShownLabels) -> Seen {
        let labels = labels.of(&node.labels);
        let Some(row) = self.0.get_mut(&node.name) else {
            let (Word::Last(status) | Word::UntilRead(status)) = word;
            let row = Row {
                status: status.with_labels(labels),
                node: Some(node.clone()),
                read_at: None,
            };
            self.0.insert(node.name, row);
            return Seen::New;
        };
        let rebooted = row.status.boot != node.boot;
        // As `NodeStatus` says it of a node that is ready.
        let turned = row.status.status.starts_with("Ready") != node.readiness.is_ready();
        let (status, disturbed) = match word {
            Word::Last(status) => (status, false),
            Word::UntilRead(status) if rebooted => {
                row.read_at = None;
                let doubt = match (node.boot.clone(), row.status.boot.take()) {
                    (Some(api), Some(host)) => Some(Reason::BootMismatch { api, host }),
                    _ => None,
                };
                let doubted = doubt.map(|doubt| {
                    let verdict = judge(&node, Err(doubt));
                    NodeStatus::new(&node, verdict)
                });
                (doubted.unwrap_or(status), true)
            }
            Word::UntilRead(_) => (row.status.on(&node), turned),
        };
        let status = status.with_labels(labels);
        let same = like(&status, &row.status);
        row.status = status;
        row.node = Some(node);
        if disturbed {
            Seen::Disturbed
        } else if same {
            Seen::Same
        } else {
            Seen::Changed
        }
    }

    /// The row that the node had.
    pub(super) fn forget(&mut self, name: &NodeName) -> Option<NodeStatus> {
        self.0.remove(name).map(|row| row.status)
    }

    /// Takes in what was read of `read`. `None`: it was of another boot or machine than the node's now, or says only that
    /// the API could not be asked, which is worth less than what was known. `Some(true)`: the row is another now.
    pub(super) fn learn(
        &mut self,
        read: &Node,
        status: &NodeStatus,
        at: Timestamp,
    ) -> Option<bool> {
        let row = self.0.get_mut(&read.name)?;
        let node = row.node.as_ref()?;
        if node.uid != read.uid || node.boot != read.boot {
            return None;
        }
        let not_asked = |reason: &Reason| matches!(reason, Reason::ApiUnavailable { .. });
        if row.read_at.is_some() && status.verdict.reasons.iter().any(not_asked) {
            return None;
        }
        let status = status.on(node).with_labels(row.status.labels.clone());
        let changed = !like(&status, &row.status);
        row.read_at = (status.verdict.read_by != Route::Api).then_some(at);
        row.status = status;
        Some(changed)
    }

    pub(super) fn node(&self, name: &NodeName) -> Option<&Node> {
        self.0.get(name)?.node.as_ref()
    }

    pub(super) fn row(&self, name: &NodeName) -> Option<(&NodeStatus, Option<Timestamp>)> {
        self.0.get(name).map(|row| (&row.status, row.read_at))
    }

    pub(super) fn names(&self) -> Vec<NodeName> {
        self.0.keys().cloned().collect()
    }

    /// The rows by name, and when each was read.
    pub(super) fn rows(&self) -> (Vec<NodeStatus>, BTreeMap<NodeName, Timestamp>) {
        let rows = self.0.values().map(|row| row.status.clone()).collect();
        let read_at = self
            .0
            .iter()
            .filter_map(|(name, row)| Some((name.clone(), row.read_at?)))
            .collect();
        (rows, read_at)
    }
}

/// Whether nothing that is shown differs. The boot is not: it comes late to rows that were read by the API's table.
fn like(new: &NodeStatus, old: &NodeStatus) -> bool {
    let old = NodeStatus {
        boot: new.boot.clone(),
        ..old.clone()
    };
    *new == old
}
