//! The pod that also asks the host's package manager: root, since the host's root directory can be made the own one by
//! nobody else, with that one capability; the host's files for reading, and a folder of the pod's own in the place of
//! the host's `/tmp`. To fetch package data it has the node's network, whose resolver and proxies the host's files name.

use k8s_openapi::api::core::v1::{
    Container, EmptyDirVolumeSource, Pod, PodSpec, SecurityContext, Volume, VolumeMount,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use crate::core::model::Node;
use crate::core::updates::Question;

use super::probe_pod::{SPARE, bound_to, host_path, metadata, no_privilege, read_only, reader};
use super::shape::PodShape;
use super::{PROBE, ProbeSettings, ScriptSettings, short_hash};

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
    let mounts = vec![
        read_only("host", "/host"),
        VolumeMount {
            name: SCRATCH.into(),
            mount_path: "/host/tmp".into(),
            ..VolumeMount::default()
        },
    ];
    Pod {
        metadata: metadata(
            format!(
                "{prefix}-{}-{}",
                short_hash(node.uid.as_str()),
                script.nonce
            ),
            PROBE,
            settings.run.as_ref(),
        ),
        spec: Some(PodSpec {
            containers: vec![Container {
                resources: Some(shape.package_resources()),
                security_context: Some(security),
                ..reader(script, settings, shape, mounts)
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
