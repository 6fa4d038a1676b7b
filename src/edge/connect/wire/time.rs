//! Retries, limits and counting, in virtual time.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use http::{Method, Request, Response};
use http_body::Frame;
use hyper::body::Bytes;
use kube::client::Body;
use tokio::time::{Instant, Sleep, sleep};
use tower::{BoxError, service_fn};

use super::super::limit::{Awaited, TimedOut};
use super::super::{Cluster, chain};
use super::lock;

/// A body that gives a piece every `pace`, `pieces` times, and then ends.
struct Dripping {
    pace: Duration,
    pieces: u32,
    pause: Pin<Box<Sleep>>,
}

impl Dripping {
    fn new(pace: Duration, pieces: u32) -> Self {
        Self {
            pace,
            pieces,
            pause: Box::pin(sleep(pace)),
        }
    }
}

impl http_body::Body for Dripping {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.pieces == 0 {
            return Poll::Ready(None);
        }
        std::task::ready!(self.pause.as_mut().poll(context));
        self.pieces -= 1;
        self.pause = Box::pin(sleep(self.pace));
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b" ")))))
    }
}

/// A cluster that answers each request after `headers`, with that body.
fn slow(headers: Duration, pace: Duration, pieces: u32) -> Cluster {
    let service = service_fn(move |_: Request<Body>| async move {
        sleep(headers).await;
        Ok::<_, BoxError>(Response::new(Dripping::new(pace, pieces)))
    });
    Cluster::over(service, "test", "memory")
}

async fn get(cluster: &Cluster, uri: &str) -> Result<String, kube::Error> {
    send(cluster, Method::GET, uri).await
}

async fn send(cluster: &Cluster, method: Method, uri: &str) -> Result<String, kube::Error> {
    let request = Request::builder().method(method).uri(uri);
    cluster
        .client
        .request_text(request.body(Vec::new()).unwrap())
        .await
}

fn timed_out(error: &kube::Error) -> Option<Awaited> {
    chain::find::<TimedOut>(error).map(|error| error.awaited)
}

const NEVER: Duration = Duration::from_secs(1_000_000);

#[tokio::test(start_paused = true)]
async fn a_server_that_never_answers_is_given_up_at_the_limit() {
    let start = Instant::now();
    let error = get(&slow(NEVER, NEVER, 1), "/x").await.unwrap_err();
    assert_eq!(timed_out(&error), Some(Awaited::Answer));
    assert_eq!(start.elapsed().as_secs(), 30);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_never_comes_is_given_up_at_the_limit() {
    let start = Instant::now();
    let cluster = slow(Duration::from_secs(10), NEVER, 1);
    let error = get(&cluster, "/x").await.unwrap_err();
    assert_eq!(timed_out(&error), Some(Awaited::EndOfAnswer));
    assert_eq!(
        start.elapsed().as_secs(),
        30,
        "headers and body share one limit"
    );
}

#[tokio::test(start_paused = true)]
async fn a_body_that_comes_in_drops_is_given_up_at_the_limit() {
    let start = Instant::now();
    let cluster = slow(Duration::ZERO, Duration::from_millis(100), 10_000);
    let error = get(&cluster, "/x").await.unwrap_err();
    assert_eq!(timed_out(&error), Some(Awaited::EndOfAnswer));
    assert_eq!(start.elapsed().as_secs(), 30);
}

#[tokio::test(start_paused = true)]
async fn a_write_is_limited_too() {
    let error = send(&slow(NEVER, NEVER, 1), Method::POST, "/x")
        .await
        .unwrap_err();
    assert_eq!(timed_out(&error), Some(Awaited::Answer));
}

#[tokio::test(start_paused = true)]
async fn a_watch_may_last_but_must_begin() {
    let start = Instant::now();
    let hour_long = slow(Duration::from_secs(29), Duration::from_secs(60), 60);
    assert_eq!(get(&hour_long, "/x?watch=true").await.unwrap().len(), 60);
    assert_eq!(start.elapsed().as_secs(), 3629);

    let error = get(&slow(NEVER, NEVER, 1), "/x?watch=true")
        .await
        .unwrap_err();
    assert_eq!(timed_out(&error), Some(Awaited::Answer));
}

/// A cluster that gives these outcomes in turn, and the requests' virtual times.
fn scripted(
    outcomes: impl IntoIterator<Item = Result<Response<String>, io::ErrorKind>>,
) -> (Cluster, Arc<Mutex<Vec<Duration>>>) {
    let outcomes: VecDeque<_> = outcomes.into_iter().collect();
    let outcomes = Arc::new(Mutex::new(outcomes));
    let times: Arc<Mutex<Vec<Duration>>> = Arc::default();
    let (start, arrived) = (Instant::now(), times.clone());
    let service = service_fn(move |_: Request<Body>| {
        lock(&arrived).push(start.elapsed());
        let outcome = lock(&outcomes).pop_front();
        let outcome = outcome.unwrap_or_else(|| Ok(answer(200, None)));
        std::future::ready(outcome.map_err(io::Error::from))
    });
    (Cluster::over(service, "test", "memory"), times)
}

fn answer(status: u16, retry_after: Option<&str>) -> Response<String> {
    let mut answer = Response::builder().status(status);
    if let Some(seconds) = retry_after {
        answer = answer.header("retry-after", seconds);
    }
    answer.body(format!(r#"{{"code":{status}}}"#)).unwrap()
}

fn code(outcome: Result<String, kube::Error>) -> u16 {
    match outcome {
        Ok(_) => 200,
        Err(kube::Error::Api(status)) => status.code,
        Err(other) => panic!("{other}"),
    }
}

fn seconds(times: &Mutex<Vec<Duration>>) -> Vec<f64> {
    lock(times)
        .iter()
        .map(Duration::as_secs_f64)
        .map(|s| (s * 10.0).round() / 10.0)
        .collect()
}

#[tokio::test(start_paused = true)]
async fn a_read_is_tried_three_times() {
    for status in [503, 504] {
        let (cluster, times) = scripted((0..9).map(|_| Ok(answer(status, None))));
        assert_eq!(code(get(&cluster, "/x").await), status);
        assert_eq!(seconds(&times), [0.0, 0.2, 0.8]);
        assert_eq!(cluster.requests.count(), 3, "every try is counted");
    }
}

#[tokio::test(start_paused = true)]
async fn a_read_gets_over_a_connection_that_was_lost() {
    use io::ErrorKind as K;
    for kind in [
        K::ConnectionRefused,
        K::ConnectionReset,
        K::UnexpectedEof,
        K::BrokenPipe,
    ] {
        let (cluster, times) = scripted([Err(kind), Err(kind)]);
        assert_eq!(code(get(&cluster, "/x").await), 200);
        assert_eq!(seconds(&times), [0.0, 0.2, 0.8]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_write_is_sent_once_whatever_comes_back() {
    for method in [Method::POST, Method::PATCH, Method::PUT, Method::DELETE] {
        for outcome in [
            || Ok(answer(503, None)),
            || Ok(answer(504, None)),
            || Ok(answer(429, None)),
            || Ok(answer(429, Some("1"))),
            || Err(io::ErrorKind::ConnectionReset),
            || Err(io::ErrorKind::ConnectionRefused),
        ] {
            let (cluster, times) = scripted([outcome()]);
            send(&cluster, method.clone(), "/x").await.unwrap_err();
            assert_eq!(seconds(&times), [0.0], "{method}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn retry_after_is_honoured_up_to_five_seconds() {
    for (status, asked, times) in [
        (429, Some("1"), vec![0.0, 1.0]),
        (429, Some("5"), vec![0.0, 5.0]),
        (503, Some("3"), vec![0.0, 3.0]),
        (503, Some("not a number"), vec![0.0, 0.2]),
        (429, Some("6"), vec![0.0]),
        (503, Some("600"), vec![0.0]),
        (429, None, vec![0.0]),
        (500, None, vec![0.0]),
        (409, Some("1"), vec![0.0]),
    ] {
        let (cluster, seen) = scripted([Ok(answer(status, asked))]);
        let outcome = code(get(&cluster, "/x").await);
        assert_eq!(seconds(&seen), times, "{status} {asked:?}");
        assert_eq!(outcome == 200, times.len() == 2);
    }
}

#[tokio::test(start_paused = true)]
async fn the_limit_covers_all_tries_together() {
    let start = Instant::now();
    let service = service_fn(|_: Request<Body>| async {
        sleep(Duration::from_secs(13)).await;
        Ok::<_, BoxError>(answer(503, None))
    });
    let cluster = Cluster::over(service, "test", "memory");
    let error = get(&cluster, "/x").await.unwrap_err();
    assert_eq!(timed_out(&error), Some(Awaited::Answer));
    assert_eq!(start.elapsed().as_secs(), 30);
}

#[tokio::test(start_paused = true)]
async fn a_gateways_passing_web_page_is_tried_again() {
    let mut page = answer(503, None);
    page.headers_mut()
        .insert("content-type", "text/html".parse().unwrap());
    let (cluster, times) = scripted([Ok(page)]);
    assert_eq!(code(get(&cluster, "/x").await), 200);
    assert_eq!(seconds(&times), [0.0, 0.2]);
}
