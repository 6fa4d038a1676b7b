//! Who may do what, and what admission lets in.

use serde_json::{Value, json};

use super::call::Call;
use super::refusal::Refusal;
use crate::sim::cluster::Cluster;
use crate::sim::json::text;
use crate::sim::kind::Kind;
use crate::sim::store::Key;
use crate::sim::world::{Denial, User};

/// Refuses what the world says the user may not do.
pub(super) fn authorize(cluster: &Cluster, call: &Call) -> Result<(), Refusal> {
    if may(cluster, &call.user, call.verb, &call.resource()) {
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
        "{subject} is forbidden: User \"{}\" cannot {} resource \"{}\" in API group \"{group}\" {place}",
        call.user,
        call.verb,
        call.resource(),
    );
    let refusal = Refusal::new(403, "Forbidden", message);
    Err(match call.kind {
        Some(kind) => refusal.about(kind, &call.name),
        None => refusal,
    })
}

/// Turns away who sends too much.
pub(super) fn throttle(cluster: &Cluster, call: &Call) -> Result<(), Refusal> {
    match described(cluster, &call.user) {
        Some(user) if user.throttled => Err(Refusal::throttled()),
        _ => Ok(()),
    }
}

fn described<'c>(cluster: &'c Cluster, name: &str) -> Option<&'c User> {
    cluster.rules.users.iter().find(|user| user.name == name)
}

fn may(cluster: &Cluster, user: &str, verb: &str, resource: &str) -> bool {
    let granted = described(cluster, user).is_none_or(|user| {
        user.rights
            .iter()
            .any(|(allowed, on)| allowed == verb && on == resource)
    });
    granted
        && !cluster.rules.forbidden.iter().any(|forbidden| {
            (forbidden.verb == "*" || forbidden.verb == verb)
                && (forbidden.resource == "*" || forbidden.resource == resource)
        })
}

/// Answers a SelfSubjectAccessReview by the same rule.
pub(super) fn review(cluster: &Cluster, user: &str, mut review: Value) -> Value {
    let allowed = review
        .pointer("/spec/resourceAttributes")
        .is_none_or(|asked| {
            let resource = text(asked, "/resource").unwrap_or_default();
            let resource = match text(asked, "/subresource").unwrap_or_default() {
                "" => resource.to_owned(),
                subresource => format!("{resource}/{subresource}"),
            };
            let verb = text(asked, "/verb").unwrap_or_default();
            may(cluster, user, verb, &resource)
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
            return Err(Refusal::forbidden(kind, name, &why).with_cause(&json!({
                "reason": "NamespaceTerminating",
                "message": format!("namespace {namespace} is being terminated"),
                "field": "metadata.namespace",
            })));
        }
    }
    let resource = call.resource();
    let denials = &cluster.rules.denials;
    let denies =
        |denial: &&Denial| denial.resource == resource && denial.namespace == call.namespace;
    match denials.iter().find(denies) {
        None => Ok(()),
        Some(Denial { message, .. }) => {
            let refusal = Refusal::forbidden(kind, name, message);
            // A policy repeats its words as a cause, a webhook does not.
            Err(if message.starts_with("ValidatingAdmissionPolicy ") {
                refusal.with_cause(&json!({"message": message}))
            } else {
                refusal
            })
        }
    }
}

/// Lets a pod in if its service account is there: `default`, a moment after its namespace, and no other.
pub(super) fn admit_account(
    cluster: &Cluster,
    kind: Kind,
    namespace: &str,
    name: &str,
    pod: &Value,
) -> Result<(), Refusal> {
    let account = match text(pod, "/spec/serviceAccountName") {
        None | Some("") => "default",
        Some(account) => account,
    };
    if kind != Kind::Pod || (account == "default" && cluster.accounts.contains(namespace)) {
        return Ok(());
    }
    let why = format!(
        "error looking up service account {namespace}/{account}: serviceaccount \"{account}\" not found"
    );
    Err(Refusal::forbidden(kind, name, &why))
}
