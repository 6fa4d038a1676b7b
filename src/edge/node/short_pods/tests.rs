//! Short pods against a made-up API server in the same process, in virtual time.

mod many;
mod refusals;
mod watching;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::future::pending;

use http::{Method, Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use kube::client::Body;
use serde_json::{Value, json};

use super::*;
use crate::core::evidence::{Sentinel, test_node};
use crate::core::model::{Node, NodeName, Uid};
use crate::core::reason::{Denier, Reason};
use crate::edge::node::{ProbeSettings, probe, probe_all};
use futures::StreamExt as _;

/// What the made-up server does with a request; `None`: it never answers.
type Rule = fn(&mut Fake, &Method, &str, Value) -> Option<(u16, Value)>;

/// A namespace of pods, and all requests in their order.
#[derive(Default)]
struct Fake {
    pods: BTreeMap<String, Value>,
    calls: Vec<String>,
    version: u64,
}

impl Fake {
    fn status_of(&mut self, name: &str, status: Value) {
        self.version += 1;
        if let Some(pod) = self.pods.get_mut(name) {
            pod["status"] = status;
        }
    }

    /// The calls without the reads, whose number depends on time.
    fn writes(&self) -> Vec<String> {
        self.calls
            .iter()
            .filter(|call| !call.starts_with("GET"))
            .map(|call| {
                let (verb, rest) = call.split_once(' ').expect("a call");
                let name = rest.rsplit('/').next().expect("a name");
                let kind = name.split('-').next().expect("a kind");
                format!("{verb} {kind}")
            })
            .collect()
    }
}

fn refusal(code: u16, message: &str) -> (u16, Value) {
    (
        code,
        json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "message": message}),
    )
}

/// A cluster whose kubelets end every container at once with `status`.
#[expect(
    clippy::unnecessary_wraps,
    reason = "it is the last line of most rules"
)]
fn ordinary(
    fake: &mut Fake,
    method: &Method,
    path: &str,
    body: &Value,
    status: impl Fn(&Value) -> Value,
) -> Option<(u16, Value)> {
    fake.version += 1;
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let name = path.rsplit('/').next().unwrap_or_default().to_owned();
    match *method {
        Method::POST => {
            let name = body["metadata"]["name"]
                .as_str()
                .expect("a name")
                .to_owned();
            fake.pods.insert(name.clone(), body.clone());
            let status = status(body);
            fake.status_of(&name, status);
            Some((201, body.clone()))
        }
        Method::DELETE => match fake.pods.remove(&name) {
            Some(pod) => Some((200, pod)),
            None => Some(refusal(404, "not found")),
        },
        // A watch that ends at once: the list after it tells the news.
        _ if query.contains("watch=true") => Some((200, Value::Null)),
        _ => Some((
            200,
            json!({"metadata": {"resourceVersion": fake.version.to_string()}, "items": fake.pods.values().collect::<Vec<_>>()}),
        )),
    }
}

fn cluster(rule: Rule) -> (Cluster, Arc<Mutex<Fake>>) {
    let fake = Arc::new(Mutex::new(Fake::default()));
    let shared = Arc::clone(&fake);
    let service = tower::service_fn(move |request: Request<Body>| {
        let fake = Arc::clone(&shared);
        async move {
            let (parts, body) = request.into_parts();
            let bytes = body.collect().await.expect("a body").to_bytes();
            let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
            let path = parts
                .uri
                .path_and_query()
                .map(ToString::to_string)
                .unwrap_or_default();
            let answer = {
                let mut fake = fake.lock().expect("the fake");
                fake.calls.push(format!(
                    "{} {}",
                    parts.method,
                    path.split('?').next().unwrap_or_default()
                ));
                if path.contains("watch=true") {
                    *fake.calls.last_mut().expect("a call") = "GET watch".into();
                }
                rule(&mut fake, &parts.method, &path, body)
            };
            let Some((code, body)) = answer else {
                return pending().await;
            };
            let bytes = if body.is_null() {
                Bytes::new()
            } else {
                Bytes::from(body.to_string())
            };
            let mut response = Response::new(Full::new(bytes));
            *response.status_mut() = http::StatusCode::from_u16(code).expect("a code");
            Ok::<_, Infallible>(response)
        }
    });
    (Cluster::over(service, "test", "https://test"), fake)
}

fn settings() -> ProbeSettings {
    ProbeSettings {
        image: "image".into(),
        time_limit: Duration::from_secs(60),
        sentinel: Sentinel::System,
        run: None,
    }
}

/// The end of a container that ran the script: what the real one would have printed.
fn ended(pod: &Value, code: i32) -> Value {
    let nonce = pod["spec"]["containers"][0]["env"]
        .as_array()
        .and_then(|env| env.iter().find(|entry| entry["name"] == "NONCE"))
        .map(|entry| entry["value"].as_str().expect("a nonce").to_owned())
        .expect("a nonce");
    let message = format!(
        "aksreboot-probe 1 {nonce}\nboot-id boot-1\nos-id ubuntu\nflag absent\nend {nonce} 3\n"
    );
    json!({"phase": "Succeeded", "containerStatuses": [
        {"name": "probe", "state": {"terminated": {"exitCode": code, "reason": "Completed", "message": message}}}]})
}

fn waiting(reason: &str, message: &str) -> Value {
    json!({"phase": "Pending", "containerStatuses": [
        {"name": "probe", "state": {"waiting": {"reason": reason, "message": message}}}]})
}

async fn reason_of(rule: Rule) -> (Reason, Vec<String>) {
    let (cluster, fake) = cluster(rule);
    let pods = ShortPods::new(&cluster, 16);
    let reason = probe(&pods, &test_node(), &settings())
        .await
        .expect_err("a reason");
    let writes = fake.lock().expect("the fake").writes();
    (reason, writes)
}

#[tokio::test(start_paused = true)]
async fn a_pod_is_made_read_and_deleted() {
    let (cluster, fake) = cluster(|fake, method, path, body| {
        ordinary(fake, method, path, &body, |pod| ended(pod, 0))
    });
    let pods = ShortPods::new(&cluster, 16);
    let answer = probe(&pods, &test_node(), &settings())
        .await
        .expect("an answer");
    assert_eq!(answer.os.id.as_deref(), Some("ubuntu"));
    {
        let fake = fake.lock().expect("the fake");
        assert_eq!(fake.writes(), ["POST pods", "DELETE probe"]);
        assert!(fake.pods.is_empty());
    }
    assert!(
        pods.leftovers()
            .remove_all(Duration::from_secs(1))
            .await
            .is_empty()
    );
}

#[tokio::test(start_paused = true)]
async fn a_node_that_is_not_ready_gets_no_pod() {
    let (cluster, fake) = cluster(|_, _, _, _| None);
    let pods = ShortPods::new(&cluster, 16);
    let node = Node {
        readiness: crate::core::model::Readiness::Unknown("NodeStatusUnknown".into()),
        ..test_node()
    };
    assert_eq!(
        probe(&pods, &node, &settings()).await,
        Err(Reason::NodeNotReady {
            detail: "NodeStatusUnknown".into()
        })
    );
    assert!(fake.lock().expect("the fake").calls.is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_image_that_nobody_has_is_given_up_long_before_the_time_limit() {
    let began = Instant::now();
    let (reason, writes) = reason_of(|fake, method, path, body| {
        ordinary(fake, method, path, &body, |_| {
            waiting("ErrImagePull", "no such host")
        })
    })
    .await;
    assert_eq!(
        reason,
        Reason::ProbeImage {
            image: "image".into(),
            message: "ErrImagePull: no such host".into()
        }
    );
    assert!(began.elapsed() < Duration::from_secs(10));
    assert_eq!(writes, ["POST pods", "DELETE probe"]);
}

#[tokio::test(start_paused = true)]
async fn a_pod_that_never_starts_is_told_with_its_last_state() {
    let (reason, writes) = reason_of(|fake, method, path, body| {
        ordinary(fake, method, path, &body, |_| {
            waiting("ContainerCreating", "")
        })
    })
    .await;
    assert_eq!(
        reason,
        Reason::ProbeTimeout {
            seconds: 60,
            state: "waiting: ContainerCreating".into()
        }
    );
    assert_eq!(writes, ["POST pods", "DELETE probe"]);
}

#[tokio::test(start_paused = true)]
async fn a_full_node_is_no_failed_probe() {
    let (reason, _) = reason_of(|fake, method, path, body| {
        ordinary(fake, method, path, &body, |_| {
            json!({"phase": "Failed", "reason": "OutOfpods", "message": "Node didn't have enough resource: pods"})
        })
    })
    .await;
    assert!(matches!(reason, Reason::ProbeNoRoom { .. }), "{reason:?}");
}

#[tokio::test(start_paused = true)]
async fn a_deadline_that_the_kubelet_kept_is_a_timeout_too() {
    let (reason, _) = reason_of(|fake, method, path, body| {
        ordinary(
            fake,
            method,
            path,
            &body,
            |_| json!({"phase": "Failed", "reason": "DeadlineExceeded"}),
        )
    })
    .await;
    assert!(matches!(reason, Reason::ProbeTimeout { .. }), "{reason:?}");
}

#[tokio::test(start_paused = true)]
async fn a_script_that_failed_has_no_answer() {
    let (reason, _) = reason_of(|fake, method, path, body| {
        ordinary(fake, method, path, &body, |pod| ended(pod, 1))
    })
    .await;
    assert!(matches!(reason, Reason::ProbeFailed { .. }), "{reason:?}");
}

#[tokio::test(start_paused = true)]
async fn a_dropped_probe_leaves_its_pod_to_be_removed() {
    let (cluster, fake) = cluster(|fake, method, path, body| {
        ordinary(fake, method, path, &body, |_| json!({"phase": "Pending"}))
    });
    let pods = ShortPods::new(&cluster, 16);
    let probing = timeout(
        Duration::from_secs(3),
        probe(&pods, &test_node(), &settings()),
    )
    .await;
    assert!(probing.is_err(), "dropped on its way");
    assert_eq!(fake.lock().expect("the fake").pods.len(), 1);
    let left = pods.leftovers().remove_all(Duration::from_secs(4)).await;
    assert!(left.is_empty());
    assert!(fake.lock().expect("the fake").pods.is_empty());
}
