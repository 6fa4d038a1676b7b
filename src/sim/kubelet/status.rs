//! What a kubelet writes into the status of its pods.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::sim::cluster::Cluster;
use crate::sim::json::{self, entry, set, set_condition, text};
use crate::sim::kind::Kind;
use crate::sim::store::{Key, Object};

/// The image of the first container; every pod here has one.
pub(super) fn image(pod: &Value) -> &str {
    text(pod, "/spec/containers/0/image").unwrap_or_default()
}

/// Seen, and waiting for the reason given.
pub(super) fn waiting(cluster: &mut Cluster, pod: &Arc<Object>, reason: &str, message: &str) {
    let ip = host_ip(cluster, pod);
    let state = super::waiting_state(reason, message);
    change(cluster, pod, |value, now| {
        set(value, "/status/phase", "Pending");
        set(value, "/status/hostIP", ip.as_str());
        let started = entry(value, "/status/startTime");
        if started.is_null() {
            *started = now.into();
        }
        conditions(value, now, "False", "ContainersNotReady");
        containers(value, |status| {
            status["ready"] = false.into();
            status["started"] = false.into();
            status["state"] = state.clone();
        });
    });
}

/// The containers run, but for those whose images are absent; whether they are of any use is another matter.
pub(super) fn running(
    cluster: &mut Cluster,
    pod: &Arc<Object>,
    absent: &[String],
) -> Option<Arc<Object>> {
    let ip = format!(
        "10.244.{}.{}",
        cluster.chance.below(250),
        cluster.chance.below(250) + 2
    );
    change(cluster, pod, |value, now| {
        set(value, "/status/phase", "Running");
        if text(value, "/status/podIP").is_none() {
            set(value, "/status/podIP", ip.as_str());
            set(value, "/status/podIPs", json!([{"ip": ip}]));
        }
        conditions(value, now, "False", "ContainersNotReady");
        containers(value, |status| {
            let image = text(status, "/image").unwrap_or_default();
            if absent.iter().any(|absent| absent == image) {
                status["state"] = super::never_pulled(image);
            } else {
                status["started"] = true.into();
                status["state"] = json!({"running": {"startedAt": now}});
            }
        });
    })
}

pub(super) fn ready(cluster: &mut Cluster, pod: &Arc<Object>) {
    change(cluster, pod, |value, now| {
        conditions(value, now, "True", "");
        containers(value, |status| status["ready"] = true.into());
    });
}

/// The containers run and are of no use.
pub(super) fn unready(cluster: &mut Cluster, pod: &Arc<Object>) {
    change(cluster, pod, |value, now| {
        conditions(value, now, "False", "ContainersNotReady");
        containers(value, |status| status["ready"] = false.into());
    });
}

/// The machine has booted: the containers that ran are dead and will be made again.
pub(super) fn restarted(cluster: &mut Cluster, pod: &Arc<Object>) {
    change(cluster, pod, |value, now| {
        conditions(value, now, "False", "ContainersNotReady");
        containers(value, |status| {
            let count = json::number(status, "/restartCount").unwrap_or(0);
            status["restartCount"] = (count + 1).into();
            status["ready"] = false.into();
            status["started"] = false.into();
            status["lastState"] =
                json!({"terminated": {"exitCode": 255, "reason": "Unknown", "finishedAt": now}});
            status["state"] = super::waiting_state("ContainerCreating", "");
        });
    });
}

/// So much of a termination message the kubelet keeps, and it keeps the end.
const MESSAGE_KEPT: usize = 4096;

fn kept(message: &str) -> &str {
    let from = message.len().saturating_sub(MESSAGE_KEPT);
    let from = (from..=message.len()).find(|at| message.is_char_boundary(*at));
    from.and_then(|from| message.get(from..))
        .unwrap_or_default()
}

/// The containers ended for good, with this code and these last words.
pub(super) fn finished(
    cluster: &mut Cluster,
    pod: &Arc<Object>,
    exit_code: i32,
    reason: &str,
    message: &str,
) {
    let phase = if exit_code == 0 {
        "Succeeded"
    } else {
        "Failed"
    };
    change(cluster, pod, |value, now| {
        set(value, "/status/phase", phase);
        conditions(
            value,
            now,
            "False",
            if exit_code == 0 {
                "PodCompleted"
            } else {
                "PodFailed"
            },
        );
        containers(value, |status| {
            let started = text(status, "/state/running/startedAt")
                .unwrap_or(now)
                .to_owned();
            let mut terminated = json!({
                "exitCode": exit_code, "reason": reason, "startedAt": started, "finishedAt": now,
            });
            if !message.is_empty() {
                terminated["message"] = kept(message).into();
            }
            status["ready"] = false.into();
            status["started"] = false.into();
            status["state"] = json!({"terminated": terminated});
        });
    });
}

/// The pod ran for longer than it may.
pub(super) fn deadline_exceeded(cluster: &mut Cluster, pod: &Arc<Object>) {
    let message_left = super::own::left_message(pod);
    let ran = text(
        &pod.read(),
        "/status/containerStatuses/0/state/running/startedAt",
    )
    .is_some();
    change(cluster, pod, |value, now| {
        set(value, "/status/phase", "Failed");
        set(value, "/status/reason", "DeadlineExceeded");
        let message = "Pod was active on the node longer than the specified deadline";
        set(value, "/status/message", message);
        conditions(value, now, "False", "PodFailed");
        if ran {
            containers(value, |status| {
                let terminated = json!({
                    "exitCode": 137, "reason": "Error", "finishedAt": now, "message": message_left,
                });
                status["ready"] = false.into();
                status["state"] = json!({"terminated": terminated});
            });
        }
    });
}

/// The containers of a deleted pod have ended.
pub(super) fn set_ended(pod: &mut Value) {
    if !matches!(text(pod, "/status/phase"), Some("Succeeded" | "Failed")) {
        set(pod, "/status/phase", "Failed");
    }
    let conditions = json::at_mut(pod, "/status/conditions");
    if let Some(conditions) = conditions.and_then(Value::as_array_mut) {
        for condition in conditions {
            if matches!(text(condition, "/type"), Some("Ready" | "ContainersReady")) {
                condition["status"] = "False".into();
            }
        }
    }
}

fn change(
    cluster: &mut Cluster,
    pod: &Arc<Object>,
    write: impl FnOnce(&mut Value, &str),
) -> Option<Arc<Object>> {
    let now = cluster.time();
    cluster.update_status(Kind::Pod, &pod.key, |value| write(value, &now))
}

fn conditions(value: &mut Value, now: &str, ready: &str, reason: &str) {
    for (name, status) in [
        ("PodReadyToStartContainers", "True"),
        ("Initialized", "True"),
        ("Ready", ready),
        ("ContainersReady", ready),
        ("PodScheduled", "True"),
    ] {
        let reason = Some(reason).filter(|reason| status == "False" && !reason.is_empty());
        let known = json::at_mut(value, "/status/conditions")
            .and_then(Value::as_array_mut)
            .and_then(|known| known.iter_mut().find(|known| known["type"] == name));
        let Some(condition) = known else {
            let mut condition = json!({"type": name, "status": status});
            if let Some(reason) = reason {
                condition["reason"] = reason.into();
            }
            set_condition(value, condition, now);
            continue;
        };
        // Most stay as they are, and this is written with every step of every pod.
        if condition["status"] != status {
            condition["status"] = status.into();
            condition["lastTransitionTime"] = now.into();
        }
        match reason {
            Some(reason) if condition["reason"] == reason => {}
            Some(reason) => condition["reason"] = reason.into(),
            None => {
                json::unset(condition, "/reason");
            }
        }
    }
}

/// Writes each container's status, made from the spec when it is not there yet.
fn containers(pod: &mut Value, write: impl Fn(&mut Value)) {
    let statuses = json::list(pod, "/spec/containers")
        .iter()
        .enumerate()
        .map(|(index, container)| {
            let known = json::list(pod, "/status/containerStatuses").get(index);
            let mut status = known.cloned().unwrap_or_else(|| {
                let image = text(container, "/image").unwrap_or_default();
                json!({
                    "name": container["name"], "image": image, "imageID": "", "restartCount": 0,
                    "ready": false, "started": false, "lastState": {},
                })
            });
            write(&mut status);
            status
        })
        .collect::<Vec<_>>();
    set(pod, "/status/containerStatuses", statuses);
}

fn host_ip(cluster: &Cluster, pod: &Object) -> String {
    cluster
        .store
        .get(Kind::Node, &Key::of_cluster(pod.index.node.as_str()))
        .and_then(|node| node.node()?.internal_ip.clone())
        .unwrap_or_default()
}
