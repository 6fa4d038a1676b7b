//! What each command asks of the API server: one table, from which the printed roles, the checks of `doctor` and the
//! roll's own look before it begins are made. It says what is asked, never whether it is granted.

mod table;

use serde::Serialize;

use table::TABLE;

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

/// What `drain --disable-eviction` needs beside. It is in no role: whoever has it may pass every budget.
pub(crate) const DELETE_PODS: Right = Right {
    verb: "delete",
    group: "",
    resource: "pods",
    subresource: "",
    name: "",
    place: Place::Cluster,
    need: Need::Must,
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
