//! Reading and writing values by JSON pointer: the objects of the cluster are plain JSON.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// The member at `pointer`. serde_json's own allocates for each of its parts.
pub(super) fn at<'v>(value: &'v Value, pointer: &str) -> Option<&'v Value> {
    parts(pointer).try_fold(value, |parent, part| match parent {
        Value::Object(members) if part.as_bytes().contains(&b'~') => members.get(&unescaped(part)),
        Value::Object(members) => members.get(part),
        Value::Array(items) => items.get(part.parse::<usize>().ok()?),
        _ => None,
    })
}

/// The member at `pointer`, to change it.
pub(super) fn at_mut<'v>(value: &'v mut Value, pointer: &str) -> Option<&'v mut Value> {
    parts(pointer).try_fold(value, |parent, part| match parent {
        Value::Object(members) => {
            if part.as_bytes().contains(&b'~') {
                members.get_mut(&unescaped(part))
            } else {
                members.get_mut(part)
            }
        }
        Value::Array(items) => items.get_mut(part.parse::<usize>().ok()?),
        _ => None,
    })
}

/// As `split('/')`, which looks for a byte in so short a text by more than looking at each.
fn parts(pointer: &str) -> impl Iterator<Item = &str> {
    let mut rest = pointer.strip_prefix('/');
    std::iter::from_fn(move || {
        let all = rest?;
        let end = all.bytes().position(|byte| byte == b'/');
        rest = end.and_then(|end| all.get(end + 1..));
        Some(end.and_then(|end| all.get(..end)).unwrap_or(all))
    })
}

fn unescaped(part: &str) -> String {
    part.replace("~1", "/").replace("~0", "~")
}

/// The text at `pointer`, if there is text.
pub(super) fn text<'v>(value: &'v Value, pointer: &str) -> Option<&'v str> {
    at(value, pointer).and_then(Value::as_str)
}

pub(super) fn number(value: &Value, pointer: &str) -> Option<i64> {
    at(value, pointer).and_then(Value::as_i64)
}

pub(super) fn flag(value: &Value, pointer: &str) -> bool {
    at(value, pointer).and_then(Value::as_bool) == Some(true)
}

/// The items of the list at `pointer`; none if there is no list.
pub(super) fn list<'v>(value: &'v Value, pointer: &str) -> &'v [Value] {
    at(value, pointer)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// The texts of the object at `pointer`, such as labels.
pub(super) fn texts(value: &Value, pointer: &str) -> BTreeMap<String, String> {
    at(value, pointer)
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
        .collect()
}

/// The member at `pointer`, made with its parents when missing. Keys that hold a slash cannot be named.
pub(super) fn entry<'v>(value: &'v mut Value, pointer: &str) -> &'v mut Value {
    parts(pointer).fold(value, member)
}

/// The member of that name, made when missing; a parent that is no object becomes one.
pub(super) fn member<'v>(parent: &'v mut Value, key: &str) -> &'v mut Value {
    if !parent.is_object() {
        *parent = Value::Object(Map::new());
    }
    // Indexing an object by text makes the member.
    &mut parent[key]
}

pub(super) fn set(value: &mut Value, pointer: &str, new: impl Into<Value>) {
    *entry(value, pointer) = new.into();
}

/// Removes the member at `pointer`; whether there was one.
pub(super) fn unset(value: &mut Value, pointer: &str) -> bool {
    let Some((parent, key)) = pointer.rsplit_once('/') else {
        return false;
    };
    at_mut(value, parent)
        .and_then(Value::as_object_mut)
        .is_some_and(|object| object.remove(key).is_some())
}

/// The condition of that type in `status.conditions`.
pub(super) fn condition<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    list(value, "/status/conditions")
        .iter()
        .find(|condition| text(condition, "/type") == Some(name))
}

/// Whether the condition of that type is `True`.
pub(super) fn holds(value: &Value, name: &str) -> bool {
    condition(value, name).is_some_and(|condition| text(condition, "/status") == Some("True"))
}

/// Puts a condition in the place of the one of its type. The transition time moves only when the status changes.
pub(super) fn set_condition(value: &mut Value, mut new: Value, now: &str) {
    let conditions = entry(value, "/status/conditions");
    if !conditions.is_array() {
        *conditions = Value::Array(Vec::new());
    }
    let Some(conditions) = conditions.as_array_mut() else {
        return;
    };
    let old = conditions.iter().position(|old| old["type"] == new["type"]);
    let since = old
        .and_then(|index| conditions.get(index))
        .filter(|old| old["status"] == new["status"])
        .and_then(|old| text(old, "/lastTransitionTime"))
        .unwrap_or(now)
        .to_owned();
    new["lastTransitionTime"] = since.into();
    match old {
        Some(index) => conditions[index] = new,
        None => conditions.push(new),
    }
}
