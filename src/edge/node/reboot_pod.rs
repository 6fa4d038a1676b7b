//! The pod that asks a node's systemd for one reboot, and the same pod without the call, which proves beforehand that
//! asking would work. Root in the host's PID namespace, and no more: not privileged, no capability.

use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::api::core::v1::{AppArmorProfile, Container, Pod, PodSpec, SecurityContext};

use crate::core::model::{BootId, Node, RunId, Uid};
use crate::core::reason::Reason;

use super::pod_state::Ended;
use super::probe::said;
use super::probe_pod::{
    ANSWER_FILE, bound_to, command, container, host_path, metadata, no_privilege, read_only,
    variables,
};
use super::reboot_message::{RebootMessage, parse_reboot_message};
use super::short_pods::ShortPods;
use super::{REBOOT_SCRIPT, short_hash};

/// Name of the container, in the reboot pod as in the one that proves.
pub(crate) const REBOOT_CONTAINER: &str = "reboot";

/// What the pod is made for; the value of its label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Reboot,
    /// Everything but the call.
    Prove,
}

/// One reboot of one boot of one node.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RebootPod<'a> {
    pub(crate) node: &'a Node,
    /// The boot that shall end. On any other the pod refuses.
    pub(crate) boot: &'a BootId,
    /// By the node's own clock. A pod may start hours after it was created.
    pub(crate) not_after: Timestamp,
    /// On the node already: a probe has just run with it.
    pub(crate) image: &'a str,
    /// How long the pod may live, waiting for the boot to end it.
    pub(crate) lifetime: Duration,
    pub(crate) run: Option<&'a RunId>,
}

/// The name of the reboot pod: one for each boot of a node over all runs, so that the API server itself admits only one.
pub(crate) fn reboot_pod_name(node: &Uid, boot: &BootId) -> String {
    format!("reboot-{}", short_hash(&format!("{node}/{boot}")))
}

fn prove_pod_name(node: &Uid, boot: &BootId) -> String {
    format!("prove-{}", short_hash(&format!("{node}/{boot}")))
}

/// The pod, ready to be created.
pub(crate) fn reboot_pod(reboot: RebootPod<'_>, purpose: Purpose) -> Pod {
    let RebootPod {
        node, boot, run, ..
    } = reboot;
    let (name, label, prove) = match purpose {
        Purpose::Reboot => (reboot_pod_name(&node.uid, boot), "reboot", "0"),
        Purpose::Prove => (prove_pod_name(&node.uid, boot), "prove", "1"),
    };
    Pod {
        metadata: metadata(name, label, run),
        spec: Some(PodSpec {
            // The signal goes to process 1 of this namespace: the host's systemd.
            host_pid: Some(true),
            containers: vec![Container {
                name: REBOOT_CONTAINER.into(),
                image: Some(reboot.image.to_owned()),
                image_pull_policy: Some("Never".into()),
                command: Some(command(REBOOT_SCRIPT)),
                env: Some(variables([
                    ("ROOT", "/host"),
                    ("OUT", ANSWER_FILE),
                    ("BOOT_ID", boot.as_str()),
                    ("NOT_AFTER", &reboot.not_after.as_second().to_string()),
                    ("PROVE", prove),
                ])),
                security_context: Some(SecurityContext {
                    // Root may signal root's processes without any capability.
                    run_as_user: Some(0),
                    run_as_group: Some(0),
                    // containerd's own AppArmor profile lets a container signal nothing outside it.
                    app_armor_profile: Some(AppArmorProfile {
                        type_: "Unconfined".into(),
                        localhost_profile: None,
                    }),
                    ..no_privilege()
                }),
                ..container(vec![read_only("proc", "/host/proc")])
            }],
            volumes: Some(vec![host_path("proc", "/proc")]),
            ..bound_to(&node.name, reboot.lifetime)
        }),
        status: None,
    }
}

/// Runs the pod without the call. `Ok` means that asking would have worked. Its name is its own each time: a process that was suspended
/// while another went on with its run must not take away the other's when it wakes.
pub(crate) async fn prove_reboot(
    pods: &ShortPods,
    reboot: RebootPod<'_>,
    limit: Duration,
) -> Result<(), Reason> {
    let mut pod = reboot_pod(reboot, Purpose::Prove);
    if let Some(name) = &mut pod.metadata.name {
        name.push('-');
        name.push_str(&super::nonce()?);
    }
    let ended = pods
        .run(pod, REBOOT_CONTAINER, limit)
        .await
        .map_err(super::pod_trouble::PodTrouble::into_blocker)?;
    judge_proof(&ended)
}

fn judge_proof(ended: &Ended) -> Result<(), Reason> {
    match parse_reboot_message(&ended.message) {
        Some(RebootMessage::Proved) if ended.exit_code == 0 => Ok(()),
        Some(message) => Err(message.blocker().unwrap_or_else(|| failed(ended))),
        None => Err(failed(ended)),
    }
}

fn failed(ended: &Ended) -> Reason {
    Reason::RebootPodFailed {
        message: said(ended),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::evidence::test_node;

    fn pod(purpose: Purpose) -> Pod {
        let node = test_node();
        let boot = BootId::new("5a1f3a5e-0000-4000-8000-000000000001");
        reboot_pod(
            RebootPod {
                node: &node,
                boot: &boot,
                not_after: Timestamp::from_second(1_800_000_000).expect("a time"),
                image: "image",
                lifetime: Duration::from_secs(600),
                run: Some(&RunId::new("20261123-175200-abcd")),
            },
            purpose,
        )
    }

    fn in_short(mut pod: Pod) -> serde_json::Value {
        // The scripts have tests of their own.
        for container in pod.spec.iter_mut().flat_map(|spec| &mut spec.containers) {
            assert_eq!(
                container.command.take().as_deref(),
                Some(&command(REBOOT_SCRIPT)[..])
            );
        }
        serde_json::to_value(pod).expect("a pod as JSON")
    }

    #[test]
    fn the_proof_differs_in_name_purpose_and_one_variable() {
        let mut prove = in_short(pod(Purpose::Prove));
        let reboot = in_short(pod(Purpose::Reboot));
        prove["metadata"]["name"] = reboot["metadata"]["name"].clone();
        prove["metadata"]["labels"][super::super::PURPOSE] = "reboot".into();
        assert_eq!(
            prove["spec"]["containers"][0]["env"][4],
            serde_json::json!({"name": "PROVE", "value": "1"})
        );
        prove["spec"]["containers"][0]["env"][4]["value"] = "0".into();
        assert_eq!(prove, reboot);
    }

    #[test]
    fn the_pod_has_what_the_signal_needs_and_no_more() {
        insta::assert_snapshot!(
            serde_json::to_string_pretty(&in_short(pod(Purpose::Reboot))).expect("JSON")
        );
    }

    #[test]
    fn each_boot_of_a_node_has_its_own_name() {
        let uid = Uid::new("u1");
        let first = reboot_pod_name(&uid, &BootId::new("b1"));
        assert_eq!(first.len(), "reboot-".len() + 10);
        assert_eq!(first, reboot_pod_name(&uid, &BootId::new("b1")));
        assert_ne!(first, reboot_pod_name(&uid, &BootId::new("b2")));
        assert_ne!(first, reboot_pod_name(&Uid::new("u2"), &BootId::new("b1")));
    }

    #[test]
    fn only_a_proof_is_a_proof() {
        let ended = |exit_code, message: &str| Ended {
            exit_code,
            reason: "Completed".into(),
            message: message.into(),
        };
        assert_eq!(
            judge_proof(&ended(0, "aksreboot-reboot 1\nproved\n")),
            Ok(())
        );
        for (exit_code, message) in [
            (1, "aksreboot-reboot 1\nproved\n"),
            (0, ""),
            (0, "proved\n"),
            (0, "aksreboot-reboot 1\nasking\n"),
            (3, "aksreboot-reboot 1\nrefused init\n"),
        ] {
            assert!(judge_proof(&ended(exit_code, message)).is_err());
        }
    }
}
