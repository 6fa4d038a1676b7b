//! Who updates the nodes and when something last did, in words: cells, and the one sentence that says why a cluster
//! without flags may still be behind.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Unit};

use super::{UNKNOWN, View};
use crate::core::evidence::{Need, NodeStatus, PatchedBy};
use crate::render::format::table::NONE;
use crate::render::text::{age, count};

/// A few words for a cell.
pub(super) fn by(by: PatchedBy) -> &'static str {
    match by {
        PatchedBy::UnattendedUpgrades => "unattended-upgrades",
        PatchedBy::DnfAutomatic => "dnf-automatic",
        PatchedBy::AksSecurityPatch => "AKS SecurityPatch",
        PatchedBy::NodeImage => "node image",
        PatchedBy::Nothing => "nothing",
        PatchedBy::Unknown => UNKNOWN,
    }
}

/// When packages last changed on the node.
pub(super) fn last(node: &NodeStatus, view: &View) -> String {
    node.patching().changed.map_or_else(
        || UNKNOWN.to_owned(),
        |changed| {
            age(view
                .now
                .duration_since(changed)
                .try_into()
                .unwrap_or_default())
        },
    )
}

/// The node image's age, in whole days as its version tells them.
pub(super) fn image_age(node: &NodeStatus, view: &View) -> String {
    node.aks.image_date().map_or_else(
        || NONE.to_owned(),
        |date| format!("{}d", days(date, view.now)),
    )
}

fn days(date: Date, now: Timestamp) -> i32 {
    let today = now.to_zoned(TimeZone::UTC).date();
    date.until((Unit::Day, today))
        .map_or(0, |span| span.get_days())
        .max(0)
}

/// How nodes stand that nothing updates in place, or `None` where there is none: of those no flag is to be expected.
pub(crate) fn standing(nodes: &[NodeStatus], now: Timestamp) -> Option<String> {
    let of = |by: PatchedBy| {
        nodes
            .iter()
            .filter(|node| node.verdict.need != Need::NotApplicable && node.patching().by == by)
            .count()
    };
    let (image, nothing) = (of(PatchedBy::NodeImage), of(PatchedBy::Nothing));
    let oldest = |of: fn(&NodeStatus) -> bool| {
        nodes
            .iter()
            .filter(|node| of(node))
            .filter_map(|node| node.aks.image_date())
            .min()
            .map(|date| match days(date, now) {
                1 => "1 day".to_owned(),
                days => format!("{days} days"),
            })
    };
    if nodes.iter().all(|node| node.verdict.patching.is_none()) {
        let age = oldest(|node| node.verdict.need != Need::NotApplicable)?;
        return Some(format!(
            "what updates the nodes was not read; the oldest node image is {age} old"
        ));
    }
    let mut parts = Vec::new();
    if image > 0 {
        let oldest = oldest(|node| node.patching().never_in_place())
            .map(|age| format!(" (the oldest is {age} old)"));
        parts.push(format!(
            "{} updated only by a new node image{}",
            are(image),
            oldest.unwrap_or_default()
        ));
    }
    if nothing > 0 {
        parts.push(format!(
            "{} updated by nothing that was found",
            are(nothing)
        ));
    }
    (!parts.is_empty()).then(|| {
        format!(
            "{}: where no updates are installed no reboot becomes pending, so this says nothing of how far behind they are",
            parts.join(", ")
        )
    })
}

fn are(number: usize) -> String {
    format!(
        "{} {}",
        count(number, "node"),
        if number == 1 { "is" } else { "are" }
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::evidence::{Patching, judge_unprobed, test_node};
    use crate::core::model::{Node, NodeKind};

    fn node(by: PatchedBy, image: &str) -> NodeStatus {
        let mut verdict = judge_unprobed(NodeKind::Host, None);
        verdict.need = Need::No;
        verdict.patching = Some(Patching {
            by,
            changed: None,
            ran: None,
        });
        let mut status = NodeStatus::new(&Node { ..test_node() }, verdict);
        status.aks.image = Some(image.to_owned());
        status
    }

    #[test]
    fn nodes_without_updates_in_place_are_said_to_be_so_with_the_oldest_image() {
        let now = "2026-03-04T08:00:00Z".parse().expect("a time");
        let patched = node(PatchedBy::UnattendedUpgrades, "AKSUbuntu-2404-202401.01.0");
        assert_eq!(standing(std::slice::from_ref(&patched), now), None);
        let said = standing(
            &[
                patched,
                node(PatchedBy::NodeImage, "AKSUbuntu-2404-202602.10.0"),
                node(PatchedBy::NodeImage, "AKSUbuntu-2404-202601.20.0"),
                node(PatchedBy::Nothing, ""),
            ],
            now,
        )
        .expect("a sentence");
        assert!(
            said.starts_with(
                "2 nodes are updated only by a new node image (the oldest is 43 days old), 1 node is updated by nothing that was found: "
            ),
            "{said}"
        );
    }
}
