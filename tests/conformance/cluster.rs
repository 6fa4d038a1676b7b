//! What a case holds: a client of the cluster under test, a namespace of its own, and the undoing of what it made
//! outside of that.

use std::cell::RefCell;
use std::time::Duration;

use aksreboot::sim::Sim;
use http::Request;
use http_body_util::BodyExt as _;
use kube::client::Body;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::sides::{Parts, Server};
use crate::watch::Watch;

pub(crate) const MERGE: &str = "application/merge-patch+json";
pub(crate) const JSON: &str = "application/json-patch+json";
pub(crate) const STRATEGIC: &str = "application/strategic-merge-patch+json";

/// Between two looks at something that will come; the sim's time is virtual.
const LOOK_EVERY: Duration = Duration::from_millis(100);
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Cluster {
    client: kube::Client,
    /// The case's own namespace; other names begin with it where they could meet those of other cases.
    pub(crate) ns: String,
    /// `None` on a real server.
    pub(crate) sim: Option<Sim>,
    pub(crate) parts: Parts,
    /// Paths of what is to be deleted at the end.
    made: RefCell<Vec<String>>,
}

impl Cluster {
    pub(crate) fn simulated(sim: Sim, ns: String) -> Self {
        Self {
            client: kube::Client::new(sim.service(), "default"),
            ns,
            sim: Some(sim),
            parts: Parts::Whole,
            made: RefCell::default(),
        }
    }

    pub(crate) fn on(server: &Server, ns: String) -> Self {
        Self {
            client: server.client.clone(),
            ns,
            sim: None,
            parts: server.parts,
            made: RefCell::default(),
        }
    }

    pub(crate) fn request<'c>(&'c self, method: &'c str, path: &str) -> Ask<'c> {
        Ask {
            cluster: self,
            builder: Request::builder().method(method).uri(path),
            body: Vec::new(),
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.request("GET", path).answer().await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.request("POST", path).body(&body).answer().await
    }

    /// `how` is the content type of the patch.
    pub(crate) async fn patch(&self, path: &str, how: &str, body: Value) -> Answer {
        let ask = self.request("PATCH", path).body(&body);
        ask.header("content-type", how).answer().await
    }

    /// With `options` as DeleteOptions; null sends none.
    pub(crate) async fn delete(&self, path: &str, options: Value) -> Answer {
        let ask = self.request("DELETE", path);
        let ask = if options.is_null() {
            ask
        } else {
            ask.body(&options)
        };
        ask.answer().await
    }

    /// Opens a watch: `path` with its query.
    pub(crate) async fn watch(&self, path: &str) -> Watch {
        let separator = if path.contains('?') { '&' } else { '?' };
        let request = Request::get(format!("{path}{separator}watch=true"));
        let response = self.client.send(request.body(Body::empty()).unwrap()).await;
        Watch::new(response.expect("an answer"))
    }

    /// Collection of a kind in the case's namespace.
    pub(crate) fn all(&self, plural: &str) -> String {
        format!("{}/namespaces/{}/{plural}", group(plural), self.ns)
    }

    /// One object of a kind in the case's namespace.
    pub(crate) fn one(&self, plural: &str, name: &str) -> String {
        format!("{}/{name}", self.all(plural))
    }

    /// To be deleted when the case is over.
    pub(crate) fn afterwards(&self, path: String) {
        self.made.borrow_mut().push(path);
    }

    /// Waits until `look` finds something, and returns that. What it panics with names `what`.
    #[track_caller]
    pub(crate) fn until<T>(
        &self,
        what: &str,
        mut look: impl AsyncFnMut() -> Option<T>,
    ) -> impl Future<Output = T> {
        let caller = std::panic::Location::caller();
        async move {
            let deadline = tokio::time::Instant::now() + PATIENCE;
            loop {
                if let Some(found) = look().await {
                    return found;
                }
                assert!(
                    tokio::time::Instant::now() < deadline,
                    "{caller}: waited for {PATIENCE:?} until {what}"
                );
                tokio::time::sleep(LOOK_EVERY).await;
            }
        }
    }

    /// Waits until the object at `path` is as it should be, and returns it.
    #[track_caller]
    pub(crate) fn until_is(
        &self,
        what: &str,
        path: &str,
        is: impl Fn(&Value) -> bool,
    ) -> impl Future<Output = Value> {
        self.until(what, async move || {
            let answer = self.get(path).await;
            (answer.code == 200 && is(&answer.body)).then_some(answer.body)
        })
    }

    /// Waits until there is no object at `path`.
    #[track_caller]
    pub(crate) fn until_gone(&self, path: &str) -> impl Future<Output = ()> {
        self.until("it is gone", async move || {
            (self.get(path).await.code == 404).then_some(())
        })
    }

    /// Removes what the case made. What cannot be removed is told, and fails nothing.
    pub(crate) async fn clean_up(&self) {
        let made = std::mem::take(&mut *self.made.borrow_mut());
        for path in made.into_iter().rev() {
            let options = json!({"gracePeriodSeconds": 0, "propagationPolicy": "Background"});
            let answer = self.delete(&path, options).await;
            if self.parts == Parts::ApiAlone && path.starts_with("/api/v1/namespaces/") {
                self.finalize(&path).await;
            }
            if answer.code >= 300 && answer.code != 404 && answer.code != 409 {
                println!("  left behind: {path}: {}", answer.text);
            }
        }
    }
}

impl Cluster {
    /// Ends a deleted namespace in its controller's place. What is still in it stays in the store, out of reach.
    pub(crate) async fn finalize(&self, path: &str) {
        let Value::Object(mut namespace) = self.get(path).await.body else {
            return;
        };
        if namespace.get("kind") == Some(&json!("Namespace")) {
            namespace["spec"] = json!({"finalizers": []});
            let namespace = Value::Object(namespace);
            let path = format!("{path}/finalize");
            self.request("PUT", &path)
                .body(&namespace)
                .answer()
                .await
                .ok();
        }
    }
}

/// A request in the making.
pub(crate) struct Ask<'c> {
    cluster: &'c Cluster,
    builder: http::request::Builder,
    body: Vec<u8>,
}

impl Ask<'_> {
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        // A header that is given twice is one header with the last value.
        self.builder.headers_mut().unwrap().remove(name);
        self.builder = self.builder.header(name, value);
        self
    }

    pub(crate) fn body(mut self, body: &Value) -> Self {
        self.body = body.to_string().into_bytes();
        self.header("content-type", "application/json")
    }

    /// In another user's name.
    pub(crate) fn by(self, user: &str) -> Self {
        self.header("impersonate-user", user)
    }

    pub(crate) async fn answer(self) -> Answer {
        let request = self.builder.body(Body::from(self.body)).unwrap();
        let response = self.cluster.client.send(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("a whole answer").to_bytes();
        Answer::new(parts.status.as_u16(), parts.headers, &bytes)
    }
}

fn group(plural: &str) -> &'static str {
    match plural {
        "daemonsets" | "deployments" | "replicasets" | "statefulsets" => "/apis/apps/v1",
        "poddisruptionbudgets" => "/apis/policy/v1",
        "leases" => "/apis/coordination.k8s.io/v1",
        _ => "/api/v1",
    }
}
