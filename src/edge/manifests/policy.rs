//! The admission policy of our namespace: pods of exactly the two shapes that this tool makes, each for its group, and
//! no other pod from anybody. Its conditions repeat the builders of `edge::node`, field by field: what a builder sets
//! is asked for, and what it leaves out must be absent.

use k8s_openapi::api::admissionregistration::v1::{
    MatchResources, NamedRuleWithOperations, ValidatingAdmissionPolicy,
    ValidatingAdmissionPolicyBinding, ValidatingAdmissionPolicyBindingSpec,
    ValidatingAdmissionPolicySpec, Validation, Variable,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

use super::roles::metadata;
use super::{Groups, Manifest};
use crate::edge::node::{NAMESPACE, PROBE_SCRIPT, REBOOT_SCRIPT};

const NAME: &str = "aksreboot-pods";

/// Whose pods are admitted, with which images.
#[derive(Clone, Debug)]
pub(crate) struct PodPolicy {
    pub(crate) groups: Groups,
    /// The images' names, exactly as `--image` gives them.
    pub(crate) images: Vec<String>,
}

pub(super) fn manifests(policy: &PodPolicy) -> Vec<Manifest> {
    let rule = NamedRuleWithOperations {
        api_groups: Some(vec![String::new()]),
        api_versions: Some(vec!["v1".into()]),
        // An ephemeral container is a container that somebody else chose; an update could change the image.
        operations: Some(vec!["CREATE".into(), "UPDATE".into()]),
        resources: Some(vec!["pods".into(), "pods/ephemeralcontainers".into()]),
        scope: Some("Namespaced".into()),
        resource_names: None,
    };
    vec![
        Manifest::Policy(Box::new(ValidatingAdmissionPolicy {
            metadata: metadata(NAME, None),
            spec: Some(ValidatingAdmissionPolicySpec {
                failure_policy: Some("Fail".into()),
                match_constraints: Some(MatchResources {
                    namespace_selector: Some(LabelSelector {
                        match_labels: Some(
                            [("kubernetes.io/metadata.name".to_owned(), NAMESPACE.to_owned())]
                                .into(),
                        ),
                        match_expressions: None,
                    }),
                    resource_rules: Some(vec![rule]),
                    ..MatchResources::default()
                }),
                // The kubelet and the controllers only report and delete; neither changes what a pod is.
                match_conditions: Some(vec![k8s_openapi::api::admissionregistration::v1::MatchCondition {
                    name: "what-the-pod-is-may-change".into(),
                    expression: "request.operation == 'CREATE' || request.subResource == 'ephemeralcontainers' \
                                 || object.spec != oldObject.spec"
                        .into(),
                }]),
                variables: Some(variables(policy)),
                validations: Some(validations()),
                ..ValidatingAdmissionPolicySpec::default()
            }),
            status: None,
        })),
        Manifest::PolicyBinding(Box::new(ValidatingAdmissionPolicyBinding {
            metadata: metadata(NAME, None),
            spec: Some(ValidatingAdmissionPolicyBindingSpec {
                policy_name: Some(NAME.into()),
                validation_actions: Some(vec!["Deny".into()]),
                ..ValidatingAdmissionPolicyBindingSpec::default()
            }),
        })),
    ]
}

/// One line each in the server's refusal.
fn validations() -> Vec<Validation> {
    [
        (
            "variables.mayRead || variables.mayRoll",
            "only the groups named in the policy may make pods here",
        ),
        (
            "variables.isProbe || variables.isReboot",
            "neither a probe nor a reboot pod by its container's name",
        ),
        (
            "!variables.isReboot || variables.mayRoll",
            "reboot pods are for the rolling group",
        ),
        (
            "variables.plainPod",
            "the pod has another shape than those of aksreboot",
        ),
        (
            "variables.plainContainer",
            "the container has another shape than those of aksreboot",
        ),
        ("variables.knownImage", "the image is not one of the policy's"),
        (
            "!variables.isProbe || variables.probeShape",
            "this is not the probe pod of this version of aksreboot; print the policy again with: aksreboot manifests policy",
        ),
        (
            "!variables.isReboot || variables.rebootShape",
            "this is not the reboot pod of this version of aksreboot; print the policy again with: aksreboot manifests policy",
        ),
    ]
    .map(|(expression, message)| Validation {
        expression: expression.into(),
        message: Some(message.into()),
        reason: Some("Forbidden".into()),
        message_expression: None,
    })
    .into()
}

fn variables(policy: &PodPolicy) -> Vec<Variable> {
    let masters = "system:masters".to_owned();
    let member = |groups: &[String]| {
        let groups: Vec<String> = groups
            .iter()
            .chain([&masters])
            .map(|group| text(group))
            .collect();
        format!(
            "request.userInfo.groups.exists(g, g in [{}])",
            groups.join(", ")
        )
    };
    let images: Vec<String> = policy.images.iter().map(|image| text(image)).collect();
    [
        ("spec", "object.spec".to_owned()),
        ("c", "object.spec.containers[0]".to_owned()),
        ("mayRead", member(&policy.groups.read)),
        ("mayRoll", member(&policy.groups.roll)),
        ("isProbe", "variables.c.name == 'probe'".to_owned()),
        ("isReboot", "variables.c.name == 'reboot'".to_owned()),
        ("plainPod", all(PLAIN_POD)),
        ("plainContainer", all(PLAIN_CONTAINER)),
        (
            "knownImage",
            format!("variables.c.image in [{}]", images.join(", ")),
        ),
        ("probeShape", shape(PROBE_SHAPE, PROBE_SCRIPT)),
        ("rebootShape", shape(REBOOT_SHAPE, REBOOT_SCRIPT)),
    ]
    .map(|(name, expression)| Variable {
        name: name.into(),
        expression,
    })
    .into()
}

/// What both pods have, and what neither has.
const PLAIN_POD: &[&str] = &[
    "size(variables.spec.containers) == 1",
    "!has(variables.spec.initContainers) || size(variables.spec.initContainers) == 0",
    "!has(variables.spec.ephemeralContainers) || size(variables.spec.ephemeralContainers) == 0",
    "variables.spec.restartPolicy == 'Never'",
    "!has(variables.spec.hostNetwork) || !variables.spec.hostNetwork",
    "!has(variables.spec.hostIPC) || !variables.spec.hostIPC",
    "!has(variables.spec.shareProcessNamespace) || !variables.spec.shareProcessNamespace",
    "!has(variables.spec.serviceAccountName) || variables.spec.serviceAccountName in ['', 'default']",
    "has(variables.spec.automountServiceAccountToken) && !variables.spec.automountServiceAccountToken",
    "!has(variables.spec.runtimeClassName)",
    "!has(variables.spec.resourceClaims)",
    "has(variables.spec.activeDeadlineSeconds) && variables.spec.activeDeadlineSeconds <= 3600",
    "has(variables.spec.volumes) && size(variables.spec.volumes) == 1",
    "has(variables.spec.volumes[0].hostPath) && variables.spec.volumes[0].hostPath.type == 'Directory'",
    "has(variables.spec.securityContext.seccompProfile) && variables.spec.securityContext.seccompProfile.type == 'RuntimeDefault'",
    "!has(variables.spec.securityContext.sysctls)",
    "!has(variables.spec.securityContext.supplementalGroups)",
    "!has(variables.spec.securityContext.fsGroup)",
    "!has(variables.spec.securityContext.runAsUser)",
    "!has(variables.spec.securityContext.seLinuxOptions)",
    "!has(variables.spec.securityContext.appArmorProfile)",
];

const PLAIN_CONTAINER: &[&str] = &[
    "!has(variables.c.args) || size(variables.c.args) == 0",
    "!has(variables.c.envFrom) || size(variables.c.envFrom) == 0",
    "!has(variables.c.lifecycle) && !has(variables.c.restartPolicy)",
    "!has(variables.c.livenessProbe) && !has(variables.c.readinessProbe) && !has(variables.c.startupProbe)",
    "!has(variables.c.ports) || size(variables.c.ports) == 0",
    "!has(variables.c.volumeDevices) || size(variables.c.volumeDevices) == 0",
    "!has(variables.c.workingDir) || variables.c.workingDir == ''",
    "!has(variables.c.stdin) || !variables.c.stdin",
    "has(variables.c.env) && variables.c.env.all(e, has(e.value) && !has(e.valueFrom))",
    "has(variables.c.volumeMounts) && size(variables.c.volumeMounts) == 1",
    "has(variables.c.volumeMounts[0].readOnly) && variables.c.volumeMounts[0].readOnly",
    "!has(variables.c.volumeMounts[0].subPath) && !has(variables.c.volumeMounts[0].subPathExpr)",
    "!has(variables.c.volumeMounts[0].mountPropagation) || variables.c.volumeMounts[0].mountPropagation == 'None'",
    "has(variables.c.securityContext)",
    "!has(variables.c.securityContext.privileged) || !variables.c.securityContext.privileged",
    "has(variables.c.securityContext.allowPrivilegeEscalation) && !variables.c.securityContext.allowPrivilegeEscalation",
    "has(variables.c.securityContext.readOnlyRootFilesystem) && variables.c.securityContext.readOnlyRootFilesystem",
    "has(variables.c.securityContext.capabilities) && has(variables.c.securityContext.capabilities.drop) \
     && variables.c.securityContext.capabilities.drop == ['ALL']",
    "!has(variables.c.securityContext.capabilities.add) || size(variables.c.securityContext.capabilities.add) == 0",
    "!has(variables.c.securityContext.procMount) || variables.c.securityContext.procMount == 'Default'",
    "!has(variables.c.securityContext.seccompProfile)",
    "!has(variables.c.securityContext.seLinuxOptions)",
];

const PROBE_SHAPE: &[&str] = &[
    "object.metadata.name.startsWith('probe-')",
    "!has(variables.spec.hostPID) || !variables.spec.hostPID",
    "variables.spec.volumes[0].hostPath.path == '/'",
    "variables.c.volumeMounts[0].mountPath == '/host'",
    "variables.c.env.map(e, e.name) in [['ROOT', 'NONCE', 'OUT'], ['ROOT', 'NONCE', 'OUT', 'SENTINEL_FILE']]",
    "variables.c.env[0].value == '/host'",
    "variables.c.env[1].value.matches('^[0-9a-f]{16}$')",
    "variables.c.env[2].value == '/dev/termination-log'",
    // A path whose existence is asked for; that somebody may ask for another's is all that it opens.
    "size(variables.c.env) < 4 || variables.c.env[3].value.matches('^/[A-Za-z0-9._/-]{1,200}$')",
    "has(variables.c.securityContext.runAsNonRoot) && variables.c.securityContext.runAsNonRoot",
    "has(variables.c.securityContext.runAsUser) && variables.c.securityContext.runAsUser == 65534",
    "has(variables.c.securityContext.runAsGroup) && variables.c.securityContext.runAsGroup == 65534",
    "!has(variables.c.securityContext.appArmorProfile)",
];

const REBOOT_SHAPE: &[&str] = &[
    "object.metadata.name.startsWith('reboot-') || object.metadata.name.startsWith('prove-')",
    "has(variables.spec.hostPID) && variables.spec.hostPID",
    "variables.c.imagePullPolicy == 'Never'",
    "variables.spec.volumes[0].hostPath.path == '/proc'",
    "variables.c.volumeMounts[0].mountPath == '/host/proc'",
    "variables.c.env.map(e, e.name) == ['ROOT', 'OUT', 'BOOT_ID', 'NOT_AFTER', 'PROVE']",
    "variables.c.env[0].value == '/host'",
    "variables.c.env[1].value == '/dev/termination-log'",
    "variables.c.env[2].value.matches('^[0-9a-f-]{36}$')",
    "variables.c.env[3].value.matches('^[0-9]{1,12}$')",
    "variables.c.env[4].value in ['0', '1']",
    // A rehearsed call must not go by the name of a real one, nor the other way round.
    "(variables.c.env[4].value == '1') == object.metadata.name.startsWith('prove-')",
    "has(variables.c.securityContext.runAsUser) && variables.c.securityContext.runAsUser == 0",
];

fn shape(conditions: &[&str], script: &str) -> String {
    let command = format!(
        "has(variables.c.command) && variables.c.command == ['/bin/sh', '-c', {}]",
        text(script)
    );
    format!("{} &&\n({command})", all(conditions))
}

fn all(conditions: &[&str]) -> String {
    conditions
        .iter()
        .map(|condition| format!("({condition})"))
        .collect::<Vec<_>>()
        .join(" &&\n")
}

/// A string literal of CEL. Its escapes are a superset of what is needed here.
fn text(value: &str) -> String {
    let mut literal = String::from("'");
    for c in value.chars() {
        match c {
            '\'' => literal.push_str("\\'"),
            '\\' => literal.push_str("\\\\"),
            '\n' => literal.push_str("\\n"),
            '\t' => literal.push_str("\\t"),
            c => literal.push(c),
        }
    }
    literal + "'"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_becomes_one_literal() {
        assert_eq!(text("a'b\\c\nd\te\"f"), r#"'a\'b\\c\nd\te"f'"#);
    }
}
