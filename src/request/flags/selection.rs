//! Which nodes: by name or by label, as kubectl's `get` takes them.

use clap::Args;

use crate::core::model::NodeName;

#[derive(Clone, Debug, Args)]
pub(crate) struct SelectionFlags {
    /// Nodes by name; none: every node
    #[arg(value_name = "NODE", conflicts_with = "selector")]
    nodes: Vec<String>,

    /// Nodes by label selector, such as agentpool=blue or 'tier in (a,b),!spot'
    #[arg(short = 'l', long, value_name = "SELECTOR")]
    selector: Option<String>,
}

/// Settled: names come without repetition, in the order they were given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Selection {
    Names(Vec<NodeName>),
    /// A label selector; empty selects every node.
    Labels(String),
}

impl SelectionFlags {
    pub(crate) fn settle(self) -> Selection {
        if self.nodes.is_empty() {
            return Selection::Labels(self.selector.unwrap_or_default());
        }
        let mut names: Vec<NodeName> = Vec::new();
        for name in self.nodes {
            // `kubectl get -o name` prints names so; taking them back saves a sed.
            let name = NodeName::new(
                name.strip_prefix("node/")
                    .or_else(|| name.strip_prefix("nodes/"))
                    .unwrap_or(&name),
            );
            if !names.contains(&name) {
                names.push(name);
            }
        }
        Selection::Names(names)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settled(nodes: &[&str]) -> Selection {
        SelectionFlags {
            nodes: nodes.iter().map(|name| (*name).to_owned()).collect(),
            selector: None,
        }
        .settle()
    }

    #[test]
    fn a_node_named_twice_is_one_node() {
        assert_eq!(
            settled(&["b", "a", "node/b"]),
            Selection::Names(vec![NodeName::new("b"), NodeName::new("a")])
        );
    }

    #[test]
    fn no_name_and_no_selector_is_every_node() {
        assert_eq!(settled(&[]), Selection::Labels(String::new()));
    }
}
