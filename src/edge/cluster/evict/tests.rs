//! Every answer that the API server has for an eviction, row by row of the table in docs/drain.md, and what becomes of it.

use kube::core::Status;
use serde_json::{Value, json};

use super::*;

/// What the drain makes of an answer.
#[derive(Debug, PartialEq, Eq)]
enum Made {
    /// The pod is gone, as far as this node is concerned.
    Gone,
    /// Tried again, for this pod alone: the budget's name, or what else.
    Again(&'static str),
    /// Not before so many seconds.
    Later(u64),
    /// It will never go.
    Never(&'static str),
    /// Nobody knows; tried again after a pause of all requests.
    Lost,
}

const POD: &str = "web-0";

#[expect(
    clippy::needless_pass_by_value,
    reason = "rows read better without a borrow"
)]
fn answered(code: u16, reason: &str, message: &str, details: Value) -> Made {
    let status: Status = serde_json::from_value(json!({
        "kind": "Status", "status": "Failure", "code": code, "reason": reason, "message": message,
        "details": details,
    }))
    .expect("a Status");
    let pod = PodKey {
        namespace: "default".into(),
        name: POD.into(),
    };
    let refusal = Refusal::from(kube::Error::Api(Box::new(status)));
    made(&judge(refusal, &pod, Duration::ZERO))
}

fn made(evicted: &Evicted) -> Made {
    match evicted {
        Evicted::Gone => Made::Gone,
        Evicted::Lost(Reason::ApiUnavailable { .. }) => Made::Lost,
        Evicted::Lost(other) => panic!("{other:?}"),
        Evicted::Answer(Eviction::Granted) => panic!("granted"),
        Evicted::Answer(Eviction::Blocked {
            reason, not_before, ..
        }) => match reason {
            _ if !not_before.is_zero() => Made::Later(not_before.as_secs()),
            Reason::Budget { budget, .. } if budget == "web" => Made::Again("budget web"),
            Reason::Throttled => Made::Again("throttled"),
            // The code is a field of its own.
            Reason::EvictionFailed { message, .. } if !message.ends_with(')') => {
                Made::Again("failed")
            }
            other => panic!("{other:?}"),
        },
        Evicted::Answer(Eviction::Denied(reason)) => match reason {
            Reason::SeveralBudgets { .. } => Made::Never("several budgets"),
            Reason::EvictionFailed { .. } => Made::Never("refused"),
            other => panic!("{other:?}"),
        },
    }
}

fn budget(message: &str) -> Value {
    json!({"causes": [{"reason": "DisruptionBudget", "message": message}]})
}

#[test]
fn a_budget_without_room_is_named_and_asked_again_and_throttling_is_never_called_one() {
    let shut = budget("The disruption budget web needs 2 healthy pods and has 2 currently");
    let message = "Cannot evict pod as it would violate the pod's disruption budget.";
    assert_eq!(
        answered(429, "TooManyRequests", message, shut),
        Made::Again("budget web")
    );
    let mut behind = budget("The disruption budget web is still being processed by the server.");
    behind["retryAfterSeconds"] = 10.into();
    assert_eq!(
        answered(429, "TooManyRequests", message, behind),
        Made::Later(10)
    );
    let slow = json!({"retryAfterSeconds": 3});
    assert_eq!(
        answered(429, "TooManyRequests", "Too many requests", slow),
        Made::Later(3)
    );
    assert_eq!(
        answered(429, "TooManyRequests", "Too many requests", Value::Null),
        Made::Again("throttled")
    );
}

#[test]
fn a_pod_that_is_not_there_or_is_another_by_now_is_gone_from_this_node() {
    assert_eq!(
        answered(
            404,
            "NotFound",
            "pods \"web-0\" not found",
            json!({"kind": "pods"})
        ),
        Made::Gone
    );
    for kind in ["Pod", "pods"] {
        let message = "the UID in the precondition does not match";
        assert_eq!(
            answered(409, "Conflict", message, json!({"kind": kind, "name": POD})),
            Made::Gone,
            "{kind}"
        );
    }
}

#[test]
fn contention_on_the_budget_is_tried_again_under_its_new_and_its_old_code() {
    let of_budget = json!({"group": "policy", "kind": "poddisruptionbudgets", "name": "web"});
    let modified = "the object has been modified";
    assert_eq!(
        answered(409, "Conflict", modified, of_budget),
        Made::Again("failed")
    );
    let timeout = "couldn't update PodDisruptionBudget \"web\" due to conflicts";
    assert_eq!(answered(504, "Timeout", timeout, Value::Null), Made::Lost);
}

#[test]
fn a_budget_that_nobody_counts_for_is_tried_again() {
    for why in [
        "pdb disruptions allowed is negative",
        "DisruptedPods map too big - too many evictions not confirmed by PDB controller",
    ] {
        for kind in ["poddisruptionbudget", "poddisruptionbudgets"] {
            let details = json!({"group": "policy", "kind": kind, "name": "web"});
            assert_eq!(
                answered(403, "Forbidden", why, details),
                Made::Again("failed"),
                "{kind}"
            );
        }
    }
}

#[test]
fn several_budgets_on_one_pod_are_a_no_for_good() {
    let message = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.";
    assert_eq!(
        answered(500, "", message, Value::Null),
        Made::Never("several budgets")
    );
}

#[test]
fn a_webhook_that_fails_is_in_the_way_of_its_pod_alone() {
    for message in [
        "Internal error occurred: failed calling webhook \"x.example.com\": failed to call webhook: EOF",
        "Internal error occurred: failed calling webhook \"x.example.com\": context deadline exceeded",
    ] {
        assert_eq!(
            answered(500, "InternalError", message, Value::Null),
            Made::Again("failed"),
            "{message}"
        );
    }
}

#[test]
fn trouble_of_the_server_itself_is_tried_again_after_a_pause() {
    for (code, message) in [
        (500, "etcdserver: leader changed"),
        (
            500,
            "rpc error: code = Unavailable desc = etcdserver: request timed out",
        ),
        (503, "apiserver is shutting down"),
        (
            504,
            "Timeout: request did not complete within the allotted timeout",
        ),
        (408, "Request Timeout"),
        // The credential plugin brings a new token for the next try.
        (401, "Unauthorized"),
    ] {
        assert_eq!(
            answered(code, "", message, Value::Null),
            Made::Lost,
            "{code} {message}"
        );
    }
}

#[test]
fn an_ending_namespace_is_waited_for_and_every_other_403_is_a_no_for_good() {
    let ending =
        json!({"causes": [{"reason": "NamespaceTerminating", "field": "metadata.namespace"}]});
    let message = "unable to create new content in namespace shop because it is being terminated";
    assert_eq!(
        answered(403, "Forbidden", message, ending),
        Made::Again("failed")
    );
    for message in [
        "pods \"web-0\" is forbidden: User \"bob\" cannot create resource \"pods/eviction\"",
        "admission webhook \"x.example.com\" denied the request: not yet",
    ] {
        assert_eq!(
            answered(
                403,
                "Forbidden",
                message,
                json!({"kind": "pods", "name": POD})
            ),
            Made::Never("refused"),
            "{message}"
        );
    }
}

#[test]
fn a_request_that_the_server_does_not_understand_is_not_sent_again() {
    for (code, reason) in [
        (400, "BadRequest"),
        (422, "Invalid"),
        (405, "MethodNotAllowed"),
    ] {
        assert_eq!(
            answered(code, reason, "no", Value::Null),
            Made::Never("refused"),
            "{code}"
        );
    }
}

#[test]
fn no_connection_is_no_answer() {
    let broken = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
    let refusal = Refusal::from(kube::Error::Service(Box::new(broken)));
    let pod = PodKey {
        namespace: "default".into(),
        name: POD.into(),
    };
    assert_eq!(made(&judge(refusal, &pod, Duration::ZERO)), Made::Lost);
}

#[test]
fn the_budget_is_named_from_the_servers_own_words() {
    assert_eq!(
        budget_name("The disruption budget web needs 2 healthy pods and has 2 currently"),
        Some("web")
    );
    assert_eq!(
        budget_name("The disruption budget web is still being processed by the server."),
        Some("web")
    );
    assert_eq!(budget_name("something else"), None);
}
