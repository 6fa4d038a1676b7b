//! Who comes first is not known beforehand, and may decide who finds room. Pods are placed in several orders; what comes out in
//! all of them is said, and what does not is said to depend on it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::core::model::{Needs, Pod, PodKey, Uid};
use crate::core::reason::{Lack, Reason};

/// Pods of one controller with the same demands, that come from one node.
pub(super) type Alike<'a> = (usize, (Option<&'a Uid>, *const Needs));

/// What a pod that finds no room lacks, and the pool of which an empty node would take it.
pub(super) type Why = (Vec<Lack>, Option<String>);

/// A pod that looks for room.
#[derive(Clone, Copy)]
pub(super) struct Guest<'a> {
    /// Which of the wave's nodes it leaves.
    pub(super) part: usize,
    pub(super) home: usize,
    pub(super) pod: &'a Pod,
}

impl<'a> Guest<'a> {
    pub(super) fn alike(&self) -> (Option<&'a Uid>, *const Needs) {
        (
            self.pod.owner.as_ref().map(|owner| &owner.uid),
            Arc::as_ptr(&self.pod.needs),
        )
    }
}

/// How one order of placing them came out.
pub(super) struct Lot {
    /// Of each pod why it found no room.
    pub(super) refused: Vec<Option<Why>>,
    /// Some pod had so little choice that another order might have come out otherwise.
    pub(super) is_tight: bool,
}

/// Other orders in which the same pods may come: backwards, the largest first, the smallest first, and some that are mixed.
pub(super) fn orders(guests: &[Guest<'_>]) -> Vec<Vec<usize>> {
    let named: Vec<usize> = (0..guests.len()).collect();
    let size = |at: &usize| {
        let asked = guests[*at].pod.needs.requests;
        (asked.milli_cpu, asked.memory)
    };
    let mut by_size = named.clone();
    by_size.sort_by_key(size);
    let backwards = |order: &[usize]| order.iter().rev().copied().collect::<Vec<_>>();
    let mut orders = vec![backwards(&named), backwards(&by_size), by_size];
    for stride in [2, 3, 5] {
        // Every second, then those in between; and so on.
        let mixed: Vec<usize> = (0..stride)
            .flat_map(|first| named.iter().skip(first).step_by(stride))
            .copied()
            .collect();
        orders.push(backwards(&mixed));
        orders.push(mixed);
    }
    orders
}

/// What is to be said of each node's pods. Pods that are alike are interchangeable: as many of them lack room as do in
/// every order, and some more perhaps.
pub(super) fn reasons(
    guests: &[Guest<'_>],
    lots: &[Lot],
    parts: usize,
    nodes: u32,
) -> Vec<Vec<Reason>> {
    let mut found: Vec<Found> = (0..parts).map(|_| Found::default()).collect();
    for group in alike(guests) {
        let lacking = |lot: &Lot| {
            group
                .iter()
                .filter(|at| lot.refused[**at].is_some())
                .count()
        };
        let counts: Vec<usize> = lots.iter().map(lacking).collect();
        // The first come is the first served.
        let certainly = group.len() - counts.iter().min().copied().unwrap_or(0);
        let perhaps = group.len() - counts.iter().max().copied().unwrap_or(0);
        let why = lots
            .iter()
            .find_map(|lot| group.iter().find_map(|at| lot.refused[*at].clone()));
        for (position, at) in group.iter().enumerate() {
            let Guest { part, pod, .. } = guests[*at];
            let found = &mut found[part];
            match &why {
                Some(why) if position >= certainly => {
                    let pods = found.nowhere.entry(why.clone()).or_default();
                    pods.push(pod.key.clone());
                    continue;
                }
                Some(_) if position >= perhaps => found.perhaps.push(pod.key.clone()),
                Some(_) | None => {}
            }
            if !pod.needs.unjudged.is_empty() {
                let demands = pod.needs.unjudged.clone();
                let pods = found.unjudged.entry(demands).or_default();
                pods.push(pod.key.clone());
            }
        }
    }
    found.into_iter().map(|found| found.said(nodes)).collect()
}

/// The pods of each group that are alike, in their order; groups in the order of their first.
fn alike(guests: &[Guest<'_>]) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut known = HashMap::new();
    for (at, guest) in guests.iter().enumerate() {
        // A volume is where it is.
        let home = (!guest.pod.needs.claims.is_empty()).then_some(guest.home);
        let group = *known.entry((guest.alike(), home)).or_insert(groups.len());
        match groups.get_mut(group) {
            Some(group) => group.push(at),
            None => groups.push(vec![at]),
        }
    }
    groups
}

/// The pods of one node about which there is something to say.
#[derive(Default)]
struct Found {
    nowhere: BTreeMap<Why, Vec<PodKey>>,
    perhaps: Vec<PodKey>,
    unjudged: BTreeMap<Vec<String>, Vec<PodKey>>,
}

impl Found {
    fn said(self, nodes: u32) -> Vec<Reason> {
        let mut said = Vec::new();
        for ((why, pool), mut pods) in self.nowhere {
            pods.sort();
            said.push(Reason::NoRoom {
                pods,
                nodes,
                why,
                pool,
            });
        }
        let mut pods = self.perhaps;
        if !pods.is_empty() {
            pods.sort();
            said.push(Reason::RoomByOrder { pods });
        }
        for (demands, mut pods) in self.unjudged {
            pods.sort();
            said.push(Reason::RoomNotJudged { pods, demands });
        }
        said
    }
}
