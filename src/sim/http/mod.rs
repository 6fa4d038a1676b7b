//! The Kubernetes HTTP interface of the cluster, as a tower service: under a `kube::Client` in the same process, or
//! under an HTTP server.

mod access;
mod call;
pub(super) mod defaults;
mod evict;
pub(super) mod log;
mod names;
mod patch;
mod query;
mod read;
mod refusal;
mod select;
mod shape;
mod sizes;
mod table;
pub(super) mod watch;
mod write;

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures::FutureExt as _;
use futures::future::BoxFuture;
use http::header::{CONTENT_TYPE, DATE, HeaderValue, RETRY_AFTER};
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use hyper::body::{Body, Bytes, Frame};
use serde_json::{Value, json};
use tower::BoxError;

use self::call::{Call, Path};
use self::refusal::Refusal;
use self::shape::{Shape, metadata_alone, partial};
use super::clock::Moment;
use super::cluster::Cluster;
use super::faults::{Away, Disturbance, Seen, What};
use super::jobs::Job;
use super::shared::Shared;
use super::store::Object;
use super::written::joined;

/// The cluster's API server. Cheap to clone; all clones are one cluster.
#[derive(Clone)]
pub struct SimService {
    shared: Arc<Shared>,
}

impl SimService {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }
}

impl<B> tower::Service<Request<B>> for SimService
where
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<BoxError>,
{
    type Response = Response<SimBody>;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Self::Response, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        exchange(self.shared.clone(), request).boxed()
    }
}

/// The body of an answer: whole, or a watch that goes on.
pub struct SimBody(Inner);

enum Inner {
    Whole(Option<Bytes>),
    Watch(Box<watch::Stream>),
}

impl Body for SimBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match &mut self.get_mut().0 {
            Inner::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Inner::Watch(stream) => stream.poll(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.0, Inner::Whole(None))
    }
}

const JSON: &str = "application/json";

/// An answer before it is put on the wire.
struct Answer {
    code: StatusCode,
    content_type: &'static str,
    retry_after: Option<u32>,
    content: Content,
}

enum Content {
    Whole(Bytes),
    Watch(Box<watch::Request>),
}

impl Answer {
    fn bytes(code: StatusCode, bytes: Bytes) -> Self {
        Self {
            code,
            content_type: JSON,
            retry_after: None,
            content: Content::Whole(bytes),
        }
    }

    fn json(code: StatusCode, value: &Value) -> Self {
        Self::bytes(code, value.to_string().into())
    }

    fn plain(code: StatusCode, text: String) -> Self {
        Self {
            content_type: "text/plain; charset=utf-8",
            ..Self::bytes(code, text.into())
        }
    }

    /// With the metadata of its objects alone, where that is wanted.
    fn shaped(mut self, shape: Shape) -> Self {
        if shape == Shape::Metadata
            && self.content_type == JSON
            && let Content::Whole(bytes) = self.content
        {
            self.content = Content::Whole(metadata_alone(bytes));
        }
        self
    }

    /// An object as a client wants it at this moment.
    fn object(cluster: &Cluster, code: StatusCode, object: &Object, shape: Shape) -> Self {
        let bytes = match shape {
            Shape::Metadata => object.text.metadata_alone(),
            Shape::Whole | Shape::Table => joined(&cluster.rendered(object)),
        };
        Self::bytes(code, bytes)
    }

    /// What is not stored, or not any more, in the same way.
    fn value(
        cluster: &Cluster,
        code: StatusCode,
        call: &Call,
        value: &Value,
        shape: Shape,
    ) -> Self {
        match (shape, call.kind) {
            (Shape::Whole | Shape::Table, Some(kind)) => {
                Self::bytes(code, cluster.rendered_value(kind, &call.name, value))
            }
            _ => Self::json(code, &partial(value)),
        }
    }

    fn watch(request: watch::Request) -> Self {
        Self {
            content: Content::Watch(Box::new(request)),
            ..Self::bytes(StatusCode::OK, Bytes::new())
        }
    }
}

/// One request from its arrival to its answer. An error is a connection that broke.
async fn exchange<B>(
    shared: Arc<Shared>,
    request: Request<B>,
) -> Result<Response<SimBody>, BoxError>
where
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<BoxError>,
{
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(Into::into)?.to_bytes();
    let call = Call::read(&parts, body);
    let arrival = shared.with(|cluster| Arrival::of(cluster, &call));
    let later = arrival.answer_delay;
    let answer = match arrival.delay {
        None => shared.with(|cluster| arrival.answer(cluster, &call))?,
        // What is on its way arrives, whether its sender still waits or not.
        Some(delay) => {
            let cluster = shared.clone();
            tokio::spawn(async move {
                tokio::time::sleep(delay).await;
                cluster.with(|cluster| arrival.answer(cluster, &call))
            })
            .await??
        }
    };
    if let Some(later) = later {
        tokio::time::sleep(later).await;
    }
    let mut response = Response::builder()
        .status(answer.code)
        .header(CONTENT_TYPE, answer.content_type);
    let now = shared.with(|cluster| cluster.clock.timestamp(cluster.now));
    if let Ok(now) = jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&now) {
        response = response.header(DATE, now);
    }
    if let Some(seconds) = answer.retry_after {
        response = response.header(RETRY_AFTER, HeaderValue::from(seconds));
    }
    let inner = match answer.content {
        Content::Whole(bytes) => Inner::Whole(Some(bytes)),
        Content::Watch(request) => Inner::Watch(Box::new(watch::Stream::open(shared, *request))),
    };
    Ok(response.body(SimBody(inner))?)
}

/// What is in store for a request that has come.
struct Arrival {
    place: usize,
    delay: Option<Moment>,
    answer_delay: Option<Moment>,
    away: Option<Away>,
    refusal: Option<Refusal>,
    lose_request: bool,
    lose_answer: bool,
    after: Vec<(Moment, What)>,
}

impl Arrival {
    fn of(cluster: &mut Cluster, call: &Call) -> Self {
        let at = cluster.since_start();
        let place = cluster.log.arrived(call, at);
        let resource = call.resource();
        let due = cluster.script.arrive(&Seen {
            verb: call.verb,
            resource: &resource,
            name: &call.name,
            body: call.body_text(),
        });
        for what in due.before {
            cluster.happen(what);
        }
        cluster.note_arrival(place);
        let mut arrival = Self {
            place,
            delay: None,
            answer_delay: None,
            away: cluster.script.away(cluster.now),
            refusal: None,
            lose_request: false,
            lose_answer: false,
            after: due.after,
        };
        for disturbance in std::mem::take(&mut cluster.script.next) {
            match disturbance {
                Disturbance::Refuse {
                    code,
                    reason,
                    message,
                    retry_after,
                } => {
                    let refusal = Refusal::new(code, &reason, message).retry_after(retry_after);
                    arrival.refusal = Some(refusal);
                }
                Disturbance::LoseRequest => arrival.lose_request = true,
                Disturbance::LoseAnswer => arrival.lose_answer = true,
                Disturbance::Delay(delay) => arrival.delay = Some(cluster.clock.scaled(delay)),
                Disturbance::DelayAnswer(delay) => {
                    arrival.answer_delay = Some(cluster.clock.scaled(delay));
                }
            }
        }
        arrival
    }

    fn answer(self, cluster: &mut Cluster, call: &Call) -> Result<Answer, BoxError> {
        let answer = match (self.away, self.refusal) {
            (Some(Away::Gone), _) => {
                cluster.note_lost(self.place);
                return Err("connection refused by the simulated server".into());
            }
            (Some(Away::Unavailable), _) => Refusal::unavailable().into(),
            (None, Some(refusal)) => refusal.into(),
            (None, None) if self.lose_request => {
                cluster.note_lost(self.place);
                return Err("connection reset by the simulated server".into());
            }
            (None, None) => serve(cluster, call).unwrap_or_else(Answer::from),
        };
        if !self.lose_answer {
            cluster.log.answered(self.place, answer.code.as_u16());
        }
        cluster.note_done(self.place, answer.code.as_u16());
        for (later, what) in self.after {
            cluster.later(later, Job::Happen(what));
        }
        if self.lose_answer {
            return Err("connection reset by the simulated server".into());
        }
        Ok(answer)
    }
}

/// Carries a request out.
fn serve(cluster: &mut Cluster, call: &Call) -> Result<Answer, Refusal> {
    access::throttle(cluster, call)?;
    match (&call.path, call.kind) {
        (Path::Version, _) => Ok(version(cluster)),
        (Path::Health, _) => Ok(Answer::plain(StatusCode::OK, "ok".into())),
        (Path::AccessReview, _) if call.verb == "create" => {
            let review = write::body(call)?;
            let answer = access::review(cluster, &call.user, review);
            Ok(Answer::json(StatusCode::CREATED, &answer))
        }
        (Path::AccessReview, _) => Err(Refusal::method_not_allowed()),
        (Path::Objects, Some(kind)) => {
            access::authorize(cluster, call)?;
            let query = call.query.clone()?;
            let shape = Shape::wanted(call, kind)?;
            match (call.verb, call.subresource.as_str()) {
                ("get", "" | "status") => read::get(cluster, call, kind, shape),
                ("list", "") => {
                    read::list(cluster, call, kind, &query).map(|all| all.shaped(shape))
                }
                ("watch", "") => read::watch(cluster, call, kind, &query),
                ("get", "log") => read::log(cluster, call, &query),
                ("create", "") if call.name.is_empty() => {
                    write::create(cluster, call, kind, &query, shape)
                }
                ("create", "eviction") => evict::evict(cluster, call, &query),
                ("update" | "patch", "" | "status") if !call.name.is_empty() => {
                    write::change(cluster, call, kind, &query, shape)
                }
                ("delete", "") => write::delete(cluster, call, kind, &query, shape),
                ("deletecollection", "") => write::delete_collection(cluster, call, kind, &query)
                    .map(|all| all.shaped(shape)),
                (_, "" | "status" | "log" | "eviction") => Err(Refusal::method_not_allowed()),
                _ => Err(Refusal::no_such_kind()),
            }
        }
        (Path::UnknownKind, _) => Err(Refusal::no_such_kind()),
        _ => Err(Refusal::no_such_path()),
    }
}

fn version(cluster: &Cluster) -> Answer {
    let git = cluster.rules.version.as_str();
    let mut numbers = git.trim_start_matches('v').split('.');
    let body = json!({
        "major": numbers.next().unwrap_or_default(),
        "minor": numbers.next().unwrap_or_default(),
        "gitVersion": git,
        "gitCommit": "", "gitTreeState": "clean", "buildDate": "", "goVersion": "", "compiler": "gc",
        "platform": "linux/amd64",
    });
    Answer::json(StatusCode::OK, &body)
}
