//! The pod that `kubectl debug node/NAME --profile=PROFILE --image=IMAGE --env=… -- /bin/sh -c SCRIPT` makes, field by
//! field (kubectl's pkg/cmd/debug: `generateNodeDebugPod` and profiles.go): a policy that lets kubectl's pass lets this
//! pass. Adds nothing of ours but a variable, by which `cleanup` knows it and how long it is waited for.

use std::collections::BTreeMap;
use std::time::Duration;

use k8s_openapi::api::core::v1::{
    Capabilities, Container, HostPathVolumeSource, Pod, PodSpec, SeccompProfile, SecurityContext,
    Toleration, Volume, VolumeMount,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::core::model::NodeName;
use crate::request::flags::{Profile, PullPolicy};

use super::probe_pod::{command, variables};
use super::shape::pull_policy;
use super::{NO_FILE, PROBE_SCRIPT, ScriptSettings};

/// kubectl's label.
pub(crate) const MANAGED_BY: (&str, &str) = ("app.kubernetes.io/managed-by", "kubectl-debug");
/// kubectl's name for the container.
pub(crate) const CONTAINER: &str = "debugger";
/// The variable that says for how many seconds a command waits for the pod. kubectl's own pods have none.
pub(crate) const AWAITED: &str = "AWAITED_SECONDS";
/// Of the volume with the host's root.
const VOLUME: &str = "host-root";
/// The letters that Kubernetes makes random names of: no vowels, so no words.
const ALPHABET: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";

pub(super) fn debug_pod(
    node: &NodeName,
    namespace: &str,
    profile: Profile,
    image: &str,
    policy: Option<PullPolicy>,
    script: &ScriptSettings<'_>,
    awaited: Duration,
) -> Pod {
    let awaited = awaited.as_secs().to_string();
    let host_files = shows_host(profile);
    let host_namespaces = matches!(
        profile,
        Profile::General | Profile::Sysadmin | Profile::Netadmin
    )
    .then_some(true);
    Pod {
        metadata: ObjectMeta {
            name: Some(format!("node-debugger-{node}-{}", suffix(script.nonce))),
            namespace: Some(namespace.to_owned()),
            labels: Some(BTreeMap::from([(
                MANAGED_BY.0.to_owned(),
                MANAGED_BY.1.to_owned(),
            )])),
            ..ObjectMeta::default()
        },
        spec: Some(PodSpec {
            containers: vec![Container {
                name: CONTAINER.into(),
                image: Some(image.to_owned()),
                image_pull_policy: policy.map(pull_policy),
                command: Some(command(PROBE_SCRIPT)),
                // Such a pod has no shape that somebody counts, so what says nothing is left out.
                env: Some(variables(
                    script
                        .variables()
                        .into_iter()
                        .filter(|(_, value)| *value != NO_FILE)
                        .chain([(AWAITED, awaited.as_str())]),
                )),
                termination_message_policy: Some("File".into()),
                security_context: security_context(profile),
                volume_mounts: host_files.then(|| {
                    vec![VolumeMount {
                        name: VOLUME.into(),
                        mount_path: "/host".into(),
                        ..VolumeMount::default()
                    }]
                }),
                ..Container::default()
            }],
            host_ipc: host_namespaces,
            host_network: host_namespaces,
            host_pid: host_namespaces,
            node_name: Some(node.to_string()),
            restart_policy: Some("Never".into()),
            tolerations: Some(vec![Toleration {
                operator: Some("Exists".into()),
                ..Toleration::default()
            }]),
            // `/` is there on every host, so no runtime creates anything.
            volumes: host_files.then(|| {
                vec![Volume {
                    name: VOLUME.into(),
                    host_path: Some(HostPathVolumeSource {
                        path: "/".into(),
                        type_: None,
                    }),
                    ..Volume::default()
                }]
            }),
            ..PodSpec::default()
        }),
        status: None,
    }
}

/// Whether a profile mounts the host's files. Without them nothing of a pending reboot can be seen.
pub(super) fn shows_host(profile: Profile) -> bool {
    matches!(profile, Profile::General | Profile::Sysadmin)
}

fn security_context(profile: Profile) -> Option<SecurityContext> {
    let with = |add: &[&str], drop: &[&str]| Capabilities {
        add: (!add.is_empty()).then(|| add.iter().map(ToString::to_string).collect()),
        drop: (!drop.is_empty()).then(|| drop.iter().map(ToString::to_string).collect()),
    };
    match profile {
        Profile::General | Profile::Baseline => None,
        Profile::Sysadmin => Some(SecurityContext {
            privileged: Some(true),
            ..SecurityContext::default()
        }),
        Profile::Netadmin => Some(SecurityContext {
            capabilities: Some(with(&["NET_ADMIN", "NET_RAW"], &[])),
            ..SecurityContext::default()
        }),
        Profile::Restricted => Some(SecurityContext {
            allow_privilege_escalation: Some(false),
            capabilities: Some(with(&[], &["ALL"])),
            run_as_non_root: Some(true),
            seccomp_profile: Some(SeccompProfile {
                type_: "RuntimeDefault".into(),
                localhost_profile: None,
            }),
            ..SecurityContext::default()
        }),
    }
}

/// Five letters from the nonce's digits, which nobody can foresee: three of its digits give each letter.
fn suffix(nonce: &str) -> String {
    nonce
        .as_bytes()
        .chunks(3)
        .take(5)
        .map(|digits| {
            let number = digits.iter().fold(0, |sum, digit| {
                let value = char::from(*digit).to_digit(16).unwrap_or_default();
                sum * 16 + value as usize
            });
            char::from(ALPHABET[number % ALPHABET.len()])
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::edge::node::Inquiry;

    /// What kubectl 1.34.4 made on the lab, without what the API server fills in.
    /// See tests/data/kubectl-debug/README.md.
    fn sent_by_kubectl(profile: &str) -> Value {
        let file = format!(
            "{}/tests/data/kubectl-debug/{profile}.json",
            env!("CARGO_MANIFEST_DIR")
        );
        let text = std::fs::read_to_string(&file).expect("a capture");
        serde_json::from_str(&text).expect("JSON")
    }

    /// Go writes empty structs and null times where other clients write nothing; the API server sees no difference.
    fn without_nothing(value: Value) -> Option<Value> {
        match value {
            Value::Null => None,
            Value::Object(map) => {
                let map: serde_json::Map<String, Value> = map
                    .into_iter()
                    .filter_map(|(key, value)| Some((key, without_nothing(value)?)))
                    .collect();
                (!map.is_empty()).then_some(Value::Object(map))
            }
            other => Some(other),
        }
    }

    #[test]
    fn the_pod_is_kubectls_own_field_by_field() {
        for profile in [
            Profile::General,
            Profile::Sysadmin,
            Profile::Netadmin,
            Profile::Baseline,
            Profile::Restricted,
        ] {
            let nonce = "0123456789abcdef";
            let mut pod = debug_pod(
                &"lab-1".into(),
                "default",
                profile,
                "lab.local/busybox:1",
                None,
                &ScriptSettings::in_pod(
                    nonce,
                    &crate::core::evidence::Sentinel::System,
                    Inquiry::EVIDENCE,
                ),
                Duration::from_secs(70),
            );
            let theirs = sent_by_kubectl(profile.word());
            // What cannot be the same: five random letters, the script, and the namespace, which kubectl has in the URL.
            let name = pod.metadata.name.take().expect("a name");
            let (stem, letters) = name.rsplit_once('-').expect("a suffix");
            let (their_stem, their_letters) = theirs["metadata"]["name"]
                .as_str()
                .and_then(|name| name.rsplit_once('-'))
                .expect("a name");
            assert_eq!((stem, letters.len()), (their_stem, their_letters.len()));
            assert!(letters.bytes().all(|letter| ALPHABET.contains(&letter)));
            pod.metadata.namespace = None;
            let mut ours = serde_json::to_value(&pod).expect("JSON");
            ours["spec"]["containers"][0]["command"][2] = "echo hello".into();
            let mut theirs = theirs;
            theirs["metadata"]["name"] = Value::Null;
            // The variable that the captures lack is one more --env of kubectl's.
            let variables = ours["spec"]["containers"][0]["env"].as_array_mut();
            let variables = variables.expect("variables");
            let awaited = serde_json::json!({"name": AWAITED, "value": "70"});
            assert_eq!(variables.pop(), Some(awaited));
            // kubectl keeps the variables in a map, so in any order.
            for pod in [&mut ours, &mut theirs] {
                let variables = pod["spec"]["containers"][0]["env"].as_array_mut();
                variables
                    .expect("variables")
                    .sort_by_key(|variable| variable["name"].to_string());
            }
            theirs["kind"] = ours["kind"].clone();
            theirs["apiVersion"] = ours["apiVersion"].clone();
            assert_eq!(
                without_nothing(ours),
                without_nothing(theirs),
                "profile {}",
                profile.word()
            );
        }
    }

    #[test]
    fn two_pods_for_one_node_have_two_names() {
        assert_ne!(suffix("0123456789abcdef"), suffix("fedcba9876543210"));
        assert_eq!(suffix("0123456789abcdef").len(), 5);
    }
}
