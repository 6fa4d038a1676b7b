//! A node's image against the newest of its pool, by what Azure says. Without Azure's word nobody knows the newest: that is
//! *unknown*, never up to date.

use crate::core::azure::{AzureTrouble, AzureView, Latest};
use crate::core::evidence::NodeStatus;
use crate::core::reason::Reason;

/// What came of asking Azure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Azure {
    /// Nobody wanted it.
    NotAsked,
    /// The command was ended before.
    Interrupted,
    Asked(Result<AzureView, AzureTrouble>),
}

/// How a node's image stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Image {
    /// The newest of the pool, and whether the node has another.
    Known {
        latest: String,
        is_behind: bool,
    },
    Unknown(Reason),
    NotApplicable(Reason),
}

impl Image {
    pub(crate) fn of(node: &NodeStatus, azure: &Azure) -> Self {
        // There is no image of the customer's choosing behind these.
        let without =
            |reason: &&Reason| matches!(reason, Reason::VirtualNode | Reason::ManagedNode);
        if let Some(reason) = node.verdict.reasons.iter().find(without) {
            return Self::NotApplicable(reason.clone());
        }
        let view = match azure {
            Azure::NotAsked => return Self::Unknown(Reason::AzureNotAsked),
            Azure::Interrupted => return Self::Unknown(Reason::Interrupted),
            Azure::Asked(Err(trouble)) => return Self::Unknown(unread(trouble)),
            Azure::Asked(Ok(view)) => view,
        };
        let (Some(pool), Some(image)) = (&node.pool, &node.aks.image) else {
            return Self::Unknown(Reason::NodeImageNotTold);
        };
        if let (Some(latest), Some(is_behind)) = (view.latest_of(pool), view.is_behind(pool, image))
        {
            return Self::Known {
                latest: latest.to_owned(),
                is_behind,
            };
        }
        let known = view.pools.iter().find(|known| known.name == *pool);
        Self::Unknown(match known.map(|pool| &pool.latest) {
            Some(Latest::Unread { trouble }) => unread(trouble),
            _ => Reason::LatestImageNotTold { pool: pool.clone() },
        })
    }

    pub(crate) fn latest(&self) -> Option<&str> {
        match self {
            Self::Known { latest, .. } => Some(latest),
            Self::Unknown(_) | Self::NotApplicable(_) => None,
        }
    }
}

fn unread(trouble: &AzureTrouble) -> Reason {
    Reason::AzureUnread {
        trouble: trouble.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::azure::{AzureCluster, AzurePool, Channels};
    use crate::core::evidence::{judge_unprobed, test_node};
    use crate::core::model::{Node, NodeKind};

    fn node(kind: NodeKind, pool: Option<&str>, image: Option<&str>) -> NodeStatus {
        let label =
            |key: &str, value: Option<&str>| value.map(|value| (key.to_owned(), value.to_owned()));
        let node = Node {
            labels: [
                label("kubernetes.azure.com/agentpool", pool),
                label("kubernetes.azure.com/node-image-version", image),
            ]
            .into_iter()
            .flatten()
            .collect(),
            ..test_node()
        };
        NodeStatus::new(&node, judge_unprobed(kind, None))
    }

    fn azure(latest: Latest) -> Azure {
        Azure::Asked(Ok(AzureView {
            cluster: AzureCluster {
                subscription: "s".into(),
                resource_group: "rg".into(),
                name: "c".into(),
            },
            channels: Channels::default(),
            pools: vec![AzurePool {
                name: "blue".into(),
                image: None,
                latest,
                state: None,
            }],
            operations: Vec::new(),
            unread: Vec::new(),
        }))
    }

    #[test]
    fn another_image_than_the_newest_is_behind_and_what_nobody_told_is_unknown() {
        let newest = || Latest::Image {
            version: "AKSUbuntu-202606.01.0".into(),
        };
        let known = |is_behind| Image::Known {
            latest: "AKSUbuntu-202606.01.0".into(),
            is_behind,
        };
        let no_az = || AzureTrouble::NoAz;
        let blue = |image| node(NodeKind::Host, Some("blue"), image);
        for (row, node, azure, wanted) in [
            (
                1,
                blue(Some("AKSUbuntu-202606.01.0")),
                azure(newest()),
                known(false),
            ),
            (
                2,
                blue(Some("AKSUbuntu-202605.01.0")),
                azure(newest()),
                known(true),
            ),
            (
                3,
                blue(None),
                azure(newest()),
                Image::Unknown(Reason::NodeImageNotTold),
            ),
            (
                4,
                node(NodeKind::Host, Some("green"), Some("x")),
                azure(newest()),
                Image::Unknown(Reason::LatestImageNotTold {
                    pool: "green".into(),
                }),
            ),
            (
                5,
                blue(Some("x")),
                azure(Latest::NotTold),
                Image::Unknown(Reason::LatestImageNotTold {
                    pool: "blue".into(),
                }),
            ),
            (
                6,
                blue(Some("x")),
                azure(Latest::Unread { trouble: no_az() }),
                Image::Unknown(unread(&no_az())),
            ),
            (
                7,
                blue(Some("x")),
                Azure::Asked(Err(no_az())),
                Image::Unknown(unread(&no_az())),
            ),
            (
                8,
                blue(Some("x")),
                Azure::NotAsked,
                Image::Unknown(Reason::AzureNotAsked),
            ),
            (
                9,
                blue(Some("x")),
                Azure::Interrupted,
                Image::Unknown(Reason::Interrupted),
            ),
            (
                10,
                node(NodeKind::Virtual, None, None),
                azure(newest()),
                Image::NotApplicable(Reason::VirtualNode),
            ),
            // Windows nodes come from images too.
            (
                11,
                node(NodeKind::Windows, Some("blue"), Some("AKSWindows-1")),
                azure(newest()),
                known(true),
            ),
        ] {
            assert_eq!(Image::of(&node, &azure), wanted, "row {row}");
        }
    }
}
