//! Picking the named nodes, or those of the named pools, out of a list.

use std::collections::BTreeSet;

use crate::core::model::NodeName;
use crate::core::near::near;
use crate::render::text::some_of;
use crate::request::flags::Selection;

/// More pools than a line holds.
const MOST_POOLS: usize = 20;

/// The selected ones of what was listed, and what was named in vain. Named nodes come in the order of their naming.
pub(in crate::app) fn pick<T>(
    selection: &Selection,
    listed: Vec<T>,
    name_and_pool: impl for<'a> Fn(&'a T) -> (&'a NodeName, Option<&'a str>),
) -> (Vec<T>, Vec<String>) {
    if !selection.pools.is_empty() {
        let pools: BTreeSet<&str> = listed
            .iter()
            .filter_map(|item| name_and_pool(item).1)
            .collect();
        let errors: Vec<String> = selection
            .pools
            .iter()
            .filter(|wanted| !pools.contains(wanted.as_str()))
            .map(|wanted| no_pool(wanted, &pools))
            .collect();
        let is_wanted = |item: &T| {
            let (_, pool) = name_and_pool(item);
            selection.pools.iter().any(|wanted| pool == Some(wanted))
        };
        let picked = listed.into_iter().filter(is_wanted).collect();
        return (picked, errors);
    }
    let wanted = &selection.names;
    if wanted.is_empty() {
        return (listed, Vec::new());
    }
    let missing = |wanted: &NodeName| {
        let near = near(
            wanted.as_str(),
            listed.iter().map(|item| name_and_pool(item).0.as_str()),
        );
        if near.is_empty() {
            format!("node {wanted} was not found")
        } else {
            format!("node {wanted} was not found; near: {}", near.join(", "))
        }
    };
    let errors = wanted
        .iter()
        .filter(|wanted| !listed.iter().any(|item| name_and_pool(item).0 == *wanted))
        .map(missing)
        .collect();
    let place = |item: &T| {
        let (name, _) = name_and_pool(item);
        wanted.iter().position(|wanted| wanted == name)
    };
    let mut picked: Vec<(usize, T)> = listed
        .into_iter()
        .filter_map(|item| place(&item).map(|place| (place, item)))
        .collect();
    picked.sort_by_key(|(place, _)| *place);
    (picked.into_iter().map(|(_, item)| item).collect(), errors)
}

fn no_pool(wanted: &str, pools: &BTreeSet<&str>) -> String {
    if pools.is_empty() {
        return format!("pool {wanted} was not found; no selected node has a pool's label");
    }
    let pools: Vec<&str> = pools.iter().copied().collect();
    format!(
        "pool {wanted} was not found; the pools are {}",
        some_of(&pools, MOST_POOLS)
    )
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

    fn picked(selection: &Selection, listed: Vec<Node>) -> (Vec<String>, Vec<String>) {
        let (picked, errors) = pick(selection, listed, |node: &Node| (&node.name, node.pool()));
        let names = picked.iter().map(|node| node.name.to_string()).collect();
        (names, errors)
    }

    #[test]
    fn named_nodes_come_in_the_order_of_their_naming_and_missing_ones_are_told() {
        let selection = Selection {
            names: ["n3", "n1", "n2x"].map(NodeName::from).into(),
            ..Selection::default()
        };
        let (names, errors) = picked(&selection, nodes(&["n1", "n2", "n3"]));
        assert_eq!(names, ["n3", "n1"]);
        assert_eq!(errors, ["node n2x was not found; near: n2"]);
    }

    #[test]
    fn a_selector_has_selected_already() {
        let selection = Selection {
            labels: "a=b".into(),
            ..Selection::default()
        };
        let (names, errors) = picked(&selection, nodes(&["n1", "n2"]));
        assert_eq!((names.len(), errors.len()), (2, 0));
    }

    #[test]
    fn a_pool_is_known_by_either_label_and_an_unknown_one_names_those_there_are() {
        let mut listed = nodes(&["n1", "n2", "n3"]);
        let mut label = |at: usize, key: &str, pool: &str| {
            listed[at].labels.insert(key.to_owned(), pool.to_owned());
        };
        label(0, "kubernetes.azure.com/agentpool", "blue");
        label(1, "agentpool", "green");
        let selection = |pools: &[&str]| Selection {
            pools: pools.iter().map(|&pool| pool.to_owned()).collect(),
            ..Selection::default()
        };
        let (names, errors) = picked(&selection(&["green", "blue"]), listed.clone());
        assert_eq!((names, errors.len()), (vec!["n1".into(), "n2".into()], 0));
        let (names, errors) = picked(&selection(&["gren"]), listed);
        assert!(names.is_empty());
        assert_eq!(
            errors,
            ["pool gren was not found; the pools are blue, green"]
        );
        let (_, errors) = picked(&selection(&["x"]), nodes(&["n1"]));
        assert_eq!(
            errors,
            ["pool x was not found; no selected node has a pool's label"]
        );
    }
}
