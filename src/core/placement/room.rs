//! Will the pods that leave a node find room elsewhere? Places them one after another, as the scheduler would, on counts
//! of what the nodes have, and takes everything back. A pod that no controller makes again needs no room.

use std::collections::{BTreeMap, HashMap};

use super::disks::Disks;
use super::groups::Groups;
use super::lots::{Alike, Guest, Lot, Why, orders, reasons};
use super::{Company, Taken, has_place, place_of};
use crate::core::model::{HostPort, Node, NodeName, Pod, Resources, Snapshot, Taint};
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
    disks: Disks<'a>,
    /// By pool and zone.
    fresh: BTreeMap<(&'a str, Option<&'a str>), Node>,
}

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
            disks: Disks::of(snapshot, &places),
            fresh: fresh(&nodes),
            nodes,
            places,
            loads,
            groups,
        }
    }

    /// What becomes of the pods that leave these nodes, which are cordoned side by side: for each node, which of its pods fit
    /// nowhere else, by reason, which perhaps do, and of which it is not known.
    pub(crate) fn judge(&mut self, wave: &[(&NodeName, Vec<&'a Pod>)]) -> Vec<Vec<Reason>> {
        let gone: Vec<usize> = wave
            .iter()
            .filter_map(|(node, _)| self.places.get(node).copied())
            .collect();
        self.move_all(wave, false);
        let guests: Vec<Guest<'a>> = wave
            .iter()
            .enumerate()
            .filter_map(|(part, (node, leaving))| Some((part, *self.places.get(node)?, leaving)))
            .flat_map(|(part, home, leaving)| {
                let again = leaving.iter().filter(|pod| is_made_again(pod));
                again.map(move |pod| Guest { part, home, pod })
            })
            .collect();
        let lots = self.draw(&guests, &gone);
        self.move_all(wave, true);
        let others = u32::try_from(self.nodes.len() - gone.len()).unwrap_or(u32::MAX);
        reasons(&guests, &lots, wave.len(), others)
    }

    /// Takes the pods that leave from where they are, or puts them back.
    fn move_all(&mut self, wave: &[(&NodeName, Vec<&'a Pod>)], back: bool) {
        for (node, leaving) in wave {
            let Some(&place) = self.places.get(node) else {
                continue;
            };
            for pod in leaving {
                if back {
                    self.groups.come(pod, place);
                } else {
                    self.groups.leave(pod, place);
                }
            }
        }
    }

    /// Places all of them in their order, and where it is tight in some others too: who comes first is the cluster's affair.
    fn draw(&mut self, guests: &[Guest<'a>], gone: &[usize]) -> Vec<Lot> {
        let named: Vec<usize> = (0..guests.len()).collect();
        let mut lots = vec![self.place_all(guests, &named, 0, gone)];
        if lots.iter().any(|lot| lot.is_tight) && guests.len() > 1 {
            for (turn, order) in orders(guests).iter().enumerate() {
                lots.push(self.place_all(guests, order, turn + 1, gone));
            }
        }
        lots
    }

    /// Places the pods in this order, as far as there is room, and takes them away again.
    fn place_all(
        &mut self,
        guests: &[Guest<'a>],
        order: &[usize],
        turn: usize,
        gone: &[usize],
    ) -> Lot {
        let mut lot = Lot {
            refused: vec![None; guests.len()],
            is_tight: false,
        };
        let mut placed: Vec<(&Pod, usize)> = Vec::new();
        // Where one found no room, those that are alike need not look.
        let mut refused: HashMap<Alike<'a>, Why> = HashMap::new();
        for &at in order {
            let Guest { home, pod, .. } = guests[at];
            let alike = (home, guests[at].alike());
            if let Some(why) = refused.get(&alike) {
                lot.refused[at] = Some(why.clone());
                continue;
            }
            match self.find(pod, home, gone, placed.len() + turn) {
                Ok((place, choice)) => {
                    lot.is_tight |= choice < COMPARED;
                    self.loads[place].add(pod);
                    self.groups.come(pod, place);
                    self.disks.come(pod, place);
                    placed.push((pod, place));
                }
                Err(lacks) => {
                    let why = (lacks, self.fits_empty(pod, home));
                    lot.is_tight = true;
                    lot.refused[at] = Some(why.clone());
                    refused.insert(alike, why);
                }
            }
        }
        for (pod, place) in placed.into_iter().rev() {
            self.loads[place].remove(pod);
            self.groups.leave(pod, place);
            self.disks.leave(pod, place);
        }
        lot
    }

    /// The fitting node with the most room and among how many it was chosen, or what is lacking on how many.
    fn find(
        &self,
        pod: &Pod,
        home: usize,
        gone: &[usize],
        turn: usize,
    ) -> Result<(usize, usize), Vec<Lack>> {
        let company = Company(self.groups.ties(pod, gone));
        let mut best: Option<(u64, usize)> = None;
        let mut compared = 0;
        let mut lacks: BTreeMap<&str, u32> = BTreeMap::new();
        for step in 0..self.nodes.len() {
            let place = (step + turn) % self.nodes.len();
            if gone.contains(&place) {
                continue;
            }
            let (node, load) = (self.nodes[place], &self.loads[place]);
            let judged = has_place(&pod.needs, node, load.taken())
                .and_then(|()| self.disks.let_in(pod, self.nodes[home], node, place))
                .and_then(|()| company.suits(node));
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
        best.map(|(_, place)| (place, compared)).ok_or_else(|| {
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
    fn fits_empty(&self, pod: &Pod, home: usize) -> Option<String> {
        self.fresh
            .iter()
            .find(|(_, node)| {
                has_place(&pod.needs, node, Taken::default()).is_ok()
                    && self.disks.reach(pod, self.nodes[home], node)
            })
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
                // A volume of one machine is not there.
                new.labels.remove("kubernetes.io/hostname");
                new
            });
        }
    }
    fresh
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
