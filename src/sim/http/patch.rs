//! JSON patch (RFC 6902) and JSON merge patch (RFC 7386).

use serde_json::{Map, Value};

use super::call::Call;
use super::refusal::Refusal;
use super::write;
use crate::sim::json::text;
use crate::sim::store::Object;
use crate::sim::written::Same;

/// A patch as it was sent.
pub(super) enum Patch {
    Json(Vec<Value>),
    Merge(Map<String, Value>),
}

impl Patch {
    /// The patch that was sent; none with an update.
    pub(super) fn read(call: &Call, old: &Object) -> Result<Option<Self>, Refusal> {
        if call.verb == "update" {
            return Ok(None);
        }
        let content_type = call.content_type.split(';').next().unwrap_or_default();
        match (content_type.trim(), write::body(call)) {
            ("application/json-patch+json", sent) => match sent? {
                Value::Array(operations) => Ok(Some(Self::Json(operations))),
                _ => Err(Refusal::bad_request("error decoding patch: it is no list")),
            },
            // Lists that a strategic patch would merge by key are replaced: nothing here sends one.
            ("application/merge-patch+json" | "application/strategic-merge-patch+json", sent) => {
                match sent? {
                    Value::Object(mut members) => {
                        if old.kind.resource().status && call.subresource != "status" {
                            members.remove("status");
                        }
                        Ok(Some(Self::Merge(members)))
                    }
                    _ => Err(Refusal::bad_request(
                        "error decoding patch: it is no object",
                    )),
                }
            }
            _ => Err(Refusal::unsupported_media_type()),
        }
    }

    /// The parts that it says nothing about.
    pub(super) fn leaves(&self) -> Same {
        Same::those(|part| match self {
            Self::Json(operations) => operations.iter().all(|operation| {
                let elsewhere = |path: &str| path.split('/').nth(1).is_some_and(|own| own != part);
                text(operation, "/path").is_some_and(elsewhere)
                    && text(operation, "/from").is_none_or(elsewhere)
            }),
            Self::Merge(members) => !members.contains_key(part),
        })
    }

    /// What is changed for good takes the object's value over; a run record's thousand lines are not copied for one more.
    pub(super) fn applied(self, old: &Object, dry_run: bool) -> Result<Value, Refusal> {
        let mut value = if dry_run { old.value() } else { old.take() };
        match self {
            Self::Json(operations) => {
                apply(&mut value, &operations).map_err(|_| Refusal::unprocessable_patch())?;
            }
            Self::Merge(members) => merge(&mut value, &Value::Object(members)),
        }
        Ok(value)
    }
}

/// The patch does not apply; the API server does not say why.
#[derive(Debug, PartialEq, Eq)]
struct DoesNotApply;

/// A merge patch: null removes, objects merge, everything else replaces.
fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(serde_json::Map::new());
    }
    let Some(target) = target.as_object_mut() else {
        return;
    };
    for (key, value) in patch {
        if value.is_null() {
            target.remove(key);
        } else {
            merge(target.entry(key).or_insert(Value::Null), value);
        }
    }
}

/// Applies the operations in order; with an error nothing of the result is to be used.
fn apply(target: &mut Value, operations: &[Value]) -> Result<(), DoesNotApply> {
    operations
        .iter()
        .try_for_each(|operation| apply_one(target, operation))
}

fn apply_one(target: &mut Value, operation: &Value) -> Result<(), DoesNotApply> {
    let member = |key: &str| operation.get(key).and_then(Value::as_str);
    let path = member("path").ok_or(DoesNotApply)?;
    let value = || operation.get("value").cloned().unwrap_or(Value::Null);
    match member("op").ok_or(DoesNotApply)? {
        "add" => add(target, path, value()),
        "remove" => remove(target, path).map(drop),
        "replace" => replace(target, path, value()),
        "move" => {
            let moved = remove(target, member("from").ok_or(DoesNotApply)?)?;
            add(target, path, moved)
        }
        "copy" => {
            let from = member("from").ok_or(DoesNotApply)?;
            let copy = target.pointer(from).cloned().ok_or(DoesNotApply)?;
            add(target, path, copy)
        }
        // A member that is not there is as good as null to the API server.
        "test" if *target.pointer(path).unwrap_or(&Value::Null) == value() => Ok(()),
        _ => Err(DoesNotApply),
    }
}

fn parent<'t>(target: &'t mut Value, path: &str) -> Result<(&'t mut Value, String), DoesNotApply> {
    let (parent, key) = path.rsplit_once('/').ok_or(DoesNotApply)?;
    let key = key.replace("~1", "/").replace("~0", "~");
    Ok((target.pointer_mut(parent).ok_or(DoesNotApply)?, key))
}

fn add(target: &mut Value, path: &str, value: Value) -> Result<(), DoesNotApply> {
    if path.is_empty() {
        *target = value;
        return Ok(());
    }
    let (parent, key) = parent(target, path)?;
    match parent {
        Value::Object(map) => {
            map.insert(key, value);
        }
        Value::Array(list) if key == "-" => list.push(value),
        Value::Array(list) => {
            let index = key.parse::<usize>().map_err(|_| DoesNotApply)?;
            if index > list.len() {
                return Err(DoesNotApply);
            }
            list.insert(index, value);
        }
        _ => return Err(DoesNotApply),
    }
    Ok(())
}

/// The API server's library puts a member that is not there as if it were to be added.
fn replace(target: &mut Value, path: &str, value: Value) -> Result<(), DoesNotApply> {
    if let Some(old) = target.pointer_mut(path) {
        *old = value;
        return Ok(());
    }
    match parent(target, path)? {
        (Value::Object(_), _) => add(target, path, value),
        _ => Err(DoesNotApply),
    }
}

fn remove(target: &mut Value, path: &str) -> Result<Value, DoesNotApply> {
    let (parent, key) = parent(target, path)?;
    match parent {
        Value::Object(map) => map.remove(&key).ok_or(DoesNotApply),
        Value::Array(list) => {
            let index = key.parse::<usize>().map_err(|_| DoesNotApply)?;
            if index >= list.len() {
                return Err(DoesNotApply);
            }
            Ok(list.remove(index))
        }
        _ => Err(DoesNotApply),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{DoesNotApply, apply, merge};

    fn patched(target: Value, operations: &Value) -> Result<Value, DoesNotApply> {
        let mut target = target;
        apply(&mut target, operations.as_array().unwrap()).map(|()| target)
    }

    #[test]
    fn a_key_with_a_slash_is_reached_by_its_escape() {
        let before = json!({"metadata": {"annotations": {"a.dev/run": "1"}}});
        let path = "/metadata/annotations/a.dev~1run";
        let patch = json!([
            {"op": "test", "path": path, "value": "1"},
            {"op": "replace", "path": path, "value": "2"},
        ]);
        let after = patched(before, &patch).unwrap();
        assert_eq!(after["metadata"]["annotations"]["a.dev/run"], "2");
    }

    #[test]
    fn a_failed_test_stops_the_patch() {
        let patch = json!([
            {"op": "test", "path": "/a", "value": 2}, {"op": "remove", "path": "/a"},
        ]);
        assert_eq!(patched(json!({"a": 1}), &patch), Err(DoesNotApply));
    }

    #[test]
    fn only_add_may_make_a_member_and_only_in_a_parent_that_is_there() {
        let one = |op: &str, path: &str| {
            patched(
                json!({"a": {}}),
                &json!([{"op": op, "path": path, "value": 1}]),
            )
        };
        assert_eq!(one("add", "/a/b"), Ok(json!({"a": {"b": 1}})));
        assert_eq!(one("replace", "/a/b"), Ok(json!({"a": {"b": 1}})));
        for (op, path) in [("replace", "/c/d"), ("remove", "/a/b"), ("add", "/c/d")] {
            assert_eq!(one(op, path), Err(DoesNotApply), "{op} {path}");
        }
    }

    #[test]
    fn null_in_a_merge_patch_removes() {
        let mut value = json!({"a": {"b": 1, "c": 2}});
        merge(&mut value, &json!({"a": {"b": null}, "d": [1]}));
        assert_eq!(value, json!({"a": {"c": 2}, "d": [1]}));
    }
}
