//! What becomes of our pods, seen through one watch for all of them: the API client speaks HTTP/1.1, where each watch
//! is a connection. Where watching is refused or breaks off, the pods are listed again and again instead.

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::TryStreamExt as _;
use kube::Client;
use kube::core::params::{ListParams, WatchParams};
use kube::core::{Request, WatchEvent};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::edge::cluster::events::events;
use crate::edge::cluster::{code, in_words, list_pages};

use super::pod_state::SlimPod;
use super::shape::Form;

/// Short pods change every second or so. A watch that says nothing for this long may be dead without knowing it.
const SILENCE: Duration = Duration::from_secs(10);
/// Between lists where there is no watch: a pod takes about a second to end.
const POLL: Duration = Duration::from_secs(1);

/// A pod as the feed last saw it.
#[derive(Clone, Debug)]
pub(super) enum Seen {
    There(SlimPod),
    Gone { uid: String },
}

impl Seen {
    pub(super) fn uid(&self) -> &str {
        match self {
            Self::There(pod) => &pod.metadata.uid,
            Self::Gone { uid } => uid,
        }
    }
}

/// Everything seen so far.
#[derive(Debug, Default)]
pub(super) struct Sight {
    pub(super) pods: BTreeMap<String, Seen>,
    /// Why nothing can be seen at the moment.
    pub(super) trouble: Option<Blindness>,
    /// Counts the changes.
    version: u64,
}

#[derive(Clone, Debug)]
pub(super) struct Blindness {
    pub(super) message: String,
    /// The server will not let us look, so waiting is in vain.
    pub(super) is_refusal: bool,
}

/// Where the feed puts what it sees. It wakes its readers in the order in which they began to wait, so that a run replays;
/// tokio's watch channel wakes them in random order.
#[derive(Debug, Default)]
struct Board {
    sight: Mutex<Sight>,
    news: Notify,
}

impl Board {
    fn read(&self) -> MutexGuard<'_, Sight> {
        self.sight.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Sight)) {
        let mut sight = self.read();
        change(&mut sight);
        sight.version += 1;
        drop(sight);
        self.news.notify_waiters();
    }
}

/// One reader of a feed: sees everything, and waits for what it has not seen yet.
pub(super) struct Reader {
    board: Arc<Board>,
    seen: u64,
}

impl Reader {
    /// What there is now; from now on it counts as seen.
    pub(super) fn look(&mut self) -> MutexGuard<'_, Sight> {
        let sight = self.board.read();
        self.seen = sight.version;
        sight
    }

    /// Returns when there is something that was not looked at.
    pub(super) async fn changed(&self) {
        loop {
            // It waits from here on, so that nothing is missed between the look and the sleep.
            let mut news = pin!(self.board.news.notified());
            news.as_mut().enable();
            if self.board.read().version != self.seen {
                return;
            }
            news.await;
        }
    }
}

/// A running watch of our pods; ends when dropped.
pub(super) struct Feed {
    board: Arc<Board>,
    _task: JoinSet<()>,
}

impl Feed {
    pub(super) fn start(client: Client, form: &Form) -> Self {
        let board = Arc::<Board>::default();
        let path = format!("/api/v1/namespaces/{}/pods", form.namespace());
        let (key, value) = form.label();
        let mut task = JoinSet::new();
        task.spawn(follow(
            client,
            path,
            format!("{key}={value}"),
            Arc::clone(&board),
        ));
        Self { board, _task: task }
    }

    pub(super) fn subscribe(&self) -> Reader {
        Reader {
            board: Arc::clone(&self.board),
            seen: 0,
        }
    }
}

async fn follow(client: Client, path: String, selector: String, board: Arc<Board>) {
    // Without a version a watch begins with what is there. That is enough once: nothing was seen yet that may be gone.
    let mut from = Some(String::new());
    let mut may_watch = true;
    loop {
        if let Some(version) = from.take().filter(|_| may_watch) {
            match watch(&client, &path, &selector, &version, &board).await {
                Ok(()) => {}
                Err(error) if code(&error) == Some(403) => may_watch = false,
                // The list says what is the matter, if anything is.
                Err(error) => tracing::debug!(%error, "watch of our pods broke off"),
            }
        }
        sleep(POLL).await;
        match list(&client, &path, &selector, &board).await {
            Ok(version) => from = Some(version),
            Err(error) => {
                tracing::debug!(%error, "list of our pods failed");
                board.change(|sight| {
                    sight.trouble = Some(Blindness {
                        message: in_words(&error),
                        is_refusal: matches!(code(&error), Some(401 | 403)),
                    });
                });
            }
        }
    }
}

/// Replaces the sight with the pods that are there now. Returns the version that a watch goes on from.
async fn list(
    client: &Client,
    path: &str,
    selector: &str,
    board: &Board,
) -> Result<String, kube::Error> {
    let params = ListParams::default().labels(selector);
    let listed = list_pages::<SlimPod, SlimPod>(client, path, &params).await?;
    board.change(|sight| {
        sight.trouble = None;
        for seen in sight.pods.values_mut() {
            let uid = seen.uid().to_owned();
            *seen = Seen::Gone { uid };
        }
        for pod in listed.items {
            sight
                .pods
                .insert(pod.metadata.name.clone(), Seen::There(pod));
        }
    });
    Ok(listed.resource_version)
}

/// Follows changes until the watch ends, for whatever reason.
async fn watch(
    client: &Client,
    path: &str,
    selector: &str,
    version: &str,
    board: &Board,
) -> Result<(), kube::Error> {
    let params = WatchParams::default().labels(selector);
    let request = Request::new(path)
        .watch(&params, version)
        .map_err(kube::Error::BuildRequest)?;
    let mut told = match timeout(SILENCE, events::<SlimPod>(client, request)).await {
        Ok(told) => pin!(told?),
        Err(_silent) => return Ok(()),
    };
    loop {
        let event = match timeout(SILENCE, told.try_next()).await {
            Ok(event) => event?,
            Err(_silent) => return Ok(()),
        };
        let (pod, is_there) = match event {
            Some(WatchEvent::Added(pod) | WatchEvent::Modified(pod)) => (pod, true),
            Some(WatchEvent::Deleted(pod)) => (pod, false),
            Some(WatchEvent::Bookmark(_)) => continue,
            Some(WatchEvent::Error(status)) => return Err(kube::Error::Api(status)),
            None => return Ok(()),
        };
        board.change(|sight| {
            let name = pod.metadata.name.clone();
            let seen = if is_there {
                Seen::There(pod)
            } else {
                let uid = pod.metadata.uid;
                Seen::Gone { uid }
            };
            sight.pods.insert(name, seen);
        });
    }
}
