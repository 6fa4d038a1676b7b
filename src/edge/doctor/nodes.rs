//! The nodes as `doctor` looks at them: with the images that they have.

use std::collections::BTreeSet;

use kube::Client;
use kube::core::params::ListParams;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use crate::core::doctor::image::full_name;
use crate::core::model::{Node, OperatingSystem};
use crate::edge::cluster::{NODES, SlimNode, list_pages};

/// A node and the full names of the images that its kubelet lists: the largest fifty, unless configured otherwise.
pub(super) struct Host {
    pub(super) node: Node,
    pub(super) images: BTreeSet<String>,
}

impl Host {
    /// There is a Linux machine behind it.
    pub(super) fn is_linux(&self) -> bool {
        self.node.os == OperatingSystem::Linux && !self.node.is_virtual()
    }
}

pub(super) async fn hosts(client: &Client) -> Result<Vec<Host>, kube::Error> {
    let listed = list_pages::<Both, Host>(client, NODES, &ListParams::default()).await?;
    Ok(listed.items)
}

/// One object read in two ways.
struct Both {
    node: SlimNode,
    images: Images,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Images {
    status: Status,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Status {
    images: Option<Vec<Image>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Image {
    names: Option<Vec<String>>,
}

impl<'de> Deserialize<'de> for Both {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        let images = Images::deserialize(&value).map_err(D::Error::custom)?;
        let node = SlimNode::deserialize(value).map_err(D::Error::custom)?;
        Ok(Self { node, images })
    }
}

impl From<Both> for Host {
    fn from(Both { node, images }: Both) -> Self {
        let names = images.status.images.into_iter().flatten();
        Self {
            node: node.into(),
            images: names
                .flat_map(|image| image.names.unwrap_or_default())
                .map(|name| full_name(&name))
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_read_beside_the_node() {
        let both: Both = serde_json::from_value(serde_json::json!({
            "metadata": {"name": "n1", "uid": "u1"},
            "status": {
                "nodeInfo": {"operatingSystem": "linux"},
                "images": [{"names": ["busybox:1", "r.example/a@sha256:00"]}, {"sizeBytes": 1}],
            },
        }))
        .expect("a node");
        let host = Host::from(both);
        assert!(host.is_linux());
        assert_eq!(
            host.images.into_iter().collect::<Vec<_>>(),
            ["docker.io/library/busybox:1", "r.example/a@sha256:00"]
        );
    }
}
