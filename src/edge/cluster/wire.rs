//! One request, one answer. Every failed request falls into one of four kinds that callers tell apart.

use http::Request;
use kube::core::Status;
use serde::de::DeserializeOwned;
use serde_json::Value;

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
    send(client, "GET", path, None, "application/json").await
}

pub(crate) async fn post<T: DeserializeOwned>(
    client: &kube::Client,
    path: &str,
    body: &Value,
) -> Result<T, Refusal> {
    send(client, "POST", path, Some(body), "application/json").await
}

pub(crate) async fn patch<T: DeserializeOwned>(
    client: &kube::Client,
    path: &str,
    kind: PatchKind,
    body: &Value,
) -> Result<T, Refusal> {
    let content_type = match kind {
        PatchKind::Merge => "application/merge-patch+json",
        PatchKind::Json => "application/json-patch+json",
    };
    match send(client, "PATCH", path, Some(body), content_type).await {
        // How the API server answers a JSON patch whose `test` failed.
        Err(Refusal::Denied(status)) if status.code == 422 && matches!(kind, PatchKind::Json) => {
            Err(Refusal::Conflict(status))
        }
        other => other,
    }
}

/// Deletes, with `body` as DeleteOptions. The answer is the object or a Status; neither is of use.
pub(crate) async fn delete(client: &kube::Client, path: &str, body: &Value) -> Result<(), Refusal> {
    send::<Value>(client, "DELETE", path, Some(body), "application/json")
        .await
        .map(drop)
}

async fn send<T: DeserializeOwned>(
    client: &kube::Client,
    method: &str,
    path: &str,
    body: Option<&Value>,
    content_type: &str,
) -> Result<T, Refusal> {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(http::header::ACCEPT, "application/json")
        .header(http::header::CONTENT_TYPE, content_type)
        .body(
            body.map(|body| body.to_string().into_bytes())
                .unwrap_or_default(),
        )
        .map_err(|error| Refusal::Passing(error.to_string()))?;
    Ok(client.request(request).await?)
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
