//! Through an HTTP proxy by CONNECT. Written here because hyper-util's tunnel keeps neither the proxy's answer nor
//! a type that can be named, and an operator behind a proxy needs to know that it said 403.

use std::task::{Context, Poll};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures::future::BoxFuture;
use http::Uri;
use hyper::rt::{Read, Write};
use hyper_util::rt::TokioIo;
use percent_encoding::percent_decode_str;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tower::{BoxError, Service};

/// No answer of a proxy to CONNECT is longer than this in good faith.
const LONGEST_HEAD: usize = 16 * 1024;

/// What went wrong between here and the far end of a proxy.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProxyFailure {
    #[error("the proxy cannot be reached")]
    Unreachable(#[source] BoxError),
    /// The status of its answer to CONNECT, such as `403 Forbidden`.
    #[error("the proxy answered {status}{}", reason(.phrase))]
    Refused { status: u16, phrase: String },
    #[error("the proxy broke the connection off")]
    Broken(#[source] std::io::Error),
    #[error("the proxy's answer is not HTTP")]
    NotHttp,
    #[error("the SOCKS proxy could not connect: {0}")]
    Socks(String),
}

fn reason(phrase: &str) -> String {
    if phrase.is_empty() {
        String::new()
    } else {
        format!(" {phrase}")
    }
}

/// User and password of a proxy's URL, percent-decoded.
pub(super) fn credentials(proxy: &Uri) -> Option<(String, String)> {
    let (user_info, _) = proxy.authority()?.as_str().rsplit_once('@')?;
    let (user, password) = user_info.split_once(':').unwrap_or((user_info, ""));
    let decode = |text| percent_decode_str(text).decode_utf8_lossy().into_owned();
    Some((decode(user), decode(password)))
}

/// A connector that connects to the proxy by `inner` and asks it for the way on.
#[derive(Clone)]
pub(super) struct Tunnel<C> {
    inner: C,
    proxy: Uri,
}

impl<C> Tunnel<C> {
    pub(super) fn new(inner: C, proxy: Uri) -> Self {
        Self { inner, proxy }
    }
}

impl<C> Service<Uri> for Tunnel<C>
where
    C: Service<Uri>,
    C::Response: Read + Write + Unpin + Send + 'static,
    C::Error: Into<BoxError>,
    C::Future: Send + 'static,
{
    type Response = C::Response;
    type Error = ProxyFailure;
    type Future = BoxFuture<'static, Result<C::Response, ProxyFailure>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), ProxyFailure>> {
        self.inner
            .poll_ready(context)
            .map_err(|error| ProxyFailure::Unreachable(error.into()))
    }

    fn call(&mut self, target: Uri) -> Self::Future {
        let connecting = self.inner.call(self.proxy.clone());
        let question = question(&target, credentials(&self.proxy));
        Box::pin(async move {
            let connection = connecting
                .await
                .map_err(|error| ProxyFailure::Unreachable(error.into()))?;
            open(connection, &question).await
        })
    }
}

fn question(target: &Uri, credentials: Option<(String, String)>) -> String {
    let host = target.host().unwrap_or_default();
    let port = target.port_u16().unwrap_or(match target.scheme_str() {
        Some("http") => 80,
        _ => 443,
    });
    let authorization = credentials
        .map(|(user, password)| {
            let encoded = STANDARD.encode(format!("{user}:{password}"));
            format!("Proxy-Authorization: Basic {encoded}\r\n")
        })
        .unwrap_or_default();
    format!("CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n{authorization}\r\n")
}

async fn open<T: Read + Write + Unpin>(connection: T, question: &str) -> Result<T, ProxyFailure> {
    let mut stream = TokioIo::new(connection);
    stream
        .write_all(question.as_bytes())
        .await
        .map_err(ProxyFailure::Broken)?;
    stream.flush().await.map_err(ProxyFailure::Broken)?;
    // Byte by byte: what follows the head belongs to the tunnel.
    let mut head = Vec::with_capacity(256);
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() == LONGEST_HEAD {
            return Err(ProxyFailure::NotHttp);
        }
        head.push(stream.read_u8().await.map_err(ProxyFailure::Broken)?);
    }
    let head = String::from_utf8_lossy(&head);
    let line = head.lines().next().unwrap_or_default();
    let mut words = line.splitn(3, ' ');
    let status = match (words.next(), words.next().map(str::parse::<u16>)) {
        (Some(version), Some(Ok(status))) if version.starts_with("HTTP/1.") => status,
        _ => return Err(ProxyFailure::NotHttp),
    };
    if (200..300).contains(&status) {
        return Ok(stream.into_inner());
    }
    Err(ProxyFailure::Refused {
        status,
        phrase: words.next().unwrap_or_default().trim().to_owned(),
    })
}
