//! What scheduler and controllers read of an object, parsed at most once a version. The shapes are those of the edge's
//! slim types: both ends of a rehearsal understand a node, a pod's demands and a budget in one way.

use std::sync::{Arc, LazyLock, OnceLock};

use crate::core::model::{Budget, Needs, Node, Pod};
use crate::edge::cluster::{SlimBudget, SlimNode, SlimPod};

use super::kind::Kind;
use super::store::Object;

#[derive(Debug)]
pub(super) enum Parsed {
    Node(Box<Node>),
    Needs(Arc<Needs>),
    Budget(Box<Budget>),
    /// Of another kind, or not in the shape of its own.
    Nothing,
}

static NO_NEEDS: LazyLock<Arc<Needs>> = LazyLock::new(Arc::default);

impl Object {
    /// What need not be parsed again for the next version, whose spec and labels are this one's.
    pub(super) fn still_parsed(&self) -> OnceLock<Parsed> {
        match self.parsed.get() {
            Some(Parsed::Needs(needs)) => Parsed::Needs(needs.clone()).into(),
            _ => OnceLock::new(),
        }
    }

    fn parsed(&self) -> &Parsed {
        self.parsed.get_or_init(|| {
            let json = self.text.whole();
            match self.kind {
                Kind::Node => serde_json::from_slice::<SlimNode>(&json)
                    .map_or(Parsed::Nothing, |node| Parsed::Node(Box::new(node.into()))),
                Kind::Pod => serde_json::from_slice::<SlimPod>(&json)
                    .map_or(Parsed::Nothing, |pod| Parsed::Needs(Pod::from(pod).needs)),
                Kind::Budget => serde_json::from_slice::<SlimBudget>(&json)
                    .map_or(Parsed::Nothing, |budget| {
                        Parsed::Budget(Box::new(budget.into()))
                    }),
                _ => Parsed::Nothing,
            }
        })
    }

    /// This node; `None` when it is none that a scheduler could read.
    pub(super) fn node(&self) -> Option<&Node> {
        match self.parsed() {
            Parsed::Node(node) => Some(node),
            Parsed::Needs(_) | Parsed::Budget(_) | Parsed::Nothing => None,
        }
    }

    /// What this pod demands of a node.
    pub(super) fn needs(&self) -> &Arc<Needs> {
        match self.parsed() {
            Parsed::Needs(needs) => needs,
            Parsed::Node(_) | Parsed::Budget(_) | Parsed::Nothing => &NO_NEEDS,
        }
    }

    pub(super) fn budget(&self) -> Option<&Budget> {
        match self.parsed() {
            Parsed::Budget(budget) => Some(budget),
            Parsed::Node(_) | Parsed::Needs(_) | Parsed::Nothing => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::{Value, json};

    use super::super::store::{Object, Store};
    use super::super::written::{Draft, Same};
    use super::Kind;

    fn rewritten(store: &mut Store, old: &Object, value: Value, same: Same) -> Arc<Object> {
        let mut draft = Draft::default();
        draft.write(&value, Some((&old.text, same)));
        let lasting = old.index.lasting.clone();
        let change = store.rewrite(old, value, &mut draft, same, 0, lasting);
        change.object
    }

    #[test]
    fn a_status_leaves_the_demands_as_they_were_parsed_and_another_spec_does_not() {
        let mut store = Store::default();
        let pod = json!({
            "metadata": {"namespace": "default", "name": "a", "uid": "u", "resourceVersion": "1"},
            "spec": {"tolerations": [{"operator": "Exists"}]}, "status": {"phase": "Pending"},
        });
        let first = store.write(Kind::Pod, pod, &mut Draft::default()).object;
        assert_eq!(first.needs().tolerations.len(), 1);
        let mut running = first.value();
        running["status"]["phase"] = "Running".into();
        let second = rewritten(&mut store, &first, running, Same::but_status());
        assert!(Arc::ptr_eq(first.needs(), second.needs()));
        let mut intolerant = second.value();
        intolerant["spec"]["tolerations"] = json!([]);
        let third = rewritten(&mut store, &second, intolerant, Same::default());
        assert_eq!(third.needs().tolerations.len(), 0);
    }
}
