//! The table itself: each kind of object at a place, and who does what with it, why.

use super::super::drain::OWN_NAMESPACE;
use super::Aim::{self, CheckUpdates, Cleanup, Cordon, Drain, Hold, Probe, Read, Roll, RollBySsh};
use super::Need::{self, Helps, Must};
use super::Place::{self, Cluster, NodeLeases, Own, System};

pub(super) struct Row {
    pub(super) group: &'static str,
    /// With its subresource: `pods/eviction`.
    pub(super) resource: &'static str,
    /// Empty: every object.
    pub(super) name: &'static str,
    pub(super) place: Place,
    pub(super) uses: Uses,
}

/// Verbs, whose they are, and the end of a sentence each.
type Uses = &'static [(&'static str, &'static [Aim], Need, &'static str)];

const fn row(
    group: &'static str,
    resource: &'static str,
    name: &'static str,
    place: Place,
    uses: Uses,
) -> Row {
    Row {
        group,
        resource,
        name,
        place,
        uses,
    }
}

const ROLLS: &[Aim] = &[Roll, RollBySsh];
const DRAINS: &[Aim] = &[Drain, Roll, RollBySsh];

pub(super) const TABLE: &[Row] = &[
    row(
        "",
        "nodes",
        "",
        Cluster,
        &[
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
            ("watch", DRAINS, Must, "to see a node go down and come back"),
            (
                "patch",
                &[Cordon, Drain, Roll, RollBySsh, Cleanup],
                Must,
                "to cordon, mark and uncordon",
            ),
        ],
    ),
    row(
        "",
        "namespaces",
        "kube-system",
        Cluster,
        &[("get", DRAINS, Must, "to tell one cluster from another")],
    ),
    row(
        "",
        "namespaces",
        "",
        Cluster,
        &[("list", ROLLS, Helps, "to rehearse a plan")],
    ),
    row(
        "",
        "services",
        "",
        Cluster,
        &[(
            "list",
            ROLLS,
            Helps,
            "to say which traffic and which webhooks would miss a node",
        )],
    ),
    row(
        "admissionregistration.k8s.io",
        "validatingwebhookconfigurations",
        "",
        Cluster,
        &[(
            "list",
            ROLLS,
            Helps,
            "to say which webhooks would miss a node",
        )],
    ),
    row(
        "admissionregistration.k8s.io",
        "mutatingwebhookconfigurations",
        "",
        Cluster,
        &[(
            "list",
            ROLLS,
            Helps,
            "to say which webhooks would miss a node",
        )],
    ),
    row(
        "",
        "persistentvolumes",
        "",
        Cluster,
        &[(
            "list",
            ROLLS,
            Helps,
            "to say on which nodes the volumes of pods can be used",
        )],
    ),
    row(
        "storage.k8s.io",
        "csinodes",
        "",
        Cluster,
        &[(
            "list",
            ROLLS,
            Helps,
            "to say how many more volumes a node may take",
        )],
    ),
    row(
        "storage.k8s.io",
        "volumeattachments",
        "",
        Cluster,
        &[("list", ROLLS, Must, "to see volumes leave a node")],
    ),
    row(
        "",
        "persistentvolumeclaims",
        "",
        Cluster,
        &[(
            "get",
            ROLLS,
            Helps,
            "to tell the volumes of pods that stay on a node",
        )],
    ),
    row(
        "policy",
        "poddisruptionbudgets",
        "",
        Cluster,
        &[
            ("list", ROLLS, Helps, "to say which budgets hold a drain"),
            (
                "get",
                DRAINS,
                Helps,
                "to name the pods that hold a budget shut",
            ),
        ],
    ),
    row(
        "apps",
        "deployments",
        "",
        Cluster,
        &[("list", ROLLS, Helps, "to say which budgets never open")],
    ),
    row(
        "",
        "namespaces",
        OWN_NAMESPACE,
        Cluster,
        &[(
            "get",
            &[Probe, CheckUpdates, Drain, Roll, RollBySsh],
            Helps,
            "to say when the namespace is missing",
        )],
    ),
    row(
        "",
        "pods",
        "",
        Cluster,
        &[
            ("list", DRAINS, Must, "to see what runs on a node"),
            ("watch", DRAINS, Must, "to see pods leave a node"),
        ],
    ),
    row(
        "",
        "pods/eviction",
        "",
        Cluster,
        &[("create", DRAINS, Must, "to drain")],
    ),
    row(
        "apps",
        "daemonsets",
        "",
        Cluster,
        &[
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
    ),
    row(
        "apps",
        "daemonsets",
        "kured",
        System,
        &[
            ("get", ROLLS, Helps, "to read kured's lock"),
            ("patch", ROLLS, Helps, "to take kured's lock"),
            (
                "get",
                &[Cleanup],
                Helps,
                "to see whether a dead run has kured's lock",
            ),
            ("patch", &[Cleanup], Helps, "to give it back"),
        ],
    ),
    row(
        "apps",
        "replicasets",
        "",
        Cluster,
        &[
            ("get", ROLLS, Must, "to see that workloads are back"),
            ("list", ROLLS, Helps, "to say which budgets never open"),
        ],
    ),
    row(
        "apps",
        "statefulsets",
        "",
        Cluster,
        &[
            ("get", ROLLS, Must, "to see that workloads are back"),
            ("list", ROLLS, Helps, "to say which budgets never open"),
        ],
    ),
    row(
        "",
        "replicationcontrollers",
        "",
        Cluster,
        &[("get", ROLLS, Must, "to see that workloads are back")],
    ),
    row(
        "coordination.k8s.io",
        "leases",
        "",
        NodeLeases,
        &[("get", ROLLS, Must, "to see that the kubelet lives again")],
    ),
    row(
        "",
        "pods",
        "",
        Own,
        &[
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
    ),
    row(
        "",
        "pods/log",
        "",
        Own,
        &[(
            "get",
            &[CheckUpdates],
            Must,
            "to read a node's list of packages",
        )],
    ),
    // Creation cannot be granted by name.
    row(
        "coordination.k8s.io",
        "leases",
        "",
        Own,
        &[(
            "create",
            &[Drain, Roll, RollBySsh, Cleanup],
            Must,
            "to take the lock",
        )],
    ),
    row(
        "coordination.k8s.io",
        "leases",
        "aksreboot",
        Own,
        &[
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
    ),
    row(
        "",
        "configmaps",
        "",
        Own,
        &[
            ("create", DRAINS, Must, "to write the run record"),
            ("create", &[Hold], Must, "to hold all reboots"),
            (
                "get",
                &[Roll, RollBySsh, Hold],
                Must,
                "to go on with a run, and to see a hold",
            ),
            ("delete", &[Hold], Must, "to end a hold"),
            ("patch", DRAINS, Must, "to write each node's outcome"),
            ("list", DRAINS, Helps, "to keep only the newest run records"),
            (
                "delete",
                DRAINS,
                Helps,
                "to keep only the newest run records",
            ),
            ("list", &[Cleanup], Must, "to find old run records"),
            ("delete", &[Cleanup], Must, "to remove old run records"),
        ],
    ),
];
