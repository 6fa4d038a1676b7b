//! From what was picked to the settings of one connection: URL, trust, credentials, impersonation, proxy.
//! Builds `kube::Config` field by field, because kube's own loader reads the proxy variables and fails on values
//! that Go accepts.

use http::Uri;
use kube::Config;
use kube::config::{AuthInfo, ExecAuthCluster, ExecConfig, InClusterError, KubeconfigError};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use super::kubeconfig::{self, Choice, LoadError, Places};
use super::proxy::{self, ProxyError, Variables};
use crate::request::flags::ConnectionFlags;

/// What the process finds round itself that matters to a connection.
#[derive(Clone, Default)]
pub(super) struct Surroundings {
    pub(super) places: Places,
    pub(super) proxy: Variables,
}

impl Surroundings {
    pub(super) fn of_process() -> Self {
        Self {
            places: Places {
                list: std::env::var_os("KUBECONFIG"),
                home: std::env::home_dir(),
            },
            proxy: Variables::read(|name| std::env::var(name).ok()),
        }
    }
}

/// One connection's settings. The plugin is apart, so that nothing below can run it.
pub(super) struct Target {
    pub(super) context: String,
    pub(super) config: Config,
    pub(super) exec: Option<ExecConfig>,
    pub(super) warnings: Vec<String>,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    #[error(transparent)]
    Load(#[from] LoadError),
    #[error(transparent)]
    Proxy(#[from] ProxyError),
    #[error("cluster `{0}` of the kubeconfig has no server")]
    NoServer(String),
    #[error("the server of cluster `{cluster}` is not an http or https URL: {server}")]
    BadServer { cluster: String, server: String },
    #[error("read the certificate authority of cluster `{cluster}`")]
    Authority {
        cluster: String,
        source: KubeconfigError,
    },
    #[error("the certificate authority of cluster `{0}` is not a PEM certificate")]
    BadAuthority(String),
    #[error("the kubeconfig uses the auth provider `{0}`, which Kubernetes has removed")]
    AuthProvider(String),
    #[error("a group or UID to impersonate needs a user to impersonate")]
    GroupsWithoutUser,
    #[error("--in-cluster: no service account of a pod here")]
    NotInCluster(#[source] InClusterError),
}

/// Settles everything that can be known without running or asking anything.
pub(super) fn settle(
    surroundings: &Surroundings,
    flags: &ConnectionFlags,
) -> Result<Target, ConfigError> {
    let mut target = if flags.in_cluster {
        in_cluster(surroundings)?
    } else {
        of_choice(
            kubeconfig::choose(flags, &surroundings.places)?,
            surroundings,
        )?
    };
    impersonate(&mut target.config.auth_info, flags)?;
    // kube repeats every verb for minutes; the stack has its own retry.
    target.config.default_retry = false;
    Ok(target)
}

fn in_cluster(surroundings: &Surroundings) -> Result<Target, ConfigError> {
    let mut config = Config::incluster_env().map_err(ConfigError::NotInCluster)?;
    config.proxy_url = proxy::proxy_for(&config.cluster_url, None, &surroundings.proxy)?;
    config.default_namespace = config.default_namespace.trim().to_owned();
    Ok(Target {
        context: "in-cluster".to_owned(),
        config,
        exec: None,
        warnings: Vec::new(),
    })
}

fn of_choice(choice: Choice, surroundings: &Surroundings) -> Result<Target, ConfigError> {
    let Choice {
        context,
        namespace,
        cluster_name,
        mut cluster,
        mut user,
    } = choice;
    // To kubectl an empty string is an absent one.
    for field in [
        &mut cluster.server,
        &mut cluster.certificate_authority,
        &mut cluster.certificate_authority_data,
        &mut cluster.tls_server_name,
        &mut cluster.proxy_url,
    ] {
        *field = field.take().filter(|text| !text.is_empty());
    }

    let server = cluster
        .server
        .clone()
        .ok_or_else(|| ConfigError::NoServer(cluster_name.clone()))?;
    let url = server
        .parse::<Uri>()
        .ok()
        .filter(|url| matches!(url.scheme_str(), Some("http" | "https")) && url.host().is_some())
        .ok_or_else(|| ConfigError::BadServer {
            cluster: cluster_name.clone(),
            server,
        })?;
    let for_plugin =
        ExecAuthCluster::try_from(&cluster).map_err(|source| ConfigError::Authority {
            cluster: cluster_name.clone(),
            source,
        })?;

    let mut config = Config::new(url);
    config.default_namespace = namespace.unwrap_or_else(|| "default".to_owned());
    config.root_cert = for_plugin
        .certificate_authority_data
        .as_deref()
        .map(|pem| certificates(pem).ok_or_else(|| ConfigError::BadAuthority(cluster_name.clone())))
        .transpose()?;
    config.accept_invalid_certs = cluster.insecure_skip_tls_verify.unwrap_or(false);
    config.disable_compression = cluster.disable_compression.unwrap_or(false);
    config.tls_server_name = cluster.tls_server_name;
    config.proxy_url = proxy::proxy_for(
        &config.cluster_url,
        cluster.proxy_url.as_deref(),
        &surroundings.proxy,
    )?;

    let warnings = warnings(&context, &config);
    let exec = take_exec(&mut user)?.map(|mut exec| {
        if exec.provide_cluster_info {
            exec.cluster = Some(for_plugin);
        }
        exec
    });
    config.auth_info = user;
    Ok(Target {
        context,
        config,
        exec,
        warnings,
    })
}

/// PEM to DER; `None` if there is no certificate in it, or something that is none.
fn certificates(pem: &[u8]) -> Option<Vec<Vec<u8>>> {
    let certificates: Vec<Vec<u8>> = CertificateDer::pem_slice_iter(pem)
        .map(|der| der.map(|der| der.to_vec()))
        .collect::<Result<_, _>>()
        .ok()?;
    (!certificates.is_empty()).then_some(certificates)
}

/// The plugin, if it is what counts: a fixed credential of the same user goes before it, as in kubectl.
fn take_exec(user: &mut AuthInfo) -> Result<Option<ExecConfig>, ConfigError> {
    // client-go has lost these two; kube would run a command for gcp without a bound of time.
    if let Some(provider) = &user.auth_provider
        && provider.name != "oidc"
    {
        return Err(ConfigError::AuthProvider(provider.name.clone()));
    }
    let exec = user.exec.take();
    let fixed = user.auth_provider.is_some()
        || user.token.is_some()
        || user.token_file.is_some()
        || (user.username.is_some() && user.password.is_some());
    Ok(exec.filter(|_| !fixed))
}

fn impersonate(user: &mut AuthInfo, flags: &ConnectionFlags) -> Result<(), ConfigError> {
    if let Some(name) = &flags.as_user {
        user.impersonate = Some(name.clone());
    }
    if !flags.as_groups.is_empty() {
        user.impersonate_groups = Some(flags.as_groups.clone());
    }
    if let Some(uid) = &flags.as_uid {
        user.impersonate_uid = Some(uid.clone());
    }
    let more = user.impersonate_groups.is_some() || user.impersonate_uid.is_some();
    if more && user.impersonate.as_deref().unwrap_or_default().is_empty() {
        return Err(ConfigError::GroupsWithoutUser);
    }
    Ok(())
}

fn warnings(context: &str, config: &Config) -> Vec<String> {
    let server = proxy::shown(&config.cluster_url);
    let mut warnings = Vec::new();
    if config.accept_invalid_certs {
        warnings.push(format!(
            "context `{context}` does not verify the certificate of {server} (insecure-skip-tls-verify): whoever \
             is in between can read and change everything, credentials included"
        ));
    }
    let host = config.cluster_url.host().unwrap_or_default();
    let local = host == "localhost"
        || host
            .trim_matches(['[', ']'])
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback());
    if config.cluster_url.scheme_str() == Some("http") && !local {
        warnings.push(format!(
            "context `{context}` speaks to {server} without encryption, credentials included"
        ));
    }
    warnings
}
