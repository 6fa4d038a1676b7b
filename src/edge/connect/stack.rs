//! The one stack above a transport, the same for a real cluster and for a simulated one.
//! It adds what every call needs and decides nothing about the cluster.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use futures::TryFutureExt as _;
use futures::future::MapErr;
use http::header::USER_AGENT;
use http::{HeaderValue, Request};
use tower::{BoxError, Service};

use super::genuine::Genuine;
use super::limit::TimeLimit;
use super::retry::Retry;

pub(super) type Stack<S> = Named<TimeLimit<Genuine<Retry<Counted<S>>>>>;

/// Builds the stack, outermost layer first:
/// user agent, time limit, judgement of who answered, retry of reads, count, transport.
///
/// The limit is outside the retry: it bounds the whole call. The count is inside: it counts what goes out.
pub(super) fn stack<S>(transport: S, limit: Option<Duration>, requests: Requests) -> Stack<S> {
    let counted = Counted {
        inner: transport,
        requests,
    };
    // A layer that forbids or cuts requests (a fence, a crash test) wraps `counted` in a line here.
    Named {
        inner: TimeLimit::new(Genuine::new(Retry::new(counted)), limit),
        user_agent: user_agent(),
    }
}

/// `aksreboot/VERSION (os/arch)`, in the form of kubectl's: what an audit log shows.
fn user_agent() -> HeaderValue {
    const NAME: &str = concat!("aksreboot/", env!("CARGO_PKG_VERSION"));
    let (os, arch) = (std::env::consts::OS, std::env::consts::ARCH);
    HeaderValue::try_from(format!("{NAME} ({os}/{arch})")).unwrap_or(HeaderValue::from_static(NAME))
}

/// How many requests have gone to the server, retries included. Clones share the number.
#[derive(Clone, Debug, Default)]
pub(crate) struct Requests(Arc<AtomicU64>);

impl Requests {
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "asserted by the tests on the wire")
    )]
    pub(crate) fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

#[derive(Clone)]
pub(super) struct Counted<S> {
    inner: S,
    requests: Requests,
}

impl<S, R> Service<Request<R>> for Counted<S>
where
    S: Service<Request<R>>,
    S::Error: Into<BoxError>,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = MapErr<S::Future, fn(S::Error) -> BoxError>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, request: Request<R>) -> Self::Future {
        self.requests.0.fetch_add(1, Ordering::Relaxed);
        self.inner.call(request).map_err(Into::into)
    }
}

#[derive(Clone)]
pub(super) struct Named<S> {
    inner: S,
    user_agent: HeaderValue,
}

impl<S, R> Service<Request<R>> for Named<S>
where
    S: Service<Request<R>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<R>) -> Self::Future {
        request
            .headers_mut()
            .insert(USER_AGENT, self.user_agent.clone());
        self.inner.call(request)
    }
}
