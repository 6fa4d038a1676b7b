//! What the API server fills into new objects.

use serde_json::{Value, json};

use super::refusal::Refusal;
use crate::sim::json::{self, entry, set};
use crate::sim::kind::Kind;

/// A new object with its defaults.
pub(super) fn of(kind: Kind, value: Value) -> Value {
    match kind {
        Kind::Pod => pod(value),
        Kind::Deployment | Kind::ReplicaSet | Kind::StatefulSet => replicated(value),
        Kind::Namespace => namespace(value),
        Kind::Lease => lease(value),
        _ => value,
    }
}

/// Refuses what does not fit into the kind's types. Only what aksreboot writes is looked at.
pub(super) fn decode(kind: Kind, value: &Value) -> Result<(), Refusal> {
    let data = value.pointer("/data").and_then(Value::as_object);
    let wrong = data
        .filter(|_| kind == Kind::ConfigMap)
        .and_then(|data| data.values().find(|value| !value.is_string()));
    match wrong {
        None => Ok(()),
        Some(wrong) => {
            let what = match wrong {
                Value::Number(_) => "number",
                Value::Bool(_) => "bool",
                Value::Array(_) => "array",
                _ => "object",
            };
            Err(Refusal::bad_request(format!(
                "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: json: cannot unmarshal {what} into Go \
                 struct field ConfigMap.data of type string"
            )))
        }
    }
}

/// The label by which selectors find a namespace, and the finalizer of the controller that empties it.
fn namespace(mut value: Value) -> Value {
    let name = json::text(&value, "/metadata/name")
        .unwrap_or_default()
        .to_owned();
    *json::member(
        entry(&mut value, "/metadata/labels"),
        "kubernetes.io/metadata.name",
    ) = name.into();
    set(&mut value, "/spec/finalizers", json!(["kubernetes"]));
    value
}

fn lease(mut value: Value) -> Value {
    let spec = entry(&mut value, "/spec");
    if spec.is_null() {
        *spec = json!({});
    }
    value
}

fn replicated(mut value: Value) -> Value {
    let replicas = entry(&mut value, "/spec/replicas");
    if replicas.is_null() {
        *replicas = 1.into();
    }
    value
}

/// A pod as it is admitted: Pending, with the usual tolerations of an unhealthy node for five minutes.
pub(in crate::sim) fn pod(mut value: Value) -> Value {
    for (pointer, default) in [
        ("/spec/restartPolicy", json!("Always")),
        ("/spec/terminationGracePeriodSeconds", json!(30)),
        ("/spec/dnsPolicy", json!("ClusterFirst")),
        ("/spec/schedulerName", json!("default-scheduler")),
        ("/spec/securityContext", json!({})),
    ] {
        let member = entry(&mut value, pointer);
        if member.is_null() {
            *member = default;
        }
    }
    let mut tolerations = json::list(&value, "/spec/tolerations").to_vec();
    for key in [
        "node.kubernetes.io/not-ready",
        "node.kubernetes.io/unreachable",
    ] {
        let tolerated = tolerations.iter().any(|toleration| {
            let own = json::text(toleration, "/key").unwrap_or_default();
            let effect = json::text(toleration, "/effect").unwrap_or_default();
            (own == key || own.is_empty()) && matches!(effect, "" | "NoExecute")
        });
        if !tolerated {
            tolerations.push(json!({
                "key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300,
            }));
        }
    }
    set(&mut value, "/spec/tolerations", tolerations);
    value["status"] = json!({"phase": "Pending", "qosClass": "BestEffort"});
    value
}
