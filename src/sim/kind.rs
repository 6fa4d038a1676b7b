//! The kinds of objects that the cluster serves, and how the API names each.

/// A kind that is stored. The order is that of the table below.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Namespace,
    Node,
    Pod,
    ConfigMap,
    Event,
    DaemonSet,
    ReplicaSet,
    Deployment,
    StatefulSet,
    Budget,
    Lease,
    Claim,
    Attachment,
    Service,
    Validating,
    Mutating,
    Volume,
    CsiNode,
}

/// How the API names a kind, and what it does for it.
#[derive(Debug)]
pub(super) struct Resource {
    of: Kind,
    /// As in `kind`.
    pub(super) name: &'static str,
    pub(super) group: &'static str,
    version: &'static str,
    /// As in the path.
    pub(super) plural: &'static str,
    pub(super) namespaced: bool,
    /// Has a `status` that only its own subresource writes.
    pub(super) status: bool,
    /// `metadata.generation` counts the changes of its `spec`.
    pub(super) generation: bool,
}

const fn resource(
    of: Kind,
    name: &'static str,
    group: &'static str,
    plural: &'static str,
    [namespaced, status, generation]: [bool; 3],
) -> Resource {
    Resource {
        of,
        name,
        group,
        version: "v1",
        plural,
        namespaced,
        status,
        generation,
    }
}

const YES: bool = true;
const NO: bool = false;

static RESOURCES: [Resource; 18] = [
    resource(
        Kind::Namespace,
        "Namespace",
        "",
        "namespaces",
        [NO, YES, NO],
    ),
    resource(Kind::Node, "Node", "", "nodes", [NO, YES, NO]),
    resource(Kind::Pod, "Pod", "", "pods", [YES, YES, YES]),
    resource(
        Kind::ConfigMap,
        "ConfigMap",
        "",
        "configmaps",
        [YES, NO, NO],
    ),
    resource(Kind::Event, "Event", "", "events", [YES, NO, NO]),
    resource(
        Kind::DaemonSet,
        "DaemonSet",
        "apps",
        "daemonsets",
        [YES, YES, YES],
    ),
    resource(
        Kind::ReplicaSet,
        "ReplicaSet",
        "apps",
        "replicasets",
        [YES, YES, YES],
    ),
    resource(
        Kind::Deployment,
        "Deployment",
        "apps",
        "deployments",
        [YES, YES, YES],
    ),
    resource(
        Kind::StatefulSet,
        "StatefulSet",
        "apps",
        "statefulsets",
        [YES, YES, YES],
    ),
    resource(
        Kind::Budget,
        "PodDisruptionBudget",
        "policy",
        "poddisruptionbudgets",
        [YES, YES, YES],
    ),
    resource(
        Kind::Lease,
        "Lease",
        "coordination.k8s.io",
        "leases",
        [YES, NO, NO],
    ),
    resource(
        Kind::Claim,
        "PersistentVolumeClaim",
        "",
        "persistentvolumeclaims",
        [YES, YES, NO],
    ),
    resource(
        Kind::Attachment,
        "VolumeAttachment",
        "storage.k8s.io",
        "volumeattachments",
        [NO, YES, NO],
    ),
    resource(Kind::Service, "Service", "", "services", [YES, YES, NO]),
    resource(
        Kind::Validating,
        "ValidatingWebhookConfiguration",
        "admissionregistration.k8s.io",
        "validatingwebhookconfigurations",
        [NO, NO, YES],
    ),
    resource(
        Kind::Mutating,
        "MutatingWebhookConfiguration",
        "admissionregistration.k8s.io",
        "mutatingwebhookconfigurations",
        [NO, NO, YES],
    ),
    resource(
        Kind::Volume,
        "PersistentVolume",
        "",
        "persistentvolumes",
        [NO, YES, NO],
    ),
    resource(
        Kind::CsiNode,
        "CSINode",
        "storage.k8s.io",
        "csinodes",
        [NO, NO, NO],
    ),
];

impl Kind {
    /// The kind that a path names, if it is served.
    pub(super) fn find(group: &str, version: &str, plural: &str) -> Option<Self> {
        RESOURCES
            .iter()
            .find(|r| r.group == group && r.version == version && r.plural == plural)
            .map(|r| r.of)
    }

    /// Whether anything is served of that group and version.
    pub(super) fn serves(group: &str, version: &str) -> bool {
        RESOURCES
            .iter()
            .any(|r| r.group == group && r.version == version)
    }

    pub(super) fn resource(self) -> &'static Resource {
        &RESOURCES[self as usize]
    }

    /// As in `apiVersion`.
    pub(super) fn api_version(self) -> String {
        let resource = self.resource();
        match resource.group {
            "" => resource.version.to_owned(),
            group => format!("{group}/{}", resource.version),
        }
    }

    /// As in the API server's messages: `daemonsets.apps`.
    pub(super) fn qualified(self) -> String {
        with_group(self.resource().plural, self)
    }

    /// As in some of its messages: `DaemonSet.apps`.
    pub(super) fn qualified_kind(self) -> String {
        with_group(self.resource().name, self)
    }
}

fn with_group(word: &str, kind: Kind) -> String {
    match kind.resource().group {
        "" => word.to_owned(),
        group => format!("{word}.{group}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, RESOURCES};

    #[test]
    fn every_kind_finds_its_own_row() {
        for (index, row) in RESOURCES.iter().enumerate() {
            assert_eq!(row.of as usize, index, "{}", row.name);
            assert_eq!(Kind::find(row.group, "v1", row.plural), Some(row.of));
        }
    }
}
