//! Credentials that a plugin gives: kept until shortly before they expire or are refused, fetched once however many
//! requests wait for them, put on each request. The layer is outside the time limit of requests: a plugin has its
//! own.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex as SyncMutex, PoisonError};
use std::task::{Context, Poll};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures::future::BoxFuture;
use http::header::AUTHORIZATION;
use http::{HeaderValue, Request, Response, StatusCode};
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use tokio::sync::Mutex;
use tower::{BoxError, Service};

use super::plugin::{Plugin, PluginError};

/// A credential is renewed this long before it expires, so that a request that is on its way does not arrive late.
const MARGIN: SignedDuration = SignedDuration::from_secs(60);

/// What a plugin gave.
#[derive(Clone)]
pub(super) struct Credential {
    /// `Bearer …`, marked as sensitive.
    pub(super) header: Option<HeaderValue>,
    pub(super) certificate: Option<ClientCertificate>,
    pub(super) expires: Option<Timestamp>,
}

/// A client certificate and its key, PEM.
#[derive(Clone)]
pub(super) struct ClientCertificate {
    pub(super) certificate: String,
    pub(super) key: SecretString,
}

/// The client certificate of the moment, shared with the transport. Each new one raises the generation.
#[derive(Clone, Default)]
pub(super) struct Identity {
    generation: Arc<AtomicU64>,
    certificate: Arc<SyncMutex<Option<ClientCertificate>>>,
}

impl Identity {
    pub(super) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// The configuration with the certificate in its place.
    pub(super) fn within(&self, config: &kube::Config) -> kube::Config {
        use secrecy::ExposeSecret as _;
        let mut config = config.clone();
        let current = self
            .certificate
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(current) = &*current {
            config.auth_info.client_certificate_data = Some(STANDARD.encode(&current.certificate));
            config.auth_info.client_key_data =
                Some(STANDARD.encode(current.key.expose_secret()).into());
        }
        config
    }

    fn replace(&self, certificate: ClientCertificate) {
        *self
            .certificate
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(certificate);
        self.generation.fetch_add(1, Ordering::Release);
    }
}

pub(super) struct Credentials {
    plugin: Plugin,
    identity: Identity,
    current: Mutex<Option<Credential>>,
}

impl Credentials {
    /// Runs the plugin for the first time, so that its trouble shows before any request.
    pub(super) async fn obtain(plugin: Plugin) -> Result<Self, PluginError> {
        let credentials = Self {
            plugin,
            identity: Identity::default(),
            current: Mutex::default(),
        };
        credentials.header().await?;
        Ok(credentials)
    }

    pub(super) fn identity(&self) -> Identity {
        self.identity.clone()
    }

    /// The header of the moment, fetched anew if need be. One caller runs the plugin, the others wait for it.
    async fn header(&self) -> Result<Option<HeaderValue>, PluginError> {
        let mut current = self.current.lock().await;
        if let Some(credential) = &*current
            && !is_stale(credential.expires)
        {
            return Ok(credential.header.clone());
        }
        let fetched = self.plugin.run().await?;
        if let Some(certificate) = &fetched.certificate {
            self.identity.replace(certificate.clone());
        }
        let header = fetched.header.clone();
        *current = Some(fetched);
        Ok(header)
    }

    /// The server refused this header: the next request asks the plugin again, unless somebody has already.
    async fn refused(&self, header: Option<&HeaderValue>) {
        let mut current = self.current.lock().await;
        if current
            .as_ref()
            .is_some_and(|credential| credential.header.as_ref() == header)
        {
            *current = None;
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "an expiry is wall time of the world, and a suspended machine's too"
)]
fn is_stale(expires: Option<Timestamp>) -> bool {
    expires.is_some_and(|expires| Timestamp::now() + MARGIN >= expires)
}

/// Puts the plugin's credential on each request; without a plugin it does nothing.
#[derive(Clone)]
pub(super) struct Authorised<S> {
    inner: S,
    credentials: Option<Arc<Credentials>>,
}

impl<S> Authorised<S> {
    pub(super) fn new(inner: S, credentials: Option<Arc<Credentials>>) -> Self {
        Self { inner, credentials }
    }
}

impl<S, R, B> Service<Request<R>> for Authorised<S>
where
    S: Service<Request<R>, Response = Response<B>, Error = BoxError> + Clone + Send + 'static,
    S::Future: Send,
    R: Send + 'static,
    B: Send,
{
    type Response = Response<B>;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Response<B>, BoxError>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<R>) -> Self::Future {
        let next = self.inner.clone();
        let mut ready = std::mem::replace(&mut self.inner, next);
        let credentials = self.credentials.clone();
        Box::pin(async move {
            let Some(credentials) = credentials else {
                return ready.call(request).await;
            };
            let header = credentials.header().await?;
            if let Some(header) = header.clone() {
                request.headers_mut().insert(AUTHORIZATION, header);
            }
            let response = ready.call(request).await?;
            if response.status() == StatusCode::UNAUTHORIZED {
                credentials.refused(header.as_ref()).await;
            }
            Ok(response)
        })
    }
}
