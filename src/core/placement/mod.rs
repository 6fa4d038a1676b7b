//! May this pod be on this node? One judgement over plain values, for plans and for the simulated scheduler, with every
//! reason in the words of the real one (kubernetes: pkg/scheduler/framework/plugins; compared with those of 1.34.4,
//! without what it adds about preemption). Where a pod should best be is not judged here.

mod company;
mod disks;
mod groups;
mod lots;
mod room;
#[cfg(test)]
mod room_tests;

use std::collections::{BTreeMap, HashMap};

use crate::core::model::{HostPort, Needs, Node, NodeName, Pod, Resources, Taint};

pub(crate) use company::{Company, Counts, Tie};
pub(crate) use room::Room;

/// What the pods of a node leave for others.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Taken<'a> {
    pub(crate) pods: usize,
    pub(crate) asked: Resources,
    pub(crate) ports: &'a [HostPort],
}

/// Why a pod may not be on a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Misfit {
    Cordoned,
    Tainted,
    NotSelected,
    PortTaken,
    /// All that there is not enough of.
    Full(Vec<&'static str>),
    /// As many of its volumes' kind are there as may be.
    ManyVolumes,
    /// The pod's volumes cannot be used from there.
    VolumeElsewhere,
    /// Its domain has more of these pods than the spread allows.
    Uneven,
    /// Its domain has no name for the spread.
    NoDomain,
    /// None of the pods is there that it must be with.
    Alone,
    TooNear,
    KeptAway,
}

/// Where a pod counts: on the node that it is bound to, until it has ended.
fn place_of(places: &HashMap<&NodeName, usize>, pod: &Pod) -> Option<usize> {
    if pod.phase.is_finished() {
        return None;
    }
    places.get(pod.node.as_ref()?).copied()
}

/// Judges in the order of the scheduler's plugins; the first that refuses is the reason.
pub(crate) fn fits(
    needs: &Needs,
    node: &Node,
    taken: Taken<'_>,
    company: &Company<'_>,
) -> Result<(), Misfit> {
    has_place(needs, node, taken)?;
    company.suits(node)
}

/// The same but for the company.
fn has_place(needs: &Needs, node: &Node, taken: Taken<'_>) -> Result<(), Misfit> {
    if node.cordoned && !needs.tolerates(&cordon()) {
        return Err(Misfit::Cordoned);
    }
    if untolerated(needs, node, &["NoSchedule", "NoExecute"]).is_some() {
        return Err(Misfit::Tainted);
    }
    if !needs.selects(node.name.as_str(), &node.labels) {
        return Err(Misfit::NotSelected);
    }
    let collides = |port: &HostPort| taken.ports.iter().any(|other| port.collides(other));
    if needs.ports.iter().any(collides) {
        return Err(Misfit::PortTaken);
    }
    let short = short(needs, node, taken);
    if !short.is_empty() {
        return Err(Misfit::Full(short));
    }
    Ok(())
}

/// The first taint with one of these effects that the pod does not tolerate.
pub(crate) fn untolerated<'n>(
    needs: &Needs,
    node: &'n Node,
    effects: &[&str],
) -> Option<&'n Taint> {
    node.taints
        .iter()
        .find(|taint| effects.contains(&taint.effect.as_str()) && !needs.tolerates(taint))
}

/// What a cordoned node is tainted with, sooner or later.
fn cordon() -> Taint {
    Taint {
        key: "node.kubernetes.io/unschedulable".into(),
        value: String::new(),
        effect: "NoSchedule".into(),
    }
}

fn short(needs: &Needs, node: &Node, taken: Taken<'_>) -> Vec<&'static str> {
    let has = node.allocatable;
    let asked = needs.requests;
    let free = has.resources.minus(taken.asked);
    let mut short = Vec::new();
    if taken.pods >= has.pods as usize {
        short.push("Too many pods");
    }
    // Whoever asks for nothing gets it even where more is promised than there is.
    if asked.milli_cpu > 0 && asked.milli_cpu > free.milli_cpu {
        short.push("Insufficient cpu");
    }
    if asked.memory > 0 && asked.memory > free.memory {
        short.push("Insufficient memory");
    }
    short
}

impl Misfit {
    /// The scheduler's own, one for each thing that is missing.
    pub(crate) fn words(&self) -> Vec<&'static str> {
        let one = |words| vec![words];
        match self {
            Self::Cordoned => one("node(s) were unschedulable"),
            Self::Tainted => one("node(s) had untolerated taint(s)"),
            Self::NotSelected => one("node(s) didn't match Pod's node affinity/selector"),
            Self::PortTaken => one("node(s) didn't have free ports for the requested pod ports"),
            Self::Full(short) => short.clone(),
            Self::ManyVolumes => one("node(s) exceed max volume count"),
            Self::VolumeElsewhere => one("node(s) had volume node affinity conflict"),
            Self::Uneven => one("node(s) didn't match pod topology spread constraints"),
            Self::NoDomain => {
                one("node(s) didn't match pod topology spread constraints (missing required label)")
            }
            Self::Alone => one("node(s) didn't match pod affinity rules"),
            Self::TooNear => one("node(s) didn't match pod anti-affinity rules"),
            Self::KeptAway => one("node(s) didn't satisfy existing pods anti-affinity rules"),
        }
    }
}

/// The scheduler's message for a pod that is nowhere let in: each reason with its number of nodes, in order of the text.
pub(crate) fn unschedulable<'m>(misfits: impl Iterator<Item = &'m Misfit>) -> String {
    let mut nodes = 0;
    let mut counts = BTreeMap::<&str, usize>::new();
    for misfit in misfits {
        nodes += 1;
        for words in misfit.words() {
            *counts.entry(words).or_default() += 1;
        }
    }
    message(nodes, counts)
}

/// As `unschedulable`, where the affinity leaves one node only and that one refuses.
pub(crate) fn unschedulable_on_its_node(misfit: Option<&Misfit>, nodes: usize) -> String {
    let mut counts = BTreeMap::new();
    for words in misfit.into_iter().flat_map(Misfit::words) {
        counts.insert(words, 1);
    }
    let others = nodes - usize::from(misfit.is_some());
    if others > 0 {
        counts.insert("node(s) didn't satisfy plugin(s) [NodeAffinity]", others);
    }
    message(nodes, counts)
}

fn message(nodes: usize, counts: BTreeMap<&str, usize>) -> String {
    if nodes == 0 {
        return "no nodes available to schedule pods".into();
    }
    let mut reasons: Vec<String> = counts
        .into_iter()
        .map(|(words, count)| format!("{count} {words}"))
        .collect();
    reasons.sort();
    format!("0/{nodes} nodes are available: {}.", reasons.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::evidence::test_node;
    use crate::core::model::{Allocatable, Toleration};

    fn node() -> Node {
        Node {
            allocatable: Allocatable {
                resources: Resources {
                    milli_cpu: 2000,
                    memory: 1000,
                },
                pods: 3,
            },
            ..test_node()
        }
    }

    fn asking(milli_cpu: u64, memory: u64) -> Needs {
        Needs {
            requests: Resources { milli_cpu, memory },
            ..Needs::default()
        }
    }

    fn full(pods: usize, milli_cpu: u64, memory: u64) -> Taken<'static> {
        Taken {
            pods,
            asked: Resources { milli_cpu, memory },
            ports: &[],
        }
    }

    #[test]
    fn everything_that_a_node_lacks_is_named() {
        let judged = |taken| fits(&asking(1000, 500), &node(), taken, &Company::default());
        assert_eq!(judged(full(2, 1000, 500)), Ok(()));
        assert_eq!(
            judged(full(3, 1001, 501)),
            Err(Misfit::Full(vec![
                "Too many pods",
                "Insufficient cpu",
                "Insufficient memory"
            ]))
        );
        // Nothing is enough for who asks for nothing.
        let modest = fits(
            &asking(0, 0),
            &node(),
            full(1, 9000, 9000),
            &Company::default(),
        );
        assert_eq!(modest, Ok(()));
    }

    #[test]
    fn a_cordon_is_tolerated_by_name_only() {
        let mut cordoned = node();
        cordoned.cordoned = true;
        let mut needs = asking(0, 0);
        let judged = |needs: &Needs| fits(needs, &cordoned, full(0, 0, 0), &Company::default());
        assert_eq!(judged(&needs), Err(Misfit::Cordoned));
        needs.tolerations.push(Toleration {
            key: "node.kubernetes.io/unschedulable".into(),
            value: None,
            effect: String::new(),
            seconds: None,
        });
        assert_eq!(judged(&needs), Ok(()));
    }

    #[test]
    fn the_message_is_the_real_schedulers() {
        let misfits = [
            Misfit::Cordoned,
            Misfit::Full(vec!["Insufficient cpu"]),
            Misfit::Cordoned,
        ];
        assert_eq!(
            unschedulable(misfits.iter()),
            "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) were unschedulable."
        );
        assert_eq!(
            unschedulable_on_its_node(Some(&Misfit::Full(vec!["Too many pods"])), 3),
            "0/3 nodes are available: 1 Too many pods, 2 node(s) didn't satisfy plugin(s) [NodeAffinity]."
        );
        assert_eq!(
            unschedulable([].iter()),
            "no nodes available to schedule pods"
        );
    }
}
