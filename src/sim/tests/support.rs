//! What the tests share: a client, and what they create.

use std::time::Duration;

use k8s_openapi::api::core::v1::{Node, Pod};
use kube::api::{Api, PostParams};
use serde_json::{Value, json};

use crate::sim::{Sim, World};

/// A cluster and a client of it. Everything in it happens on the test's own runtime.
pub(super) struct Bench {
    pub(super) sim: Sim,
    pub(super) client: kube::Client,
}

impl Bench {
    pub(super) fn of(world: World) -> Self {
        Self::with_seed(world, 7)
    }

    pub(super) fn with_seed(world: World, seed: u64) -> Self {
        let sim = Sim::start(world, seed);
        let client = kube::Client::new(sim.service(), "default");
        Self { sim, client }
    }

    pub(super) fn nodes(&self) -> Api<Node> {
        Api::all(self.client.clone())
    }

    pub(super) fn pods(&self, namespace: &str) -> Api<Pod> {
        Api::namespaced(self.client.clone(), namespace)
    }

    /// One request as it is, and the answer's code and JSON.
    pub(super) async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Value,
    ) -> (u16, Value) {
        let (code, bytes) = self.send_raw(method, path, headers, body).await;
        (code, serde_json::from_slice(&bytes).unwrap_or_default())
    }

    pub(super) async fn send_raw(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Value,
    ) -> (u16, Vec<u8>) {
        use http_body_util::BodyExt as _;
        use tower::ServiceExt as _;
        let bytes = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let mut request = http::Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = http_body_util::Full::<hyper::body::Bytes>::from(bytes);
        let request = request.body(body).unwrap();
        let response = self.sim.service().oneshot(request).await.unwrap();
        let code = response.status().as_u16();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (code, body.to_vec())
    }

    pub(super) async fn get(&self, path: &str) -> (u16, Value) {
        self.send("GET", path, &[], Value::Null).await
    }

    /// Waits until the condition holds, at most ten virtual minutes.
    pub(super) async fn until(&self, what: &str, mut holds: impl AsyncFnMut(&Self) -> bool) {
        for _ in 0..1200 {
            if holds(self).await {
                return;
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        panic!("waited for ever until {what}");
    }

    pub(super) async fn create_pod(&self, namespace: &str, pod: Value) -> Pod {
        let pod: Pod = serde_json::from_value(pod).unwrap();
        let api = self.pods(namespace);
        api.create(&PostParams::default(), &pod).await.unwrap()
    }

    /// The last words of a pod's only container, once it has ended, with its exit code.
    pub(super) async fn last_words(&self, namespace: &str, name: &str) -> (i32, String) {
        let api = self.pods(namespace);
        for _ in 0..600 {
            let pod = api.get(name).await.unwrap();
            let terminated = pod
                .status
                .and_then(|status| status.container_statuses)
                .and_then(|statuses| statuses.into_iter().next())
                .and_then(|status| status.state)
                .and_then(|state| state.terminated);
            if let Some(terminated) = terminated {
                return (terminated.exit_code, terminated.message.unwrap_or_default());
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        panic!("pod {name} never ended");
    }
}

pub(super) fn own_pod(name: &str, purpose: &str, node: &str, env: &[(&str, &str)]) -> Value {
    let env: Vec<_> = env
        .iter()
        .map(|(name, value)| json!({"name": name, "value": value}))
        .collect();
    json!({
        "metadata": {
            "name": name,
            "labels": {
                "app.kubernetes.io/managed-by": "aksreboot", "aksreboot.dev/purpose": purpose,
            },
        },
        "spec": {
            "nodeName": node,
            "restartPolicy": "Never",
            "tolerations": [{"operator": "Exists"}],
            "containers": [{"name": purpose, "image": "busybox:1.36", "env": env}],
        },
    })
}

/// A reboot pod for the node's present boot, good for an hour.
pub(super) fn reboot_pod(bench: &Bench, node: &str, prove: bool) -> Value {
    let boot = bench.sim.node(node).unwrap().boot_id;
    let until = (bench.sim.now().as_second() + 3600).to_string();
    let (purpose, prove) = if prove {
        ("prove", "1")
    } else {
        ("reboot", "0")
    };
    let env = [
        ("BOOT_ID", boot.as_str()),
        ("NOT_AFTER", &until),
        ("PROVE", prove),
    ];
    own_pod(&format!("reboot-{node}"), purpose, node, &env)
}
