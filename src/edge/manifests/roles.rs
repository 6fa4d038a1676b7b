//! The least roles: everything a command asks the API server for, and nothing else.

use k8s_openapi::api::rbac::v1::{
    ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding, RoleRef, Subject,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::Manifest;
use crate::edge::node::{MANAGED_BY, NAMESPACE};

const READ: &str = "aksreboot-read";
const ROLL: &str = "aksreboot-roll";
/// Where kubelets keep their heartbeats.
const NODE_LEASES: &str = "kube-node-lease";

pub(super) fn read(groups: &[String]) -> Vec<Manifest> {
    let mut manifests = cluster_wide(
        READ,
        groups,
        vec![rule("", &["nodes"], &["get", "list"]), namespaces()],
    );
    manifests.extend(within(NAMESPACE, READ, groups, vec![own_pods()]));
    manifests
}

pub(super) fn roll(groups: &[String]) -> Vec<Manifest> {
    let mut manifests = cluster_wide(
        ROLL,
        groups,
        vec![
            rule("", &["nodes"], &["get", "list", "watch", "patch"]),
            namespaces(),
            rule("", &["pods"], &["get", "list", "watch"]),
            rule("", &["pods/eviction"], &["create"]),
            rule(
                "apps",
                &["daemonsets", "deployments", "replicasets", "statefulsets"],
                &["get", "list"],
            ),
            rule("", &["replicationcontrollers"], &["get", "list"]),
            rule("policy", &["poddisruptionbudgets"], &["get", "list"]),
        ],
    );
    manifests.extend(within(
        NODE_LEASES,
        ROLL,
        groups,
        vec![rule("coordination.k8s.io", &["leases"], &["get"])],
    ));
    manifests.extend(within(
        NAMESPACE,
        ROLL,
        groups,
        vec![
            own_pods(),
            // Creation cannot be granted by name.
            rule("coordination.k8s.io", &["leases"], &["create"]),
            PolicyRule {
                resource_names: Some(vec!["aksreboot".into()]),
                ..rule(
                    "coordination.k8s.io",
                    &["leases"],
                    &["get", "update", "patch", "delete"],
                )
            },
            rule(
                "",
                &["configmaps"],
                &["create", "get", "list", "patch", "delete"],
            ),
        ],
    ));
    manifests
}

/// Its UID is the cluster's identity; the other's existence decides how nodes are read.
fn namespaces() -> PolicyRule {
    PolicyRule {
        resource_names: Some(vec!["kube-system".into(), NAMESPACE.into()]),
        ..rule("", &["namespaces"], &["get"])
    }
}

fn own_pods() -> PolicyRule {
    rule("", &["pods"], &["create", "get", "list", "watch", "delete"])
}

fn rule(group: &str, resources: &[&str], verbs: &[&str]) -> PolicyRule {
    let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    PolicyRule {
        api_groups: Some(owned(&[group])),
        resources: Some(owned(resources)),
        verbs: owned(verbs),
        ..PolicyRule::default()
    }
}

fn cluster_wide(name: &str, groups: &[String], rules: Vec<PolicyRule>) -> Vec<Manifest> {
    vec![
        Manifest::ClusterRole(ClusterRole {
            metadata: metadata(name, None),
            rules: Some(rules),
            ..ClusterRole::default()
        }),
        Manifest::ClusterRoleBinding(ClusterRoleBinding {
            metadata: metadata(name, None),
            role_ref: role_ref("ClusterRole", name),
            subjects: Some(subjects(groups)),
        }),
    ]
}

fn within(namespace: &str, name: &str, groups: &[String], rules: Vec<PolicyRule>) -> Vec<Manifest> {
    vec![
        Manifest::Role(Role {
            metadata: metadata(name, Some(namespace)),
            rules: Some(rules),
        }),
        Manifest::RoleBinding(RoleBinding {
            metadata: metadata(name, Some(namespace)),
            role_ref: role_ref("Role", name),
            subjects: Some(subjects(groups)),
        }),
    ]
}

pub(super) fn metadata(name: &str, namespace: Option<&str>) -> ObjectMeta {
    ObjectMeta {
        name: Some(name.to_owned()),
        namespace: namespace.map(str::to_owned),
        labels: Some([(MANAGED_BY.0.to_owned(), MANAGED_BY.1.to_owned())].into()),
        ..ObjectMeta::default()
    }
}

fn role_ref(kind: &str, name: &str) -> RoleRef {
    RoleRef {
        api_group: "rbac.authorization.k8s.io".into(),
        kind: kind.into(),
        name: name.into(),
    }
}

fn subjects(groups: &[String]) -> Vec<Subject> {
    groups
        .iter()
        .map(|group| Subject {
            api_group: Some("rbac.authorization.k8s.io".into()),
            kind: "Group".into(),
            name: group.clone(),
            namespace: None,
        })
        .collect()
}
