//! A small HTTP server on the loopback interface that remembers what it was asked.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::lock;

/// One request as it arrived.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) target: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
    /// The client's certificate, DER.
    pub(super) certificate: Option<Vec<u8>>,
}

impl Seen {
    pub(super) fn header(&self, name: &str) -> Vec<&str> {
        self.headers
            .get_all(name)
            .iter()
            .map(|value| value.to_str().unwrap())
            .collect()
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

pub(super) type Answer = Response<Full<Bytes>>;

pub(super) struct Server {
    pub(super) address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    /// Answers every request with `answer(how many came before, the request)`.
    pub(super) async fn http(
        answer: impl Fn(usize, &Seen) -> Answer + Send + Sync + 'static,
    ) -> Self {
        Self::start(None, answer).await
    }

    pub(super) async fn tls(
        config: rustls::ServerConfig,
        answer: impl Fn(usize, &Seen) -> Answer + Send + Sync + 'static,
    ) -> Self {
        Self::start(Some(TlsAcceptor::from(Arc::new(config))), answer).await
    }

    async fn start(
        tls: Option<TlsAcceptor>,
        answer: impl Fn(usize, &Seen) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let answer = Arc::new(answer);
        let remembered = seen.clone();
        let address = accept(move |stream| {
            let (tls, answer, seen) = (tls.clone(), answer.clone(), remembered.clone());
            async move {
                match tls {
                    None => serve(stream, None, seen, answer).await,
                    Some(tls) => {
                        // A client that turns away from the certificate is what some tests are about.
                        let Ok(stream) = tls.accept(stream).await else {
                            return;
                        };
                        let certificate = stream
                            .get_ref()
                            .1
                            .peer_certificates()
                            .and_then(|chain| chain.first())
                            .map(|der| der.to_vec());
                        serve(stream, certificate, seen, answer).await;
                    }
                }
            }
        })
        .await;
        Self { address, seen }
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(super) fn seen(&self) -> Vec<Seen> {
        lock(&self.seen).clone()
    }
}

async fn serve(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    certificate: Option<Vec<u8>>,
    seen: Arc<Mutex<Vec<Seen>>>,
    answer: Arc<impl Fn(usize, &Seen) -> Answer + Send + Sync + 'static>,
) {
    let service = service_fn(move |request: Request<Incoming>| {
        let (seen, answer, certificate) = (seen.clone(), answer.clone(), certificate.clone());
        async move {
            let (parts, body) = request.into_parts();
            let request = Seen {
                target: parts.uri.to_string(),
                headers: parts.headers,
                body: body.collect().await?.to_bytes().to_vec(),
                certificate,
            };
            let mut seen = lock(&seen);
            let answer = answer(seen.len(), &request);
            seen.push(request);
            Ok::<_, hyper::Error>(answer)
        }
    });
    // The client may leave whenever it likes.
    let _ = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

/// Listens on a free port of the loopback interface, each connection a task of its own.
pub(super) async fn accept<F>(
    connection: impl Fn(TcpStream) -> F + Send + Sync + 'static,
) -> SocketAddr
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(connection(stream));
        }
    });
    address
}

/// A port of the loopback interface on which nothing listens.
pub(super) async fn nobody() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    listener.local_addr().unwrap()
}

pub(super) fn json(status: u16, body: &Value) -> Answer {
    Response::builder()
        .status(status)
        .header("content-type", "application/json")
        .body(Full::from(body.to_string()))
        .unwrap()
}

pub(super) fn fine() -> Answer {
    json(200, &serde_json::json!({"major": "1", "minor": "33"}))
}

/// A failure as the API server words it.
pub(super) fn status(code: u16, reason: &str, message: &str) -> Answer {
    json(
        code,
        &serde_json::json!({
            "kind": "Status", "apiVersion": "v1", "status": "Failure",
            "message": message, "reason": reason, "code": code,
        }),
    )
}
