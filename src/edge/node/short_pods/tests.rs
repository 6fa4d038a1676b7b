//! Short pods against a made-up API server in the same process, in virtual time.

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
async fn refusals_at_creation_need_no_pod_and_no_delete() {
    let (missing, writes) = reason_of(|_, method, _, _| match *method {
        Method::POST => Some(refusal(404, "namespaces \"aksreboot\" not found")),
        _ => Some((200, json!({"items": []}))),
    })
    .await;
    assert_eq!(
        missing,
        Reason::ProbeNamespaceMissing {
            namespace: "aksreboot".into()
        }
    );
    assert_eq!(writes, ["POST pods"]);
    let words = "pods \"p\" is forbidden: violates PodSecurity \"baseline:latest\"";
    let (denied, _) = reason_of(|_, method, _, _| match *method {
        Method::POST => Some(refusal(
            403,
            "pods \"p\" is forbidden: violates PodSecurity \"baseline:latest\"",
        )),
        _ => Some((200, json!({"items": []}))),
    })
    .await;
    assert_eq!(
        denied,
        Reason::ProbeDenied {
            by: Denier::PodSecurity,
            namespace: "aksreboot".into(),
            message: words.into()
        }
    );
}

#[tokio::test(start_paused = true)]
async fn a_policy_that_chose_no_code_denies_like_any_other() {
    let (denied, _) = reason_of(|_, method, _, _| match *method {
        Method::POST => Some(refusal(
            422,
            "pods \"p\" is forbidden: ValidatingAdmissionPolicy 'safe' with binding 'safe' denied request: no",
        )),
        _ => Some((200, json!({"items": []}))),
    })
    .await;
    assert!(
        matches!(
            denied,
            Reason::ProbeDenied {
                by: Denier::Policy,
                ..
            }
        ),
        "{denied:?}"
    );
    let (invalid, _) = reason_of(|_, method, _, _| match *method {
        Method::POST => Some(refusal(
            422,
            "Pod \"p\" is invalid: spec.containers[0].image",
        )),
        _ => Some((200, json!({"items": []}))),
    })
    .await;
    assert!(
        matches!(invalid, Reason::ApiUnavailable { .. }),
        "{invalid:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_creation_whose_answer_got_lost_is_found_to_have_happened() {
    let (cluster, fake) = cluster(|fake, method, path, body| {
        if *method == Method::POST {
            let posts = fake
                .calls
                .iter()
                .filter(|call| call.starts_with("POST"))
                .count();
            if posts == 1 {
                ordinary(fake, method, path, &body, |pod| ended(pod, 0));
                return None;
            }
            return Some(refusal(409, "pods already exists"));
        }
        ordinary(fake, method, path, &body, |pod| ended(pod, 0))
    });
    let pods = ShortPods::new(&cluster, 16);
    assert!(probe(&pods, &test_node(), &settings()).await.is_ok());
    assert!(fake.lock().expect("the fake").pods.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_namespace_whose_service_account_is_not_there_yet_is_waited_for() {
    let (cluster, fake) = cluster(|fake, method, path, body| {
        let posts = fake.calls.iter().filter(|call| call.starts_with("POST"));
        if *method == Method::POST && posts.count() == 1 {
            return Some(refusal(
                403,
                "pods \"p\" is forbidden: error looking up service account aksreboot/default: serviceaccount \
                 \"default\" not found",
            ));
        }
        ordinary(fake, method, path, &body, |pod| ended(pod, 0))
    });
    let pods = ShortPods::new(&cluster, 16);
    assert!(probe(&pods, &test_node(), &settings()).await.is_ok());
    let writes = fake.lock().expect("the fake").writes();
    let posts = writes.iter().filter(|call| call.starts_with("POST"));
    assert_eq!(posts.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_falls_silent_costs_the_time_limit_and_no_more() {
    let began = Instant::now();
    let (cluster, _) = cluster(|fake, method, path, body| match *method {
        Method::POST => ordinary(fake, method, path, &body, |_| json!({})),
        _ => None,
    });
    let pods = ShortPods::new(&cluster, 16);
    let reason = probe(&pods, &test_node(), &settings())
        .await
        .expect_err("a reason");
    assert!(matches!(reason, Reason::ProbeTimeout { .. }), "{reason:?}");
    assert!(began.elapsed() <= Duration::from_secs(60) + REMOVE_LIMIT + Duration::from_secs(1));
    // Nobody knows whether the pod is there; whoever ends the command says its name.
    assert_eq!(
        pods.leftovers()
            .remove_all(Duration::from_secs(4))
            .await
            .len(),
        1
    );
}

#[tokio::test(start_paused = true)]
async fn without_the_right_to_watch_pods_are_listed() {
    let (cluster, fake) = cluster(|fake, method, path, body| {
        if path.contains("watch=true") {
            return Some(refusal(
                403,
                "pods is forbidden: User \"ci\" cannot watch resource \"pods\"",
            ));
        }
        if *method == Method::GET
            && fake
                .calls
                .iter()
                .filter(|call| *call == "GET watch")
                .count()
                > 0
        {
            let name = fake.pods.keys().next().cloned().expect("a pod");
            let status = ended(&fake.pods[&name], 0);
            fake.status_of(&name, status);
        }
        ordinary(fake, method, path, &body, |_| json!({"phase": "Pending"}))
    });
    let pods = ShortPods::new(&cluster, 16);
    assert!(probe(&pods, &test_node(), &settings()).await.is_ok());
    let watches = fake
        .lock()
        .expect("the fake")
        .calls
        .iter()
        .filter(|call| *call == "GET watch")
        .count();
    assert_eq!(watches, 1, "a refused watch is not asked for again");
}

#[tokio::test(start_paused = true)]
async fn without_the_right_to_list_nobody_waits_in_vain() {
    let began = Instant::now();
    let (reason, writes) = reason_of(|fake, method, path, body| match *method {
        Method::GET => Some(refusal(
            403,
            "pods is forbidden: User \"ci\" cannot list resource \"pods\"",
        )),
        _ => ordinary(fake, method, path, &body, |_| json!({})),
    })
    .await;
    assert!(
        matches!(reason, Reason::ApiUnavailable { .. }),
        "{reason:?}"
    );
    assert!(began.elapsed() < Duration::from_secs(5));
    assert_eq!(writes, ["POST pods", "DELETE probe"]);
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

fn many(count: usize) -> Vec<Node> {
    (0..count)
        .map(|number| Node {
            name: NodeName::new(format!("n{number}")),
            uid: Uid::new(format!("u{number}")),
            ..test_node()
        })
        .collect()
}

async fn probe_many(count: usize, at_once: usize, rule: Rule) -> Arc<Mutex<Fake>> {
    let (cluster, fake) = cluster(rule);
    let nodes = many(count);
    let pods = ShortPods::new(&cluster, at_once);
    let settings = settings();
    let answers: Vec<_> = probe_all(&pods, nodes.iter().enumerate(), &settings)
        .collect()
        .await;
    assert_eq!(answers.len(), count);
    assert!(answers.iter().all(|(_, answer)| answer.is_ok()));
    fake
}

#[tokio::test(start_paused = true)]
async fn many_probes_share_their_watches() {
    let fake = probe_many(64, 64, |fake, method, path, body| {
        ordinary(fake, method, path, &body, |pod| ended(pod, 0))
    })
    .await;
    let fake = fake.lock().expect("the fake");
    let watches = fake
        .calls
        .iter()
        .filter(|call| *call == "GET watch")
        .count();
    assert!(watches <= 3, "{watches} watches for 64 pods");
}

#[tokio::test(start_paused = true)]
async fn there_are_never_more_pods_than_allowed_at_once() {
    probe_many(12, 4, |fake, method, path, body| {
        if *method == Method::POST {
            assert!(fake.pods.len() < 4, "more pods at once than allowed");
        }
        ordinary(fake, method, path, &body, |pod| ended(pod, 0))
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_watch_that_never_answers_is_replaced_by_lists() {
    let began = Instant::now();
    probe_many(1, 1, |fake, method, path, body| {
        if path.contains("watch=true") {
            return None;
        }
        ordinary(fake, method, path, &body, |pod| ended(pod, 0))
    })
    .await;
    assert!(
        began.elapsed() < Duration::from_secs(20),
        "{:?}",
        began.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn what_fails_everywhere_is_not_tried_on_thousands() {
    let (cluster, fake) = cluster(|fake, method, path, body| {
        ordinary(fake, method, path, &body, |_| {
            waiting("ErrImagePull", "no such host")
        })
    });
    let nodes = many(1000);
    let pods = ShortPods::new(&cluster, 16);
    let settings = settings();
    let answers: Vec<_> = probe_all(&pods, nodes.iter().enumerate(), &settings)
        .collect()
        .await;
    assert_eq!(answers.len(), 1000);
    assert!(
        answers
            .iter()
            .filter(|(_, answer)| matches!(answer, Err(Reason::ProbeGivenUp { .. })))
            .count()
            > 900
    );
    let posts = fake
        .lock()
        .expect("the fake")
        .calls
        .iter()
        .filter(|call| call.starts_with("POST"))
        .count();
    assert!(posts <= 48, "{posts}");
}
