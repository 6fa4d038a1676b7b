//! Which cluster and which user the kubeconfig and the flags mean: reads the files, merges them as kubectl does,
//! picks context, cluster and user by name. Never falls back to another source, never prints what a file holds.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use kube::config::{AuthInfo, Cluster, Kubeconfig, KubeconfigError};

use crate::request::flags::ConnectionFlags;

/// Where kubeconfig files may be, from the environment.
#[derive(Clone, Debug, Default)]
pub(super) struct Places {
    /// `KUBECONFIG`: a list of files.
    pub(super) list: Option<OsString>,
    pub(super) home: Option<PathBuf>,
}

/// What was picked.
#[derive(Debug)]
pub(super) struct Choice {
    pub(super) context: String,
    pub(super) namespace: Option<String>,
    pub(super) cluster_name: String,
    pub(super) cluster: Cluster,
    pub(super) user: AuthInfo,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum LoadError {
    #[error("no kubeconfig: {} not found", list(.0))]
    NoFile(Vec<PathBuf>),
    #[error("no kubeconfig: neither KUBECONFIG nor a home directory is set")]
    NoPlace,
    #[error("read kubeconfig {}", .path.display())]
    Unreadable {
        path: PathBuf,
        source: std::io::Error,
    },
    /// The parser's own message is left out: it quotes the file, and the file holds credentials.
    #[error("kubeconfig {} is not valid{}", .path.display(), place(*.at))]
    Malformed {
        path: PathBuf,
        at: Option<(u64, u64)>,
    },
    #[error("kubeconfig {} and those before it are not of the same kind or version", .0.display())]
    Mixed(PathBuf),
    #[error("the kubeconfig names no current context")]
    NoCurrentContext { known: Vec<String> },
    #[error("no context `{name}` in the kubeconfig")]
    UnknownContext { name: String, known: Vec<String> },
    #[error("no cluster `{name}` in the kubeconfig{}", wanted_by(.context.as_deref()))]
    UnknownCluster {
        name: String,
        context: Option<String>,
        known: Vec<String>,
    },
    #[error("no user `{name}` in the kubeconfig{}", wanted_by(.context.as_deref()))]
    UnknownUser {
        name: String,
        context: Option<String>,
        known: Vec<String>,
    },
}

fn list(paths: &[PathBuf]) -> String {
    let paths: Vec<_> = paths
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    paths.join(", ")
}

fn place(at: Option<(u64, u64)>) -> String {
    at.map(|(line, column)| format!(": line {line}, column {column}"))
        .unwrap_or_default()
}

fn wanted_by(context: Option<&str>) -> String {
    context
        .map(|context| format!(", wanted by context `{context}`"))
        .unwrap_or_default()
}

/// Reads the kubeconfig that flags and environment name, and picks from it.
pub(super) fn choose(flags: &ConnectionFlags, places: &Places) -> Result<Choice, LoadError> {
    pick(&read(flags.kubeconfig.as_deref(), places)?, flags)
}

/// kubectl's order: `--kubeconfig` (must exist), else the files of `KUBECONFIG` that exist, else `~/.kube/config`.
fn read(explicit: Option<&Path>, places: &Places) -> Result<Kubeconfig, LoadError> {
    let paths: Vec<PathBuf> = if let Some(path) = explicit {
        vec![path.to_owned()]
    } else {
        let listed: Vec<PathBuf> = places
            .list
            .iter()
            .flat_map(std::env::split_paths)
            .filter(|path| !path.as_os_str().is_empty())
            .collect();
        if listed.is_empty() {
            let home = places.home.as_ref().ok_or(LoadError::NoPlace)?;
            vec![home.join(".kube").join("config")]
        } else {
            listed
        }
    };
    let mut merged: Option<Kubeconfig> = None;
    for path in &paths {
        let mut next = match Kubeconfig::read_from(path) {
            Ok(next) => next,
            Err(KubeconfigError::ReadConfig(error, _))
                if error.kind() == std::io::ErrorKind::NotFound =>
            {
                continue;
            }
            Err(error) => return Err(unreadable(error, path)),
        };
        // `kubectl config unset current-context` leaves an empty string, which is no choice.
        next.current_context = next.current_context.filter(|name| !name.is_empty());
        merged = Some(match merged {
            None => next,
            Some(before) => before
                .merge(next)
                .map_err(|_| LoadError::Mixed(path.clone()))?,
        });
    }
    merged.ok_or(LoadError::NoFile(paths))
}

fn unreadable(error: KubeconfigError, path: &Path) -> LoadError {
    let path = path.to_owned();
    match error {
        KubeconfigError::ReadConfig(source, _) => LoadError::Unreadable { path, source },
        KubeconfigError::Parse(error) => LoadError::Malformed {
            path,
            at: error.location().map(|at| (at.line(), at.column())),
        },
        // Several documents in one file that cannot be merged.
        _ => LoadError::Mixed(path),
    }
}

fn pick(config: &Kubeconfig, flags: &ConnectionFlags) -> Result<Choice, LoadError> {
    let named = flags.context.as_ref().or(config.current_context.as_ref());
    let context = match named {
        Some(name) => Some((
            name.clone(),
            config
                .contexts
                .iter()
                .find(|entry| entry.name == *name)
                .and_then(|entry| entry.context.clone())
                .ok_or_else(|| LoadError::UnknownContext {
                    name: name.clone(),
                    known: config.contexts.iter().map(|c| c.name.clone()).collect(),
                })?,
        )),
        None if flags.cluster.is_some() => None,
        None => {
            return Err(LoadError::NoCurrentContext {
                known: config.contexts.iter().map(|c| c.name.clone()).collect(),
            });
        }
    };

    let wanted_by = |flag: Option<&String>| match (&context, flag) {
        (Some((name, _)), None) => Some(name.clone()),
        _ => None,
    };
    let cluster_name = flags
        .cluster
        .clone()
        .or_else(|| context.as_ref().map(|(_, context)| context.cluster.clone()))
        .unwrap_or_default();
    let cluster = config
        .clusters
        .iter()
        .find(|entry| entry.name == cluster_name)
        .and_then(|entry| entry.cluster.clone())
        .ok_or_else(|| LoadError::UnknownCluster {
            name: cluster_name.clone(),
            context: wanted_by(flags.cluster.as_ref()),
            known: config.clusters.iter().map(|c| c.name.clone()).collect(),
        })?;

    let user_name = flags
        .user
        .clone()
        .or_else(|| {
            context
                .as_ref()
                .and_then(|(_, context)| context.user.clone())
        })
        .filter(|name| !name.is_empty());
    // A context without a user is anonymous, as in kubectl; a name that leads nowhere is a mistake.
    let user = match user_name {
        None => AuthInfo::default(),
        Some(name) => config
            .auth_infos
            .iter()
            .find(|entry| entry.name == name)
            .map(|entry| entry.auth_info.clone().unwrap_or_default())
            .ok_or_else(|| LoadError::UnknownUser {
                context: wanted_by(flags.user.as_ref()),
                known: config.auth_infos.iter().map(|u| u.name.clone()).collect(),
                name,
            })?,
    };

    let (context, namespace) = match context {
        Some((name, context)) => (name, context.namespace.filter(|name| !name.is_empty())),
        None => (cluster_name.clone(), None),
    };
    Ok(Choice {
        context,
        namespace,
        cluster_name,
        cluster,
        user,
    })
}

#[cfg(test)]
mod tests;
