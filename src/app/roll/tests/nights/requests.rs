//! What a request of the roll is, by its words alone.

use serde_json::Value;

use crate::core::mark;
use crate::sim::RequestLine;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Request {
    /// Cordon and mark in one patch.
    Cordon {
        before: bool,
    },
    /// A patch that tests the mark and opens the node.
    Uncordon,
    /// Another patch of the mark.
    Mark,
    Evict {
        uid: bool,
    },
    /// The reboot pod itself, by its name.
    Ask(String),
    RemoveAsk(String),
    /// kured's lock taken or given back.
    Kured,
    /// Our Lease made or renewed.
    Hold,
    /// Changes nothing that is not the run's own.
    Other,
    /// What a roll must never send.
    Forbidden(String),
}

impl Request {
    pub(super) fn of(line: &RequestLine) -> Self {
        let own = line.namespace == "aksreboot";
        match (line.verb.as_str(), line.resource.as_str()) {
            ("get" | "list" | "watch", _)
            | ("create", "namespaces" | "selfsubjectaccessreviews") => Self::Other,
            ("patch", "nodes") => patch(line),
            ("create", "pods/eviction") => {
                let body = body(line);
                let uid = body.pointer("/deleteOptions/preconditions/uid");
                Self::Evict {
                    uid: uid.is_some_and(Value::is_string),
                }
            }
            ("create", "pods") if own => {
                // The log keeps the beginning of a body only; the script in it is longer.
                let name = line.body.split_once("\"name\":\"reboot-");
                let name = name.and_then(|(_, rest)| rest.split('"').next());
                match name {
                    Some(rest) if !line.target.contains("dryRun") => {
                        Self::Ask(format!("reboot-{rest}"))
                    }
                    _ => Self::Other,
                }
            }
            ("delete", "pods") if own && line.name.starts_with("reboot-") => {
                Self::RemoveAsk(line.name.clone())
            }
            ("delete", "pods") if own => Self::Other,
            ("create" | "patch", "leases") if own => Self::Hold,
            ("patch", "daemonsets") if line.name == "kured" => {
                let lock_alone = line
                    .body
                    .starts_with("{\"metadata\":{\"annotations\":{\"kured.dev/");
                match (lock_alone, line.target.contains("dryRun")) {
                    (true, true) => Self::Other,
                    (true, false) => Self::Kured,
                    (false, _) => Self::Forbidden(line.to_string()),
                }
            }
            ("delete", "leases") | ("create" | "patch" | "delete", "configmaps") if own => {
                Self::Other
            }
            _ => Self::Forbidden(line.to_string()),
        }
    }

    /// Goes only under a lock that was confirmed just now.
    pub(super) fn is_an_act(&self) -> bool {
        match self {
            Self::Cordon { .. }
            | Self::Uncordon
            | Self::Mark
            | Self::Evict { .. }
            | Self::Ask(_)
            | Self::RemoveAsk(_)
            | Self::Kured => true,
            Self::Hold | Self::Other | Self::Forbidden(_) => false,
        }
    }
}

fn body(line: &RequestLine) -> Value {
    serde_json::from_str(&line.body).unwrap_or_default()
}

fn patch(line: &RequestLine) -> Request {
    let body = body(line);
    let Some(operations) = body.as_array() else {
        let mark = body["metadata"]["annotations"][mark::KEY].as_str();
        let mark = mark.and_then(|mark| serde_json::from_str::<Value>(mark).ok());
        let versioned = body["metadata"]["resourceVersion"].is_string();
        let cordons = body["spec"] == serde_json::json!({"unschedulable": true});
        return match mark {
            Some(mark) if versioned && cordons => Request::Cordon {
                before: mark["cordonedBefore"] == true,
            },
            _ => Request::Forbidden(line.to_string()),
        };
    };
    let first = operations.first();
    let tests_mark = first.is_some_and(|first| {
        first["op"] == "test" && first["path"] == "/metadata/annotations/aksreboot.dev~1run"
    });
    let opens = operations
        .iter()
        .any(|one| one["op"] == "remove" && one["path"] == "/spec/unschedulable");
    match (tests_mark, opens) {
        (true, true) => Request::Uncordon,
        (true, false) => Request::Mark,
        (false, _) => Request::Forbidden(line.to_string()),
    }
}
