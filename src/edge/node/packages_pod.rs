//! The pod that also asks the host's package manager: root, since the host's root directory can be made the own one by
//! nobody else, with that one capability; the host's files for reading, and a folder of the pod's own in the place of
//! the host's `/tmp`. To fetch package data it has the node's network, whose resolver and proxies the host's files name.

use k8s_openapi::api::core::v1::{
    Container, EmptyDirVolumeSource, Pod, PodSpec, SecurityContext, Volume, VolumeMount,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use crate::core::model::Node;
use crate::core::updates::Question;

use super::probe_pod::{
    PROBE_CONTAINER, SPARE, bound_to, command, container, host_path, metadata, no_privilege,
    read_only, variables,
};
use super::shape::{PodShape, pull_policy};
use super::{PROBE_SCRIPT, ProbeSettings, ScriptSettings, short_hash};

/// Of the volume that hides the host's `/tmp`: what a program leaves there is gone with the pod.
const SCRATCH: &str = "scratch";
/// Several times what the lists of a large distribution take.
const MOST_SCRATCH: &str = "1Gi";

pub(super) fn packages_pod(
    node: &Node,
    script: &ScriptSettings<'_>,
    settings: &ProbeSettings,
    question: Question,
    shape: &PodShape,
) -> Pod {
    let fetches = question == Question::RefreshedPackages;
    let prefix = if fetches { "refresh" } else { "packages" };
    let mut security = SecurityContext {
        run_as_user: Some(0),
        run_as_group: Some(0),
        ..no_privilege()
    };
    if let Some(capabilities) = &mut security.capabilities {
        capabilities.add = Some(vec!["SYS_CHROOT".into()]);
    }
    Pod {
        metadata: metadata(
            format!(
                "{prefix}-{}-{}",
                short_hash(node.uid.as_str()),
                script.nonce
            ),
            "probe",
            settings.run.as_ref(),
        ),
        spec: Some(PodSpec {
            containers: vec![Container {
                name: PROBE_CONTAINER.into(),
                image: Some(settings.image.clone()),
                image_pull_policy: Some(pull_policy(shape.pull_policy)),
                command: Some(command(PROBE_SCRIPT)),
                env: Some(variables(script.variables())),
                resources: Some(shape.package_resources()),
                security_context: Some(security),
                ..container(vec![
                    read_only("host", "/host"),
                    VolumeMount {
                        name: SCRATCH.into(),
                        mount_path: "/host/tmp".into(),
                        ..VolumeMount::default()
                    },
                ])
            }],
            host_network: fetches.then_some(true),
            image_pull_secrets: shape.pull_secrets(),
            tolerations: Some(shape.tolerations()),
            volumes: Some(vec![
                host_path("host", "/"),
                Volume {
                    name: SCRATCH.into(),
                    empty_dir: Some(EmptyDirVolumeSource {
                        size_limit: Some(Quantity(MOST_SCRATCH.into())),
                        medium: None,
                    }),
                    ..Volume::default()
                },
            ]),
            ..bound_to(&node.name, settings.time_limit + SPARE)
        }),
        status: None,
    }
}
