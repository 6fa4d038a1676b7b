//! Pools whose nodes do not all run the same kernel, and which nodes are behind. A pool is meant to be of one make;
//! where it is not, somebody has patched or rebooted only a part of it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::core::model::Kernel;

use super::NodeStatus;
use super::kernel::{Naming, is_older, newest_installed};
use super::verdict::Need;

/// The kernels that run in one pool, the most frequent first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct PoolKernels {
    /// `null`: the nodes that are in no pool.
    pub(crate) pool: Option<String>,
    pub(crate) kernels: Vec<KernelCount>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct KernelCount {
    pub(crate) kernel: Kernel,
    pub(crate) nodes: usize,
}

/// What runs in each pool.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kernels(BTreeMap<Option<String>, BTreeMap<Kernel, usize>>);

impl Kernels {
    /// Of the nodes that have a kernel that matters: not those with Windows or without a host.
    pub(crate) fn of<'a>(nodes: impl IntoIterator<Item = &'a NodeStatus>) -> Self {
        let mut pools = BTreeMap::<_, BTreeMap<Kernel, usize>>::new();
        for node in nodes {
            if let Some(kernel) = running(node) {
                *pools
                    .entry(node.pool.clone())
                    .or_default()
                    .entry(kernel.clone())
                    .or_default() += 1;
            }
        }
        // A pool of one make needs no more thought.
        pools.retain(|_, kernels| kernels.len() > 1);
        Self(pools)
    }

    /// The pools that run more than one kernel.
    pub(crate) fn uneven(&self) -> Vec<PoolKernels> {
        self.0
            .iter()
            .map(|(pool, kernels)| {
                let mut kernels: Vec<KernelCount> = kernels
                    .iter()
                    .map(|(kernel, nodes)| KernelCount {
                        kernel: kernel.clone(),
                        nodes: *nodes,
                    })
                    .collect();
                kernels.sort_by_key(|count| std::cmp::Reverse(count.nodes));
                PoolKernels {
                    pool: pool.clone(),
                    kernels,
                }
            })
            .collect()
    }

    /// Whether a newer kernel of the same flavour runs elsewhere in the node's pool.
    pub(crate) fn is_behind(&self, node: &NodeStatus) -> bool {
        let Some(running) = running(node) else {
            return false;
        };
        self.0.get(&node.pool).is_some_and(|kernels| {
            let releases: Vec<String> = kernels.keys().map(ToString::to_string).collect();
            newest_installed(Naming::told_by(running.as_str()), running, &releases)
                .is_some_and(|newest| is_older(running, &newest))
        })
    }
}

fn running(node: &NodeStatus) -> Option<&Kernel> {
    (node.verdict.need != Need::NotApplicable)
        .then_some(node.verdict.running.as_ref())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::super::{judge_unprobed, test_node};
    use super::*;
    use crate::core::model::{Node, NodeKind, OperatingSystem};

    fn node(pool: &str, os: &OperatingSystem, kernel: Option<&str>) -> NodeStatus {
        let kernel = kernel.map(Kernel::new);
        let mut node = NodeStatus::new(
            &Node {
                os: os.clone(),
                ..test_node()
            },
            judge_unprobed(NodeKind::of(os, false, "n1"), kernel),
        );
        node.pool = (!pool.is_empty()).then(|| pool.to_owned());
        node
    }

    fn linux(pool: &str, kernel: &str) -> NodeStatus {
        node(pool, &OperatingSystem::Linux, Some(kernel))
    }

    #[test]
    fn a_pool_is_uneven_when_its_nodes_run_different_kernels() {
        let nodes = [
            linux("a", "6.8.0-1046-azure"),
            linux("a", "6.8.0-999-azure"),
            linux("a", "6.8.0-1046-azure"),
            linux("b", "6.8.0-999-azure"),
            node("a", &OperatingSystem::Windows, Some("10.0.26100.1")),
            node("a", &OperatingSystem::Linux, None),
        ];
        let kernels = Kernels::of(&nodes);
        let uneven: Vec<_> = kernels
            .uneven()
            .into_iter()
            .map(|pool| {
                let counts: Vec<_> = pool
                    .kernels
                    .iter()
                    .map(|count| (count.kernel.to_string(), count.nodes))
                    .collect();
                (pool.pool, counts)
            })
            .collect();
        assert_eq!(
            uneven,
            [(
                Some("a".to_owned()),
                vec![
                    ("6.8.0-1046-azure".to_owned(), 2),
                    ("6.8.0-999-azure".to_owned(), 1)
                ]
            )]
        );
        let behind: Vec<bool> = nodes.iter().map(|node| kernels.is_behind(node)).collect();
        assert_eq!(behind, [false, true, false, false, false, false]);
    }

    #[test]
    fn another_flavour_is_uneven_and_not_behind() {
        let nodes = [
            linux("", "6.8.0-1046-azure"),
            linux("", "6.8.0-1021-azure-fde"),
        ];
        let kernels = Kernels::of(&nodes);
        assert_eq!(kernels.uneven().len(), 1);
        assert!(!nodes.iter().any(|node| kernels.is_behind(node)));
    }
}
