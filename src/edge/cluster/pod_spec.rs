//! The spec of a pod, or of a template of pods, read slim: where it runs, and what it demands of a node.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::core::model::{
    Apart, HostPort, LabelSelector, Needs, Operator, Requirement, Resources, Term, Toleration,
};

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct SlimSpec {
    pub(super) node_name: Option<String>,
    volumes: Option<Vec<Volume>>,
    containers: Option<Vec<Container>>,
    init_containers: Option<Vec<Container>>,
    overhead: Amounts,
    node_selector: Option<BTreeMap<String, String>>,
    affinity: Option<Affinity>,
    tolerations: Option<Vec<SlimToleration>>,
    priority: Option<i32>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Volume {
    #[serde(default)]
    name: String,
    empty_dir: Option<IgnoredAny>,
    persistent_volume_claim: Option<Claim>,
    /// Its claim is named after the pod and the volume.
    ephemeral: Option<IgnoredAny>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Claim {
    claim_name: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Container {
    resources: ContainerResources,
    ports: Option<Vec<Port>>,
    restart_policy: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct ContainerResources {
    requests: Option<Amounts>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Amounts {
    cpu: Option<String>,
    memory: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Port {
    #[serde(rename = "hostPort")]
    number: Option<u16>,
    protocol: Option<String>,
    #[serde(rename = "hostIP")]
    address: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Affinity {
    node_affinity: NodeAffinity,
    pod_anti_affinity: AntiAffinity,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct NodeAffinity {
    #[serde(rename = "requiredDuringSchedulingIgnoredDuringExecution")]
    required: Option<NodeSelector>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct NodeSelector {
    node_selector_terms: Option<Vec<SlimTerm>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct SlimTerm {
    match_expressions: Option<Vec<Expression>>,
    match_fields: Option<Vec<Expression>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct AntiAffinity {
    #[serde(rename = "requiredDuringSchedulingIgnoredDuringExecution")]
    required: Option<Vec<PodTerm>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct PodTerm {
    label_selector: Option<SlimSelector>,
    topology_key: String,
    namespaces: Option<Vec<String>>,
}

/// A label selector as objects carry it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct SlimSelector {
    match_labels: Option<BTreeMap<String, String>>,
    match_expressions: Option<Vec<Expression>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Expression {
    key: String,
    operator: String,
    values: Option<Vec<String>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct SlimToleration {
    key: Option<String>,
    operator: Option<String>,
    value: Option<String>,
    effect: Option<String>,
    toleration_seconds: Option<i64>,
}

impl SlimSpec {
    pub(super) fn has_empty_dir(&self) -> bool {
        self.volumes
            .iter()
            .flatten()
            .any(|volume| volume.empty_dir.is_some())
    }

    /// What the pod of this name demands.
    pub(super) fn needs(self, pod: &str) -> Needs {
        let affinity = self.affinity.unwrap_or_default();
        let ports = self
            .containers
            .iter()
            .chain(&self.init_containers)
            .flatten()
            .flat_map(|container| container.ports.iter().flatten())
            .filter_map(host_port)
            .collect();
        let claims = self.volumes.iter().flatten();
        let claims = claims
            .filter_map(
                |volume| match (&volume.persistent_volume_claim, &volume.ephemeral) {
                    (Some(claim), _) => Some(claim.claim_name.clone()),
                    (None, Some(_)) => Some(format!("{pod}-{}", volume.name)),
                    (None, None) => None,
                },
            )
            .collect();
        Needs {
            requests: requests(
                self.containers.as_deref().unwrap_or_default(),
                self.init_containers.as_deref().unwrap_or_default(),
                &self.overhead,
            ),
            ports,
            selector: self.node_selector.unwrap_or_default(),
            affinity: affinity.node_affinity.required.map(|required| {
                let terms = required.node_selector_terms.unwrap_or_default();
                terms
                    .into_iter()
                    .map(|term| Term {
                        labels: requirements(term.match_expressions),
                        fields: requirements(term.match_fields),
                    })
                    .collect()
            }),
            tolerations: self
                .tolerations
                .into_iter()
                .flatten()
                .map(SlimToleration::into_model)
                .collect(),
            apart: affinity
                .pod_anti_affinity
                .required
                .into_iter()
                .flatten()
                .map(|term| Apart {
                    selector: term.label_selector.map(LabelSelector::from),
                    topology_key: term.topology_key,
                    namespaces: term.namespaces.unwrap_or_default(),
                })
                .collect(),
            claims,
            priority: self.priority.unwrap_or_default(),
        }
    }
}

fn requests(containers: &[Container], init: &[Container], overhead: &Amounts) -> Resources {
    let asked = |container: &Container| {
        container
            .resources
            .requests
            .as_ref()
            .map_or_else(Resources::default, Amounts::read)
    };
    let goes_on = |container: &&Container| container.restart_policy.as_deref() == Some("Always");
    Resources::of_pod(
        containers
            .iter()
            .chain(init.iter().filter(goes_on))
            .map(asked),
        init.iter()
            .filter(|container| !goes_on(container))
            .map(asked),
        overhead.read(),
    )
}

impl Amounts {
    fn read(&self) -> Resources {
        Resources::read(self.cpu.as_deref(), self.memory.as_deref())
    }
}

fn host_port(port: &Port) -> Option<HostPort> {
    Some(HostPort {
        port: port.number.filter(|number| *number != 0)?,
        protocol: port.protocol.clone().unwrap_or_else(|| "TCP".into()),
        address: port.address.clone().unwrap_or_default(),
    })
}

impl SlimToleration {
    fn into_model(self) -> Toleration {
        let exists = self.operator.as_deref() == Some("Exists");
        Toleration {
            key: self.key.unwrap_or_default(),
            value: (!exists).then(|| self.value.unwrap_or_default()),
            effect: self.effect.unwrap_or_default(),
            seconds: self.toleration_seconds,
        }
    }
}

impl From<SlimSelector> for LabelSelector {
    fn from(slim: SlimSelector) -> Self {
        Self {
            equal: slim.match_labels.unwrap_or_default(),
            expressions: requirements(slim.match_expressions),
        }
    }
}

fn requirements(expressions: Option<Vec<Expression>>) -> Vec<Requirement> {
    expressions
        .into_iter()
        .flatten()
        .map(|expression| Requirement {
            key: expression.key,
            operator: match expression.operator.as_str() {
                "In" => Operator::In,
                "NotIn" => Operator::NotIn,
                "Exists" => Operator::Exists,
                "DoesNotExist" => Operator::DoesNotExist,
                "Gt" => Operator::Gt,
                "Lt" => Operator::Lt,
                _ => Operator::Unknown,
            },
            values: expression.values.unwrap_or_default(),
        })
        .collect()
}
