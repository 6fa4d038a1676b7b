//! Picking the named nodes out of a list.

use crate::core::model::NodeName;
use crate::core::near::near;
use crate::request::flags::Selection;

/// The selected ones of what was listed, in the order they were named, and what was named in vain.
pub(super) fn pick<T>(
    selection: &Selection,
    listed: Vec<T>,
    name: impl Fn(&T) -> &NodeName,
) -> (Vec<T>, Vec<String>) {
    let Selection::Names(wanted) = selection else {
        return (listed, Vec::new());
    };
    let missing = |wanted: &NodeName| {
        let near = near(
            wanted.as_str(),
            listed.iter().map(|item| name(item).as_str()),
        );
        if near.is_empty() {
            format!("node {wanted} was not found")
        } else {
            format!("node {wanted} was not found; near: {}", near.join(", "))
        }
    };
    let errors = wanted
        .iter()
        .filter(|wanted| !listed.iter().any(|item| name(item) == *wanted))
        .map(missing)
        .collect();
    let place = |item: &T| wanted.iter().position(|wanted| wanted == name(item));
    let mut picked: Vec<(usize, T)> = listed
        .into_iter()
        .filter_map(|item| place(&item).map(|place| (place, item)))
        .collect();
    picked.sort_by_key(|(place, _)| *place);
    (picked.into_iter().map(|(_, item)| item).collect(), errors)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::evidence::test_node;
    use crate::core::model::Node;

    fn nodes(names: &[&str]) -> Vec<Node> {
        names
            .iter()
            .map(|name| Node {
                name: NodeName::new(*name),
                ..test_node()
            })
            .collect()
    }

    #[test]
    fn named_nodes_come_in_the_order_of_their_naming_and_missing_ones_are_told() {
        let selection = Selection::Names(["n3", "n1", "n2x"].map(NodeName::from).into());
        let (picked, errors) = pick(&selection, nodes(&["n1", "n2", "n3"]), |node| &node.name);
        let picked: Vec<&str> = picked.iter().map(|node| node.name.as_str()).collect();
        assert_eq!(picked, ["n3", "n1"]);
        assert_eq!(errors, ["node n2x was not found; near: n2"]);
    }

    #[test]
    fn a_selector_has_selected_already() {
        let (picked, errors) = pick(
            &Selection::Labels("a=b".into()),
            nodes(&["n1", "n2"]),
            |node| &node.name,
        );
        assert_eq!((picked.len(), errors.len()), (2, 0));
    }
}
