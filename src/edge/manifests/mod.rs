//! What an administrator applies before others use this tool: the namespace, the least roles, and the admission policy
//! that keeps the right to make pods there from being root on every node.

mod policy;
mod roles;

use k8s_openapi::api::admissionregistration::v1::{
    ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding,
};
use k8s_openapi::api::core::v1::Namespace;
use k8s_openapi::api::rbac::v1::{ClusterRole, ClusterRoleBinding, Role, RoleBinding};
use serde::Serialize;

pub(crate) use policy::PodPolicy;

/// Who may do what.
#[derive(Clone, Debug)]
pub(crate) struct Groups {
    /// May list nodes and run probe pods.
    pub(crate) read: Vec<String>,
    /// May also cordon, drain and reboot.
    pub(crate) roll: Vec<String>,
}

/// One object to be applied.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Manifest {
    Namespace(Namespace),
    ClusterRole(ClusterRole),
    ClusterRoleBinding(ClusterRoleBinding),
    Role(Role),
    RoleBinding(RoleBinding),
    Policy(Box<ValidatingAdmissionPolicy>),
    PolicyBinding(Box<ValidatingAdmissionPolicyBinding>),
}

/// The namespace for pods, Lease and run records.
pub(crate) fn namespace() -> Vec<Manifest> {
    vec![Manifest::Namespace(super::node::namespace())]
}

/// What `status` needs.
pub(crate) fn read(groups: &Groups) -> Vec<Manifest> {
    roles::read(&groups.read)
}

/// What `roll` needs.
pub(crate) fn roll(groups: &Groups) -> Vec<Manifest> {
    roles::roll(&groups.roll)
}

/// The admission policy of the namespace.
pub(crate) fn policy(policy: &PodPolicy) -> Vec<Manifest> {
    policy::manifests(policy)
}
