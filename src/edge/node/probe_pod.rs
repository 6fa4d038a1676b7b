//! The pod that reads one node: no privilege, no capability, no token, no host namespace; the host's root below /host,
//! for reading. The shape is part of the interface: the admission policy that `manifests` prints admits only this one.

use std::collections::BTreeMap;
use std::time::Duration;

use k8s_openapi::api::core::v1::{
    Capabilities, Container, EnvVar, HostPathVolumeSource, Pod, PodSecurityContext, PodSpec,
    SeccompProfile, SecurityContext, Volume, VolumeMount,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::core::model::{Node, NodeName, RunId};

use super::shape::{PodShape, pull_policy};
use super::{
    MANAGED_BY, NAMESPACE, PROBE, PROBE_SCRIPT, PURPOSE, ProbeSettings, RUN, ScriptSettings,
    short_hash,
};

/// Name of the container whose end is waited for.
pub(crate) const PROBE_CONTAINER: &str = "probe";
/// `nobody` of every image, and of none: it owns nothing on the host.
pub(crate) const NOBODY: i64 = 65534;
/// Where the kubelet takes the answer from.
pub(super) const ANSWER_FILE: &str = "/dev/termination-log";
/// After the time limit the kubelet ends the pod, should nobody be there any more to delete it.
pub(super) const SPARE: Duration = Duration::from_secs(10);

pub(super) fn probe_pod(
    node: &Node,
    script: &ScriptSettings<'_>,
    settings: &ProbeSettings,
    shape: &PodShape,
) -> Pod {
    Pod {
        metadata: metadata(
            format!("probe-{}-{}", short_hash(node.uid.as_str()), script.nonce),
            PROBE,
            settings.run.as_ref(),
        ),
        spec: Some(PodSpec {
            containers: vec![Container {
                resources: Some(shape.resources()),
                security_context: Some(SecurityContext {
                    run_as_non_root: Some(true),
                    run_as_user: Some(NOBODY),
                    run_as_group: Some(NOBODY),
                    ..no_privilege()
                }),
                ..reader(script, settings, shape, vec![read_only("host", "/host")])
            }],
            image_pull_secrets: shape.pull_secrets(),
            tolerations: Some(shape.tolerations()),
            volumes: Some(vec![host_path("host", "/")]),
            ..bound_to(&node.name, settings.time_limit + SPARE)
        }),
        status: None,
    }
}

/// The container of a pod that reads a node: the script, in the image that was asked for.
pub(super) fn reader(
    script: &ScriptSettings<'_>,
    settings: &ProbeSettings,
    shape: &PodShape,
    mounts: Vec<VolumeMount>,
) -> Container {
    Container {
        name: PROBE_CONTAINER.into(),
        image: Some(settings.image.clone()),
        image_pull_policy: Some(pull_policy(shape.pull_policy)),
        command: Some(command(PROBE_SCRIPT)),
        env: Some(variables(script.variables())),
        ..container(mounts)
    }
}

/// What the metadata of all our pods have in common.
pub(super) fn metadata(name: String, purpose: &str, run: Option<&RunId>) -> ObjectMeta {
    let mut labels = BTreeMap::from([
        (MANAGED_BY.0.to_owned(), MANAGED_BY.1.to_owned()),
        (PURPOSE.to_owned(), purpose.to_owned()),
    ]);
    if let Some(run) = run {
        labels.insert(RUN.to_owned(), run.to_string());
    }
    ObjectMeta {
        name: Some(name),
        namespace: Some(NAMESPACE.into()),
        labels: Some(labels),
        ..ObjectMeta::default()
    }
}

/// A pod for one node, past the scheduler and every taint, that ends by itself and is never started again.
pub(super) fn bound_to(node: &NodeName, lifetime: Duration) -> PodSpec {
    let shape = PodShape::default();
    PodSpec {
        node_name: Some(node.to_string()),
        restart_policy: Some("Never".into()),
        tolerations: Some(shape.tolerations()),
        automount_service_account_token: Some(false),
        enable_service_links: Some(false),
        active_deadline_seconds: Some(i64::try_from(lifetime.as_secs()).unwrap_or(i64::MAX)),
        termination_grace_period_seconds: Some(0),
        security_context: Some(PodSecurityContext {
            seccomp_profile: Some(SeccompProfile {
                type_: "RuntimeDefault".into(),
                localhost_profile: None,
            }),
            ..PodSecurityContext::default()
        }),
        ..PodSpec::default()
    }
}

pub(super) fn container(mounts: Vec<VolumeMount>) -> Container {
    Container {
        resources: Some(PodShape::default().resources()),
        termination_message_path: Some(ANSWER_FILE.into()),
        termination_message_policy: Some("File".into()),
        volume_mounts: Some(mounts),
        ..Container::default()
    }
}

pub(super) fn no_privilege() -> SecurityContext {
    SecurityContext {
        privileged: Some(false),
        allow_privilege_escalation: Some(false),
        read_only_root_filesystem: Some(true),
        capabilities: Some(Capabilities {
            drop: Some(vec!["ALL".into()]),
            add: None,
        }),
        ..SecurityContext::default()
    }
}

/// The script travels as an argument: no object, no file, nothing to keep in step.
pub(super) fn command(script: &str) -> Vec<String> {
    vec!["/bin/sh".into(), "-c".into(), script.into()]
}

pub(super) fn variables<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<EnvVar> {
    pairs
        .into_iter()
        .map(|(name, value)| EnvVar {
            name: name.into(),
            value: Some(value.into()),
            value_from: None,
        })
        .collect()
}

/// A directory of the host. Its type is checked, for without one the runtime would create a missing path.
pub(super) fn host_path(name: &str, path: &str) -> Volume {
    Volume {
        name: name.into(),
        host_path: Some(HostPathVolumeSource {
            path: path.into(),
            type_: Some("Directory".into()),
        }),
        ..Volume::default()
    }
}

/// Read-only, and the mounts below it too where the cluster can: plain `readOnly` leaves `/run` writable.
pub(super) fn read_only(volume: &str, at: &str) -> VolumeMount {
    VolumeMount {
        name: volume.into(),
        mount_path: at.into(),
        read_only: Some(true),
        recursive_read_only: Some("IfPossible".into()),
        ..VolumeMount::default()
    }
}
