//! Which pods each budget selects, kept with every change of a pod or a budget, so that neither an eviction nor a count
//! has to match selectors over a namespace.

use std::collections::{BTreeMap, BTreeSet};

use crate::sim::kind::Kind;
use crate::sim::store::{Change, Object, Store};

/// By namespace and name of the budget: the names of its pods.
#[derive(Debug, Default)]
pub(in crate::sim) struct Guards(BTreeMap<String, BTreeMap<String, BTreeSet<String>>>);

impl Guards {
    pub(in crate::sim) fn notice(&mut self, store: &Store, change: &Change) {
        let object = &change.object;
        match object.kind {
            Kind::Pod => {
                let labels_before = change
                    .before
                    .as_ref()
                    .map(|before| &before.index.lasting.labels);
                if change.removed || labels_before != Some(&object.index.lasting.labels) {
                    self.notice_pod(store, object, change.removed);
                }
            }
            Kind::Budget => {
                let selector = |budget: &Object| budget.budget().and_then(|b| b.selector.clone());
                let before = change.before.as_ref().map(|before| selector(before));
                if change.removed {
                    let budgets = self.0.get_mut(&object.key.namespace);
                    budgets.map(|budgets| budgets.remove(&object.key.name));
                } else if before != Some(selector(object)) {
                    let pods = store.list(Kind::Pod, Some(&object.key.namespace));
                    let selected = pods.filter(|pod| selects(object, pod));
                    let names = selected.map(|pod| pod.key.name.clone()).collect();
                    self.0
                        .entry(object.key.namespace.clone())
                        .or_default()
                        .insert(object.key.name.clone(), names);
                }
            }
            _ => {}
        }
    }

    fn notice_pod(&mut self, store: &Store, pod: &Object, removed: bool) {
        let Some(budgets) = self.0.get_mut(&pod.key.namespace) else {
            return;
        };
        for (name, pods) in budgets {
            let key = crate::sim::store::Key::new(pod.key.namespace.as_str(), name.as_str());
            let budget = store.get(Kind::Budget, &key);
            if !removed && budget.is_some_and(|budget| selects(budget, pod)) {
                pods.insert(pod.key.name.clone());
            } else {
                pods.remove(&pod.key.name);
            }
        }
    }

    /// The names of the budgets of a pod.
    pub(super) fn of<'g>(&'g self, pod: &'g Object) -> impl Iterator<Item = &'g str> {
        self.0
            .get(&pod.key.namespace)
            .into_iter()
            .flatten()
            .filter(|(_, pods)| pods.contains(&pod.key.name))
            .map(|(budget, _)| budget.as_str())
    }

    /// The names of the pods of a budget.
    pub(super) fn guarded_by(&self, budget: &Object) -> impl Iterator<Item = &str> {
        self.0
            .get(&budget.key.namespace)
            .and_then(|budgets| budgets.get(&budget.key.name))
            .into_iter()
            .flatten()
            .map(String::as_str)
    }
}

/// A selector that is not there selects nothing, an empty one everything, as in policy/v1.
fn selects(budget: &Object, pod: &Object) -> bool {
    budget
        .budget()
        .and_then(|budget| budget.selector.as_ref())
        .is_some_and(|selector| selector.picks(&pod.index.lasting.labels))
}
