//! Finds the few of many selectors that an object's labels may match, without trying them all.

use std::collections::HashMap;

use super::needs::{LabelSelector, Labels};

/// Selectors by namespace and one label that they demand. Holds places in a list of somebody else's.
#[derive(Default)]
pub(crate) struct SelectorIndex<'a> {
    by_label: HashMap<(&'a str, &'a str, &'a str), Vec<usize>>,
    /// Those without a label that has to be equal.
    by_namespace: HashMap<&'a str, Vec<usize>>,
}

impl<'a> SelectorIndex<'a> {
    pub(crate) fn add(&mut self, namespace: &'a str, selector: &'a LabelSelector, place: usize) {
        let places = match selector.equal.first_key_value() {
            Some((key, value)) => self.by_label.entry((namespace, key, value)).or_default(),
            None => self.by_namespace.entry(namespace).or_default(),
        };
        places.push(place);
    }

    /// Places of the selectors that may pick an object, in ascending order; each is still to be asked.
    pub(crate) fn may_pick(&self, namespace: &str, labels: &Labels) -> Vec<usize> {
        let mut places: Vec<usize> = labels
            .iter()
            .filter_map(|(key, value)| {
                self.by_label
                    .get(&(namespace, key.as_str(), value.as_str()))
            })
            .flatten()
            .chain(self.by_namespace.get(namespace).into_iter().flatten())
            .copied()
            .collect();
        places.sort_unstable();
        places
    }
}
