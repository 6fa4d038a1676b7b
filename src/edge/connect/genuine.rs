//! Turns an answer that no API server gives into an error: a web page or a redirect comes from a proxy, a gateway
//! or a login page in between. Outside the retry, so that a gateway's passing 503 is tried again first.

use std::task::{Context, Poll};

use futures::TryFutureExt as _;
use futures::future::{AndThen, Ready, ready};
use http::header::{CONTENT_TYPE, LOCATION};
use http::{Request, Response};
use tower::{BoxError, Service};

/// Something else answered in the API server's place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the answer is not an API server's: {what}, HTTP status {status}")]
pub(crate) struct NotAnApiServer {
    pub(crate) status: u16,
    pub(crate) what: String,
}

#[derive(Clone)]
pub(super) struct Genuine<S> {
    inner: S,
}

impl<S> Genuine<S> {
    pub(super) fn new(inner: S) -> Self {
        Self { inner }
    }
}

type Judged<B> = Ready<Result<Response<B>, BoxError>>;

impl<S, R, B> Service<Request<R>> for Genuine<S>
where
    S: Service<Request<R>, Response = Response<B>, Error = BoxError>,
{
    type Response = Response<B>;
    type Error = BoxError;
    type Future = AndThen<S::Future, Judged<B>, fn(Response<B>) -> Judged<B>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<R>) -> Self::Future {
        self.inner.call(request).and_then(|response| {
            ready(match foreign(&response) {
                None => Ok(response),
                Some(what) => Err(NotAnApiServer {
                    status: response.status().as_u16(),
                    what,
                }
                .into()),
            })
        })
    }
}

/// What shows that an answer is another's.
fn foreign<B>(response: &Response<B>) -> Option<String> {
    let text = |name| {
        response
            .headers()
            .get(name)
            .and_then(|value: &http::HeaderValue| value.to_str().ok())
    };
    if response.status().is_redirection() {
        let target = text(LOCATION).unwrap_or("nowhere");
        // What follows the `?` of a login page's address may be a secret of the session.
        let target = target.split(['?', '#']).next().unwrap_or(target);
        return Some(format!("a redirect to {target}"));
    }
    text(CONTENT_TYPE)
        .is_some_and(|kind| kind.to_ascii_lowercase().starts_with("text/html"))
        .then(|| "a web page".to_owned())
}
