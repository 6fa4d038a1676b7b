//! How far one of our pods has come, judged by our own container's status, by name: a sidecar that somebody injects
//! may keep the pod's phase from ever being finished, and ends with a code of its own.

use serde::Deserialize;

/// The fields of one of our pods that its progress rests on.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(crate) struct SlimPod {
    pub(crate) metadata: SlimMetadata,
    status: SlimStatus,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct SlimMetadata {
    pub(crate) name: String,
    pub(crate) uid: String,
    pub(crate) resource_version: String,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct SlimStatus {
    phase: String,
    reason: String,
    message: String,
    container_statuses: Vec<SlimContainer>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
struct SlimContainer {
    name: String,
    state: SlimState,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
struct SlimState {
    waiting: Option<SlimWaiting>,
    running: Option<serde::de::IgnoredAny>,
    terminated: Option<SlimTerminated>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
struct SlimWaiting {
    reason: String,
    message: String,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct SlimTerminated {
    exit_code: i32,
    reason: String,
    message: String,
}

/// Where a pod of ours stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PodProgress {
    /// The kubelet has not taken it up.
    Accepted,
    /// Our container waits, for what: `ContainerCreating`, `ErrImagePull` …
    Waiting {
        reason: String,
        message: String,
    },
    Running,
    Ended(Ended),
    /// The kubelet refused or ended the pod as a whole: `OutOfcpu`, `DeadlineExceeded` …
    Refused {
        reason: String,
        message: String,
    },
}

/// Our container's end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ended {
    pub(crate) exit_code: i32,
    /// `Completed`, `Error`, `OOMKilled` …
    pub(crate) reason: String,
    /// The termination message: the last 4096 bytes of what the container wrote for it.
    pub(crate) message: String,
}

/// Where `pod` stands, by its container `container`.
pub(crate) fn progress(pod: &SlimPod, container: &str) -> PodProgress {
    let status = &pod.status;
    let state = status
        .container_statuses
        .iter()
        .find(|status| status.name == container)
        .map(|status| &status.state);
    // A container that ended by itself says more than the pod, whatever became of the pod since. A refused pod may
    // carry a made-up end of a container that never ran.
    if status.phase == "Failed" && !status.reason.is_empty() {
        let ended = state
            .and_then(|state| state.terminated.as_ref())
            .filter(|ended| ended.exit_code == 0);
        if ended.is_none() {
            return PodProgress::Refused {
                reason: status.reason.clone(),
                message: status.message.clone(),
            };
        }
    }
    match state {
        Some(SlimState {
            terminated: Some(ended),
            ..
        }) => PodProgress::Ended(Ended {
            exit_code: ended.exit_code,
            reason: ended.reason.clone(),
            message: ended.message.clone(),
        }),
        Some(SlimState {
            running: Some(_), ..
        }) => PodProgress::Running,
        Some(SlimState {
            waiting: Some(waiting),
            ..
        }) => PodProgress::Waiting {
            reason: waiting.reason.clone(),
            message: waiting.message.clone(),
        },
        _ => PodProgress::Accepted,
    }
}

impl std::fmt::Display for PodProgress {
    /// What the pod is doing, as the end of a sentence.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Accepted => f.write_str("not taken up by the kubelet"),
            Self::Waiting { reason, message } if message.is_empty() => {
                write!(f, "waiting: {reason}")
            }
            Self::Waiting { reason, message } => write!(f, "waiting: {reason}: {message}"),
            Self::Running => f.write_str("running"),
            Self::Ended(ended) => write!(f, "ended: {}", ended.reason),
            Self::Refused { reason, message } if message.is_empty() => {
                write!(f, "refused: {reason}")
            }
            Self::Refused { reason, message } => write!(f, "refused: {reason}: {message}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(status: impl Into<serde_json::Value>) -> PodProgress {
        let pod = serde_json::from_value(
            serde_json::json!({"metadata": {"name": "p"}, "status": status.into()}),
        )
        .expect("a pod");
        progress(&pod, "probe")
    }

    #[test]
    fn a_sidecar_that_runs_on_does_not_hide_our_end() {
        assert_eq!(
            of(
                serde_json::json!({"phase": "Running", "containerStatuses": [
                    {"name": "sidecar", "state": {"running": {}}},
                    {"name": "probe", "state": {"terminated": {"exitCode": 0, "reason": "Completed", "message": "m"}}},
                ]})
            ),
            PodProgress::Ended(Ended {
                exit_code: 0,
                reason: "Completed".into(),
                message: "m".into()
            })
        );
    }

    #[test]
    fn a_sidecars_end_is_not_ours() {
        assert_eq!(
            of(serde_json::json!({"phase": "Failed", "containerStatuses": [
                {"name": "sidecar", "state": {"terminated": {"exitCode": 1, "reason": "Error"}}},
                {"name": "probe", "state": {"running": {"startedAt": "2026-01-01T00:00:00Z"}}},
            ]})),
            PodProgress::Running
        );
    }

    #[test]
    fn a_kubelet_without_room_refuses_the_pod_as_a_whole() {
        assert_eq!(
            of(serde_json::json!({"phase": "Failed", "reason": "OutOfcpu", "message": "no cpu"})),
            PodProgress::Refused {
                reason: "OutOfcpu".into(),
                message: "no cpu".into()
            }
        );
    }

    #[test]
    fn a_deadline_is_no_end_of_the_container() {
        assert_eq!(
            of(
                serde_json::json!({"phase": "Failed", "reason": "DeadlineExceeded", "containerStatuses": [
                    {"name": "probe", "state": {"terminated": {"exitCode": 137, "reason": "Error"}}},
                ]})
            ),
            PodProgress::Refused {
                reason: "DeadlineExceeded".into(),
                message: String::new()
            }
        );
    }

    #[test]
    fn a_pod_nobody_took_up_is_accepted_only() {
        assert_eq!(
            of(serde_json::json!({"phase": "Pending"})),
            PodProgress::Accepted
        );
    }
}
