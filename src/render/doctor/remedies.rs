//! The command that mends what was found.

use super::logins;
use crate::core::doctor::{Admission, Found, LockSeen, TrialPod};
use crate::core::kured::KuredLock;
use crate::core::reason::Denier;
use crate::core::rights::Aim;
use crate::render::reason;

const NAMESPACE: &str = "aksreboot manifests namespace | kubectl apply -f -";
const POLICY: &str = "aksreboot manifests policy | kubectl apply -f -";
const LEVEL: &str =
    "kubectl label namespace aksreboot pod-security.kubernetes.io/enforce=privileged --overwrite";

/// Each a command that can be copied, or a sentence where there is none.
pub(super) fn remedies(found: &Found) -> Vec<String> {
    let one = |text: &str| vec![text.to_owned()];
    match found {
        Found::Api { .. } | Found::ApiAway { .. } => one("kubectl get --raw '/readyz?verbose'"),
        Found::Version { .. } | Found::VersionUnread { .. } => one("kubectl version"),
        Found::Clock { .. } | Found::ClockUnread => one("date -u; timedatectl status"),
        Found::RightMissing { aims, .. } => aims
            .iter()
            .max()
            .map(|aim| grant(*aim))
            .into_iter()
            .collect(),
        Found::RightsUnread { .. } => one("kubectl auth can-i --list"),
        Found::NamespaceMissing => one(NAMESPACE),
        Found::NamespaceUnread { .. } => one("kubectl get namespace aksreboot"),
        Found::PodSecurity { .. } => one(LEVEL),
        Found::Admission { pod, admission } => of_admission(*pod, admission),
        Found::AnyPod { admission, .. } => match admission {
            Admission::NamespaceMissing => one(NAMESPACE),
            Admission::NoNode => one("kubectl get nodes"),
            _ => one(POLICY),
        },
        Found::Hosts { .. } | Found::HostsUnread { .. } => one("kubectl get nodes -o wide"),
        Found::Image { moving: true, .. } => {
            one("--image NAME@sha256:DIGEST, or another fixed tag")
        }
        Found::Image { .. } => one("aksreboot status  # its probe pods pull the image"),
        Found::SshProgram { .. }
        | Found::SshUnusable { .. }
        | Found::LoginMet { .. }
        | Found::LoginLacks { .. }
        | Found::NoLogin { .. }
        | Found::LoginRoot { .. }
        | Found::LoginNoRoot { .. }
        | Found::LoginRootUnasked { .. } => logins::remedies(found),
        Found::Kured { kured } => match kured.lock {
            KuredLock::Free | KuredLock::Elsewhere { .. } => vec![],
            KuredLock::Stuck | KuredLock::Unreadable { .. } => {
                one("aksreboot unlock  # shows the lock, and removes it after a yes")
            }
            KuredLock::Held { .. } => one(
                "wait until kured is done; if its node is gone: aksreboot unlock shows the lock, and removes it after a yes",
            ),
        },
        Found::KuredUnread { .. } => one("kubectl get daemonsets --all-namespaces | grep kured"),
        Found::AksAtWork { .. } => one(
            "az aks nodepool list --resource-group GROUP --cluster-name CLUSTER --query '[].{name:name,state:provisioningState}'",
        ),
        Found::Channel { .. } => one(
            "az aks show --resource-group GROUP --name CLUSTER --query autoUpgradeProfile.nodeOsUpgradeChannel",
        ),
        Found::Lock { lock } => match lock {
            LockSeen::Held { by } => {
                let mut all = reason::remedies(by);
                all.push("aksreboot cleanup  # if that run was killed".into());
                all
            }
            LockSeen::Free | LockSeen::Interrupted { .. } | LockSeen::Unread { .. } => {
                one("kubectl -n aksreboot get lease aksreboot -o yaml")
            }
        },
        Found::Marks { .. } | Found::Leftovers { .. } => one("aksreboot cleanup"),
        Found::LeftoversUnread { .. } => one("kubectl -n aksreboot get pods"),
        Found::Connection { .. } => one(
            "kubectl config view --minify  # the server's https address and its certificate-authority mend it",
        ),
        Found::RightsHeld { .. } | Found::NamespaceThere | Found::NoKured | Found::NoAksAtWork => {
            Vec::new()
        }
    }
}

fn grant(aim: Aim) -> String {
    format!(
        "aksreboot manifests {} | kubectl apply -f -  # by an administrator",
        aim.part()
    )
}

fn of_admission(pod: TrialPod, admission: &Admission) -> Vec<String> {
    match admission {
        Admission::Denied { by, message } => match by {
            Denier::Role => vec![grant(match pod {
                TrialPod::Probe => Aim::Probe,
                TrialPod::Packages | TrialPod::Refresh => Aim::CheckUpdates,
                TrialPod::Prove | TrialPod::Reboot => Aim::Roll,
            })],
            Denier::PodSecurity => vec![LEVEL.to_owned()],
            // Our own policy, of another version, for other groups or images.
            Denier::Policy if message.contains("aksreboot-pods") => {
                vec![format!("{POLICY}  # with --image and the groups that it is for")]
            }
            Denier::Policy => vec![
                "az aks safeguards update --resource-group GROUP --name CLUSTER --excluded-ns aksreboot  # or exclude it from that policy".into(),
            ],
            Denier::Other => vec!["kubectl -n aksreboot describe resourcequota,limitrange".into()],
        },
        Admission::NamespaceMissing => vec![NAMESPACE.to_owned()],
        Admission::Outstanding { .. } => vec!["aksreboot cleanup".to_owned()],
        Admission::NoNode => vec!["kubectl get nodes".to_owned()],
        Admission::Unread { .. } | Admission::Admitted => {
            vec!["kubectl auth can-i create pods -n aksreboot".to_owned()]
        }
    }
}
