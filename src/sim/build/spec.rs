//! The spec of a pod, written from the demands that were read of one. Requests are effective sums, so one container
//! carries them all.

use serde_json::{Map, Value, json};

use crate::core::model::{
    HostPort, LabelSelector, Needs, Operator, PodTerm, Requirement, Resources, Spread, Toleration,
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
    for (kind, terms) in [
        ("podAntiAffinity", &needs.apart),
        ("podAffinity", &needs.near),
    ] {
        if !terms.is_empty() {
            let terms: Vec<_> = terms.iter().map(term).collect();
            spec["affinity"][kind] =
                json!({"requiredDuringSchedulingIgnoredDuringExecution": terms});
        }
    }
    if !needs.spread.is_empty() {
        spec["topologySpreadConstraints"] = needs.spread.iter().map(spread).collect();
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
    for demand in &needs.unjudged {
        match demand.split_once("scheduler ") {
            Some(("", scheduler)) => spec["schedulerName"] = scheduler.into(),
            _ if demand == "resourceClaims" => {
                spec["resourceClaims"] = json!([{"name": "loaded"}]);
            }
            // How much of it is asked for is not known, nor judged.
            _ => spec["containers"][0]["resources"]["requests"][demand] = "1".into(),
        }
    }
    spec
}

fn term(term: &PodTerm) -> Value {
    let mut written = json!({"topologyKey": term.topology_key, "namespaces": term.namespaces});
    if let Some(picked) = &term.selector {
        written["labelSelector"] = selector(picked);
    }
    if let Some(picked) = &term.namespace_selector {
        written["namespaceSelector"] = selector(picked);
    }
    written
}

fn spread(spread: &Spread) -> Value {
    let policy = |honor: bool| if honor { "Honor" } else { "Ignore" };
    let mut written = json!({
        "maxSkew": spread.max_skew, "topologyKey": spread.topology_key,
        "whenUnsatisfiable": "DoNotSchedule", "matchLabelKeys": spread.label_keys,
        "nodeAffinityPolicy": policy(spread.honor_affinity),
        "nodeTaintsPolicy": policy(spread.honor_taints),
    });
    if let Some(picked) = &spread.selector {
        written["labelSelector"] = selector(picked);
    }
    if let Some(least) = spread.min_domains {
        written["minDomains"] = least.into();
    }
    written
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
