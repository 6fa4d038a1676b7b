//! What each command asks of the API server: one table, from which the printed roles, the checks of `doctor` and the
//! roll's own look before it begins are made. It says what is asked, never whether it is granted.

use serde::Serialize;

use super::drain::OWN_NAMESPACE;

/// What somebody wants to do. Each has a role of its own, sufficient alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Aim {
    /// `status --via api`.
    Read,
    /// `status` by probe pods.
    Probe,
    CheckUpdates,
    Cleanup,
    /// `lock` and `unlock`.
    Hold,
    /// `cordon` and `uncordon`.
    Cordon,
    Drain,
    /// Whoever may roll may do all the others, but for reading lists of packages and holding kured.
    Roll,
    /// `roll --via ssh`, which makes no pod: the right to make privileged ones is root on every node.
    RollBySsh,
}

impl Aim {
    pub(crate) const ALL: [Self; 9] = [
        Self::Read,
        Self::Probe,
        Self::CheckUpdates,
        Self::Cleanup,
        Self::Hold,
        Self::Cordon,
        Self::Drain,
        Self::Roll,
        Self::RollBySsh,
    ];

    /// The part of `manifests` that grants what it needs.
    pub(crate) const fn part(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Probe => "probe",
            Self::CheckUpdates => "check-updates",
            Self::Cordon => "cordon",
            Self::Drain => "drain",
            Self::Roll => "roll",
            Self::RollBySsh => "roll-ssh",
            Self::Cleanup => "cleanup",
            Self::Hold => "hold",
        }
    }

    /// The command that it is, as a person calls it.
    pub(crate) const fn command(self) -> &'static str {
        match self {
            Self::Read => "status --via api",
            Self::Probe => "status",
            Self::CheckUpdates => "check-updates",
            Self::Cordon => "cordon",
            Self::Drain => "drain",
            Self::Roll => "roll",
            Self::RollBySsh => "roll --via ssh",
            Self::Cleanup => "cleanup",
            Self::Hold => "lock",
        }
    }
}

/// Where a right holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Place {
    /// Every namespace, and what is in none.
    Cluster,
    /// The namespace of aksreboot.
    Own,
    /// Where kubelets keep their heartbeats.
    NodeLeases,
    /// Where kured is by its own manifest.
    System,
}

impl Place {
    pub(crate) const ALL: [Self; 4] = [Self::Cluster, Self::NodeLeases, Self::System, Self::Own];

    pub(crate) const fn namespace(self) -> Option<&'static str> {
        match self {
            Self::Cluster => None,
            Self::Own => Some(OWN_NAMESPACE),
            Self::NodeLeases => Some("kube-node-lease"),
            Self::System => Some("kube-system"),
        }
    }
}

/// Whether a command can do without a right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Need {
    Must,
    /// It goes on without, and less well.
    Helps,
}

/// One verb on one kind of object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Right {
    pub(crate) verb: &'static str,
    pub(crate) group: &'static str,
    /// As in a path.
    pub(crate) resource: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(crate) subresource: &'static str,
    /// Only the object of this name; empty: every object.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(crate) name: &'static str,
    pub(crate) place: Place,
    pub(crate) need: Need,
    /// What it is for, as the end of a sentence.
    pub(crate) purpose: &'static str,
}

impl Right {
    /// As a role names the resource: `pods/eviction`.
    pub(crate) fn role_resource(&self) -> String {
        if self.subresource.is_empty() {
            self.resource.to_owned()
        } else {
            format!("{}/{}", self.resource, self.subresource)
        }
    }
}

/// A kind of object at a place, and who does what with it, why.
struct Row {
    group: &'static str,
    resource: &'static str,
    name: &'static str,
    place: Place,
    uses: &'static [(&'static str, &'static [Aim], Need, &'static str)],
}

use Aim::{CheckUpdates, Cleanup, Cordon, Drain, Hold, Probe, Read, Roll, RollBySsh};
use Need::{Helps, Must};

const TABLE: &[Row] = &[
    Row {
        group: "",
        resource: "nodes",
        name: "",
        place: Place::Cluster,
        uses: &[
            (
                "list",
                &[
                    Read,
                    Probe,
                    CheckUpdates,
                    Cordon,
                    Drain,
                    Roll,
                    RollBySsh,
                    Cleanup,
                ],
                Must,
                "to see the nodes",
            ),
            (
                "list",
                &[Hold],
                Helps,
                "to tell when kured's lock is a node's that is gone",
            ),
            (
                "get",
                &[Cordon, Drain, Roll, RollBySsh, Cleanup],
                Must,
                "to read a node before it is changed",
            ),
            (
                "watch",
                &[Drain, Roll, RollBySsh],
                Must,
                "to see a node go down and come back",
            ),
            (
                "patch",
                &[Cordon, Drain, Roll, RollBySsh, Cleanup],
                Must,
                "to cordon, mark and uncordon",
            ),
        ],
    },
    Row {
        group: "",
        resource: "namespaces",
        name: "kube-system",
        place: Place::Cluster,
        uses: &[(
            "get",
            &[Drain, Roll, RollBySsh],
            Must,
            "to tell one cluster from another",
        )],
    },
    Row {
        group: "",
        resource: "namespaces",
        name: "",
        place: Place::Cluster,
        uses: &[("list", &[Roll, RollBySsh], Helps, "to rehearse a plan")],
    },
    Row {
        group: "",
        resource: "services",
        name: "",
        place: Place::Cluster,
        uses: &[(
            "list",
            &[Roll, RollBySsh],
            Helps,
            "to say which traffic and which webhooks would miss a node",
        )],
    },
    Row {
        group: "admissionregistration.k8s.io",
        resource: "validatingwebhookconfigurations",
        name: "",
        place: Place::Cluster,
        uses: &[(
            "list",
            &[Roll, RollBySsh],
            Helps,
            "to say which webhooks would miss a node",
        )],
    },
    Row {
        group: "admissionregistration.k8s.io",
        resource: "mutatingwebhookconfigurations",
        name: "",
        place: Place::Cluster,
        uses: &[(
            "list",
            &[Roll, RollBySsh],
            Helps,
            "to say which webhooks would miss a node",
        )],
    },
    Row {
        group: "",
        resource: "persistentvolumes",
        name: "",
        place: Place::Cluster,
        uses: &[(
            "list",
            &[Roll, RollBySsh],
            Helps,
            "to say on which nodes the volumes of pods can be used",
        )],
    },
    Row {
        group: "storage.k8s.io",
        resource: "csinodes",
        name: "",
        place: Place::Cluster,
        uses: &[(
            "list",
            &[Roll, RollBySsh],
            Helps,
            "to say how many more volumes a node may take",
        )],
    },
    Row {
        group: "storage.k8s.io",
        resource: "volumeattachments",
        name: "",
        place: Place::Cluster,
        uses: &[(
            "list",
            &[Roll, RollBySsh],
            Must,
            "to see volumes leave a node",
        )],
    },
    Row {
        group: "",
        resource: "persistentvolumeclaims",
        name: "",
        place: Place::Cluster,
        uses: &[(
            "get",
            &[Roll, RollBySsh],
            Helps,
            "to tell the volumes of pods that stay on a node",
        )],
    },
    Row {
        group: "policy",
        resource: "poddisruptionbudgets",
        name: "",
        place: Place::Cluster,
        uses: &[
            (
                "list",
                &[Roll, RollBySsh],
                Helps,
                "to say which budgets hold a drain",
            ),
            (
                "get",
                &[Drain, Roll, RollBySsh],
                Helps,
                "to name the pods that hold a budget shut",
            ),
        ],
    },
    Row {
        group: "apps",
        resource: "deployments",
        name: "",
        place: Place::Cluster,
        uses: &[(
            "list",
            &[Roll, RollBySsh],
            Helps,
            "to say which budgets never open",
        )],
    },
    Row {
        group: "",
        resource: "namespaces",
        name: OWN_NAMESPACE,
        place: Place::Cluster,
        uses: &[(
            "get",
            &[Probe, CheckUpdates, Drain, Roll, RollBySsh],
            Helps,
            "to say when the namespace is missing",
        )],
    },
    Row {
        group: "",
        resource: "pods",
        name: "",
        place: Place::Cluster,
        uses: &[
            (
                "list",
                &[Drain, Roll, RollBySsh],
                Must,
                "to see what runs on a node",
            ),
            (
                "watch",
                &[Drain, Roll, RollBySsh],
                Must,
                "to see pods leave a node",
            ),
        ],
    },
    Row {
        group: "",
        resource: "pods/eviction",
        name: "",
        place: Place::Cluster,
        uses: &[("create", &[Drain, Roll, RollBySsh], Must, "to drain")],
    },
    Row {
        group: "apps",
        resource: "daemonsets",
        name: "",
        place: Place::Cluster,
        uses: &[
            ("list", &[Roll, RollBySsh, Hold], Must, "to find kured"),
            ("get", &[Hold], Must, "to read kured's lock"),
            ("patch", &[Hold], Must, "to take kured's lock"),
            (
                "list",
                &[Probe],
                Helps,
                "to say when kured goes by other evidence",
            ),
            (
                "list",
                &[Cleanup],
                Helps,
                "to find a lock of kured's that a dead run has",
            ),
        ],
    },
    Row {
        group: "apps",
        resource: "daemonsets",
        name: "kured",
        place: Place::System,
        uses: &[
            ("get", &[Roll, RollBySsh], Helps, "to read kured's lock"),
            ("patch", &[Roll, RollBySsh], Helps, "to take kured's lock"),
            (
                "get",
                &[Cleanup],
                Helps,
                "to see whether a dead run has kured's lock",
            ),
            ("patch", &[Cleanup], Helps, "to give it back"),
        ],
    },
    Row {
        group: "apps",
        resource: "replicasets",
        name: "",
        place: Place::Cluster,
        uses: &[
            (
                "get",
                &[Roll, RollBySsh],
                Must,
                "to see that workloads are back",
            ),
            (
                "list",
                &[Roll, RollBySsh],
                Helps,
                "to say which budgets never open",
            ),
        ],
    },
    Row {
        group: "apps",
        resource: "statefulsets",
        name: "",
        place: Place::Cluster,
        uses: &[
            (
                "get",
                &[Roll, RollBySsh],
                Must,
                "to see that workloads are back",
            ),
            (
                "list",
                &[Roll, RollBySsh],
                Helps,
                "to say which budgets never open",
            ),
        ],
    },
    Row {
        group: "",
        resource: "replicationcontrollers",
        name: "",
        place: Place::Cluster,
        uses: &[(
            "get",
            &[Roll, RollBySsh],
            Must,
            "to see that workloads are back",
        )],
    },
    Row {
        group: "coordination.k8s.io",
        resource: "leases",
        name: "",
        place: Place::NodeLeases,
        uses: &[(
            "get",
            &[Roll, RollBySsh],
            Must,
            "to see that the kubelet lives again",
        )],
    },
    Row {
        group: "",
        resource: "pods",
        name: "",
        place: Place::Own,
        uses: &[
            (
                "create",
                &[Probe, CheckUpdates, Roll],
                Must,
                "to read and to reboot a node",
            ),
            // A roll's are its cluster-wide ones.
            (
                "list",
                &[Probe, CheckUpdates, Cleanup],
                Must,
                "to see what became of its pods",
            ),
            (
                "watch",
                &[Probe, CheckUpdates],
                Helps,
                "to see at once when a pod has ended",
            ),
            (
                "get",
                &[Roll],
                Must,
                "to see whether a reboot was asked for",
            ),
            (
                "delete",
                &[Probe, CheckUpdates, Roll, Cleanup],
                Must,
                "to remove its pods",
            ),
        ],
    },
    Row {
        group: "",
        resource: "pods/log",
        name: "",
        place: Place::Own,
        uses: &[(
            "get",
            &[CheckUpdates],
            Must,
            "to read a node's list of packages",
        )],
    },
    Row {
        group: "coordination.k8s.io",
        resource: "leases",
        name: "",
        place: Place::Own,
        // Creation cannot be granted by name.
        uses: &[(
            "create",
            &[Drain, Roll, RollBySsh, Cleanup],
            Must,
            "to take the lock",
        )],
    },
    Row {
        group: "coordination.k8s.io",
        resource: "leases",
        name: "aksreboot",
        place: Place::Own,
        uses: &[
            (
                "get",
                &[Drain, Roll, RollBySsh, Cleanup],
                Must,
                "to see who holds the lock",
            ),
            ("get", &[Hold], Helps, "to say which run has the cluster"),
            (
                "patch",
                &[Drain, Roll, RollBySsh, Cleanup],
                Must,
                "to renew the lock",
            ),
            (
                "delete",
                &[Drain, Roll, RollBySsh, Cleanup],
                Must,
                "to give the lock back",
            ),
        ],
    },
    Row {
        group: "",
        resource: "configmaps",
        name: "",
        place: Place::Own,
        uses: &[
            (
                "create",
                &[Drain, Roll, RollBySsh],
                Must,
                "to write the run record",
            ),
            ("create", &[Hold], Must, "to hold all reboots"),
            (
                "get",
                &[Roll, RollBySsh, Hold],
                Must,
                "to go on with a run, and to see a hold",
            ),
            ("delete", &[Hold], Must, "to end a hold"),
            (
                "patch",
                &[Drain, Roll, RollBySsh],
                Must,
                "to write each node's outcome",
            ),
            (
                "list",
                &[Drain, Roll, RollBySsh],
                Helps,
                "to keep only the newest run records",
            ),
            (
                "delete",
                &[Drain, Roll, RollBySsh],
                Helps,
                "to keep only the newest run records",
            ),
            ("list", &[Cleanup], Must, "to find old run records"),
            ("delete", &[Cleanup], Must, "to remove old run records"),
        ],
    },
];

/// What `drain --disable-eviction` needs beside. It is in no role: whoever has it may pass every budget.
pub(crate) const DELETE_PODS: Right = Right {
    verb: "delete",
    group: "",
    resource: "pods",
    subresource: "",
    name: "",
    place: Place::Cluster,
    need: Must,
    purpose: "to delete pods in place of evicting them",
};

/// Everything that `aim` needs, in the table's order.
pub(crate) fn rights(aim: Aim) -> Vec<Right> {
    TABLE
        .iter()
        .flat_map(|row| {
            let (resource, subresource) =
                row.resource.split_once('/').unwrap_or((row.resource, ""));
            row.uses
                .iter()
                .filter(move |(_, aims, ..)| aims.contains(&aim))
                .map(move |&(verb, _, need, purpose)| Right {
                    verb,
                    group: row.group,
                    resource,
                    subresource,
                    name: row.name,
                    place: row.place,
                    need,
                    purpose,
                })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_right_is_named_twice_for_one_aim() {
        for aim in Aim::ALL {
            let mut seen = Vec::new();
            for right in rights(aim) {
                let key = (right.verb, right.role_resource(), right.name, right.place);
                assert!(!seen.contains(&key), "{aim:?}: {key:?}");
                seen.push(key);
            }
        }
    }

    #[test]
    fn nobody_gets_a_way_into_containers_secrets_or_kubelets() {
        for right in Aim::ALL.into_iter().flat_map(rights) {
            assert!(
                !matches!(right.resource, "secrets" | "serviceaccounts")
                    && !matches!(
                        right.subresource,
                        "exec" | "attach" | "proxy" | "portforward"
                    ),
                "{right:?}"
            );
            assert_ne!(right.verb, "*");
        }
    }
}
