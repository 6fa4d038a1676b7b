//! Watches: the changes after a version that a selection is about, line by line, for as long as the client asked.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use hyper::body::{Bytes, Frame};
use serde_json::json;
use tokio::time::{Instant, Sleep};
use tower::BoxError;

use super::refusal::Refusal;
use super::select::Selection;
use super::shape::{Shape, metadata_alone};
use crate::sim::cluster::Cluster;
use crate::sim::heartbeats::NODE_LEASES;
use crate::sim::json;
use crate::sim::kind::Kind;
use crate::sim::shared::Shared;
use crate::sim::store::Change;
use crate::sim::written::{Pieces, joined};

/// The watches that are open.
#[derive(Debug, Default)]
pub(in crate::sim) struct Watches {
    given: u64,
    open: BTreeMap<u64, Open>,
    /// To be woken when the cluster's lock is free again: whoever wakes may want it.
    pub(in crate::sim) woken: Vec<Waker>,
    renewing: BTreeSet<String>,
}

#[derive(Debug)]
struct Open {
    selection: Selection,
    /// There is something to tell after this version; `None`: nothing since it was told last.
    behind: Option<u64>,
    waker: Option<Waker>,
    leases: Leases,
    cut: bool,
}

/// Which Leases of nodes a watch is about.
#[derive(Clone, Debug, Default)]
enum Leases {
    #[default]
    None,
    One(String),
    All,
}

impl Watches {
    /// Whoever waits for this change shall look. In the order of opening, so that runs can be repeated.
    pub(in crate::sim) fn wake(&mut self, change: &Change) {
        for open in self.open.values_mut() {
            let selection = &open.selection;
            let before = change.before.as_ref();
            if selection.holds(&change.object)
                || before.is_some_and(|before| selection.holds(before))
            {
                open.behind.get_or_insert(change.version - 1);
                self.woken.extend(open.waker.take());
            }
        }
    }

    /// Ends all open watches as a lost connection does.
    pub(in crate::sim) fn cut(&mut self) {
        for open in self.open.values_mut() {
            open.cut = true;
            self.woken.extend(open.waker.take());
        }
    }

    /// Whether it is for the caller to see to the renewals of this Lease from now on.
    pub(in crate::sim) fn begin_renewing(&mut self, node: &str) -> bool {
        self.renewing.insert(node.to_owned())
    }

    /// Whether anybody still watches this Lease.
    pub(in crate::sim) fn go_on_renewing(&mut self, node: &str) -> bool {
        let wanted = self.open.values().any(|open| match &open.leases {
            Leases::One(one) => one == node,
            Leases::All => true,
            Leases::None => false,
        });
        if !wanted {
            self.renewing.remove(node);
        }
        wanted
    }
}

/// What a watch is asked for, once it was found to be served.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) selection: Selection,
    /// Changes after this version.
    pub(super) since: u64,
    /// Objects that are there already, told first.
    pub(super) initial: VecDeque<Pieces>,
    pub(super) lasts: Duration,
    pub(super) bookmarks: bool,
    pub(super) shape: Shape,
}

/// The body of a watch's answer.
pub(super) struct Stream {
    shared: Arc<Shared>,
    id: u64,
    request: Request,
    end: Pin<Box<Sleep>>,
    over: bool,
    /// What is yet to be sent of the lines that were told; objects go out as they are stored, uncopied.
    parts: VecDeque<Bytes>,
}

impl Stream {
    pub(super) fn open(shared: Arc<Shared>, request: Request) -> Self {
        let id = shared.with(|cluster| {
            let leases = watched_leases(&request.selection);
            let version = cluster.store.version();
            let watches = &mut cluster.watches;
            watches.given += 1;
            let id = watches.given;
            let open = Open {
                selection: request.selection.clone(),
                behind: (request.since < version).then_some(request.since),
                waker: None,
                leases: leases.clone(),
                cut: false,
            };
            watches.open.insert(id, open);
            match leases {
                Leases::One(node) => cluster.watch_lease(&node),
                Leases::All => {
                    let nodes: Vec<_> = cluster.hosts.keys().cloned().collect();
                    for node in nodes {
                        cluster.watch_lease(&node);
                    }
                }
                Leases::None => {}
            }
            id
        });
        let end = Box::pin(tokio::time::sleep_until(Instant::now() + request.lasts));
        Self {
            shared,
            id,
            request,
            end,
            over: false,
            parts: VecDeque::new(),
        }
    }

    pub(super) fn poll(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if let Some(part) = self.parts.pop_front() {
            return Poll::Ready(Some(Ok(Frame::data(part))));
        }
        if self.over {
            return Poll::Ready(None);
        }
        let shared = self.shared.clone();
        let mut cluster = shared.lock();
        if cluster
            .watches
            .open
            .get(&self.id)
            .is_none_or(|open| open.cut)
        {
            self.over = true;
            return Poll::Ready(Some(Err("connection reset by the simulated server".into())));
        }
        self.tell(&mut cluster);
        if let Some(part) = self.parts.pop_front() {
            return Poll::Ready(Some(Ok(Frame::data(part))));
        }
        if self.over {
            return Poll::Ready(None);
        }
        if self.end.as_mut().poll(context).is_ready() {
            self.over = true;
            if !self.request.bookmarks {
                return Poll::Ready(None);
            }
            let object = bookmark(self.request.selection.kind, cluster.store.version());
            self.line(BOOKMARK, whole(object.into()));
            let part = self.parts.pop_front().unwrap_or_default();
            return Poll::Ready(Some(Ok(Frame::data(part))));
        }
        if let Some(open) = cluster.watches.open.get_mut(&self.id) {
            open.waker = Some(context.waker().clone());
        }
        Poll::Pending
    }

    /// Everything that is to be told now becomes lines.
    fn tell(&mut self, cluster: &mut Cluster) {
        let shape = self.request.shape;
        for object in std::mem::take(&mut self.request.initial) {
            self.line(ADDED, shaped(shape, object));
        }
        let open = cluster.watches.open.get_mut(&self.id);
        let Some(since) = open.and_then(|open| open.behind.take()) else {
            return;
        };
        let Ok(changes) = cluster.store.changes_since(since) else {
            self.over = true;
            let refusal = too_old(since, cluster.store.version());
            let status = refusal.status().to_string().into();
            self.line(ERROR, whole(status));
            return;
        };
        for change in changes {
            if let Some((begin, object)) = told(cluster, &self.request.selection, change) {
                self.line(begin, shaped(shape, object));
            }
        }
    }

    fn line(&mut self, begin: &'static [u8], object: Pieces) {
        self.parts.push_back(Bytes::from_static(begin));
        let pieces = object.into_iter().filter(|piece| !piece.is_empty());
        self.parts.extend(pieces);
        self.parts.push_back(Bytes::from_static(b"}\n"));
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.shared.lock().watches.open.remove(&self.id);
    }
}

fn watched_leases(selection: &Selection) -> Leases {
    let nodes = selection.kind == Kind::Lease
        && selection
            .namespace
            .as_ref()
            .is_none_or(|namespace| namespace == NODE_LEASES);
    match selection.fields.name() {
        _ if !nodes => Leases::None,
        Some(name) => Leases::One(name.to_owned()),
        None => Leases::All,
    }
}

/// An object in one piece.
fn whole(object: Bytes) -> Pieces {
    [object, Bytes::new(), Bytes::new()]
}

/// How lines begin.
const ADDED: &[u8] = b"{\"type\":\"ADDED\",\"object\":";
const MODIFIED: &[u8] = b"{\"type\":\"MODIFIED\",\"object\":";
const DELETED: &[u8] = b"{\"type\":\"DELETED\",\"object\":";
const BOOKMARK: &[u8] = b"{\"type\":\"BOOKMARK\",\"object\":";
const ERROR: &[u8] = b"{\"type\":\"ERROR\",\"object\":";

/// A change as this selection sees it: what begins to match was added, what ceases to was deleted.
fn told(
    cluster: &Cluster,
    selection: &Selection,
    change: &Change,
) -> Option<(&'static [u8], Pieces)> {
    let before = change
        .before
        .as_ref()
        .filter(|before| selection.holds(before));
    let after = !change.removed && selection.holds(&change.object);
    let object = || cluster.rendered(&change.object);
    match (before, after) {
        (None, false) => None,
        (None, true) => Some((ADDED, object())),
        (Some(_), true) => Some((MODIFIED, object())),
        (Some(_), false) if change.removed => Some((DELETED, object())),
        (Some(before), false) => {
            let mut last = before.value();
            let version = change.version.to_string();
            json::set(&mut last, "/metadata/resourceVersion", version);
            let last = cluster.rendered_value(before.kind, &before.key.name, &last);
            Some((DELETED, whole(last)))
        }
    }
}

/// A watch has no Table here: it tells whole objects instead.
fn shaped(shape: Shape, object: Pieces) -> Pieces {
    match shape {
        Shape::Metadata => whole(metadata_alone(joined(&object))),
        Shape::Whole | Shape::Table => object,
    }
}

fn bookmark(kind: Kind, version: u64) -> String {
    json!({
        "kind": kind.resource().name, "apiVersion": kind.api_version(),
        "metadata": {"resourceVersion": version.to_string(), "creationTimestamp": null},
    })
    .to_string()
}

fn too_old(asked: u64, newest: u64) -> Refusal {
    Refusal::expired(format!("too old resource version: {asked} ({newest})"))
}
