//! Which of a node's labels are to be shown. A node of AKS has dozens; only the wanted ones are kept.

use std::collections::BTreeMap;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ShownLabels {
    /// One column each, in this order.
    pub(crate) columns: Vec<String>,
    pub(crate) all: bool,
}

impl ShownLabels {
    pub(crate) fn is_empty(&self) -> bool {
        self.columns.is_empty() && !self.all
    }

    /// Those of `labels` that are shown.
    pub(crate) fn of(&self, labels: &BTreeMap<String, String>) -> BTreeMap<String, String> {
        if self.is_empty() {
            return BTreeMap::new();
        }
        labels
            .iter()
            .filter(|(key, _)| self.all || self.columns.contains(key))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect()
    }
}
