//! Our pods as examples: what `doctor` has the API server admit in a dry run, and what the admission policy is made
//! from. Nothing here is ever run.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::api::core::v1::{Pod, SecurityContext};

use crate::core::evidence::Sentinel;
use crate::core::model::{Allocatable, BootId, Node, NodeName, OperatingSystem, Readiness, Uid};
use crate::core::reason::Reason;
use crate::core::updates::Question;

use super::packages_pod::packages_pod;
use super::probe_pod::probe_pod;
use super::reboot_pod::{Purpose, RebootPod, reboot_pod};
use super::shape::PodShape;
use super::{Inquiry, ProbeSettings, ScriptSettings, nonce};

/// Neither matters in a dry run; both are within what the policy admits.
const LIMIT: Duration = Duration::from_secs(60);
const NONCE: &str = "0123456789abcdef";

/// The probe pod for `node`.
pub(crate) fn trial_probe(node: &Node, image: &str) -> Result<Pod, Reason> {
    Ok(probe(node, &nonce()?, image))
}

/// The pod that also asks the package manager of `node`.
pub(crate) fn trial_packages(node: &Node, image: &str, question: Question) -> Result<Pod, Reason> {
    Ok(packages(node, &nonce()?, image, question))
}

fn settings(image: &str) -> ProbeSettings {
    ProbeSettings {
        image: image.to_owned(),
        time_limit: LIMIT,
        sentinel: Sentinel::System,
        run: None,
    }
}

fn packages(node: &Node, nonce: &str, image: &str, question: Question) -> Pod {
    let inquiry = Inquiry {
        question,
        within: LIMIT,
    };
    let script = ScriptSettings::in_pod(nonce, &Sentinel::System, inquiry);
    packages_pod(
        node,
        &script,
        &settings(image),
        question,
        &PodShape::default(),
    )
}

fn probe(node: &Node, nonce: &str, image: &str) -> Pod {
    let script = ScriptSettings::in_pod(nonce, &Sentinel::System, Inquiry::EVIDENCE);
    probe_pod(node, &script, &settings(image), &PodShape::default())
}

/// The reboot pod for `node`, or the one that proves that it would work.
pub(crate) fn trial_reboot(node: &Node, boot: &BootId, image: &str, purpose: Purpose) -> Pod {
    let reboot = RebootPod {
        node,
        boot,
        not_after: Timestamp::UNIX_EPOCH,
        image,
        lifetime: LIMIT,
        run: None,
    };
    reboot_pod(reboot, purpose)
}

/// A pod that is root on `node`, by every means: what nobody should be able to make in our namespace.
pub(crate) fn trial_of_anything(node: &Node, image: &str) -> Result<Pod, Reason> {
    let mut pod = trial_probe(node, image)?;
    pod.metadata.name = Some(format!("doctor-{}", nonce()?));
    if let Some(spec) = &mut pod.spec {
        spec.host_pid = Some(true);
        for container in &mut spec.containers {
            container.command = Some(vec!["/bin/true".into()]);
            container.security_context = Some(SecurityContext {
                privileged: Some(true),
                ..SecurityContext::default()
            });
        }
    }
    Ok(pod)
}

/// A pod of each shape that is ever made, by what its name begins with.
pub(crate) fn example_pods() -> Vec<(&'static str, Pod)> {
    let node = example_node();
    let boot = BootId::new("00000000-0000-4000-8000-000000000000");
    vec![
        ("probe", probe(&node, NONCE, "image")),
        (
            "packages",
            packages(&node, NONCE, "image", Question::Packages),
        ),
        (
            "refresh",
            packages(&node, NONCE, "image", Question::RefreshedPackages),
        ),
        ("prove", trial_reboot(&node, &boot, "image", Purpose::Prove)),
        (
            "reboot",
            trial_reboot(&node, &boot, "image", Purpose::Reboot),
        ),
    ]
}

fn example_node() -> Node {
    Node {
        name: NodeName::new("node"),
        uid: Uid::new("uid"),
        resource_version: String::new(),
        created: None,
        boot: None,
        kernel: None,
        os: OperatingSystem::Linux,
        os_image: String::new(),
        kubelet_version: String::new(),
        runtime: String::new(),
        provider_id: None,
        internal_ip: None,
        external_ip: None,
        hostname: None,
        labels: BTreeMap::new(),
        annotations: BTreeMap::new(),
        taints: Vec::new(),
        cordoned: false,
        readiness: Readiness::Ready,
        allocatable: Allocatable::default(),
    }
}
