//! From an error of the client to a failure that says what happened and what to do next. Judges by type, all the
//! way down the causes; by text only where the API server offers nothing else.

use std::error::Error as StdError;
use std::io;

use kube::core::Status;
use rustls::{AlertDescription, CertificateError, InvalidMessage};

use super::advice::{self, GET_CREDENTIALS};
use super::chain;
use super::genuine::NotAnApiServer;
use super::limit::TimedOut;
use super::plugin::PluginError;
use super::transport::{ConnectTimedOut, NameUnknown, Unreachable};
use super::tunnel::ProxyFailure;
use crate::exit::Exit;
use crate::failure::Failure;

const REACH: &str =
    "a private cluster is reached only from its network: check VPN, bastion, authorized IP ranges";

const BROKEN: &str = "the connection was broken off before an answer";

/// As much of an answer as a person reads when it is not the API server's own words.
const LONGEST_MESSAGE: usize = 300;

/// The failure of one operation, such as `list nodes in context prod`.
pub(crate) fn explain(error: kube::Error, operation: &str) -> Failure {
    let failure = match &error {
        kube::Error::Api(status) => of_status(status),
        _ => of_trouble(&error).unwrap_or_else(|| Failure::new(Exit::Failed, error)),
    };
    failure.during(operation.to_owned())
}

/// The server answered, and the answer is no.
fn of_status(status: &Status) -> Failure {
    let message = short(&status.message);
    match status.code {
        401 => fail("the API server does not accept the credentials (401 Unauthorized): expired, or of another cluster")
            .hint(GET_CREDENTIALS)
            .hint("with Entra ID: az login, then kubelogin convert-kubeconfig -l azurecli"),
        403 => {
            let failure = fail(format!("not allowed (403 Forbidden): {message}"));
            let question = denied(&status.message)
                .map_or_else(|| "kubectl auth can-i --list".to_owned(), |denied| denied.question());
            failure
                .hint(question)
                .hint("the roles that are needed: aksreboot manifests")
        }
        400 if message.contains("HTTP request to an HTTPS server") => {
            fail("the API server speaks https, and the kubeconfig says http")
                .hint("kubectl config set-cluster CLUSTER --server=https://HOST:PORT")
        }
        429 => fail(format!("the API server is too busy or refuses for now (429): {message}"))
            .hint("try again in a minute"),
        500..=599 => fail(format!("the API server has trouble of its own ({}): {message}", status.code))
            .hint("kubectl get --raw '/readyz?verbose'"),
        // An error without its number is JSON of somebody else that kube took for a `Status`.
        0 => fail(format!("an error that is not the API server's: {message}")),
        code => fail(format!("{message} ({code})")),
    }
}

/// What the server says it denied. There is no type for it: only this sentence of the authorizer.
struct Denied<'m> {
    verb: &'m str,
    resource: &'m str,
    group: &'m str,
    namespace: Option<&'m str>,
}

fn denied(message: &str) -> Option<Denied<'_>> {
    let (_, rest) = message.split_once(" cannot ")?;
    let (verb, rest) = rest.split_once(" resource \"")?;
    let (resource, rest) = rest.split_once('"')?;
    let after = |words: &str| Some(rest.split_once(words)?.1.split_once('"')?.0);
    let denied = Denied {
        verb,
        resource,
        group: after("in API group \"").unwrap_or_default(),
        namespace: after("in the namespace \""),
    };
    // It goes into a command that will be copied.
    let harmless = |word: &str| {
        word.bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-./".contains(&b))
    };
    [
        verb,
        resource,
        denied.group,
        denied.namespace.unwrap_or_default(),
    ]
    .into_iter()
    .all(harmless)
    .then_some(denied)
}

impl Denied<'_> {
    fn question(&self) -> String {
        let (resource, subresource) = match self.resource.split_once('/') {
            Some((resource, sub)) => (resource, format!(" --subresource={sub}")),
            None => (self.resource, String::new()),
        };
        let group = if self.group.is_empty() {
            String::new()
        } else {
            format!(".{}", self.group)
        };
        let scope = self
            .namespace
            .map(|name| format!(" -n {name}"))
            .unwrap_or_default();
        format!(
            "kubectl auth can-i {} {resource}{group}{subresource}{scope}",
            self.verb
        )
    }
}

/// There was no answer, or not one of an API server.
fn of_trouble(error: &kube::Error) -> Option<Failure> {
    let cause: &(dyn StdError + 'static) = error;
    if let Some(plugin) = chain::find::<PluginError>(cause) {
        let hints = advice::of_plugin(plugin);
        return Some(hints.into_iter().fold(fail(plugin), Failure::hint));
    }
    if let Some(found) = chain::find::<NotAnApiServer>(cause) {
        return Some(fail(found)
            .hint("see which address and which proxy are used: kubectl config view --minify; env | grep -i _proxy")
            .hint("if a login page of the network is in between, log in to it first"));
    }
    if let Some(limit) = chain::find::<TimedOut>(cause) {
        return Some(
            fail(format!("the API server gave {limit}"))
                .hint("allow more with --request-timeout 2m (0 is for ever)")
                .hint(REACH)
                .hint("kubectl get --raw '/readyz?verbose'"),
        );
    }
    let Some(unreachable) = chain::find::<Unreachable>(cause) else {
        return of_client(error);
    };
    let source = unreachable.source.as_ref();
    let mut failure = chain::find::<ProxyFailure>(source)
        .map(of_proxy)
        .or_else(|| chain::find::<rustls::Error>(source).map(of_tls))
        .or_else(|| of_network(source))
        .unwrap_or_else(|| fail(innermost(source)));
    failure.error = failure.error.context(unreachable.to_string());
    Some(failure)
}

fn of_proxy(failure: &ProxyFailure) -> Failure {
    let settings =
        "proxy settings: env | grep -i _proxy, and `proxy-url` in kubectl config view --minify";
    match failure {
        ProxyFailure::Refused { status: 407, .. } => fail(failure)
            .hint("the proxy wants a login: http://USER:PASSWORD@HOST:PORT in HTTPS_PROXY, percent-encoded"),
        ProxyFailure::Refused { .. } => fail(failure)
            .hint("the proxy does not let this address through: ask its owner, or name the API server's host in NO_PROXY"),
        ProxyFailure::Unreachable(source) => {
            let inner = of_network(source.as_ref())
                .unwrap_or_else(|| fail(innermost(source.as_ref())));
            Failure::new(Exit::Failed, inner.error.context(failure.to_string()))
        }
        ProxyFailure::Broken(source) => fail(format!("{failure}: {source}")),
        ProxyFailure::NotHttp | ProxyFailure::Socks(_) => fail(failure),
    }
    .hint(settings)
}

fn of_network(source: &(dyn StdError + 'static)) -> Option<Failure> {
    use io::ErrorKind as K;
    if let Some(unknown) = chain::find::<NameUnknown>(source) {
        return Some(fail(unknown)
            .hint(format!("getent hosts {}", unknown.host))
            .hint("is the cluster still there, and running? az aks show --resource-group GROUP --name CLUSTER --query powerState")
            .hint(REACH));
    }
    if let Some(limit) = chain::find::<ConnectTimedOut>(source) {
        return Some(fail(limit).hint(REACH));
    }
    if chain::any::<hyper::Error>(source, |error| {
        error.is_incomplete_message() || error.is_canceled()
    }) {
        return Some(fail(BROKEN).hint(REACH));
    }
    let kind = chain::causes(source)
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .map(io::Error::kind)
        .last()?;
    Some(match kind {
        K::ConnectionRefused => fail("connection refused: nothing listens there")
            .hint("is this the right cluster, and is it running? kubectl config view --minify"),
        K::ConnectionReset | K::ConnectionAborted | K::BrokenPipe | K::UnexpectedEof => {
            fail(BROKEN).hint(REACH)
        }
        K::TimedOut => fail("no connection: the network gave up").hint(REACH),
        K::HostUnreachable | K::NetworkUnreachable | K::NetworkDown => {
            fail("no route to it from here").hint(REACH)
        }
        _ => return None,
    })
}

fn of_tls(error: &rustls::Error) -> Failure {
    use CertificateError as C;
    use rustls::Error as E;
    let trust = format!("if the cluster's certificates were rotated: {GET_CREDENTIALS}");
    match error {
        // A bad signature is the same story told of two authorities with one name; all of AKS's are called `ca`.
        E::InvalidCertificate(C::UnknownIssuer | C::BadSignature) => {
            fail("its certificate is of an authority that the kubeconfig does not trust")
                .hint(trust)
                .hint("a proxy that opens TLS needs its own authority in `certificate-authority`")
        }
        E::InvalidCertificate(C::NotValidForName | C::NotValidForNameContext { .. }) => fail(error)
            .hint("kubectl config set-cluster CLUSTER --tls-server-name NAME, with a name that it is for"),
        E::InvalidCertificate(C::Expired | C::ExpiredContext { .. }) => {
            fail("its certificate has expired, or the clock here is wrong")
                .hint("date -u")
                .hint("az aks rotate-certs --resource-group GROUP --name CLUSTER    (interrupts the cluster)")
        }
        E::InvalidCertificate(C::NotValidYet | C::NotValidYetContext { .. }) => {
            fail("its certificate is not valid yet, or the clock here is wrong").hint("date -u")
        }
        E::InvalidCertificate(_) => fail(error).hint(trust),
        E::AlertReceived(
            AlertDescription::CertificateRequired
            | AlertDescription::BadCertificate
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateUnknown
            | AlertDescription::UnknownCA
            | AlertDescription::AccessDenied,
        ) => fail(format!("it does not accept the client certificate of the kubeconfig ({error})"))
            .hint(GET_CREDENTIALS),
        E::InvalidMessage(InvalidMessage::InvalidContentType) => fail("it does not speak TLS")
            .hint("if it is meant to be plain http, the kubeconfig's `server` must say so"),
        other => fail(format!("TLS: {other}")),
    }
}

/// Trouble on this side, or in the middle of an answer.
fn of_client(error: &kube::Error) -> Option<Failure> {
    match error {
        // Its message may quote the answer; the position says as much.
        kube::Error::SerdeError(error) => Some(
            fail(format!(
                "the answer is not what the Kubernetes API promises (line {}, column {})",
                error.line(),
                error.column()
            ))
            .hint("kubectl version"),
        ),
        kube::Error::HttpError(_) => Some(Failure::say(
            Exit::Usage,
            "a user, group or UID to impersonate cannot be written in a header",
        )),
        kube::Error::RustlsTls(error) => Some(
            Failure::new(
                Exit::Failed,
                anyhow::anyhow!("{error}")
                    .context("the client certificate or the certificate authority cannot be used"),
            )
            .hint(GET_CREDENTIALS),
        ),
        _ => of_network(error),
    }
}

fn fail(what: impl std::fmt::Display) -> Failure {
    Failure::say(Exit::Failed, what)
}

/// The words of the last cause: those of the wrappers around it only repeat them.
fn innermost(error: &(dyn StdError + 'static)) -> String {
    chain::causes(error)
        .last()
        .map(ToString::to_string)
        .unwrap_or_default()
}

fn short(message: &str) -> String {
    match message.char_indices().nth(LONGEST_MESSAGE) {
        Some((end, _)) => format!("{}…", &message[..end]),
        None => message.to_owned(),
    }
}
