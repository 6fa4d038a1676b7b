//! Counts of pods by domain, for every demand that a leaving pod has on the company of others, and that others have on
//! it. Built once; each move of a pod changes just the counts that it belongs to.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::company::{Counts, Tie};
use super::place_of;
use crate::core::model::{
    LabelSelector, Needs, Node, NodeName, Pod, PodTerm, SelectorIndex, Snapshot, Spread,
};

pub(super) struct Groups<'a> {
    nodes: Vec<&'a Node>,
    /// Pods that somebody wants near, far or even.
    wanted: Vec<Group<'a>>,
    /// Pods that want others far.
    averse: Vec<Group<'a>>,
    /// Which of `wanted` a pod may count in, by its labels.
    counting: SelectorIndex<'a>,
    /// Which of `averse` may not want a pod near, by its labels.
    refusing: SelectorIndex<'a>,
    /// Which of `averse` a pod is one of, by namespace and demands.
    holders: HashMap<Kind<'a>, Vec<usize>>,
    demands: HashMap<Asker<'a>, Demands>,
}

/// Pods with the same demands: equal ones are kept once in a snapshot.
type Kind<'a> = (&'a str, *const Needs);
/// The same, and the values of the labels that its spreads look at.
type Asker<'a> = (Kind<'a>, Vec<Option<&'a str>>);

/// Places in `wanted`, in the order of the demands.
#[derive(Default)]
struct Demands {
    near: Vec<usize>,
    apart: Vec<usize>,
    spread: Vec<usize>,
}

/// The pods of these namespaces and labels, by domain.
struct Group<'a> {
    namespaces: BTreeSet<&'a str>,
    selector: Option<&'a LabelSelector>,
    /// Labels that have to be equal too.
    equal: Vec<(&'a str, &'a str)>,
    key: &'a str,
    /// A spread counts on these nodes alone, and no pod that is going.
    eligible: Option<Vec<bool>>,
    counts: Counts,
}

impl<'a> Groups<'a> {
    pub(super) fn of(
        snapshot: &'a Snapshot,
        nodes: &[&'a Node],
        places: &HashMap<&NodeName, usize>,
        leaving: impl IntoIterator<Item = &'a Pod>,
    ) -> Self {
        let mut groups = Self {
            nodes: nodes.to_vec(),
            wanted: Vec::new(),
            averse: Vec::new(),
            counting: SelectorIndex::default(),
            refusing: SelectorIndex::default(),
            holders: HashMap::new(),
            demands: HashMap::new(),
        };
        for pod in leaving {
            groups.demand(snapshot, pod);
        }
        for pod in &snapshot.pods {
            let kind = kind(pod);
            if !pod.needs.apart.is_empty()
                && place_of(places, pod).is_some()
                && !groups.holders.contains_key(&kind)
            {
                let places = pod.needs.apart.iter().map(|term| {
                    groups.averse.push(Group::of_term(snapshot, pod, term));
                    groups.averse.len() - 1
                });
                let places = places.collect();
                groups.holders.insert(kind, places);
            }
        }
        index(&groups.wanted, &mut groups.counting);
        index(&groups.averse, &mut groups.refusing);
        for pod in &snapshot.pods {
            if let Some(place) = place_of(places, pod) {
                groups.come(pod, place);
            }
        }
        groups
    }

    fn demand(&mut self, snapshot: &'a Snapshot, pod: &'a Pod) {
        let needs = &pod.needs;
        if needs.near.is_empty() && needs.apart.is_empty() && needs.spread.is_empty() {
            return;
        }
        let asker = asker(pod);
        if self.demands.contains_key(&asker) {
            return;
        }
        let mut demands = Demands::default();
        let mut place = |group| {
            self.wanted.push(group);
            self.wanted.len() - 1
        };
        for term in &needs.near {
            demands
                .near
                .push(place(Group::of_term(snapshot, pod, term)));
        }
        for term in &needs.apart {
            demands
                .apart
                .push(place(Group::of_term(snapshot, pod, term)));
        }
        for spread in &needs.spread {
            demands
                .spread
                .push(place(Group::of_spread(&self.nodes, pod, spread)));
        }
        self.demands.insert(asker, demands);
    }

    /// A pod is on the node from now on.
    pub(super) fn come(&mut self, pod: &'a Pod, place: usize) {
        self.count(pod, place, |count| count.saturating_add(1));
    }

    /// A pod is on the node no more.
    pub(super) fn leave(&mut self, pod: &'a Pod, place: usize) {
        self.count(pod, place, |count| count.saturating_sub(1));
    }

    fn count(&mut self, pod: &'a Pod, place: usize, change: impl Fn(u32) -> u32) {
        if pod.phase.is_finished() {
            return;
        }
        let node = self.nodes[place];
        let add = |group: &mut Group<'_>| {
            if let Some(domain) = node.label(group.key) {
                match group.counts.get_mut(domain) {
                    Some(count) => *count = change(*count),
                    None => drop(group.counts.insert(domain.to_owned(), change(0))),
                }
            }
        };
        if !self.wanted.is_empty() {
            for place_of_group in self.counting.may_pick(&pod.key.namespace, &pod.labels) {
                let group = &mut self.wanted[place_of_group];
                let counts_here = group
                    .eligible
                    .as_ref()
                    .is_none_or(|eligible| eligible[place] && pod.deletion.is_none());
                if counts_here && group.picks(pod) {
                    add(group);
                }
            }
        }
        for held in self.holders.get(&kind(pod)).into_iter().flatten() {
            add(&mut self.averse[*held]);
        }
    }

    /// All that the pod's place depends on in others, while the nodes at `gone` are cordoned.
    pub(super) fn ties<'g>(&'g self, pod: &'g Pod, gone: &[usize]) -> Vec<Tie<'g>> {
        let mut ties = Vec::new();
        if let Some(demands) = self.demands.get(&asker(pod)) {
            for (spread, place) in pod.needs.spread.iter().zip(&demands.spread) {
                let group = &self.wanted[*place];
                let without = if spread.honor_taints {
                    self.lost_with(group, gone)
                } else {
                    Vec::new()
                };
                ties.push(Tie::spread(
                    spread,
                    &group.counts,
                    group.picks(pod),
                    &without,
                ));
            }
            for place in &demands.near {
                let group = &self.wanted[*place];
                ties.push(Tie::Near {
                    key: group.key,
                    counts: &group.counts,
                    belongs: group.picks(pod),
                });
            }
            for place in &demands.apart {
                let group = &self.wanted[*place];
                ties.push(Tie::Apart {
                    key: group.key,
                    counts: &group.counts,
                });
            }
        }
        if !self.averse.is_empty() {
            for place in self.refusing.may_pick(&pod.key.namespace, &pod.labels) {
                let group = &self.averse[place];
                if group.picks(pod) {
                    ties.push(Tie::KeptAway {
                        key: group.key,
                        counts: &group.counts,
                    });
                }
            }
        }
        ties
    }
}

impl Groups<'_> {
    /// The domains of a spread that have no other nodes than those that are gone.
    fn lost_with(&self, group: &Group<'_>, gone: &[usize]) -> Vec<&str> {
        let eligible = group.eligible.as_deref().unwrap_or_default();
        let is_left = |domain: &str| {
            let mut nodes = self.nodes.iter().zip(eligible).enumerate();
            nodes.any(|(place, (node, eligible))| {
                *eligible && !gone.contains(&place) && node.label(group.key) == Some(domain)
            })
        };
        let domains = gone
            .iter()
            .filter_map(|place| self.nodes[*place].label(group.key));
        domains.filter(|domain| !is_left(domain)).collect()
    }
}

impl<'a> Group<'a> {
    fn of_term(snapshot: &'a Snapshot, pod: &'a Pod, term: &'a PodTerm) -> Self {
        let others = snapshot
            .namespaces
            .iter()
            .map(|namespace| (namespace.name.as_str(), &namespace.labels));
        Self {
            namespaces: term.namespaces_for(&pod.key.namespace, others),
            selector: term.selector.as_ref(),
            equal: Vec::new(),
            key: &term.topology_key,
            eligible: None,
            counts: Counts::new(),
        }
    }

    fn of_spread(nodes: &[&'a Node], pod: &'a Pod, spread: &'a Spread) -> Self {
        let has_keys = |node: &Node| {
            let mut keys = pod.needs.spread.iter().map(|spread| &spread.topology_key);
            keys.all(|key| node.label(key).is_some())
        };
        let eligible: Vec<bool> = nodes
            .iter()
            .map(|node| has_keys(node) && spread.counts_on(&pod.needs, node))
            .collect();
        let counts = nodes
            .iter()
            .zip(&eligible)
            .filter(|(_, eligible)| **eligible)
            .filter_map(|(node, _)| Some((node.label(&spread.topology_key)?.to_owned(), 0)))
            .collect();
        Self {
            namespaces: BTreeSet::from([pod.key.namespace.as_str()]),
            selector: spread.selector.as_ref(),
            equal: spread
                .label_keys
                .iter()
                .filter_map(|key| Some((key.as_str(), pod.labels.get(key)?.as_str())))
                .collect(),
            key: &spread.topology_key,
            eligible: Some(eligible),
            counts,
        }
    }

    fn picks(&self, pod: &Pod) -> bool {
        let has =
            |(key, value): &(&str, &str)| pod.labels.get(*key).map(String::as_str) == Some(*value);
        self.namespaces.contains(pod.key.namespace.as_str())
            && self
                .selector
                .is_some_and(|selector| selector.picks(&pod.labels))
            && self.equal.iter().all(has)
    }
}

fn index<'a>(groups: &[Group<'a>], index: &mut SelectorIndex<'a>) {
    for (place, group) in groups.iter().enumerate() {
        if let Some(selector) = group.selector {
            for namespace in &group.namespaces {
                index.add(namespace, selector, place);
            }
        }
    }
}

fn kind(pod: &Pod) -> Kind<'_> {
    (&pod.key.namespace, Arc::as_ptr(&pod.needs))
}

fn asker(pod: &Pod) -> Asker<'_> {
    let values = pod
        .needs
        .spread
        .iter()
        .flat_map(|spread| &spread.label_keys)
        .map(|key| pod.labels.get(key).map(String::as_str))
        .collect();
    (kind(pod), values)
}
