//! From kubeconfig and flags to a client that behaves: one stack for the real cluster and for the simulated one.
//! Loads what it is told to load and nothing else; asks the API server nothing by itself.

mod advice;
mod chain;
mod config;
mod credentials;
mod explain;
mod genuine;
mod kubeconfig;
mod limit;
mod plugin;
mod proxy;
mod retry;
mod stack;
mod transport;
mod tunnel;
#[cfg(test)]
mod wire;

use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response};
use kube::client::Body;
use tower::{BoxError, Service};

use crate::core::model::ClusterId;
use crate::failure::Failure;
use crate::request::flags::{ConnectionFlags, RequestTimeout};

use config::Surroundings;
use credentials::{Authorised, Credentials};
use plugin::Plugin;
use transport::Transport;

pub(crate) use explain::explain;
pub(crate) use plugin::read_output;
pub(crate) use stack::Requests;

/// A cluster that can be asked: the client, and how to name it to a person.
#[derive(Clone)]
pub(crate) struct Cluster {
    pub(crate) client: kube::Client,
    /// Name of the kubeconfig context, or what stands for it.
    pub(crate) context: String,
    /// URL of the API server, without user and password.
    pub(crate) server: String,
    /// The context's namespace.
    pub(crate) namespace: String,
    /// How many requests have gone out.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "asserted by the tests on the wire")
    )]
    pub(crate) requests: Requests,
    /// What a person should know of this connection before using it, a sentence each.
    pub(crate) warnings: Vec<String>,
}

impl Cluster {
    /// A cluster behind any service that speaks the Kubernetes API, by the same stack as a real one.
    pub(crate) fn over<S, B>(
        service: S,
        context: impl Into<String>,
        server: impl Into<String>,
    ) -> Self
    where
        S: Service<Request<Body>, Response = Response<B>> + Clone + Send + 'static,
        S::Future: Send + 'static,
        S::Error: Into<BoxError>,
        B: http_body::Body<Data = hyper::body::Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let RequestTimeout(limit) = RequestTimeout::default();
        Self::behind(service, limit, None, "default").named(context, server)
    }

    fn behind<S, B>(
        transport: S,
        limit: Option<Duration>,
        credentials: Option<Arc<Credentials>>,
        namespace: &str,
    ) -> Self
    where
        S: Service<Request<Body>, Response = Response<B>> + Clone + Send + 'static,
        S::Future: Send + 'static,
        S::Error: Into<BoxError>,
        B: http_body::Body<Data = hyper::body::Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let requests = Requests::default();
        let service = stack::stack(transport, limit, requests.clone());
        Self {
            client: kube::Client::new(Authorised::new(service, credentials), namespace),
            context: String::new(),
            server: String::new(),
            namespace: namespace.to_owned(),
            requests,
            warnings: Vec::new(),
        }
    }

    fn named(mut self, context: impl Into<String>, server: impl Into<String>) -> Self {
        self.context = context.into();
        self.server = server.into();
        self
    }

    /// UID of the namespace `kube-system`.
    pub(crate) async fn identity(&self) -> Result<ClusterId, kube::Error> {
        use k8s_openapi::api::core::v1::Namespace;
        let namespace = kube::Api::<Namespace>::all(self.client.clone())
            .get("kube-system")
            .await?;
        Ok(ClusterId::new(namespace.metadata.uid.unwrap_or_default()))
    }
}

/// Connects as the flags say: reads the kubeconfig (or the pod's service account), runs the credential plugin if
/// there is one, and returns a client. No request is sent. `operator_present`: somebody at a terminal could answer
/// a plugin's question.
pub(crate) async fn connect(
    flags: &ConnectionFlags,
    operator_present: bool,
) -> Result<Cluster, Failure> {
    connect_from(&Surroundings::of_process(), flags, operator_present).await
}

async fn connect_from(
    surroundings: &Surroundings,
    flags: &ConnectionFlags,
    operator_present: bool,
) -> Result<Cluster, Failure> {
    let target = config::settle(surroundings, flags)?;
    let server = proxy::shown(&target.config.cluster_url);
    let credentials = match target.exec {
        None => None,
        Some(exec) => {
            let plugin = Plugin::new(exec, operator_present)?;
            Some(Arc::new(Credentials::obtain(plugin).await?))
        }
    };
    let identity = credentials
        .as_ref()
        .map(|credentials| credentials.identity())
        .unwrap_or_default();
    let namespace = target.config.default_namespace.clone();
    let transport = Transport::new(target.config, identity)
        .map_err(|error| explain(error, &format!("prepare the connection to {server}")))?;
    let RequestTimeout(limit) = flags.request_timeout;
    let mut cluster =
        Cluster::behind(transport, limit, credentials, &namespace).named(target.context, server);
    cluster.warnings = target.warnings;
    Ok(cluster)
}
