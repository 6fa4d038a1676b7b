//! create, update, patch and delete.

use std::sync::Arc;

use http::StatusCode;
use serde_json::{Value, json};

use super::call::Call;
use super::patch::Patch;
use super::query::{self, Query};
use super::refusal::Refusal;
use super::shape::Shape;
use super::{Answer, access, defaults, names, read, sizes};
use crate::sim::cluster::{Cluster, Left};
use crate::sim::json::{self, entry, number, set, text};
use crate::sim::kind::Kind;
use crate::sim::store::{Key, Object};
use crate::sim::written::Same;

/// The JSON that was sent.
pub(super) fn body(call: &Call) -> Result<Value, Refusal> {
    serde_json::from_slice(&call.body).map_err(|error| {
        Refusal::bad_request(format!("the object provided is unrecognized: {error}"))
    })
}

pub(super) fn create(
    cluster: &mut Cluster,
    call: &Call,
    kind: Kind,
    query: &Query,
    shape: Shape,
) -> Result<Answer, Refusal> {
    if kind.resource().namespaced && call.namespace.is_empty() {
        return Err(Refusal::method_not_allowed());
    }
    let mut value = body(call)?;
    if !value.is_object() {
        return Err(Refusal::bad_request("the object provided is unrecognized"));
    }
    let namespace = text(&value, "/metadata/namespace").unwrap_or_default();
    if !namespace.is_empty() && namespace != call.namespace {
        return Err(Refusal::bad_request(
            "the namespace of the provided object does not match the namespace sent on the request",
        ));
    }
    let name = match text(&value, "/metadata/name").unwrap_or_default() {
        "" => match text(&value, "/metadata/generateName").unwrap_or_default() {
            "" => {
                let why = "Required value: name or generateName is required";
                return Err(Refusal::invalid(kind, "", "metadata.name", why));
            }
            prefix => format!("{prefix}{}", cluster.chance.suffix()),
        },
        name => name.to_owned(),
    };
    defaults::decode(kind, &value)?;
    access::admit(cluster, kind, call, &name)?;
    access::admit_account(cluster, kind, &call.namespace, &name, &value)?;
    names::check(kind, &name)?;
    sizes::check(kind, &name, &value)?;
    let key = Key::new(call.namespace.as_str(), name.as_str());
    if cluster.store.get(kind, &key).is_some() {
        return Err(Refusal::already_exists(kind, &name));
    }
    set(&mut value, "/metadata/name", name);
    if kind.resource().namespaced {
        set(&mut value, "/metadata/namespace", call.namespace.as_str());
    }
    for pointer in [
        "/metadata/resourceVersion",
        "/metadata/deletionTimestamp",
        "/metadata/creationTimestamp",
    ] {
        json::unset(&mut value, pointer);
    }
    let mut value = defaults::of(kind, value);
    if query.dry_run {
        cluster.stamp(kind, &mut value);
        return Ok(Answer::value(
            cluster,
            StatusCode::CREATED,
            call,
            &value,
            shape,
        ));
    }
    let object = cluster.create(kind, value);
    Ok(Answer::object(cluster, StatusCode::CREATED, &object, shape))
}

/// PUT and PATCH, of an object or of its status alone.
pub(super) fn change(
    cluster: &mut Cluster,
    call: &Call,
    kind: Kind,
    query: &Query,
    shape: Shape,
) -> Result<Answer, Refusal> {
    let old = read::find(cluster, call, kind)?;
    let patch = Patch::read(call, &old)?;
    let same = patch.as_ref().map_or_else(Same::default, Patch::leaves);
    let before = kept(call, &old, same);
    let asked = if let Some(patch) = patch {
        patch.applied(&old, query.dry_run)?
    } else {
        let value = body(call)?;
        let name = text(&value, "/metadata/name").unwrap_or_default();
        if name != call.name {
            return Err(Refusal::bad_request(format!(
                "the name of the object ({name}) does not match the name on the URL ({})",
                call.name
            )));
        }
        value
    };
    let value = settled(call, &old, &before, same, asked)?;
    sizes::check(kind, &call.name, &value)?;
    if query.dry_run {
        return Ok(Answer::value(cluster, StatusCode::OK, call, &value, shape));
    }
    // Only the change of an object that is being deleted can be its last.
    let last = old.index.deleting.then(|| value.clone());
    Ok(match cluster.replace_but(&old, value, same) {
        Some(object) => Answer::object(cluster, StatusCode::OK, &object, shape),
        None => Answer::value(
            cluster,
            StatusCode::OK,
            call,
            &last.unwrap_or_default(),
            shape,
        ),
    })
}

/// What of its metadata a client cannot change.
const KEPT: [&str; 8] = [
    "name",
    "namespace",
    "uid",
    "resourceVersion",
    "creationTimestamp",
    "generation",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
];

/// What of an object this call cannot change, unless it is the `same` anyway; all of it, where only its status can be.
fn kept(call: &Call, old: &Object, same: Same) -> Value {
    let all = old.read();
    if call.subresource == "status" && old.kind.resource().status {
        return Value::clone(&all);
    }
    let mut kept = json!({"apiVersion": all["apiVersion"], "kind": all["kind"], "metadata": {}});
    if old.kind.resource().status
        && !same.has("status")
        && let Some(status) = all.get("status")
    {
        kept["status"] = status.clone();
    }
    for key in KEPT {
        if let Some(own) = all["metadata"].get(key) {
            kept["metadata"][key] = own.clone();
        }
    }
    kept
}

/// Checks what a changed object claims to be, and keeps what a client cannot change.
fn settled(
    call: &Call,
    old: &Arc<Object>,
    before: &Value,
    same: Same,
    mut value: Value,
) -> Result<Value, Refusal> {
    let version = text(&value, "/metadata/resourceVersion").unwrap_or_default();
    if !version.is_empty() && version != old.version.to_string() {
        return Err(Refusal::stale(old.kind, &call.name));
    }
    let uid = text(&value, "/metadata/uid").unwrap_or_default();
    if !uid.is_empty() && uid != old.index.lasting.uid {
        return Err(if call.verb == "patch" {
            let why = format!("Invalid value: \"{uid}\": field is immutable");
            Refusal::invalid(old.kind, &call.name, "metadata.uid", &why)
        } else {
            let why = format!(
                "Precondition failed: UID in precondition: {uid}, UID in object meta: {}",
                old.index.lasting.uid
            );
            Refusal::conflict(old.kind, &old.key.name, &why)
        });
    }
    let status = call.subresource == "status";
    let (kept, taken) = if status {
        ("spec", "status")
    } else {
        ("status", "spec")
    };
    if old.kind.resource().status && (status || !same.has(kept)) {
        match before.get(kept) {
            Some(own) => value[kept] = own.clone(),
            None => {
                json::unset(&mut value, &format!("/{kept}"));
            }
        }
        if status {
            let changed = value[taken].take();
            value = before.clone();
            value[taken] = changed;
        }
    }
    value["apiVersion"] = before["apiVersion"].clone();
    value["kind"] = before["kind"].clone();
    for key in KEPT {
        let metadata = entry(&mut value, "/metadata");
        match before["metadata"].get(key) {
            Some(own) => metadata[key] = own.clone(),
            None => {
                json::unset(metadata, &format!("/{key}"));
            }
        }
    }
    Ok(value)
}

/// What a DELETE or an eviction asks for beside the object.
#[derive(Debug, Default)]
pub(super) struct DeleteOptions {
    pub(super) grace: Option<i64>,
    pub(super) uid: Option<String>,
    pub(super) version: Option<String>,
    pub(super) dry_run: bool,
}

impl DeleteOptions {
    pub(super) fn read(options: &Value, query: &Query) -> Result<Self, Refusal> {
        for value in json::list(options, "/dryRun") {
            if value.as_str() != Some("All") {
                let value = value.as_str().unwrap_or_default();
                return Err(query::invalid_dry_run("DeleteOptions", value));
            }
        }
        let own = |pointer| text(options, pointer).map(str::to_owned);
        Ok(Self {
            grace: number(options, "/gracePeriodSeconds").or(query.grace),
            uid: own("/preconditions/uid"),
            version: own("/preconditions/resourceVersion"),
            dry_run: query.dry_run || !json::list(options, "/dryRun").is_empty(),
        })
    }

    /// Refuses an object that is not the one meant.
    pub(super) fn check(&self, object: &Object) -> Result<(), Refusal> {
        let own = &object.index.lasting.uid;
        if let Some(uid) = self.uid.as_deref().filter(|uid| uid != own) {
            let why = format!(
                "the UID in the precondition ({uid}) does not match the UID in record ({own}). The object might have \
                 been deleted and then recreated"
            );
            return Err(Refusal::precondition(object.kind, &object.key.name, &why));
        }
        let own = object.version.to_string();
        if let Some(version) = self.version.as_deref().filter(|version| *version != own) {
            let why = format!(
                "the ResourceVersion in the precondition ({version}) does not match the ResourceVersion in record \
                 ({own}). The object might have been modified"
            );
            return Err(Refusal::precondition(object.kind, &object.key.name, &why));
        }
        Ok(())
    }
}

fn delete_options(call: &Call, query: &Query) -> Result<DeleteOptions, Refusal> {
    let options = if call.body.is_empty() {
        Value::Null
    } else {
        body(call)?
    };
    DeleteOptions::read(&options, query)
}

pub(super) fn delete(
    cluster: &mut Cluster,
    call: &Call,
    kind: Kind,
    query: &Query,
    shape: Shape,
) -> Result<Answer, Refusal> {
    let options = delete_options(call, query)?;
    let object = read::find(cluster, call, kind)?;
    options.check(&object)?;
    let left = if options.dry_run {
        Some(Left::There(object.clone()))
    } else {
        cluster.delete(kind, &object.key, options.grace)
    };
    // A pod, and what waits for something, is answered with itself; what is gone with a word about it.
    let waits = cluster.store.get(kind, &object.key).is_some() && !options.dry_run;
    if let Some(left) = left.filter(|_| waits || matches!(kind, Kind::Pod | Kind::Namespace)) {
        return Ok(match left {
            Left::There(object) => Answer::object(cluster, StatusCode::OK, &object, shape),
            Left::Gone(last) => Answer::value(cluster, StatusCode::OK, call, &last, shape),
        });
    }
    let mut details =
        json!({"name": call.name, "kind": kind.resource().plural, "uid": object.index.lasting.uid});
    if !kind.resource().group.is_empty() {
        details["group"] = kind.resource().group.into();
    }
    let status = json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details,
    });
    Ok(Answer::json(StatusCode::OK, &status))
}

pub(super) fn delete_collection(
    cluster: &mut Cluster,
    call: &Call,
    kind: Kind,
    query: &Query,
) -> Result<Answer, Refusal> {
    if kind.resource().namespaced && call.namespace.is_empty() {
        return Err(Refusal::method_not_allowed());
    }
    let options = delete_options(call, query)?;
    let selection = read::selection(call, kind, query)?;
    let selected: Vec<_> = cluster
        .store
        .list(kind, selection.namespace.as_deref())
        .filter(|object| selection.holds(object))
        .cloned()
        .collect();
    let mut items = Vec::new();
    for object in selected {
        items.push(object.value());
        if !options.dry_run {
            cluster.delete(kind, &object.key, options.grace);
        }
    }
    let list = json!({
        "kind": format!("{}List", kind.resource().name), "apiVersion": kind.api_version(),
        "metadata": {"resourceVersion": cluster.store.version().to_string()}, "items": items,
    });
    Ok(Answer::json(StatusCode::OK, &list))
}
