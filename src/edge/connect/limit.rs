//! The time limit round each call: until the response's headers for every call, until the end of its body for every
//! call but a watch and the following of a log, which end when their reader wants. Timers are tokio's, so that a
//! paused clock counts.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::future::BoxFuture;
use http::{Request, Response};
use http_body::{Body as HttpBody, Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep_until, timeout_at};
use tower::{BoxError, Service};

/// The server took longer than it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no {awaited} within {limit:?}")]
pub(crate) struct TimedOut {
    pub(crate) limit: Duration,
    pub(crate) awaited: Awaited,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Awaited {
    /// The response's headers.
    Answer,
    /// The end of its body.
    EndOfAnswer,
}

impl fmt::Display for Awaited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Answer => "answer",
            Self::EndOfAnswer => "end of the answer",
        })
    }
}

#[derive(Clone)]
pub(super) struct TimeLimit<S> {
    inner: S,
    limit: Option<Duration>,
}

impl<S> TimeLimit<S> {
    pub(super) fn new(inner: S, limit: Option<Duration>) -> Self {
        Self { inner, limit }
    }
}

impl<S, R, B> Service<Request<R>> for TimeLimit<S>
where
    S: Service<Request<R>, Response = Response<B>, Error = BoxError>,
    S::Future: Send + 'static,
{
    type Response = Response<Limited<B>>;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Self::Response, BoxError>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<R>) -> Self::Future {
        let endless = is_endless(&request);
        let answer = self.inner.call(request);
        // A limit beyond what the clock can count is none.
        let deadline = self
            .limit
            .and_then(|limit| Some((limit, Instant::now().checked_add(limit)?)));
        Box::pin(async move {
            let Some((limit, at)) = deadline else {
                return Ok(answer.await?.map(Limited::free));
            };
            let response = timeout_at(at, answer).await.map_err(|_| TimedOut {
                limit,
                awaited: Awaited::Answer,
            })??;
            Ok(response.map(|body| {
                if endless {
                    Limited::free(body)
                } else {
                    Limited::until(body, limit, at)
                }
            }))
        })
    }
}

/// A watch, or a log that is followed.
fn is_endless<R>(request: &Request<R>) -> bool {
    let asks = |name: &str| {
        request.uri().query().is_some_and(|query| {
            query.split('&').any(|pair| {
                pair.split_once('=')
                    .is_some_and(|(key, value)| key == name && matches!(value, "true" | "1"))
            })
        })
    };
    asks("watch") || (request.uri().path().ends_with("/log") && asks("follow"))
}

/// A body that must have ended by a deadline, if it has one.
pub(super) struct Limited<B> {
    body: Pin<Box<B>>,
    deadline: Option<(Duration, Pin<Box<Sleep>>)>,
}

impl<B> Limited<B> {
    fn free(body: B) -> Self {
        Self {
            body: Box::pin(body),
            deadline: None,
        }
    }

    fn until(body: B, limit: Duration, at: Instant) -> Self {
        Self {
            body: Box::pin(body),
            deadline: Some((limit, Box::pin(sleep_until(at)))),
        }
    }
}

impl<B> HttpBody for Limited<B>
where
    B: HttpBody,
    B::Error: Into<BoxError>,
{
    type Data = B::Data;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, BoxError>>> {
        // The clock first: a server that drips a byte whenever it is asked must not hold the call for ever.
        if let Some((limit, sleep)) = &mut self.deadline
            && sleep.as_mut().poll(context).is_ready()
        {
            return Poll::Ready(Some(Err(TimedOut {
                limit: *limit,
                awaited: Awaited::EndOfAnswer,
            }
            .into())));
        }
        self.body
            .as_mut()
            .poll_frame(context)
            .map_err(Into::<BoxError>::into)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_watches_and_followed_logs_are_endless() {
        for (uri, endless) in [
            ("/api/v1/nodes?watch=true&resourceVersion=1", true),
            ("/api/v1/nodes?limit=500&watch=1", true),
            ("/api/v1/namespaces/x/pods/y/log?follow=true", true),
            ("/api/v1/namespaces/x/pods/y/log", false),
            ("/api/v1/nodes?watch=false", false),
            ("/api/v1/nodes?allowWatchBookmarks=true", false),
            ("/api/v1/nodes?follow=true", false),
            ("/api/v1/nodes", false),
        ] {
            let request = Request::get(uri).body(()).unwrap();
            assert_eq!(is_endless(&request), endless, "{uri}");
        }
    }
}
