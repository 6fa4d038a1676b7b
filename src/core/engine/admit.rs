//! Which nodes may take their next step: the only place that knows the limits.

use std::collections::BTreeMap;

use super::Course;
use crate::core::model::{Node, NodeName};
use crate::core::plan::{Settings, Target};
use crate::core::reason::{LimitScope, Reason};

/// All nodes of the cluster as the watch has them.
pub(crate) type Fleet = BTreeMap<NodeName, Node>;

/// Taint of a machine that its owner switched off: it serves nobody, so it is nobody's loss.
const SHUT_DOWN: &str = "node.cloudprovider.kubernetes.io/shutdown";

/// May this target start now?
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Admission {
    Start,
    /// Targets of another wave are under way.
    NotYet,
    /// A limit is full.
    Wait(Reason),
}

/// The nodes that count: they are taken for unavailable when they are, and percentages are of them.
pub(crate) fn counted<'a>(
    fleet: &'a Fleet,
    settings: &'a Settings,
) -> impl Iterator<Item = &'a Node> {
    fleet.values().filter(|node| counts(node, settings))
}

fn counts(node: &Node, settings: &Settings) -> bool {
    !settings.not_counted.contains(&node.name)
        && !node.is_virtual()
        && !node.taints.iter().any(|taint| taint.key == SHUT_DOWN)
}

/// The nodes that count against the limit: not Ready, cordoned, or in the run's hands. In order of their names.
fn unavailable<'a>(
    fleet: &'a Fleet,
    active: &'a [&Target],
    settings: &'a Settings,
) -> impl Iterator<Item = &'a Node> {
    // Most nodes are available and not in hand, which is quickly seen; this is asked again with every change.
    fleet
        .values()
        .filter(|node| !node.is_available() || active.iter().any(|target| target.name == node.name))
        .filter(|node| counts(node, settings))
}

/// Judges whether `target` may begin, or go on to its cordon, while the nodes of `active` are under way. A target that is
/// unavailable already takes no new place.
pub(crate) fn admit(
    target: &Target,
    active: &[&Target],
    fleet: &Fleet,
    settings: &Settings,
) -> Admission {
    if settings.course == Course::Drain {
        // All are cordoned before the first is drained, as kubectl does; what is drained by hand has no limit.
        return Admission::Start;
    }
    if active.iter().any(|other| other.wave != target.wave) {
        return Admission::NotYet;
    }
    let down: Vec<&Node> = unavailable(fleet, active, settings).collect();
    if down.iter().any(|node| node.name == target.name) {
        return Admission::Start;
    }
    let full = limits(target, fleet, settings).find_map(|(scope, limit)| {
        let there = down.iter().filter(|node| is_within(node, &scope));
        let there: Vec<NodeName> = there.map(|node| node.name.clone()).collect();
        (there.len() >= limit as usize).then_some(Reason::Limit {
            limit,
            scope,
            unavailable: there,
        })
    });
    full.map_or(Admission::Start, Admission::Wait)
}

/// Every limit that a target comes under.
fn limits<'a>(
    target: &'a Target,
    fleet: &'a Fleet,
    settings: &'a Settings,
) -> impl Iterator<Item = (LimitScope, u32)> + 'a {
    let cluster = (LimitScope::Cluster, settings.max_unavailable);
    let system = target.system.then_some((LimitScope::System, 1));
    let name = target.pool.clone();
    let pool = (LimitScope::Pool { name }, settings.pace.per_pool);
    let name = target.zone.clone();
    let zone = (LimitScope::Zone { name }, settings.pace.per_zone);
    let places = [pool, zone].into_iter().filter_map(move |(scope, per)| {
        let nodes = counted(fleet, settings).filter(|node| is_within(node, &scope));
        let limit = per?.of(nodes.count());
        Some((scope, limit))
    });
    std::iter::once(cluster).chain(system).chain(places)
}

fn is_within(node: &Node, scope: &LimitScope) -> bool {
    match scope {
        LimitScope::Cluster => true,
        LimitScope::System => node.is_system(),
        LimitScope::Pool { name } => node.pool() == name.as_deref(),
        LimitScope::Zone { name } => node.zone() == name.as_deref(),
    }
}
