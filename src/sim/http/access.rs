//! Who may do what, and what admission lets in.

use serde_json::{Value, json};

use super::call::Call;
use super::refusal::Refusal;
use crate::sim::cluster::Cluster;
use crate::sim::json::text;
use crate::sim::kind::Kind;
use crate::sim::store::Key;

/// The one user that there is.
const USER: &str = "operator";

/// Refuses what the world says the user may not do.
pub(super) fn authorize(cluster: &Cluster, call: &Call) -> Result<(), Refusal> {
    if may(cluster, call.verb, &call.resource()) {
        return Ok(());
    }
    let resource = call.kind.map_or("", |kind| kind.resource().plural);
    let group = call.kind.map_or("", |kind| kind.resource().group);
    let place = if call.namespace.is_empty() {
        "at the cluster scope".to_owned()
    } else {
        format!("in the namespace \"{}\"", call.namespace)
    };
    let subject = match (call.name.as_str(), group) {
        ("", "") => resource.to_owned(),
        ("", group) => format!("{resource}.{group}"),
        (name, "") => format!("{resource} \"{name}\""),
        (name, group) => format!("{resource}.{group} \"{name}\""),
    };
    let message = format!(
        "{subject} is forbidden: User \"{USER}\" cannot {} resource \"{}\" in API group \"{group}\" {place}",
        call.verb,
        call.resource(),
    );
    let refusal = Refusal::new(403, "Forbidden", message);
    Err(match call.kind {
        Some(kind) => refusal.about(kind, &call.name),
        None => refusal,
    })
}

fn may(cluster: &Cluster, verb: &str, resource: &str) -> bool {
    !cluster.rules.forbidden.iter().any(|forbidden| {
        (forbidden.verb == "*" || forbidden.verb == verb)
            && (forbidden.resource == "*" || forbidden.resource == resource)
    })
}

/// Answers a SelfSubjectAccessReview by the same rule.
pub(super) fn review(cluster: &Cluster, mut review: Value) -> Value {
    let allowed = review
        .pointer("/spec/resourceAttributes")
        .is_none_or(|asked| {
            let resource = text(asked, "/resource").unwrap_or_default();
            let resource = match text(asked, "/subresource").unwrap_or_default() {
                "" => resource.to_owned(),
                subresource => format!("{resource}/{subresource}"),
            };
            may(cluster, text(asked, "/verb").unwrap_or_default(), &resource)
        });
    review["kind"] = "SelfSubjectAccessReview".into();
    review["apiVersion"] = "authorization.k8s.io/v1".into();
    review["status"] = json!({"allowed": allowed});
    review
}

/// Lets a new object into its namespace, or not.
pub(super) fn admit(cluster: &Cluster, kind: Kind, call: &Call, name: &str) -> Result<(), Refusal> {
    if kind.resource().namespaced {
        let namespace = call.namespace.as_str();
        let Some(object) = cluster
            .store
            .get(Kind::Namespace, &Key::of_cluster(namespace))
        else {
            return Err(Refusal::not_found(Kind::Namespace, namespace));
        };
        if object.index.deleting {
            let why = format!(
                "unable to create new content in namespace {namespace} because it is being terminated"
            );
            return Err(Refusal::forbidden(kind, name, &why).with_cause(json!({
                "reason": "NamespaceTerminating",
                "message": format!("namespace {namespace} is being terminated"),
                "field": "metadata.namespace",
            })));
        }
    }
    let resource = call.resource();
    match cluster
        .rules
        .denials
        .iter()
        .find(|denial| denial.resource == resource && denial.namespace == call.namespace)
    {
        Some(denial) => Err(Refusal::forbidden(kind, name, &denial.message)),
        None => Ok(()),
    }
}
