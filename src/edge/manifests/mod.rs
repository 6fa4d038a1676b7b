//! What an administrator applies before others use this tool: the namespace, the least roles, and the admission policy
//! that keeps the right to make pods there from being root on every node.

mod cel;
mod policy;
mod roles;
mod shape;

use k8s_openapi::api::admissionregistration::v1::{
    ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding,
};
use k8s_openapi::api::core::v1::Namespace;
use k8s_openapi::api::rbac::v1::{ClusterRole, ClusterRoleBinding, Role, RoleBinding};
use serde::Serialize;

use crate::core::rights::Aim;

pub(crate) use policy::PodPolicy;

/// Name of the policy and of its binding.
pub(crate) const POLICY: &str = "aksreboot-pods";

/// Who may do what. Each group's role is sufficient alone.
#[derive(Clone, Debug)]
pub(crate) struct Groups {
    /// May list nodes.
    pub(crate) read: Vec<String>,
    /// May also run probe pods.
    pub(crate) probe: Vec<String>,
    /// May read nodes with pods that ask their package managers.
    pub(crate) check_updates: Vec<String>,
    /// May cordon and uncordon.
    pub(crate) cordon: Vec<String>,
    /// May cordon and drain.
    pub(crate) drain: Vec<String>,
    /// May also cordon, drain and reboot.
    pub(crate) roll: Vec<String>,
    /// May do the same but for making pods: nodes are asked by SSH.
    pub(crate) roll_ssh: Vec<String>,
    /// May remove what killed runs left.
    pub(crate) cleanup: Vec<String>,
    /// May hold all reboots, and end a hold.
    pub(crate) hold: Vec<String>,
}

impl Groups {
    fn of(&self, aim: Aim) -> &[String] {
        match aim {
            Aim::Read => &self.read,
            Aim::Probe => &self.probe,
            Aim::CheckUpdates => &self.check_updates,
            Aim::Cordon => &self.cordon,
            Aim::Drain => &self.drain,
            Aim::Roll => &self.roll,
            Aim::RollBySsh => &self.roll_ssh,
            Aim::Cleanup => &self.cleanup,
            Aim::Hold => &self.hold,
        }
    }
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

/// What `aim` needs.
pub(crate) fn role(aim: Aim, groups: &Groups) -> Vec<Manifest> {
    roles::role(aim, groups.of(aim))
}

/// The admission policy of the namespace.
pub(crate) fn policy(policy: &PodPolicy) -> Vec<Manifest> {
    policy::manifests(policy)
}
