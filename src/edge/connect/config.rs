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
    // The file may end in a line break.
    config
        .default_namespace
        .truncate(config.default_namespace.trim_end().len());
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

#[cfg(test)]
mod tests {
    use clap::Parser;
    use serde_json::{Value, json};

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        connection: ConnectionFlags,
    }

    /// Settles a kubeconfig with one cluster and one user.
    fn settled(cluster: &Value, user: &Value, arguments: &[&str]) -> Result<Target, ConfigError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        let config = json!({
            "current-context": "x",
            "clusters": [{"name": "c", "cluster": cluster}],
            "users": [{"name": "u", "user": user}],
            "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
        });
        std::fs::write(&file, config.to_string()).unwrap();
        let surroundings = Surroundings {
            places: Places {
                list: Some(file.path().into()),
                home: None,
            },
            ..Surroundings::default()
        };
        let line = Line::parse_from(std::iter::once(&"aksreboot").chain(arguments));
        settle(&surroundings, &line.connection)
    }

    fn refused(cluster: &Value, user: &Value, arguments: &[&str]) -> String {
        settled(cluster, user, arguments).err().unwrap().to_string()
    }

    #[test]
    fn a_server_must_be_a_url() {
        for server in ["10.0.0.4:6443", "ftp://x", "https://", "not a url"] {
            let told = refused(&json!({"server": server}), &json!({}), &[]);
            assert!(
                told.contains("not an http or https URL"),
                "{server}: {told}"
            );
        }
        assert!(refused(&json!({"server": ""}), &json!({}), &[]).contains("has no server"));
        assert!(refused(&json!({}), &json!({}), &[]).contains("has no server"));
    }

    #[test]
    fn an_authority_that_is_none_is_refused() {
        let with = |data: &str| json!({"server": "https://x", "certificate-authority-data": data});
        for data in ["%%%", "aGVsbG8="] {
            let told = refused(&with(data), &json!({}), &[]);
            assert!(
                told.contains("certificate authority of cluster `c`"),
                "{told}"
            );
        }
        // Empty is absent: the system's authorities count.
        assert!(
            settled(&with(""), &json!({}), &[])
                .unwrap()
                .config
                .root_cert
                .is_none()
        );
    }

    #[test]
    fn kubes_own_retry_is_off() {
        let target = settled(&json!({"server": "https://x"}), &json!({}), &[]).unwrap();
        assert!(!target.config.default_retry);
    }

    #[test]
    fn flags_impersonate_over_what_the_kubeconfig_does() {
        let cluster = json!({"server": "https://x"});
        let user = json!({"as": "kim", "as-groups": ["g"]});
        let who = |target: Target| target.config.auth_info;
        let kept = who(settled(&cluster, &user, &[]).unwrap());
        assert_eq!(kept.impersonate.as_deref(), Some("kim"));
        let changed = who(settled(&cluster, &user, &["--as", "jo", "--as-group", "h"]).unwrap());
        assert_eq!(changed.impersonate.as_deref(), Some("jo"));
        assert_eq!(changed.impersonate_groups, Some(vec!["h".to_owned()]));
        // The kubeconfig's user is enough.
        assert!(settled(&cluster, &user, &["--as-uid", "1"]).is_ok());
        for arguments in [["--as-uid", "1"], ["--as-group", "g"]] {
            let told = refused(&cluster, &json!({}), &arguments);
            assert!(told.contains("needs a user to impersonate"), "{told}");
        }
    }

    #[test]
    fn removed_auth_providers_are_refused_and_run_nothing() {
        for name in ["gcp", "azure", "openstack"] {
            let provider = json!({"name": name, "config": {"cmd-path": "/nowhere/never-run"}});
            let user = json!({"auth-provider": provider});
            let told = refused(&json!({"server": "https://x"}), &user, &[]);
            assert!(told.contains(&format!("`{name}`")), "{told}");
        }
    }

    #[test]
    fn an_unencrypted_server_is_warned_of_unless_it_is_here() {
        let warned = |server: &str| {
            let target = settled(&json!({"server": server}), &json!({}), &[]).unwrap();
            !target.warnings.is_empty()
        };
        assert!(warned("http://10.0.0.4:8080"));
        assert!(!warned("https://10.0.0.4:6443"));
        assert!(!warned("http://127.0.0.1:8001"));
        assert!(!warned("http://[::1]:8001"));
        assert!(!warned("http://localhost:8001"));
    }

    #[test]
    fn a_plugin_is_kept_apart_from_what_kube_gets() {
        let user = json!({"exec": {"command": "kubelogin"}});
        let target = settled(&json!({"server": "https://x"}), &user, &[]).unwrap();
        assert_eq!(target.exec.unwrap().command.as_deref(), Some("kubelogin"));
        assert!(target.config.auth_info.exec.is_none());
    }
}
