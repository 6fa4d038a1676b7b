//! The spec of a pod, written from the demands that were read of one. Requests are effective sums, so one container
//! carries them all.

use serde_json::{Map, Value, json};

use crate::core::model::{
    HostPort, LabelSelector, Needs, Operator, Requirement, Resources, Toleration,
};

pub(super) fn spec(needs: &Needs, empty_dir: bool) -> Value {
    let ports: Vec<_> = needs.ports.iter().map(port).collect();
    let mut container = json!({
        "name": "main",
        "image": "loaded.invalid/main:1",
        "resources": {"requests": amounts(needs.requests)},
    });
    if !ports.is_empty() {
        container["ports"] = ports.into();
    }
    let mut spec = json!({"containers": [container]});
    if !needs.selector.is_empty() {
        spec["nodeSelector"] = json!(needs.selector);
    }
    if let Some(terms) = &needs.affinity {
        let terms: Vec<_> = terms
            .iter()
            .map(|term| {
                json!({
                    "matchExpressions": requirements(&term.labels),
                    "matchFields": requirements(&term.fields),
                })
            })
            .collect();
        let required = json!({"nodeSelectorTerms": terms});
        spec["affinity"]["nodeAffinity"] =
            json!({"requiredDuringSchedulingIgnoredDuringExecution": required});
    }
    if !needs.apart.is_empty() {
        let terms: Vec<_> = needs
            .apart
            .iter()
            .map(|apart| {
                let mut term =
                    json!({"topologyKey": apart.topology_key, "namespaces": apart.namespaces});
                if let Some(picked) = &apart.selector {
                    term["labelSelector"] = selector(picked);
                }
                term
            })
            .collect();
        spec["affinity"]["podAntiAffinity"] =
            json!({"requiredDuringSchedulingIgnoredDuringExecution": terms});
    }
    if !needs.tolerations.is_empty() {
        spec["tolerations"] = needs.tolerations.iter().map(toleration).collect();
    }
    let mut volumes: Vec<Value> = Vec::new();
    if empty_dir {
        volumes.push(json!({"name": "scratch", "emptyDir": {}}));
    }
    volumes.extend(needs.claims.iter().enumerate().map(|(number, claim)| {
        json!({"name": format!("claim-{number}"), "persistentVolumeClaim": {"claimName": claim}})
    }));
    if !volumes.is_empty() {
        spec["volumes"] = volumes.into();
    }
    if needs.priority != 0 {
        spec["priority"] = needs.priority.into();
    }
    spec
}

/// Processor and memory as the API writes them.
pub(super) fn amounts(resources: Resources) -> Value {
    let mut amounts = Map::new();
    if resources.milli_cpu > 0 {
        amounts.insert("cpu".into(), format!("{}m", resources.milli_cpu).into());
    }
    if resources.memory > 0 {
        amounts.insert("memory".into(), resources.memory.to_string().into());
    }
    amounts.into()
}

pub(super) fn selector(selector: &LabelSelector) -> Value {
    json!({
        "matchLabels": selector.equal,
        "matchExpressions": requirements(&selector.expressions),
    })
}

fn requirements(requirements: &[Requirement]) -> Value {
    requirements
        .iter()
        .map(|requirement| {
            let operator = match requirement.operator {
                Operator::In => "In",
                Operator::NotIn => "NotIn",
                Operator::Exists => "Exists",
                Operator::DoesNotExist => "DoesNotExist",
                Operator::Gt => "Gt",
                Operator::Lt => "Lt",
                Operator::Unknown => "Unknown",
            };
            json!({"key": requirement.key, "operator": operator, "values": requirement.values})
        })
        .collect()
}

fn toleration(toleration: &Toleration) -> Value {
    let mut written = json!({"key": toleration.key, "effect": toleration.effect});
    match &toleration.value {
        Some(value) => {
            written["operator"] = "Equal".into();
            written["value"] = value.as_str().into();
        }
        None => written["operator"] = "Exists".into(),
    }
    if let Some(seconds) = toleration.seconds {
        written["tolerationSeconds"] = seconds.into();
    }
    written
}

fn port(port: &HostPort) -> Value {
    json!({
        "containerPort": port.port, "hostPort": port.port, "protocol": port.protocol,
        "hostIP": port.address,
    })
}
