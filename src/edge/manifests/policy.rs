//! The admission policy of our namespace: pods of exactly the shapes that this tool makes, each for its groups, and no
//! other pod from anybody. The shapes are read off the pods that the builders of `edge::node` make, so that the policy
//! follows them.

use k8s_openapi::api::admissionregistration::v1::{
    MatchCondition, MatchResources, NamedRuleWithOperations, ValidatingAdmissionPolicy,
    ValidatingAdmissionPolicyBinding, ValidatingAdmissionPolicyBindingSpec,
    ValidatingAdmissionPolicySpec, Validation, Variable,
};
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

use super::cel::{self, text, texts};
use super::roles::metadata;
use super::shape::conditions;
use super::{Groups, Manifest, POLICY};
use crate::edge::node::{NAMESPACE, PACKAGES_SCRIPT, PROBE_SCRIPT, REBOOT_SCRIPT, example_pods};

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
    let shapes = shapes();
    vec![
        Manifest::Policy(Box::new(ValidatingAdmissionPolicy {
            metadata: metadata(POLICY, None),
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
                match_conditions: Some(vec![MatchCondition {
                    name: "what-the-pod-is-may-change".into(),
                    expression: "request.operation == 'CREATE' || request.subResource == 'ephemeralcontainers' \
                                 || object.spec != oldObject.spec"
                        .into(),
                }]),
                variables: Some(variables(policy, &shapes)),
                validations: Some(validations(&shapes)),
                ..ValidatingAdmissionPolicySpec::default()
            }),
            status: None,
        })),
        Manifest::PolicyBinding(Box::new(ValidatingAdmissionPolicyBinding {
            metadata: metadata(POLICY, None),
            spec: Some(ValidatingAdmissionPolicyBindingSpec {
                policy_name: Some(POLICY.into()),
                validation_actions: Some(vec!["Deny".into()]),
                ..ValidatingAdmissionPolicyBindingSpec::default()
            }),
        })),
    ]
}

/// A kind of pod that is admitted.
struct Shape {
    /// Beginning of its name.
    name: &'static str,
    /// Variable that says whether the pod is named as one.
    claimed: String,
    fits: String,
}

fn shapes() -> Vec<Shape> {
    example_pods()
        .into_iter()
        .map(|(name, pod)| Shape {
            name,
            claimed: format!("{name}Named"),
            fits: fits(&pod),
        })
        .collect()
}

fn fits(pod: &Pod) -> String {
    let labels: Vec<String> = pod
        .metadata
        .labels
        .iter()
        .flatten()
        .map(|(key, value)| {
            let (key, value) = (text(key), text(value));
            format!("(object.metadata.?labels[?{key}] == optional.of({value})) &&\n")
        })
        .collect();
    let pod = serde_json::to_value(pod).unwrap_or_default();
    let named = [
        ("probeScript", PROBE_SCRIPT),
        ("packagesScript", PACKAGES_SCRIPT),
        ("rebootScript", REBOOT_SCRIPT),
    ];
    labels.concat() + &cel::all(&conditions(&pod), &named)
}

/// One line each in the server's refusal.
fn validations(shapes: &[Shape]) -> Vec<Validation> {
    let claims: Vec<String> = shapes
        .iter()
        .map(|shape| format!("variables.{}", shape.claimed))
        .collect();
    let mut validations = vec![
        validation(
            "variables.mayProbe || variables.mayCheck || variables.mayRoll".into(),
            "only the groups named in the policy may make pods here".into(),
        ),
        validation(
            claims.join(" || "),
            "the pod is not named as one of aksreboot's".into(),
        ),
        validation(
            "variables.probeNamed || variables.packagesNamed || variables.refreshNamed || variables.mayRoll"
                .into(),
            "reboot pods are for the rolling group".into(),
        ),
        validation(
            "!variables.probeNamed || variables.mayProbe || variables.mayRoll".into(),
            "probe pods are for the probing group".into(),
        ),
        validation(
            "!(variables.packagesNamed || variables.refreshNamed) || variables.mayCheck || variables.mayRoll"
                .into(),
            "pods that ask package managers are for the group of check-updates".into(),
        ),
        validation(
            "variables.knownImage".into(),
            "the image is not one of the policy's: aksreboot manifests policy --image IMAGE".into(),
        ),
    ];
    validations.extend(shapes.iter().map(|Shape { name, claimed, .. }| {
        validation(
            format!("!variables.{claimed} || variables.{name}Fits"),
            format!(
                "this is not the {name} pod of this version of aksreboot; print the policy again with: aksreboot manifests policy"
            ),
        )
    }));
    validations
}

fn validation(expression: String, message: String) -> Validation {
    Validation {
        expression,
        message: Some(message),
        reason: Some("Forbidden".into()),
        message_expression: None,
    }
}

fn variables(policy: &PodPolicy, shapes: &[Shape]) -> Vec<Variable> {
    let masters = "system:masters".to_owned();
    let member = |groups: &[String]| {
        let groups = texts(groups.iter().chain([&masters]));
        format!("request.userInfo.groups.exists(g, g in {groups})")
    };
    let mut variables = vec![
        ("mayProbe".to_owned(), member(&policy.groups.probe)),
        ("mayCheck".to_owned(), member(&policy.groups.check_updates)),
        ("mayRoll".to_owned(), member(&policy.groups.roll)),
        (
            "knownImage".to_owned(),
            format!(
                "object.spec.containers.all(c, c.image in {})",
                texts(&policy.images)
            ),
        ),
        ("probeScript".to_owned(), text(PROBE_SCRIPT)),
        ("packagesScript".to_owned(), text(PACKAGES_SCRIPT)),
        ("rebootScript".to_owned(), text(REBOOT_SCRIPT)),
    ];
    for shape in shapes {
        let prefix = text(&format!("{}-", shape.name));
        variables.push((
            shape.claimed.clone(),
            format!("object.metadata.name.startsWith({prefix})"),
        ));
        variables.push((format!("{}Fits", shape.name), shape.fits.clone()));
    }
    variables
        .into_iter()
        .map(|(name, expression)| Variable { name, expression })
        .collect()
}

#[cfg(test)]
mod tests;
