//! Lists and watches as any client makes them, counted and timed.

use std::error::Error;
use std::time::Duration;

use futures::{AsyncBufReadExt as _, TryStreamExt as _};
use serde::Deserialize;

use crate::process::Timer;

pub(crate) const TABLE: &str = "application/json;as=Table;v=v1;g=meta.k8s.io";

/// What was read, and how long it took.
#[derive(Clone, Copy)]
pub(crate) struct Read {
    pub(crate) objects: usize,
    pub(crate) bytes: usize,
    pub(crate) took: Duration,
}

#[derive(Deserialize)]
struct Page {
    metadata: Meta,
    #[serde(default, alias = "rows")]
    items: Vec<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct Meta {
    #[serde(default)]
    r#continue: String,
}

/// All objects, by pages of 500.
pub(crate) async fn list<T: Timer>(
    client: &kube::Client,
    path: &str,
    accept: &str,
) -> Result<Read, Box<dyn Error>> {
    let (mut objects, mut bytes, mut token) = (0, 0, String::new());
    let began = T::begin();
    loop {
        let request = http::Request::get(format!("{path}?limit=500&continue={token}"))
            .header("accept", accept)
            .body(Vec::new())?;
        let text = client.request_text(request).await?;
        bytes += text.len();
        let page: Page = serde_json::from_str(&text)?;
        objects += page.items.len();
        token = page.metadata.r#continue;
        if token.is_empty() {
            let took = began.so_far();
            return Ok(Read {
                objects,
                bytes,
                took,
            });
        }
    }
}

/// A watch from nothing: every object that is there as an event, until there have been so many.
pub(crate) async fn watch_all<T: Timer>(
    client: &kube::Client,
    path: &str,
    until: usize,
) -> Result<Read, Box<dyn Error>> {
    let began = T::begin();
    let request =
        http::Request::get(format!("{path}?watch=true&timeoutSeconds=60")).body(Vec::new())?;
    let mut lines = client.request_stream(request).await?.lines();
    let (mut objects, mut bytes) = (0, 0);
    while objects < until
        && let Some(line) = lines.try_next().await?
    {
        objects += 1;
        bytes += line.len();
    }
    Ok(Read {
        objects,
        bytes,
        took: began.so_far(),
    })
}

impl Read {
    #[expect(
        clippy::cast_precision_loss,
        reason = "rates are told with two or three digits"
    )]
    pub(crate) fn rate(self) -> f64 {
        self.objects as f64 / self.took.as_secs_f64()
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "rates are told with two or three digits"
    )]
    pub(crate) fn megabytes(self) -> f64 {
        self.bytes as f64 / 1e6
    }
}
