//! What `cordon --reason` leaves on a node: who cordoned it, why and when. Kubernetes has no owner of a cordon; this annotation is
//! one, and a roll keeps its hands off a node that has it. Read from the cluster it is hostile text.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::model::Node;
use super::reason::Reason;

/// Key of the annotation.
pub(crate) const KEY: &str = "aksreboot.dev/cordon";

/// Longer ones are cut: it is a remark, not a report.
const LONGEST: usize = 500;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CordonNote {
    v: u32,
    by: String,
    reason: String,
    at: Timestamp,
}

impl CordonNote {
    pub(crate) fn new(by: String, reason: &str, at: Timestamp) -> Self {
        Self {
            v: 1,
            by,
            reason: reason.chars().take(LONGEST).collect(),
            at,
        }
    }

    /// The annotation's value.
    pub(crate) fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// Why the node is cordoned by hand, if somebody said so and it still is. A note that does not parse is one all the same.
pub(crate) fn by_hand(node: &Node) -> Option<Reason> {
    let text = node.annotations.get(KEY).filter(|_| node.cordoned)?;
    Some(match serde_json::from_str::<CordonNote>(text) {
        Ok(note) => Reason::CordonedByHand {
            by: note.by,
            why: note.reason,
            since: Some(note.at),
        },
        Err(_) => Reason::CordonedByHand {
            by: "somebody".into(),
            why: text.chars().take(LONGEST).collect(),
            since: None,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_read_back_as_it_was_written_and_counts_only_on_a_cordoned_node() {
        let note = CordonNote::new("ann@desk".into(), "disk is slow", Timestamp::UNIX_EPOCH);
        let mut node = crate::core::evidence::test_node();
        node.annotations.insert(KEY.into(), note.text());
        node.cordoned = false;
        assert_eq!(by_hand(&node), None);
        node.cordoned = true;
        assert_eq!(
            by_hand(&node),
            Some(Reason::CordonedByHand {
                by: "ann@desk".into(),
                why: "disk is slow".into(),
                since: Some(Timestamp::UNIX_EPOCH),
            })
        );
    }

    #[test]
    fn a_note_that_nobody_can_read_is_a_note() {
        let mut node = crate::core::evidence::test_node();
        node.cordoned = true;
        node.annotations.insert(KEY.into(), "leave me alone".into());
        assert!(matches!(
            by_hand(&node),
            Some(Reason::CordonedByHand { why, since: None, .. }) if why == "leave me alone"
        ));
    }
}
