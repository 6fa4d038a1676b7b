//! An open watch: its events one by one, and how it ends.

use std::time::Duration;

use http::Response;
use http_body_util::BodyExt as _;
use kube::client::Body;
use serde_json::Value;

/// So long a watch may say nothing while something is awaited; the sim's time is virtual.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Watch {
    pub(crate) code: u16,
    body: Body,
    received: Vec<u8>,
}

impl Watch {
    pub(crate) fn new(response: Response<Body>) -> Self {
        Self {
            code: response.status().as_u16(),
            body: response.into_body(),
            received: Vec::new(),
        }
    }

    /// The next event; `None` at the end of the watch.
    #[track_caller]
    pub(crate) fn next(&mut self) -> impl Future<Output = Option<Value>> {
        let caller = std::panic::Location::caller();
        async move {
            let line = tokio::time::timeout(PATIENCE, self.line()).await;
            let line = line.unwrap_or_else(|_| {
                panic!("{caller}: the watch said nothing for {PATIENCE:?}");
            })?;
            Some(serde_json::from_slice(&line).expect("JSON"))
        }
    }

    /// The next event, as its type and its object, that is no bookmark.
    #[track_caller]
    pub(crate) fn change(&mut self) -> impl Future<Output = (String, Value)> {
        let next = std::panic::Location::caller();
        async move {
            loop {
                let mut event = self
                    .next()
                    .await
                    .unwrap_or_else(|| panic!("{next}: the watch ended"));
                let kind = event["type"].as_str().unwrap_or_default().to_owned();
                if kind != "BOOKMARK" {
                    return (kind, event["object"].take());
                }
            }
        }
    }

    /// All that comes until the watch ends.
    pub(crate) async fn rest(mut self) -> Vec<Value> {
        let mut events = Vec::new();
        while let Some(event) = self.next().await {
            events.push(event);
        }
        events
    }

    async fn line(&mut self) -> Option<Vec<u8>> {
        loop {
            if let Some(end) = self.received.iter().position(|byte| *byte == b'\n') {
                return Some(self.received.drain(..=end).collect());
            }
            let frame = self.body.frame().await?.expect("a watch that is not cut");
            if let Ok(data) = frame.into_data() {
                self.received.extend_from_slice(&data);
            }
        }
    }
}
