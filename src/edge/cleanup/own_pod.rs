//! One of our pods, from its JSON. What is not there, or is not ours, is taken for what removes least.

use std::time::Duration;

use serde_json::Value;

use crate::core::cleanup::{OwnPod, PodEnd};
use crate::core::model::{BootId, NodeName, RunId, Uid};
use crate::edge::node::{NAMESPACE, PURPOSE, REBOOT_CONTAINER, RUN, certain_refusal};

/// How `kubectl debug node/…` begins the names of its pods.
const DEBUGGER: &str = "node-debugger-";

pub(super) fn own_pod(pod: &Value) -> OwnPod {
    let (meta, spec) = (&pod["metadata"], &pod["spec"]);
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let label = |key: &str| text(&meta["labels"][key]);
    let namespace = text(&meta["namespace"]).unwrap_or_default();
    let name = text(&meta["name"]).unwrap_or_default();
    let purpose = label(PURPOSE).unwrap_or_default();
    let has_owner = meta["ownerReferences"]
        .as_array()
        .is_some_and(|owners| !owners.is_empty());
    // Elsewhere the label alone may be anybody's.
    let looks_like_ours =
        namespace == NAMESPACE || !purpose.is_empty() || name.starts_with(DEBUGGER);
    OwnPod {
        uid: Uid::new(text(&meta["uid"]).unwrap_or_default()),
        run: label(RUN).map(RunId::new),
        node: text(&spec["nodeName"]).map(NodeName::new),
        boot: boot(spec),
        created: meta["creationTimestamp"]
            .as_str()
            .and_then(|time| time.parse().ok()),
        lifetime: spec["activeDeadlineSeconds"]
            .as_u64()
            .map(Duration::from_secs),
        end: end(&pod["status"]),
        owned: has_owner || !looks_like_ours,
        namespace,
        name,
        purpose,
    }
}

/// The boot that a reboot pod was made to end.
fn boot(spec: &Value) -> Option<BootId> {
    let variables = spec["containers"][0]["env"].as_array()?;
    let variable = variables
        .iter()
        .find(|variable| variable["name"] == "BOOT_ID")?;
    Some(BootId::new(variable["value"].as_str()?))
}

fn end(status: &Value) -> PodEnd {
    let statuses = status["containerStatuses"].as_array();
    let ended = statuses
        .into_iter()
        .flatten()
        .filter(|container| container["name"] == REBOOT_CONTAINER)
        .map(|container| &container["state"]["terminated"])
        .find(|ended| !ended.is_null());
    let refusal = ended
        .and_then(|ended| ended["message"].as_str())
        .and_then(certain_refusal);
    let phase = status["phase"].as_str().unwrap_or_default();
    match refusal {
        Some(why) => PodEnd::RefusedToAsk { why },
        // It is never started again, whatever sidecar still runs.
        None if ended.is_some() || matches!(phase, "Succeeded" | "Failed") => PodEnd::Finished,
        None => PodEnd::Running,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_label_alone_makes_no_pod_ours() {
        let of = |namespace: &str, name: &str, more: Value| {
            let mut pod = json!({"metadata": {"namespace": namespace, "name": name, "labels": {"app.kubernetes.io/managed-by": "aksreboot"}}});
            if let Some(fields) = more.as_object() {
                for (key, value) in fields {
                    pod["metadata"][key] = value.clone();
                }
            }
            own_pod(&pod).owned
        };
        assert!(!of("aksreboot", "probe-x", json!({})));
        assert!(of("shop", "web-1", json!({})));
        assert!(!of("shop", "node-debugger-n1-abcde", json!({})));
        let owners = json!({"ownerReferences": [{"kind": "Job", "name": "j"}]});
        assert!(of("aksreboot", "probe-x", owners));
    }

    #[test]
    fn only_a_certain_refusal_is_one() {
        let of = |status: Value| own_pod(&json!({"status": status})).end;
        let ended = |message: &str| json!({"phase": "Failed", "containerStatuses": [{"name": "reboot", "state": {"terminated": {"exitCode": 3, "message": message}}}]});
        assert!(matches!(
            of(ended("aksreboot-reboot 1\nrefused init\n")),
            PodEnd::RefusedToAsk { .. }
        ));
        assert_eq!(of(ended("aksreboot-reboot 1\nasking\n")), PodEnd::Finished);
        assert_eq!(of(json!({"phase": "Failed"})), PodEnd::Finished);
        assert_eq!(of(json!({"phase": "Pending"})), PodEnd::Running);
        assert_eq!(of(json!({})), PodEnd::Running);
    }
}
