//! kured's lock as this program writes it, so that every kured keeps still: one value that both of its forms read as held
//! (kubereboot/kured: pkg/daemonsetlock). The form for `--concurrency` 1 looks at `nodeID` alone, the other at `locks`.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::hold::KURED_HOLDER;

/// As many slots are filled when a kured's own number is not known; more than there are do no harm.
const SLOTS_WHEN_UNKNOWN: usize = 64;
/// And as many at least, so that the lock holds still after somebody has raised the number.
const SLOTS_AT_LEAST: usize = 16;

/// What an annotation says, as far as it matters to whoever wants it for themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Free,
    /// By this program, under this name.
    Ours(String),
    /// By nodes that kured reboots, or somebody else.
    Theirs(Vec<String>),
    Unreadable,
}

/// The value that holds every kured of up to so many at once; `until` becomes its time to live.
pub(crate) fn value(
    holder: &str,
    at: Timestamp,
    until: Option<Timestamp>,
    concurrency: Option<usize>,
) -> String {
    let slots = concurrency
        .unwrap_or(SLOTS_WHEN_UNKNOWN)
        .max(SLOTS_AT_LEAST);
    let entry = |id: String| {
        let mut entry = json!({
            "nodeID": id,
            "metadata": {"unschedulable": false},
            "created": at,
        });
        if let Some(until) = until {
            // Whole nanoseconds: kured reads no other number, and refuses to act on it.
            let span = u64::try_from(until.duration_since(at).as_nanos()).unwrap_or(0);
            entry["TTL"] = span.max(1).into();
        }
        entry
    };
    let mut value = entry(holder.to_owned());
    value["maxOwners"] = slots.into();
    value["locks"] = (1..=slots)
        .map(|slot| entry(format!("{holder}#{slot}")))
        .collect();
    value.to_string()
}

/// Reads a value, in either form. Keys match in any case, as Go reads them; what has expired by `now` counts for nothing.
pub(crate) fn standing(text: Option<&str>, now: Timestamp) -> Standing {
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else {
        return Standing::Free;
    };
    let Ok(value) = serde_json::from_str::<Value>(text) else {
        return Standing::Unreadable;
    };
    let mut holders = Vec::new();
    let entries = match field(&value, "locks") {
        Some(Value::Array(locks)) => locks.iter().collect(),
        None | Some(Value::Null) => Vec::new(),
        Some(_) => return Standing::Unreadable,
    };
    for entry in std::iter::once(&value).chain(entries) {
        match holder(entry, now) {
            Ok(Some(holder)) => holders.push(holder),
            Ok(None) => {}
            Err(Broken) => return Standing::Unreadable,
        }
    }
    let (ours, theirs): (Vec<String>, Vec<String>) = holders
        .into_iter()
        .partition(|holder| holder.starts_with(KURED_HOLDER));
    match (ours.into_iter().next(), theirs.is_empty()) {
        (_, false) => Standing::Theirs(theirs),
        (Some(ours), true) => Standing::Ours(ours),
        (None, true) => Standing::Free,
    }
}

struct Broken;

/// Who an entry says to hold, unless it has expired.
fn holder(entry: &Value, now: Timestamp) -> Result<Option<String>, Broken> {
    let Some(node) = field(entry, "nodeID") else {
        return Ok(None);
    };
    let node = node.as_str().ok_or(Broken)?;
    if node.is_empty() {
        return Ok(None);
    }
    let ttl = match field(entry, "TTL") {
        None | Some(Value::Null) => 0,
        Some(ttl) => ttl.as_i64().ok_or(Broken)?,
    };
    if ttl > 0 {
        let created: Timestamp = field(entry, "created")
            .and_then(Value::as_str)
            .and_then(|text| text.parse().ok())
            .ok_or(Broken)?;
        let age = now.duration_since(created).as_nanos();
        if age >= i128::from(ttl) {
            return Ok(None);
        }
    }
    Ok(Some(node.to_owned()))
}

fn field<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    let fields = value.as_object()?;
    fields
        .iter()
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a time")
    }

    fn theirs(nodes: &[&str]) -> Standing {
        Standing::Theirs(nodes.iter().map(ToString::to_string).collect())
    }

    const CREATED: &str = "1970-01-01T00:01:40Z";

    #[test]
    fn both_forms_are_read_and_what_has_expired_counts_for_nothing() {
        let single = |ttl: &str| format!(r#"{{"nodeID":"n1","created":"{CREATED}"{ttl}}}"#);
        let half_a_minute = r#","TTL":30000000000"#;
        for (text, now, expected) in [
            (String::new(), 0, Standing::Free),
            (single(""), 9_000_000, theirs(&["n1"])),
            (single(r#","TTL":0"#), 9_000_000, theirs(&["n1"])),
            (single(half_a_minute), 129, theirs(&["n1"])),
            (single(half_a_minute), 130, Standing::Free),
            (single(r#","TTL":"30m""#), 0, Standing::Unreadable),
            (single(r#","TTL":1.8e12"#), 0, Standing::Unreadable),
            // The oldest releases write no more than this.
            (
                r#"{"nodeID":"n1","metadata":{"unschedulable":true}}"#.into(),
                0,
                theirs(&["n1"]),
            ),
            (r#"{"NODEID":"n1"}"#.into(), 0, theirs(&["n1"])),
            (
                format!(
                    r#"{{"maxOwners":2,"locks":[{},{}]}}"#,
                    single(""),
                    single(half_a_minute)
                ),
                1000,
                theirs(&["n1"]),
            ),
            // What is left of two at once reads as free here; the kured that takes one at once waits for ever on it.
            (r#"{"maxOwners":2,"locks":[]}"#.into(), 0, Standing::Free),
            (r#"{"locks":"frozen"}"#.into(), 0, Standing::Unreadable),
            ("{".into(), 0, Standing::Unreadable),
        ] {
            assert_eq!(standing(Some(&text), at(now)), expected, "{text} at {now}");
        }
        assert_eq!(standing(None, at(0)), Standing::Free);
    }

    #[test]
    fn what_is_written_holds_in_both_forms_and_is_known_again() {
        let holder = "aksreboot/ann@bastion/hold-1";
        let text = value(holder, at(100), Some(at(160)), Some(17));
        let written: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(written["nodeID"], holder);
        assert_eq!(written["TTL"], 60_000_000_000_u64);
        assert_eq!(written["maxOwners"], 17);
        let ids: Vec<&str> = written["locks"]
            .as_array()
            .expect("locks")
            .iter()
            .filter_map(|entry| entry["nodeID"].as_str())
            .collect();
        assert_eq!(ids.len(), 17);
        assert_eq!(ids[16], format!("{holder}#17"));
        let one: Value =
            serde_json::from_str(&value(holder, at(100), None, Some(1))).expect("JSON");
        assert_eq!(one["locks"].as_array().map(Vec::len), Some(SLOTS_AT_LEAST));
        assert_eq!(
            standing(Some(&text), at(159)),
            Standing::Ours(holder.into())
        );
        assert_eq!(standing(Some(&text), at(160)), Standing::Free);
        let endless: Value =
            serde_json::from_str(&value(holder, at(100), None, None)).expect("JSON");
        assert!(endless.get("TTL").is_none());
        assert_eq!(
            endless["locks"].as_array().map(Vec::len),
            Some(SLOTS_WHEN_UNKNOWN)
        );
    }
}
