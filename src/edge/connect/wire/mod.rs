//! Tests of the connection against servers on the loopback interface, and against services in the process where
//! only time matters.

mod authority;
mod plugins;
mod proxies;
mod requests;
mod server;
mod time;
mod trouble;

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use clap::Parser;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::config::Surroundings;
use super::kubeconfig::Places;
use super::proxy::Variables;
use super::{Cluster, connect_from};
use crate::failure::Failure;
use crate::request::flags::ConnectionFlags;

/// A kubeconfig with one cluster, one user and one context, `here`.
struct Here {
    folder: TempDir,
    cluster: Value,
    user: Value,
    proxies: Vec<(&'static str, String)>,
}

impl Here {
    fn new(server: &str) -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            cluster: json!({"server": server}),
            user: json!({"token": "s3cret-t0ken"}),
            proxies: Vec::new(),
        }
    }

    fn cluster(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.cluster[key] = value.into();
        self
    }

    fn user(mut self, user: Value) -> Self {
        self.user = user;
        self
    }

    fn variable(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.proxies.push((name, value.into()));
        self
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    async fn connect(&self, arguments: &[&str]) -> Result<Cluster, Failure> {
        self.connect_as(arguments, false).await
    }

    async fn connect_as(
        &self,
        arguments: &[&str],
        operator_present: bool,
    ) -> Result<Cluster, Failure> {
        let config = json!({
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "here",
            "clusters": [{"name": "cluster", "cluster": self.cluster}],
            "users": [{"name": "user", "user": self.user}],
            "contexts": [{"name": "here", "context": {
                "cluster": "cluster", "user": "user", "namespace": "space"
            }}],
        });
        let path = self.path("config");
        std::fs::write(&path, config.to_string()).unwrap();
        let surroundings = Surroundings {
            places: Places {
                list: Some(path.into()),
                home: None,
            },
            proxy: Variables::read(|name| {
                self.proxies
                    .iter()
                    .find(|(known, _)| *known == name)
                    .map(|(_, value)| value.clone())
            }),
        };
        connect_from(&surroundings, &flags(arguments), operator_present).await
    }
}

fn flags(arguments: &[&str]) -> ConnectionFlags {
    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        connection: ConnectionFlags,
    }
    Line::try_parse_from(std::iter::once(&"aksreboot").chain(arguments))
        .unwrap()
        .connection
}

/// The whole story of a failure: the error with its causes, then the hints.
fn story(failure: &Failure) -> String {
    let causes: Vec<_> = failure.error.chain().map(ToString::to_string).collect();
    format!("{} / {}", causes.join(": "), failure.hints.join(" / "))
}

/// A request that any cluster answers, explained when it fails.
async fn ask(cluster: &Cluster) -> Result<String, Failure> {
    let request = http::Request::get("/version").body(Vec::new()).unwrap();
    cluster
        .client
        .request_text(request)
        .await
        .map_err(|error| super::explain(error, "read the version"))
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
