//! Nodes as a Table: the cells that `kubectl get nodes -o wide` shows, made by the server.

use std::sync::Arc;
use std::time::Duration;

use hyper::body::Bytes;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::sim::cluster::Cluster;
use crate::sim::json::{condition, flag, list, text, texts};
use crate::sim::store::Object;

/// Name, format and priority of each column; a priority above zero is for the wide table.
const COLUMNS: [(&str, &str, u8); 10] = [
    ("Name", "name", 0),
    ("Status", "", 0),
    ("Roles", "", 0),
    ("Age", "", 0),
    ("Version", "", 0),
    ("Internal-IP", "", 1),
    ("External-IP", "", 1),
    ("OS-Image", "", 1),
    ("Kernel-Version", "", 1),
    ("Container-Runtime", "", 1),
];

/// The Table of these nodes as JSON. Rows are put together from the stored bytes: a list of nodes can be long.
pub(super) fn nodes(
    cluster: &Cluster,
    nodes: &[Arc<Object>],
    metadata: &Value,
    include_object: Option<&str>,
) -> Bytes {
    let now = cluster.clock.timestamp(cluster.now);
    let columns: Vec<_> = COLUMNS
        .iter()
        .map(|(name, format, priority)| {
            json!({
                "name": name, "type": "string", "format": format, "description": "",
                "priority": priority,
            })
        })
        .collect();
    let columns = Value::from(columns);
    let mut out = format!(
        "{{\"kind\":\"Table\",\"apiVersion\":\"meta.k8s.io/v1\",\"metadata\":{metadata},\
         \"columnDefinitions\":{columns},\"rows\":["
    )
    .into_bytes();
    for (index, node) in nodes.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        out.extend_from_slice(b"{\"cells\":");
        let cells = Value::from(cells(&looked_at(&node.text.whole()), now));
        out.extend_from_slice(cells.to_string().as_bytes());
        out.extend_from_slice(b",\"object\":");
        match include_object {
            Some("None") => out.extend_from_slice(b"null"),
            Some("Object") => out.extend_from_slice(&cluster.rendered(node).concat()),
            _ => {
                out.extend_from_slice(&node.text.metadata_alone());
            }
        }
        out.push(b'}');
    }
    out.extend_from_slice(b"]}");
    out.into()
}

/// The parts of a Node that its row is made of: most of one is images and volumes.
fn looked_at(json: &[u8]) -> Value {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Parts {
        metadata: Metadata,
        spec: Spec,
        status: Status,
    }
    #[derive(Default, Deserialize)]
    #[serde(rename_all = "camelCase", default)]
    struct Metadata {
        name: Value,
        creation_timestamp: Value,
        labels: Value,
    }
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Spec {
        unschedulable: Value,
    }
    #[derive(Default, Deserialize)]
    #[serde(rename_all = "camelCase", default)]
    struct Status {
        node_info: Value,
        conditions: Value,
        addresses: Value,
    }
    let Parts {
        metadata,
        spec,
        status,
    } = serde_json::from_slice(json).unwrap_or_default();
    json!({
        "metadata": {
            "name": metadata.name, "creationTimestamp": metadata.creation_timestamp,
            "labels": metadata.labels,
        },
        "spec": {"unschedulable": spec.unschedulable},
        "status": {
            "nodeInfo": status.node_info, "conditions": status.conditions,
            "addresses": status.addresses,
        },
    })
}

fn cells(node: &Value, now: Timestamp) -> Vec<String> {
    let own = |pointer| text(node, pointer).unwrap_or_default().to_owned();
    let or_unknown = |text: String| {
        if text.is_empty() {
            "<unknown>".into()
        } else {
            text
        }
    };
    let created = own("/metadata/creationTimestamp").parse::<Timestamp>();
    let age = created.map_or_else(
        |_| "<unknown>".into(),
        |created| age(now.duration_since(created).unsigned_abs()),
    );
    vec![
        own("/metadata/name"),
        status(node),
        roles(node),
        age,
        own("/status/nodeInfo/kubeletVersion"),
        address(node, "InternalIP"),
        address(node, "ExternalIP"),
        or_unknown(own("/status/nodeInfo/osImage")),
        or_unknown(own("/status/nodeInfo/kernelVersion")),
        or_unknown(own("/status/nodeInfo/containerRuntimeVersion")),
    ]
}

fn status(node: &Value) -> String {
    let ready = match condition(node, "Ready").and_then(|ready| text(ready, "/status")) {
        Some("True") => "Ready",
        Some(_) => "NotReady",
        None => "Unknown",
    };
    if flag(node, "/spec/unschedulable") {
        format!("{ready},SchedulingDisabled")
    } else {
        ready.to_owned()
    }
}

fn roles(node: &Value) -> String {
    let roles: Vec<_> = texts(node, "/metadata/labels")
        .into_keys()
        .filter_map(|key| Some(key.strip_prefix("node-role.kubernetes.io/")?.to_owned()))
        .collect();
    if roles.is_empty() {
        "<none>".into()
    } else {
        roles.join(",")
    }
}

fn address(node: &Value, kind: &str) -> String {
    list(node, "/status/addresses")
        .iter()
        .find(|address| text(address, "/type") == Some(kind))
        .and_then(|address| text(address, "/address"))
        .unwrap_or("<none>")
        .to_owned()
}

/// A duration in the two units that kubectl would give it.
fn age(age: Duration) -> String {
    let seconds = age.as_secs();
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    let two = |big: u64, unit: &str, small: u64, of: &str| {
        if small == 0 {
            format!("{big}{unit}")
        } else {
            format!("{big}{unit}{small}{of}")
        }
    };
    match seconds {
        0..120 => format!("{seconds}s"),
        120..600 => two(minutes, "m", seconds % 60, "s"),
        600..10_800 => format!("{minutes}m"),
        10_800..28_800 => two(hours, "h", minutes % 60, "m"),
        28_800..172_800 => format!("{hours}h"),
        172_800..691_200 => two(days, "d", hours % 24, "h"),
        691_200..63_072_000 => format!("{days}d"),
        63_072_000..252_288_000 => two(days / 365, "y", days % 365, "d"),
        _ => format!("{}y", days / 365),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::age;

    #[test]
    fn an_age_is_written_as_kubectl_writes_it() {
        let written = [
            90,
            150,
            7200,
            4 * 3600 + 300,
            86_400,
            3 * 86_400 + 7200,
            60 * 86_400,
        ]
        .map(|seconds| age(Duration::from_secs(seconds)));
        assert_eq!(
            written,
            ["90s", "2m30s", "120m", "4h5m", "24h", "3d2h", "60d"]
        );
    }
}
