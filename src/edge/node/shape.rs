//! What may differ between one cluster's probe pods and another's. Everything else about them is fixed: the shape is
//! what admission policies know them by.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{LocalObjectReference, ResourceRequirements, Toleration};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use serde::{Deserialize, Serialize};

use crate::request::flags::{PodFlags, Profile, PullPolicy, Tolerated};

use super::{MANAGED_BY, NAMESPACE};

/// Which pods are run, and where.
#[derive(Clone, Debug)]
pub(crate) enum Form {
    /// Our own, in our own namespace.
    Own(PodShape),
    /// Those of `kubectl debug`.
    Debug {
        namespace: String,
        profile: Profile,
        /// `None`: the API server's default for the image, as kubectl leaves it.
        pull_policy: Option<PullPolicy>,
    },
}

/// What a cluster may ask of our own probe pods.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PodShape {
    pub(super) pull_policy: PullPolicy,
    pub(super) pull_secrets: Vec<String>,
    cpu: String,
    memory: String,
    tolerated: Vec<Tolerated>,
}

impl Default for PodShape {
    fn default() -> Self {
        Self {
            pull_policy: PullPolicy::IfNotPresent,
            pull_secrets: Vec::new(),
            cpu: "100m".into(),
            memory: "100Mi".into(),
            tolerated: Vec::new(),
        }
    }
}

impl From<&PodFlags> for PodShape {
    fn from(flags: &PodFlags) -> Self {
        Self {
            pull_policy: flags.image_pull_policy.unwrap_or(PullPolicy::IfNotPresent),
            pull_secrets: flags.image_pull_secrets.clone(),
            cpu: flags.cpu().to_owned(),
            memory: flags.memory().to_owned(),
            tolerated: flags.probe_tolerations.clone(),
        }
    }
}

impl Form {
    pub(super) fn namespace(&self) -> &str {
        match self {
            Self::Own(_) => NAMESPACE,
            Self::Debug { namespace, .. } => namespace,
        }
    }

    /// The profile of pods that have no sight of the host's files.
    pub(super) fn without_host(&self) -> Option<Profile> {
        match self {
            Self::Debug { profile, .. } if !super::debug_pod::shows_host(*profile) => {
                Some(*profile)
            }
            Self::Own(_) | Self::Debug { .. } => None,
        }
    }

    /// The label that all pods of this form have.
    pub(super) fn label(&self) -> (&'static str, &'static str) {
        match self {
            Self::Own(_) => MANAGED_BY,
            Self::Debug { .. } => super::debug_pod::MANAGED_BY,
        }
    }
}

impl PodShape {
    pub(super) fn pull_secrets(&self) -> Option<Vec<LocalObjectReference>> {
        (!self.pull_secrets.is_empty()).then(|| {
            self.pull_secrets
                .iter()
                .map(|name| LocalObjectReference { name: name.clone() })
                .collect()
        })
    }

    /// Explicit resources, since some clusters fill in large ones, which a full node then refuses.
    pub(super) fn resources(&self) -> ResourceRequirements {
        let amounts = || {
            Some(BTreeMap::from([
                ("cpu".to_owned(), Quantity(self.cpu.clone())),
                ("memory".to_owned(), Quantity(self.memory.clone())),
            ]))
        };
        ResourceRequirements {
            requests: amounts(),
            limits: amounts(),
            ..ResourceRequirements::default()
        }
    }

    /// A package manager takes more than a look at files does: without a limit of its own that is above what the pod
    /// asks for, it would be slowed down to a tenth, or ended for want of memory.
    pub(super) fn package_resources(&self) -> ResourceRequirements {
        let amounts = |cpu: &str, memory: &str| {
            Some(BTreeMap::from([
                ("cpu".to_owned(), Quantity(cpu.to_owned())),
                ("memory".to_owned(), Quantity(memory.to_owned())),
            ]))
        };
        let own = Self::default();
        let or_more = |asked: &str, usual: &str, more: &'static str| {
            if asked == usual {
                more.to_owned()
            } else {
                asked.to_owned()
            }
        };
        ResourceRequirements {
            requests: amounts(&self.cpu, &self.memory),
            limits: amounts(
                &or_more(&self.cpu, &own.cpu, "1"),
                &or_more(&self.memory, &own.memory, "512Mi"),
            ),
            ..ResourceRequirements::default()
        }
    }

    /// Every taint, unless the cluster refuses such pods and some were named.
    pub(super) fn tolerations(&self) -> Vec<Toleration> {
        if self.tolerated.is_empty() {
            return vec![Toleration {
                operator: Some("Exists".into()),
                ..Toleration::default()
            }];
        }
        self.tolerated
            .iter()
            .map(|tolerated| Toleration {
                key: Some(tolerated.key.clone()),
                operator: Some(
                    if tolerated.value.is_some() {
                        "Equal"
                    } else {
                        "Exists"
                    }
                    .into(),
                ),
                value: tolerated.value.clone(),
                effect: tolerated.effect.clone(),
                ..Toleration::default()
            })
            .collect()
    }
}

/// As the API writes it.
pub(super) fn pull_policy(policy: PullPolicy) -> String {
    match policy {
        PullPolicy::Always => "Always",
        PullPolicy::IfNotPresent => "IfNotPresent",
        PullPolicy::Never => "Never",
    }
    .into()
}
