//! The only retry below the engine: reads, a few times, for trouble that passes by itself. It repeats nothing that
//! writes (the engine owns those) and so never hides the 429 of an eviction. kube's own retry stays off: it
//! repeats every verb up to 15 times with doubling pauses, minutes of silence over a blocked disruption budget.

use std::error::Error as StdError;
use std::io;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::future::BoxFuture;
use http::header::RETRY_AFTER;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use kube::client::Body;
use tower::{BoxError, Service, ServiceExt as _};

use super::chain;

/// The pauses between the tries. Two retries outlast a load balancer's change of backend; an API server that is
/// restarting takes longer than anybody should wait without a word. Fixed, so that a run replays.
const PAUSES: [Duration; 2] = [Duration::from_millis(200), Duration::from_millis(600)];

/// A server that wants a longer pause than this gets none: its answer goes to the caller, who can say so.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

#[derive(Clone)]
pub(super) struct Retry<S> {
    inner: S,
}

impl<S> Retry<S> {
    pub(super) fn new(inner: S) -> Self {
        Self { inner }
    }
}

impl<S, B> Service<Request<Body>> for Retry<S>
where
    S: Service<Request<Body>, Response = Response<B>, Error = BoxError> + Clone + Send + 'static,
    S::Future: Send,
    B: Send,
{
    type Response = Response<B>;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Response<B>, BoxError>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let next = self.inner.clone();
        let mut ready = std::mem::replace(&mut self.inner, next);
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            if parts.method != Method::GET {
                return ready.call(Request::from_parts(parts, body)).await;
            }
            for pause in PAUSES {
                // Only a streamed body cannot be copied, and no read has one.
                let Some(copy) = body.try_clone() else { break };
                let outcome = ready.call(Request::from_parts(parts.clone(), copy)).await;
                let Some(pause) = pause_before_next(&outcome, pause) else {
                    return outcome;
                };
                tokio::time::sleep(pause).await;
                ready.ready().await?;
            }
            ready.call(Request::from_parts(parts, body)).await
        })
    }
}

/// How long to wait before the next try, or `None` when this outcome stands.
fn pause_before_next<B>(
    outcome: &Result<Response<B>, BoxError>,
    usual: Duration,
) -> Option<Duration> {
    match outcome {
        Ok(response) => {
            let asked = retry_after(response.headers());
            let passing = match response.status() {
                StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => true,
                // Without Retry-After a 429 is a judgement, not a queue.
                StatusCode::TOO_MANY_REQUESTS => asked.is_some(),
                _ => false,
            };
            let pause = asked.unwrap_or(usual);
            (passing && pause <= LONGEST_PAUSE).then_some(pause)
        }
        Err(error) => connection_was_lost(error.as_ref()).then_some(usual),
    }
}

/// Seconds; the other form, a date, would need the server's clock to be ours.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers
        .get(RETRY_AFTER)?
        .to_str()
        .ok()?
        .trim()
        .parse()
        .ok()?;
    Some(Duration::from_secs(seconds))
}

/// Refused or cut before any answer. Not: a time limit (it is spent), a certificate, a name that does not resolve.
fn connection_was_lost(error: &(dyn StdError + 'static)) -> bool {
    use io::ErrorKind::{
        BrokenPipe, ConnectionAborted, ConnectionRefused, ConnectionReset, UnexpectedEof,
    };
    chain::any::<io::Error>(error, |error| {
        matches!(
            error.kind(),
            ConnectionRefused | ConnectionReset | ConnectionAborted | BrokenPipe | UnexpectedEof
        )
    }) || chain::any::<hyper::Error>(error, |error| {
        error.is_incomplete_message() || error.is_canceled()
    })
}
