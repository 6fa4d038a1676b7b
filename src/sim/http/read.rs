//! get, list and watch: consistent pages, tables for nodes, versions that are too old or not there yet.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};

use super::call::Call;
use super::query::Query;
use super::refusal::Refusal;
use super::select::Selection;
use super::shape::Shape;
use super::{Answer, table, watch};
use crate::sim::cluster::Cluster;
use crate::sim::heartbeats::NODE_LEASES;
use crate::sim::json::{self, list as items, text};
use crate::sim::kind::Kind;
use crate::sim::kubelet::own;
use crate::sim::store::{Expired, Key, Object};

/// How long a watch lasts that does not say.
const WATCH_LASTS: u64 = 1800;

pub(super) fn get(
    cluster: &mut Cluster,
    call: &Call,
    kind: Kind,
    shape: Shape,
) -> Result<Answer, Refusal> {
    let object = find(cluster, call, kind)?;
    if shape == Shape::Table {
        let version = object.version;
        let options = call
            .query
            .as_ref()
            .ok()
            .and_then(|q| q.include_object.clone());
        let table = table::nodes(
            cluster,
            &[object],
            &json!({"resourceVersion": version.to_string()}),
            options.as_deref(),
        );
        return Ok(Answer::bytes(StatusCode::OK, table));
    }
    Ok(Answer::object(cluster, StatusCode::OK, &object, shape))
}

/// The object that a call names, with a Lease's renewals up to now.
pub(super) fn find(cluster: &mut Cluster, call: &Call, kind: Kind) -> Result<Arc<Object>, Refusal> {
    if kind == Kind::Lease && call.namespace == NODE_LEASES {
        cluster.renew(&call.name);
    }
    cluster
        .store
        .get(kind, &Key::new(call.namespace.as_str(), call.name.as_str()))
        .cloned()
        .ok_or_else(|| Refusal::not_found(kind, &call.name))
}

pub(super) fn selection(call: &Call, kind: Kind, query: &Query) -> Result<Selection, Refusal> {
    query.fields.check(kind)?;
    Ok(Selection {
        kind,
        namespace: (!call.namespace.is_empty()).then(|| call.namespace.clone()),
        labels: query.labels.clone(),
        fields: query.fields.clone(),
    })
}

fn renew_leases(cluster: &mut Cluster, selection: &Selection) {
    let asked = selection.namespace.as_deref();
    if selection.kind == Kind::Lease && asked.is_none_or(|namespace| namespace == NODE_LEASES) {
        let nodes: Vec<_> = cluster.hosts.keys().cloned().collect();
        for node in nodes {
            cluster.renew(&node);
        }
    }
}

pub(super) fn list(
    cluster: &mut Cluster,
    call: &Call,
    kind: Kind,
    query: &Query,
) -> Result<Answer, Refusal> {
    let selection = selection(call, kind, query)?;
    let start = if let Some(token) = &query.go_on {
        Start::parse(token)?
    } else {
        asked_version(cluster, query)?;
        renew_leases(cluster, &selection);
        Start::now(cluster, &selection)
    };
    // From its cache, which `0` asks for, the API server serves everything at once.
    let limit = query
        .limit
        .filter(|_| query.version.as_deref() != Some("0"))
        .unwrap_or(usize::MAX);
    let mut page = selected(cluster, &selection, &start, limit.saturating_add(1))
        .map_err(|_| Refusal::expired(CONTINUE_TOO_OLD))?;
    let goes_on = page.len() > limit;
    page.truncate(limit);
    let mut metadata = json!({"resourceVersion": start.version.to_string()});
    if let Some(last) = page.last().filter(|_| goes_on) {
        let remaining = start.total.map(|total| total.saturating_sub(page.len()));
        let next = Start {
            version: start.version,
            total: remaining,
            after: last.key.clone(),
        };
        metadata["continue"] = next.token().into();
        // Not counted where a selector would make it wrong.
        if let Some(remaining) = remaining {
            metadata["remainingItemCount"] = remaining.into();
        }
    }
    if Shape::wanted(call, kind)? == Shape::Table {
        let table = table::nodes(cluster, &page, &metadata, query.include_object.as_deref());
        return Ok(Answer::bytes(StatusCode::OK, table));
    }
    Ok(Answer::bytes(
        StatusCode::OK,
        page_bytes(cluster, kind, &metadata, &page).into(),
    ))
}

const CONTINUE_TOO_OLD: &str = "The provided continue parameter is too old to display a consistent list result. You \
     can start a new list without the continue parameter.";

fn page_bytes(cluster: &Cluster, kind: Kind, metadata: &Value, page: &[Arc<Object>]) -> Vec<u8> {
    let name = kind.resource().name;
    let api_version = kind.api_version();
    // Items of a list carry no kind; in the stored bytes it comes first.
    let typed = format!("{{\"apiVersion\":\"{api_version}\",\"kind\":\"{name}\",");
    let mut out = format!(
        "{{\"kind\":\"{name}List\",\"apiVersion\":\"{api_version}\",\"metadata\":{metadata},\"items\":["
    )
    .into_bytes();
    for (index, object) in page.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        let pieces = cluster.rendered(object);
        let [first, between, last] = &pieces;
        match first.strip_prefix(typed.as_bytes()) {
            Some(rest) => {
                out.push(b'{');
                out.extend_from_slice(rest);
                out.extend_from_slice(between);
                out.extend_from_slice(last);
            }
            // Some kinds have members that come before it.
            None => out.extend_from_slice(&without_kind(&pieces.concat())),
        }
    }
    out.extend_from_slice(b"]}");
    out
}

fn without_kind(object: &[u8]) -> Vec<u8> {
    let mut value: Value = serde_json::from_slice(object).unwrap_or_default();
    json::unset(&mut value, "/apiVersion");
    json::unset(&mut value, "/kind");
    value.to_string().into_bytes()
}

/// Where a page of a list begins.
struct Start {
    /// Of the first page, and so of all.
    version: u64,
    /// How many objects there are from here on, where no selector leaves any out.
    total: Option<usize>,
    after: Key,
}

impl Start {
    fn now(cluster: &Cluster, selection: &Selection) -> Self {
        let store = &cluster.store;
        let (version, kind) = (store.version(), selection.kind);
        let total = match &selection.namespace {
            _ if selection.selects() => None,
            None => store.count_as_of(kind, version).ok(),
            Some(namespace) => Some(store.list(kind, Some(namespace)).count()),
        };
        Self {
            version,
            total,
            after: Key::new(selection.namespace.as_deref().unwrap_or_default(), ""),
        }
    }

    /// As the client hands it back for the next page.
    fn token(&self) -> String {
        let total = self
            .total
            .map_or_else(String::new, |total| total.to_string());
        let Key { namespace, name } = &self.after;
        format!("{}.{total}.{namespace}/{name}", self.version)
    }

    fn parse(token: &str) -> Result<Self, Refusal> {
        let parts = || {
            let mut parts = token.splitn(3, '.');
            let version = parts.next()?.parse().ok()?;
            let total = match parts.next()? {
                "" => None,
                total => Some(total.parse().ok()?),
            };
            let (namespace, name) = parts.next()?.split_once('/')?;
            Some(Self {
                version,
                total,
                after: Key::new(namespace, name),
            })
        };
        parts().ok_or_else(|| Refusal::bad_request("continue key is not valid: invalid character"))
    }
}

/// The selected objects of a page, at most so many.
fn selected(
    cluster: &Cluster,
    selection: &Selection,
    start: &Start,
    limit: usize,
) -> Result<Vec<Arc<Object>>, Expired> {
    let store = &cluster.store;
    if let Some(node) = selection.fields.node()
        && start.version == store.version()
    {
        let pods = store.pods_on(node).into_iter();
        return Ok(pods
            .filter(|pod| pod.key > start.after && selection.holds(pod))
            .take(limit)
            .collect());
    }
    let namespace = selection.namespace.as_deref();
    Ok(store
        .as_of(selection.kind, start.version, &start.after)?
        .take_while(|object| namespace.is_none_or(|wanted| object.key.namespace == wanted))
        .filter(|object| selection.holds(object))
        .take(limit)
        .cloned()
        .collect())
}

/// The version that a list or watch names; an error when it lies in the future.
fn asked_version(cluster: &Cluster, query: &Query) -> Result<Option<u64>, Refusal> {
    let Some(text) = &query.version else {
        return Ok(None);
    };
    let version: u64 = text
        .parse()
        .map_err(|_| Refusal::bad_request(format!("resourceVersion: Invalid value: \"{text}\"")))?;
    let newest = cluster.store.version();
    if version > newest {
        let message = format!("Too large resource version: {version}, current: {newest}");
        let cause =
            json!({"reason": "ResourceVersionTooLarge", "message": "Too large resource version"});
        return Err(Refusal::new(504, "Timeout", message)
            .retry_after(Some(1))
            .with_cause(&cause));
    }
    Ok((version > 0).then_some(version))
}

pub(super) fn watch(
    cluster: &mut Cluster,
    call: &Call,
    kind: Kind,
    query: &Query,
) -> Result<Answer, Refusal> {
    let selection = selection(call, kind, query)?;
    if !call.name.is_empty() {
        return Err(Refusal::bad_request(
            "a watch of one object names it by fieldSelector",
        ));
    }
    if query.initial_events {
        let message = "ListOptions.meta.k8s.io \"\" is invalid: sendInitialEvents: Forbidden: sendInitialEvents is \
                       forbidden for watch unless the WatchList feature gate is enabled";
        return Err(Refusal::new(422, "Invalid", message));
    }
    let mut initial = VecDeque::new();
    let since = if let Some(version) = asked_version(cluster, query)? {
        version
    } else {
        renew_leases(cluster, &selection);
        let start = Start::now(cluster, &selection);
        let objects = selected(cluster, &selection, &start, usize::MAX)
            .map_err(|_| Refusal::expired(CONTINUE_TOO_OLD))?;
        initial.extend(objects.iter().map(|object| cluster.rendered(object)));
        start.version
    };
    let lasts = Duration::from_secs(query.timeout.unwrap_or(WATCH_LASTS));
    Ok(Answer::watch(watch::Request {
        selection,
        since,
        initial,
        lasts,
        bookmarks: query.bookmarks,
        shape: Shape::wanted(call, kind)?,
    }))
}

/// What a container has written. Only our own pods say anything: the same as their termination
/// message, and a list of packages after it.
pub(super) fn log(cluster: &mut Cluster, call: &Call, query: &Query) -> Result<Answer, Refusal> {
    let found = find(cluster, call, Kind::Pod)?;
    let list = own::list_in_log(cluster, &found);
    let pod = found.value();
    let statuses = items(&pod, "/status/containerStatuses");
    let wanted = query.container.as_deref();
    let container = statuses
        .iter()
        .find(|status| wanted.is_none_or(|name| text(status, "/name") == Some(name)));
    let started = container.filter(|status| {
        ["/state/running", "/state/terminated"]
            .iter()
            .any(|state| status.pointer(state).is_some())
    });
    if let Some(status) = started {
        let said = text(status, "/state/terminated/message").unwrap_or_default();
        let mut said = own::described_log(&pod).unwrap_or_else(|| said.to_owned());
        said.push_str(&list.unwrap_or_default());
        if let Some(limit) = query.limit_bytes {
            let whole = (0..=limit.min(said.len())).rev();
            let end = whole.into_iter().find(|end| said.is_char_boundary(*end));
            said.truncate(end.unwrap_or(0));
        }
        return Ok(Answer {
            content_type: "text/plain",
            ..Answer::plain(StatusCode::OK, said)
        });
    }
    let why = container
        .and_then(|status| text(status, "/state/waiting/reason"))
        .unwrap_or("ContainerCreating");
    let container = wanted
        .or_else(|| text(&pod, "/spec/containers/0/name"))
        .unwrap_or_default();
    Err(Refusal::bad_request(format!(
        "container \"{container}\" in pod \"{}\" is waiting to start: {why}",
        call.name
    )))
}
