//! The least roles: everything a command asks the API server for, by the table of rights, and nothing else.

use std::collections::BTreeMap;

use k8s_openapi::api::rbac::v1::{
    ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding, RoleRef, Subject,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::Manifest;
use crate::core::rights::{Aim, Place, Right, rights};
use crate::edge::node::MANAGED_BY;

/// The role of one aim, bound to these groups: one object for each place where it has rights.
pub(super) fn role(aim: Aim, groups: &[String]) -> Vec<Manifest> {
    let name = format!("aksreboot-{}", aim.part());
    let rights = rights(aim);
    Place::ALL
        .into_iter()
        .flat_map(|place| {
            let here: Vec<Right> = rights
                .iter()
                .filter(|right| right.place == place)
                .copied()
                .collect();
            match (here.is_empty(), place.namespace()) {
                (true, _) => Vec::new(),
                (false, None) => cluster_wide(&name, groups, rules(&here)),
                (false, Some(namespace)) => within(namespace, &name, groups, rules(&here)),
            }
        })
        .collect()
}

/// One rule for each kind of object, or for each named one.
fn rules(rights: &[Right]) -> Vec<PolicyRule> {
    let mut verbs: BTreeMap<(&str, String, &str), Vec<String>> = BTreeMap::new();
    for right in rights {
        verbs
            .entry((right.group, right.role_resource(), right.name))
            .or_default()
            .push(right.verb.to_owned());
    }
    verbs
        .into_iter()
        .map(|((group, resource, name), verbs)| PolicyRule {
            api_groups: Some(vec![group.to_owned()]),
            resources: Some(vec![resource]),
            resource_names: (!name.is_empty()).then(|| vec![name.to_owned()]),
            verbs,
            ..PolicyRule::default()
        })
        .collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_right_is_in_the_printed_role_at_its_place() {
        for aim in Aim::ALL {
            let printed = role(aim, &["somebody".into()]);
            let granted: usize = printed
                .iter()
                .map(|manifest| match manifest {
                    Manifest::ClusterRole(role) => role.rules.as_deref(),
                    Manifest::Role(role) => role.rules.as_deref(),
                    _ => None,
                })
                .flat_map(Option::unwrap_or_default)
                .map(|rule| rule.verbs.len())
                .sum();
            assert_eq!(granted, rights(aim).len(), "{aim:?}");
        }
    }
}
