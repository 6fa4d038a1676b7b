//! The way to a real API server: sockets, proxy, TLS, HTTP, and what a kubeconfig says goes with each request
//! (base URL, fixed credentials, impersonation, compression). No retry and no time limit but the one on connecting:
//! those are the stack's.

use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use futures::future::BoxFuture;
use http::{Request, Response, Uri};
use hyper::body::Incoming;
use hyper::rt::{Read, Write};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use hyper_util::client::legacy::connect::proxy::SocksV5;
use hyper_util::client::legacy::connect::{Connection, HttpConnector};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use kube::client::{Body, ConfigExt as _};
use tower::util::BoxCloneService;
use tower::{BoxError, Layer as _, Service, ServiceExt as _};
use tower_http::decompression::{DecompressionBody, DecompressionLayer};

use super::credentials::Identity;
use super::proxy::shown;
use super::tunnel::{self, ProxyFailure, Tunnel};

/// TCP, proxy and TLS together. Shorter than the usual limit of a request, so that a server that cannot be reached
/// is told from one that does not answer; long enough for a lost packet or two (TCP repeats after 1, 3 and 7 s).
const CONNECT_LIMIT: Duration = Duration::from_secs(15);

/// Azure's load balancers drop a connection that is idle for four minutes, in silence: a quiet watch would hang.
/// client-go sends TCP keepalives at this interval, and so does this.
const KEEPALIVE: Duration = Duration::from_secs(30);

/// hyper-util gives this type no public name, and its values no source: what it carries is taken out by hand.
type SocksError = <SocksV5<HttpConnector<Resolver>> as Service<Uri>>::Error;

type Inner = BoxCloneService<Request<Body>, Response<DecompressionBody<Incoming>>, BoxError>;

/// A request that got no answer, with where it was going.
#[derive(Debug, thiserror::Error)]
#[error("cannot reach {server}{}", through(.proxy.as_deref()))]
pub(crate) struct Unreachable {
    pub(crate) server: String,
    /// The proxy, without its password.
    pub(crate) proxy: Option<String>,
    pub(crate) source: BoxError,
}

fn through(proxy: Option<&str>) -> String {
    proxy
        .map(|proxy| format!(" through the proxy {proxy}"))
        .unwrap_or_default()
}

/// No connection within the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no connection within {0:?}")]
pub(crate) struct ConnectTimedOut(pub(crate) Duration);

/// A host name that leads nowhere.
#[derive(Debug, thiserror::Error)]
#[error("the name `{host}` cannot be resolved")]
pub(crate) struct NameUnknown {
    pub(crate) host: String,
    source: std::io::Error,
}

/// The system's resolver, with an error that says which name.
#[derive(Clone)]
struct Resolver(GaiResolver);

impl Service<Name> for Resolver {
    type Response = <GaiResolver as Service<Name>>::Response;
    type Error = NameUnknown;
    type Future = BoxFuture<'static, Result<Self::Response, NameUnknown>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), NameUnknown>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let host = name.as_str().to_owned();
        let answer = self.0.clone().oneshot(name);
        Box::pin(async move { answer.await.map_err(|source| NameUnknown { host, source }) })
    }
}

/// The service that speaks to the server. When a credential plugin has given a new client certificate, its next
/// request builds a new pool: a connection keeps the certificate that it was opened with.
#[derive(Clone)]
pub(super) struct Transport {
    config: Arc<kube::Config>,
    identity: Identity,
    built: Arc<Mutex<(u64, Inner)>>,
}

impl Transport {
    /// Reads certificates and keys and opens nothing. `config` must be without an exec plugin: kube would run it.
    pub(super) fn new(config: kube::Config, identity: Identity) -> Result<Self, kube::Error> {
        let generation = identity.generation();
        let inner = build(&identity.within(&config))?;
        Ok(Self {
            config: Arc::new(config),
            identity,
            built: Arc::new(Mutex::new((generation, inner))),
        })
    }

    fn current(&self) -> Result<Inner, kube::Error> {
        let mut built = self.built.lock().unwrap_or_else(PoisonError::into_inner);
        let generation = self.identity.generation();
        if built.0 != generation {
            *built = (generation, build(&self.identity.within(&self.config))?);
        }
        Ok(built.1.clone())
    }
}

impl Service<Request<Body>> for Transport {
    type Response = Response<DecompressionBody<Incoming>>;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Self::Response, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        match self.current() {
            Ok(inner) => Box::pin(inner.oneshot(request)),
            Err(error) => Box::pin(std::future::ready(Err(error.into()))),
        }
    }
}

fn build(config: &kube::Config) -> Result<Inner, kube::Error> {
    let mut sockets = HttpConnector::new_with_resolver(Resolver(GaiResolver::new()));
    sockets.enforce_http(false);
    sockets.set_nodelay(true);
    sockets.set_keepalive(Some(KEEPALIVE));

    let Some(proxy) = config.proxy_url.clone() else {
        return over(config, sockets);
    };
    match proxy.scheme_str() {
        Some("https") => {
            let tls = config.rustls_https_connector_with_connector(sockets)?;
            over(config, Tunnel::new(tls, proxy))
        }
        Some("socks5" | "socks5h") => {
            let credentials = tunnel::credentials(&proxy);
            let mut socks = SocksV5::new(proxy, sockets);
            if let Some((user, password)) = credentials {
                socks = socks.with_auth(user, password);
            }
            let socks = socks.map_err(|error| match error {
                SocksError::Inner(error) => ProxyFailure::Unreachable(error.into()),
                SocksError::Io(error) => ProxyFailure::Broken(error),
                other => ProxyFailure::Socks(other.to_string()),
            });
            over(config, socks)
        }
        // What the scheme may be is settled when the proxy is chosen.
        _ => over(config, Tunnel::new(sockets, proxy)),
    }
}

/// TLS, the pool and the layers of the kubeconfig over one way of connecting.
fn over<C>(config: &kube::Config, connector: C) -> Result<Inner, kube::Error>
where
    C: Service<Uri> + Clone + Send + Sync + 'static,
    C::Response: Read + Write + Connection + Unpin + Send + 'static,
    C::Future: Send + 'static,
    C::Error: Into<BoxError> + Send + Sync + std::error::Error + 'static,
{
    let connector = config
        .rustls_https_connector_with_connector(connector)?
        .map_future(|connecting| {
            Box::pin(async move {
                tokio::time::timeout(CONNECT_LIMIT, connecting)
                    .await
                    .map_err(|_| BoxError::from(ConnectTimedOut(CONNECT_LIMIT)))?
            })
        });
    let server = shown(&config.cluster_url);
    let proxy = config.proxy_url.as_ref().map(shown);
    // hyper-util repeats a request, whatever its verb, when the kept connection that it took turned out to be closed
    // before a byte was written. That stays on: the server has not seen it.
    let client = Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .build(connector)
        .map_err(move |source| {
            BoxError::from(Unreachable {
                server: server.clone(),
                proxy: proxy.clone(),
                source: source.into(),
            })
        });
    let client = config.extra_headers_layer()?.layer(client);
    let client = tower::util::option_layer(config.auth_layer()?).layer(client);
    let client = client.map_err(BoxError::from);
    let client = DecompressionLayer::new()
        .gzip(!config.disable_compression)
        .layer(client);
    let client = config.base_uri_layer().layer(client);
    Ok(BoxCloneService::new(client))
}
