//! One request, one answer. Every failed request falls into one of four kinds that callers tell apart.

use http::Request;
use http::header::{ACCEPT, CONTENT_TYPE};
use kube::core::Status;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What is sent, and whole objects as they are accepted.
const JSON: &str = "application/json";
/// Of an object that is sent back its metadata alone; whoever cannot do that may send all of it. A Status comes as it is.
const METADATA: &str =
    "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json";

/// Why a request brought no object.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// 404.
    Gone(String),
    /// 409, or a JSON patch whose test failed: the object is not what the request took it for.
    Conflict(Box<Status>),
    /// The server refuses, and would again.
    Denied(Box<Status>),
    /// Throttled (429).
    Throttled(Box<Status>),
    /// The API is away, restarting, or the token ran out: perhaps done, perhaps not.
    Passing(String),
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Gone(message) | Self::Passing(message) => f.write_str(message),
            Self::Conflict(status) | Self::Denied(status) | Self::Throttled(status) => {
                write!(f, "{} ({})", status.message, status.code)
            }
        }
    }
}

impl From<kube::Error> for Refusal {
    fn from(error: kube::Error) -> Self {
        match error {
            kube::Error::Api(status) => match status.code {
                404 => Self::Gone(status.message),
                409 => Self::Conflict(status),
                429 => Self::Throttled(status),
                // A token that ran out is renewed by its plugin; the next try carries the new one.
                // 0: an answer that failed without saying how.
                0 | 401 | 408 | 500..=599 => {
                    Self::Passing(format!("{} ({})", status.message, status.code))
                }
                _ => Self::Denied(status),
            },
            // The outer error only names its own type.
            kube::Error::Service(cause) => Self::Passing(chain(cause.as_ref())),
            other => Self::Passing(chain(&other)),
        }
    }
}

/// An error and its causes on one line, each said once.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        next = cause.source();
    }
    text
}

/// An object that was just made.
#[derive(Debug, Deserialize)]
pub(crate) struct Made {
    #[serde(default)]
    pub(crate) metadata: MadeMeta,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct MadeMeta {
    pub(crate) uid: Option<String>,
}

/// How a patch's body is to be understood.
#[derive(Clone, Copy)]
pub(crate) enum PatchKind {
    /// RFC 7386.
    Merge,
    /// RFC 6902; its `test` operations make it conditional.
    Json,
}

pub(crate) async fn get<T: DeserializeOwned>(
    client: &kube::Client,
    path: &str,
) -> Result<T, Refusal> {
    send(client, "GET", path, None, JSON, JSON).await
}

/// Whether there is the object, which nobody reads.
pub(crate) async fn find(client: &kube::Client, path: &str) -> Result<(), Refusal> {
    send::<IgnoredAny>(client, "GET", path, None, JSON, METADATA)
        .await
        .map(drop)
}

pub(crate) async fn post<T: DeserializeOwned>(
    client: &kube::Client,
    path: &str,
    body: &Value,
) -> Result<T, Refusal> {
    send(client, "POST", path, Some(body), JSON, JSON).await
}

/// As [`post`], where nothing but the new object's metadata is of use: pods and records are not sent back whole. With the
/// client's own error, since the code of a refused pod says what to do about it.
pub(crate) async fn make(
    client: &kube::Client,
    path: &str,
    body: &impl Serialize,
) -> Result<Made, kube::Error> {
    let body = serde_json::to_vec(body).map_err(kube::Error::SerdeError)?;
    let request = request("POST", path, body, JSON, METADATA)?;
    client.request(request).await
}

pub(crate) async fn patch<T: DeserializeOwned>(
    client: &kube::Client,
    path: &str,
    kind: PatchKind,
    body: &Value,
) -> Result<T, Refusal> {
    patch_accepting(client, path, kind, body, JSON).await
}

/// As [`patch`], where nobody reads the changed object: the answer to one more line in a run record is not the whole record.
pub(crate) async fn change(
    client: &kube::Client,
    path: &str,
    kind: PatchKind,
    body: &Value,
) -> Result<(), Refusal> {
    patch_accepting::<IgnoredAny>(client, path, kind, body, METADATA)
        .await
        .map(drop)
}

async fn patch_accepting<T: DeserializeOwned>(
    client: &kube::Client,
    path: &str,
    kind: PatchKind,
    body: &Value,
    accept: &str,
) -> Result<T, Refusal> {
    let content_type = match kind {
        PatchKind::Merge => "application/merge-patch+json",
        PatchKind::Json => "application/json-patch+json",
    };
    match send(client, "PATCH", path, Some(body), content_type, accept).await {
        // How the API server answers a JSON patch whose `test` failed.
        Err(Refusal::Denied(status)) if status.code == 422 && matches!(kind, PatchKind::Json) => {
            Err(Refusal::Conflict(status))
        }
        other => other,
    }
}

/// Deletes, with `body` as DeleteOptions. The answer is the object or a Status; neither is of use.
pub(crate) async fn delete(client: &kube::Client, path: &str, body: &Value) -> Result<(), Refusal> {
    send::<IgnoredAny>(client, "DELETE", path, Some(body), JSON, METADATA)
        .await
        .map(drop)
}

async fn send<T: DeserializeOwned>(
    client: &kube::Client,
    method: &str,
    path: &str,
    body: Option<&Value>,
    content_type: &str,
    accept: &str,
) -> Result<T, Refusal> {
    let body = body.map(|body| body.to_string().into_bytes());
    let request = request(method, path, body.unwrap_or_default(), content_type, accept)?;
    Ok(client.request(request).await?)
}

fn request(
    method: &str,
    path: &str,
    body: Vec<u8>,
    content_type: &str,
    accept: &str,
) -> Result<Request<Vec<u8>>, kube::Error> {
    Request::builder()
        .method(method)
        .uri(path)
        .header(ACCEPT, accept)
        .header(CONTENT_TYPE, content_type)
        .body(body)
        .map_err(kube::Error::HttpError)
}

/// A value as one part of a path or query.
pub(crate) fn encode(part: &str) -> String {
    use std::fmt::Write as _;
    part.bytes()
        .fold(String::with_capacity(part.len()), |mut out, byte| {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                out.push(char::from(byte));
            } else {
                let _ = write!(out, "%{byte:02X}");
            }
            out
        })
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use http::header::ACCEPT;
    use http::{Request, Response};
    use kube::client::Body;
    use serde_json::{Value, json};

    use super::{PatchKind, change, delete, find, make, patch};

    /// A client of a server that answers each request with the same, and what was accepted in each.
    fn client(answer: Value) -> (kube::Client, Arc<Mutex<Vec<String>>>) {
        let seen = Arc::<Mutex<Vec<String>>>::default();
        let told = Arc::clone(&seen);
        let service = tower::service_fn(move |request: Request<Body>| {
            let accept = request.headers().get(ACCEPT).cloned();
            let accept = accept.and_then(|accept| accept.to_str().map(str::to_owned).ok());
            told.lock().unwrap().push(accept.unwrap_or_default());
            let answer = Body::from(answer.to_string().into_bytes());
            async move { Ok::<_, std::io::Error>(Response::new(answer)) }
        });
        (kube::Client::new(service, "default"), seen)
    }

    #[tokio::test]
    async fn what_nobody_reads_is_not_sent_back_whole() {
        let whole = json!({"kind": "Pod", "metadata": {"name": "a", "uid": "u"}, "spec": {}});
        let (client, seen) = client(whole);
        let body = json!({});
        // A server that sends everything all the same is understood.
        let made = make(&client, "/a", &body).await.unwrap();
        assert_eq!(made.metadata.uid.as_deref(), Some("u"));
        change(&client, "/a", PatchKind::Merge, &body)
            .await
            .unwrap();
        delete(&client, "/a", &body).await.unwrap();
        find(&client, "/a").await.unwrap();
        let read: Value = patch(&client, "/a", PatchKind::Merge, &body).await.unwrap();
        assert_eq!(read["kind"], "Pod");
        let metadata =
            "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json";
        let seen = seen.lock().unwrap().clone();
        assert_eq!(
            seen,
            [metadata, metadata, metadata, metadata, "application/json"]
        );
    }
}
