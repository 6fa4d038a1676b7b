//! Will the pods that leave a node find room elsewhere? Places them one after another, as the scheduler would, on counts
//! of what the nodes have, and takes everything back. A pod that no controller makes again needs no room.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::groups::Groups;
use super::{Company, Misfit, Taken, fits};
use crate::core::model::{
    HostPort, Needs, Node, NodeName, Pod, PodKey, Resources, Snapshot, Taint, Uid,
};
use crate::core::reason::{Lack, Reason};

/// So many fitting nodes are compared for the one with the most room. The real scheduler looks at no more than some
/// either, once there are many.
const COMPARED: usize = 20;

/// The nodes of a cluster and what their pods leave for others.
pub(crate) struct Room<'a> {
    nodes: Vec<&'a Node>,
    places: HashMap<&'a NodeName, usize>,
    loads: Vec<Load>,
    groups: Groups<'a>,
    /// By pool and zone.
    fresh: BTreeMap<(&'a str, Option<&'a str>), Node>,
}

/// Pods of one controller with the same demands.
type Alike<'a> = (Option<&'a Uid>, *const Needs);

#[derive(Clone, Debug, Default)]
struct Load {
    pods: usize,
    asked: Resources,
    ports: Vec<HostPort>,
}

impl<'a> Room<'a> {
    /// `leaving` are all the pods that will be asked about.
    pub(crate) fn of_cluster(
        snapshot: &'a Snapshot,
        leaving: impl IntoIterator<Item = &'a Pod>,
    ) -> Self {
        let mut nodes: Vec<&Node> = snapshot.nodes.iter().collect();
        nodes.sort_by(|a, b| a.name.cmp(&b.name));
        let places: HashMap<&NodeName, usize> = nodes
            .iter()
            .enumerate()
            .map(|(place, node)| (&node.name, place))
            .collect();
        let mut loads = vec![Load::default(); nodes.len()];
        for pod in &snapshot.pods {
            if let Some(place) = place_of(&places, pod) {
                loads[place].add(pod);
            }
        }
        let groups = Groups::of(snapshot, &nodes, &places, leaving);
        Self {
            fresh: fresh(&nodes),
            nodes,
            places,
            loads,
            groups,
        }
    }

    /// What becomes of the pods that leave these nodes, which are cordoned side by side: for each node, which of its pods fit
    /// nowhere else, by reason, and of which it is not known.
    pub(crate) fn judge(&mut self, wave: &[(&NodeName, Vec<&'a Pod>)]) -> Vec<Vec<Reason>> {
        let gone: Vec<usize> = wave
            .iter()
            .filter_map(|(node, _)| self.places.get(node).copied())
            .collect();
        let mut placed = Vec::new();
        let leave = |room: &mut Self, back: bool| {
            for (node, leaving) in wave {
                let Some(&place) = room.places.get(node) else {
                    continue;
                };
                for pod in leaving {
                    if back {
                        room.groups.come(pod, place);
                    } else {
                        room.groups.leave(pod, place);
                    }
                }
            }
        };
        leave(self, false);
        let judged = wave
            .iter()
            .map(|(node, leaving)| match self.places.get(node).copied() {
                Some(place) => self.place_all(place, &gone, leaving, &mut placed),
                None => Vec::new(),
            })
            .collect();
        for (pod, place) in placed.into_iter().rev() {
            self.loads[place].remove(pod);
            self.groups.leave(pod, place);
        }
        leave(self, true);
        judged
    }

    /// Places the pods of one node, as far as there is room.
    fn place_all(
        &mut self,
        home: usize,
        gone: &[usize],
        leaving: &[&'a Pod],
        placed: &mut Vec<(&'a Pod, usize)>,
    ) -> Vec<Reason> {
        let mut nowhere: BTreeMap<(Vec<Lack>, Option<String>), Vec<PodKey>> = BTreeMap::new();
        let mut unjudged: BTreeMap<Vec<String>, Vec<PodKey>> = BTreeMap::new();
        // Where one found no room, those that are alike need not look.
        let mut refused: HashMap<Alike<'a>, (Vec<Lack>, Option<String>)> = HashMap::new();
        for &pod in leaving.iter().filter(|pod| is_made_again(pod)) {
            let alike = (
                pod.owner.as_ref().map(|owner| &owner.uid),
                Arc::as_ptr(&pod.needs),
            );
            if let Some(why) = refused.get(&alike) {
                nowhere
                    .entry(why.clone())
                    .or_default()
                    .push(pod.key.clone());
                continue;
            }
            match self.find(pod, home, gone, placed.len()) {
                Ok(place) => {
                    self.loads[place].add(pod);
                    self.groups.come(pod, place);
                    placed.push((pod, place));
                    if !pod.needs.unjudged.is_empty() {
                        unjudged
                            .entry(pod.needs.unjudged.clone())
                            .or_default()
                            .push(pod.key.clone());
                    }
                }
                Err(lacks) => {
                    let why = (lacks, self.fits_empty(pod));
                    nowhere
                        .entry(why.clone())
                        .or_default()
                        .push(pod.key.clone());
                    refused.insert(alike, why);
                }
            }
        }
        let others = u32::try_from(self.nodes.len() - gone.len()).unwrap_or(u32::MAX);
        let nowhere = nowhere
            .into_iter()
            .map(|((why, pool), pods)| Reason::NoRoom {
                pods,
                nodes: others,
                why,
                pool,
            });
        let unjudged = unjudged
            .into_iter()
            .map(|(demands, pods)| Reason::RoomNotJudged { pods, demands });
        nowhere.chain(unjudged).collect()
    }

    /// The fitting node with the most room, or what is lacking on how many.
    fn find(
        &self,
        pod: &Pod,
        home: usize,
        gone: &[usize],
        turn: usize,
    ) -> Result<usize, Vec<Lack>> {
        let company = Company(self.groups.ties(pod, gone));
        let zone = self.nodes[home].zone();
        let bound_to_zone = !pod.needs.claims.is_empty();
        let mut best: Option<(u64, usize)> = None;
        let mut compared = 0;
        let mut lacks: BTreeMap<&str, u32> = BTreeMap::new();
        for step in 0..self.nodes.len() {
            let place = (step + turn) % self.nodes.len();
            if gone.contains(&place) {
                continue;
            }
            let (node, load) = (self.nodes[place], &self.loads[place]);
            let judged = if bound_to_zone && zone.is_some() && node.zone() != zone {
                Err(Misfit::OtherZone)
            } else {
                fits(&pod.needs, node, load.taken(), &company)
            };
            match judged {
                Ok(()) => {
                    let score = load.room_beside(pod, node);
                    if best.is_none_or(|(most, _)| score > most) {
                        best = Some((score, place));
                    }
                    compared += 1;
                    if compared == COMPARED {
                        break;
                    }
                }
                Err(misfit) => {
                    // Only a pod that fits nowhere has its reasons told.
                    if best.is_none() {
                        for words in misfit.words() {
                            *lacks.entry(words).or_default() += 1;
                        }
                    }
                }
            }
        }
        best.map(|(_, place)| place).ok_or_else(|| {
            lacks
                .into_iter()
                .map(|(what, nodes)| Lack {
                    what: what.to_owned(),
                    nodes,
                })
                .collect()
        })
    }

    /// The pool of which an empty node would take the pod, as an autoscaler could add one.
    fn fits_empty(&self, pod: &Pod) -> Option<String> {
        self.fresh
            .iter()
            .find(|(_, node)| fits(&pod.needs, node, Taken::default(), &Company::default()).is_ok())
            .map(|((pool, _), _)| (*pool).to_owned())
    }
}

/// A node of each pool and zone, as it would be new.
fn fresh<'a>(nodes: &[&'a Node]) -> BTreeMap<(&'a str, Option<&'a str>), Node> {
    let mut fresh = BTreeMap::new();
    for &node in nodes {
        if let Some(pool) = node.pool() {
            fresh.entry((pool, node.zone())).or_insert_with(|| {
                let mut new = node.clone();
                new.cordoned = false;
                let of_its_state = |taint: &Taint| taint.key.starts_with("node.kubernetes.io/");
                new.taints.retain(|taint| !of_its_state(taint));
                new
            });
        }
    }
    fresh
}

/// Where a pod counts: on the node that it is bound to, until it has ended.
pub(super) fn place_of(places: &HashMap<&NodeName, usize>, pod: &Pod) -> Option<usize> {
    if pod.phase.is_finished() {
        return None;
    }
    places.get(pod.node.as_ref()?).copied()
}

/// One that is going already has been made again, or will be.
fn is_made_again(pod: &Pod) -> bool {
    pod.owner.is_some() && pod.deletion.is_none() && !pod.phase.is_finished()
}

impl Load {
    fn add(&mut self, pod: &Pod) {
        self.pods += 1;
        self.asked = self.asked.plus(pod.needs.requests);
        self.ports.extend(pod.needs.ports.iter().cloned());
    }

    /// Takes back what `add` put there last.
    fn remove(&mut self, pod: &Pod) {
        self.pods -= 1;
        self.asked = self.asked.minus(pod.needs.requests);
        self.ports
            .truncate(self.ports.len() - pod.needs.ports.len());
    }

    fn taken(&self) -> Taken<'_> {
        Taken {
            pods: self.pods,
            asked: self.asked,
            ports: &self.ports,
        }
    }

    /// Parts in a thousand of processor and memory that are free once the pod is there.
    fn room_beside(&self, pod: &Pod, node: &Node) -> u64 {
        let has = node.allocatable.resources;
        let free = has.minus(self.asked).minus(pod.needs.requests);
        let part = |free: u64, has: u64| {
            let part = u128::from(free) * 1000 / u128::from(has.max(1));
            u64::try_from(part).unwrap_or(1000)
        };
        part(free.milli_cpu, has.milli_cpu) + part(free.memory, has.memory)
    }
}
