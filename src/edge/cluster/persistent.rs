//! PersistentVolumes, and how many volumes the nodes may take, in the little of them that plans look at.

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::pod_spec::NodeSelector;
use crate::core::model::{AttachLimit, NodeName, Volume};

#[derive(Debug, Deserialize)]
pub(super) struct SlimVolume {
    metadata: Meta,
    #[serde(default)]
    spec: VolumeSpec,
    #[serde(default)]
    status: VolumeStatus,
}

#[derive(Debug, Deserialize)]
struct Meta {
    name: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct VolumeSpec {
    csi: Option<Csi>,
    azure_disk: Option<IgnoredAny>,
    aws_elastic_block_store: Option<IgnoredAny>,
    gce_persistent_disk: Option<IgnoredAny>,
    node_affinity: Option<Affinity>,
    claim_ref: Option<Claim>,
}

#[derive(Debug, Deserialize)]
struct Csi {
    driver: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Affinity {
    required: Option<NodeSelector>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Claim {
    namespace: String,
    name: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct VolumeStatus {
    phase: String,
}

impl SlimVolume {
    /// `None` where no claim has it, or the one that had it is gone.
    pub(super) fn into_model(self) -> Option<Volume> {
        let claim = self.spec.claim_ref?;
        (self.status.phase == "Bound").then(|| Volume {
            name: self.metadata.name,
            claim: (claim.namespace, claim.name),
            // The built-in kinds are attached by these drivers (kubernetes: staging/src/k8s.io/csi-translation-lib).
            driver: match (self.spec.csi, self.spec.azure_disk) {
                (Some(csi), _) => Some(csi.driver),
                (None, Some(_)) => Some("disk.csi.azure.com".into()),
                (None, None) if self.spec.aws_elastic_block_store.is_some() => {
                    Some("ebs.csi.aws.com".into())
                }
                (None, None) if self.spec.gce_persistent_disk.is_some() => {
                    Some("pd.csi.storage.gke.io".into())
                }
                (None, None) => None,
            },
            affinity: self
                .spec
                .node_affinity
                .and_then(|affinity| affinity.required)
                .map(NodeSelector::into_terms),
        })
    }
}

/// A CSINode, which has the name of its node.
#[derive(Debug, Deserialize)]
pub(super) struct SlimCsiNode {
    metadata: Meta,
    #[serde(default)]
    spec: CsiNodeSpec,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct CsiNodeSpec {
    drivers: Option<Vec<Driver>>,
}

#[derive(Debug, Deserialize)]
struct Driver {
    name: String,
    #[serde(default)]
    allocatable: Allocatable,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Allocatable {
    /// Absent: as many as there are.
    count: Option<u32>,
}

impl SlimCsiNode {
    pub(super) fn into_model(self) -> impl Iterator<Item = AttachLimit> {
        let node = NodeName::from(self.metadata.name.as_str());
        let drivers = self.spec.drivers.unwrap_or_default().into_iter();
        drivers.filter_map(move |driver| {
            Some(AttachLimit {
                node: node.clone(),
                driver: driver.name,
                volumes: driver.allocatable.count?,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::core::model::{Operator, Requirement, Term};

    fn volume(spec: &serde_json::Value, phase: &str) -> Option<Volume> {
        let volume =
            json!({"metadata": {"name": "pv-1"}, "spec": spec, "status": {"phase": phase}});
        let slim: SlimVolume = serde_json::from_value(volume).unwrap();
        slim.into_model()
    }

    #[test]
    fn a_bound_volume_is_known_by_its_claim_with_its_driver_and_affinity() {
        let zone = json!({"key": "topology.disk.csi.azure.com/zone", "operator": "In", "values": ["eastus-1"]});
        let spec = json!({
            "claimRef": {"namespace": "shop", "name": "data-db-0"},
            "csi": {"driver": "disk.csi.azure.com"},
            "nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [zone]}]}},
        });
        let wanted = Volume {
            name: "pv-1".into(),
            claim: ("shop".into(), "data-db-0".into()),
            driver: Some("disk.csi.azure.com".into()),
            affinity: Some(vec![Term {
                labels: vec![Requirement {
                    key: "topology.disk.csi.azure.com/zone".into(),
                    operator: Operator::In,
                    values: vec!["eastus-1".into()],
                }],
                fields: vec![],
            }]),
        };
        assert_eq!(volume(&spec, "Bound"), Some(wanted));
        // Its claim is gone: another of the same name has another volume.
        assert_eq!(volume(&spec, "Released"), None);
        assert_eq!(volume(&json!({}), "Available"), None);
    }

    #[test]
    fn a_built_in_kind_is_attached_by_its_driver_and_a_share_by_none() {
        let driver = |kind: &str| {
            let claim = json!({"namespace": "shop", "name": "data"});
            let bound = volume(&json!({"claimRef": claim, kind: {}}), "Bound").unwrap();
            (bound.driver, bound.affinity)
        };
        let disk = |name: &str| (Some(name.to_owned()), None);
        assert_eq!(driver("azureDisk"), disk("disk.csi.azure.com"));
        assert_eq!(driver("awsElasticBlockStore"), disk("ebs.csi.aws.com"));
        assert_eq!(driver("gcePersistentDisk"), disk("pd.csi.storage.gke.io"));
        assert_eq!(driver("nfs"), (None, None));
    }

    #[test]
    fn a_driver_without_a_number_limits_nothing() {
        let node = json!({"metadata": {"name": "node-1"}, "spec": {"drivers": [
            {"name": "disk.csi.azure.com", "nodeID": "x", "allocatable": {"count": 8}},
            {"name": "file.csi.azure.com", "nodeID": "x", "allocatable": {}},
            {"name": "nfs.csi.k8s.io", "nodeID": "x"},
        ]}});
        let slim: SlimCsiNode = serde_json::from_value(node).unwrap();
        let limits: Vec<AttachLimit> = slim.into_model().collect();
        let eight = AttachLimit {
            node: "node-1".into(),
            driver: "disk.csi.azure.com".into(),
            volumes: 8,
        };
        assert_eq!(limits, [eight]);
        let bare = json!({"metadata": {"name": "node-1"}, "spec": {"drivers": null}});
        let slim: SlimCsiNode = serde_json::from_value(bare).unwrap();
        assert_eq!(slim.into_model().count(), 0);
    }
}
