//! List once, then watch: a stream of changes that survives an API server that restarts, a connection that dies in
//! silence and a version that is too old. It tells what changed; it keeps no store.

use std::time::Duration;

use futures::{TryStreamExt as _, pin_mut};
use http::Request;
use kube::core::WatchEvent;
use kube::core::params::ListParams;
use serde::de::DeserializeOwned;
use tokio::sync::mpsc::UnboundedSender;

use super::events::events;
use super::page::{Listed, list_pages};
use super::wire::{Refusal, encode};

/// The server ends a watch after this; the next goes on where it ended, without a new list.
const WATCH_SECONDS: u64 = 30;
/// Where the user's role lets nobody watch, lists take its place, this far apart.
const WITHOUT_WATCH: Duration = Duration::from_secs(5);
/// A watch that says nothing for longer is dead: a laptop slept, a NAT forgot us.
const SILENCE: Duration = Duration::from_secs(WATCH_SECONDS + 10);

/// What to watch.
#[derive(Clone, Debug)]
pub(crate) struct Scope {
    /// `/api/v1/pods`, `/api/v1/nodes`, …
    pub(crate) path: String,
    pub(crate) field_selector: Option<String>,
    pub(crate) label_selector: Option<String>,
}

/// A change of what is watched.
#[derive(Clone, Debug)]
pub(crate) enum Change<T> {
    /// Everything there is; what is not in it is gone.
    All(Vec<T>),
    Is(T),
    Gone(T),
    /// The API could not be asked; the last `All` is getting old.
    Away,
}

impl Scope {
    pub(crate) fn all(path: &str) -> Self {
        Self {
            path: path.into(),
            field_selector: None,
            label_selector: None,
        }
    }

    fn query(&self) -> String {
        let mut query = String::new();
        for (key, value) in [
            ("fieldSelector", &self.field_selector),
            ("labelSelector", &self.label_selector),
        ] {
            if let Some(value) = value {
                query.push('&');
                query.push_str(key);
                query.push('=');
                query.push_str(&encode(value));
            }
        }
        query
    }
}

/// One consistent list of all there is, and its version.
pub(crate) async fn list<T: DeserializeOwned>(
    client: &kube::Client,
    scope: &Scope,
) -> Result<Listed<T>, Refusal> {
    let mut params = ListParams::default();
    params.field_selector.clone_from(&scope.field_selector);
    params.label_selector.clone_from(&scope.label_selector);
    Ok(list_pages::<T, T>(client, &scope.path, &params).await?)
}

/// Sends every change to `changes` until nobody listens there. Never fails: trouble is a `Change::Away`.
pub(crate) async fn follow<T, M>(
    client: kube::Client,
    scope: Scope,
    changes: UnboundedSender<M>,
    wrap: impl Fn(Change<T>) -> M + Send,
) where
    T: Versioned + DeserializeOwned + Send + 'static,
    M: Send,
{
    let mut pause = Duration::from_millis(250);
    loop {
        match list::<T>(&client, &scope).await {
            Ok(Listed {
                items,
                resource_version,
            }) => {
                pause = Duration::from_millis(250);
                if changes.send(wrap(Change::All(items))).is_err() {
                    return;
                }
                match stay(&client, &scope, resource_version, &changes, &wrap).await {
                    Stayed::NobodyListens => return,
                    Stayed::VersionIsOld => continue,
                    Stayed::NotAllowed => {
                        tokio::time::sleep(WITHOUT_WATCH).await;
                        continue;
                    }
                    Stayed::Broken => {}
                }
            }
            Err(refusal) => {
                tracing::debug!(path = scope.path, %refusal, "list before a watch failed");
            }
        }
        if changes.send(wrap(Change::Away)).is_err() {
            return;
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_secs(5));
    }
}

enum Stayed {
    NobodyListens,
    VersionIsOld,
    NotAllowed,
    Broken,
}

/// Watches from `version` on, watch after watch, until one breaks.
async fn stay<T, M>(
    client: &kube::Client,
    scope: &Scope,
    mut version: String,
    changes: &UnboundedSender<M>,
    wrap: &impl Fn(Change<T>) -> M,
) -> Stayed
where
    T: Versioned + DeserializeOwned + Send + 'static,
{
    loop {
        let uri = format!(
            "{}?watch=true&allowWatchBookmarks=true&timeoutSeconds={WATCH_SECONDS}&resourceVersion={}{}",
            scope.path,
            encode(&version),
            scope.query()
        );
        let Ok(request) = Request::get(uri).body(Vec::new()) else {
            return Stayed::Broken;
        };
        let began = tokio::time::Instant::now();
        let told = match events::<T>(client, request).await {
            Ok(told) => told,
            Err(kube::Error::Api(status)) if status.code == 410 => return Stayed::VersionIsOld,
            Err(kube::Error::Api(status)) if status.code == 403 => return Stayed::NotAllowed,
            Err(_) => return Stayed::Broken,
        };
        pin_mut!(told);
        loop {
            let change = match tokio::time::timeout(SILENCE, told.try_next()).await {
                Ok(Ok(None)) => break,
                Err(_) | Ok(Err(_)) => return Stayed::Broken,
                Ok(Ok(Some(event))) => match event {
                    WatchEvent::Added(object) | WatchEvent::Modified(object) => {
                        object.version().clone_into(&mut version);
                        Change::Is(object)
                    }
                    WatchEvent::Deleted(object) => {
                        object.version().clone_into(&mut version);
                        Change::Gone(object)
                    }
                    WatchEvent::Bookmark(bookmark) => {
                        version = bookmark.metadata.resource_version;
                        continue;
                    }
                    WatchEvent::Error(status) if status.code == 410 => return Stayed::VersionIsOld,
                    WatchEvent::Error(_) => return Stayed::Broken,
                },
            };
            if changes.send(wrap(change)).is_err() {
                return Stayed::NobodyListens;
            }
        }
        // A server that ends watches at once must not be asked in a tight loop.
        if began.elapsed() < Duration::from_secs(1) {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
}

/// An object that knows its version, from which a watch goes on.
pub(crate) trait Versioned {
    fn version(&self) -> &str;
}
