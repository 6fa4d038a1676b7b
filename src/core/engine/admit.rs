//! Which nodes may take their next step: the only place that knows the limit.

use std::collections::BTreeMap;

use super::Course;
use crate::core::model::{Node, NodeName};
use crate::core::plan::{Settings, Target};
use crate::core::reason::Reason;

/// All nodes of the cluster as the watch has them.
pub(crate) type Fleet = BTreeMap<NodeName, Node>;

/// Taint of a machine that its owner switched off: it serves nobody, so it is nobody's loss.
const SHUT_DOWN: &str = "node.cloudprovider.kubernetes.io/shutdown";

/// May this target start now?
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Admission {
    Start,
    /// Another target is under way; waves come one node at a time.
    NotYet,
    /// The limit is full.
    Wait(Reason),
}

/// The nodes that count against the limit: not Ready, cordoned, or in the run's hands. In order of their names.
fn unavailable<'a>(
    fleet: &'a Fleet,
    active: &'a [NodeName],
    settings: &'a Settings,
) -> impl Iterator<Item = &'a Node> {
    // Most nodes are available and not in hand, which is quickly seen; this is asked again with every change.
    fleet
        .values()
        .filter(|node| !node.is_available() || active.contains(&node.name))
        .filter(|node| {
            !settings.not_counted.contains(&node.name)
                && !node.is_virtual()
                && !node.taints.iter().any(|taint| taint.key == SHUT_DOWN)
        })
}

/// Judges whether `target` may begin while `active` nodes are under way. A target that is unavailable already
/// takes no new place.
pub(crate) fn admit(
    target: &Target,
    active: &[NodeName],
    fleet: &Fleet,
    settings: &Settings,
) -> Admission {
    if settings.course == Course::Drain {
        // All are cordoned before the first is drained, as kubectl does; what is drained by hand has no limit.
        return Admission::Start;
    }
    if !active.is_empty() {
        return Admission::NotYet;
    }
    let down: Vec<&Node> = unavailable(fleet, active, settings).collect();
    let takes_place = !down.iter().any(|node| node.name == target.name);
    let limit = settings.max_unavailable;
    if takes_place && down.len() >= limit as usize {
        return Admission::Wait(Reason::Limit {
            limit,
            unavailable: down.iter().map(|node| node.name.clone()).collect(),
        });
    }
    Admission::Start
}
