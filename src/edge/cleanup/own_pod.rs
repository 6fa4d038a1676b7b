//! One of our pods, from its JSON. What is not there, or is not ours, is taken for what removes least.

use std::time::Duration;

use serde_json::Value;

use crate::core::cleanup::{OwnPod, PodEnd, Whose};
use crate::core::model::{BootId, NodeName, RunId, Uid};
use crate::edge::node::{
    DEBUG_AWAITED, DEBUG_CONTAINER, DEBUG_MANAGED_BY, NAMESPACE, PURPOSE, REBOOT_CONTAINER, RUN,
    certain_refusal,
};

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
    let is_debug = label(DEBUG_MANAGED_BY.0).as_deref() == Some(DEBUG_MANAGED_BY.1);
    let awaited = awaited(spec);
    let whose = if has_owner {
        Whose::Others
    } else if is_debug {
        let named_so = name.starts_with(DEBUGGER);
        match awaited {
            Some(_) if named_so => Whose::Ours,
            _ => Whose::Kubectl,
        }
    } else if namespace == NAMESPACE || !purpose.is_empty() {
        Whose::Ours
    } else {
        // Elsewhere the label alone may be anybody's.
        Whose::Others
    };
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
            .map(Duration::from_secs)
            .or(awaited),
        end: end(&pod["status"]),
        whose,
        namespace,
        name,
        purpose,
    }
}

/// The boot that a reboot pod was made to end.
fn boot(spec: &Value) -> Option<BootId> {
    variable(&spec["containers"][0], "BOOT_ID").map(BootId::new)
}

/// How long a debug pod is waited for, which only those of aksreboot say.
fn awaited(spec: &Value) -> Option<Duration> {
    let containers = spec["containers"].as_array()?;
    let debugger = containers
        .iter()
        .find(|container| container["name"] == DEBUG_CONTAINER)?;
    let seconds = variable(debugger, DEBUG_AWAITED)?.parse().ok()?;
    Some(Duration::from_secs(seconds))
}

fn variable<'c>(container: &'c Value, name: &str) -> Option<&'c str> {
    let variables = container["env"].as_array()?;
    let variable = variables.iter().find(|variable| variable["name"] == name)?;
    variable["value"].as_str()
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
            own_pod(&pod).whose
        };
        assert_eq!(of("aksreboot", "probe-x", json!({})), Whose::Ours);
        assert_eq!(of("shop", "web-1", json!({})), Whose::Others);
        assert_eq!(
            of("shop", "node-debugger-n1-abcde", json!({})),
            Whose::Others
        );
        let owners = json!({"ownerReferences": [{"kind": "Job", "name": "j"}]});
        assert_eq!(of("aksreboot", "probe-x", owners), Whose::Others);
    }

    #[test]
    fn a_debug_pod_is_ours_when_it_says_how_long_it_is_waited_for() {
        let of = |name: &str, env: Value, owners: Value| {
            own_pod(&json!({
                "metadata": {
                    "namespace": "shop", "name": name, "ownerReferences": owners,
                    "labels": {"app.kubernetes.io/managed-by": "kubectl-debug"},
                },
                "spec": {"containers": [
                    {"name": "sidecar"},
                    {"name": "debugger", "env": env},
                ]},
            }))
        };
        let name = "node-debugger-n1-abcde";
        let awaited =
            || json!([{"name": "NONCE", "value": "x"}, {"name": "AWAITED_SECONDS", "value": "70"}]);
        let ours = of(name, awaited(), Value::Null);
        assert_eq!(ours.whose, Whose::Ours);
        assert_eq!(ours.lifetime, Some(Duration::from_secs(70)));
        let theirs = json!([{"name": "NONCE", "value": "x"}]);
        assert_eq!(of(name, theirs, Value::Null).whose, Whose::Kubectl);
        let odd = json!([{"name": "AWAITED_SECONDS", "value": "soon"}]);
        assert_eq!(of(name, odd, Value::Null).whose, Whose::Kubectl);
        assert_eq!(of("web-1", awaited(), Value::Null).whose, Whose::Kubectl);
        let owners = json!([{"kind": "Job", "name": "j"}]);
        assert_eq!(of(name, awaited(), owners).whose, Whose::Others);
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
