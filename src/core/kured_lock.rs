//! kured's lock as this program writes it, so that every kured keeps still: one value that both of its forms read as held
//! (kubereboot/kured: pkg/daemonsetlock). The form for `--concurrency` 1 looks at `nodeID` alone, the other at `locks`.

use std::time::Duration;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::hold::KURED_HOLDER;
use super::model::RunId;
use super::plan::Timeouts;

/// As many slots are filled when a kured's own number is not known; more than there are do no harm.
const SLOTS_WHEN_UNKNOWN: usize = 64;
/// And as many at least, so that the lock holds still after somebody has raised the number.
const SLOTS_AT_LEAST: usize = 16;
/// On top of the time limits of a node's steps: for what they do not bound, such as undoing, and clocks that differ. Half of it
/// would be used up by one restart of the API server; twice of it would keep kured away for long after a run was killed.
const MARGIN: Duration = Duration::from_secs(15 * 60);

/// What an annotation says, as far as it matters to whoever wants it for themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Free,
    /// By this program, under this name.
    Ours(KuredHolder),
    /// By nodes that kured reboots, or somebody else.
    Theirs(Vec<KuredHolder>),
    Unreadable,
}

/// Whom kured's lock says to hold it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub(crate) struct KuredHolder {
    /// A node's name, where kured wrote it.
    pub(crate) node: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) since: Option<Timestamp>,
    /// When it expires; absent: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) until: Option<Timestamp>,
    /// The cluster has no node of that name, so nobody will give the lock back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) no_node: bool,
}

impl std::fmt::Display for KuredHolder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.node)?;
        if self.no_node {
            f.write_str(" (no node of this cluster)")?;
        }
        if let Some(since) = self.since {
            write!(f, " since {since}")?;
        }
        match self.until {
            Some(until) => write!(f, ", expires {until}"),
            None => f.write_str(", expires never"),
        }
    }
}

/// The name by which a run has kured's lock. It holds no node's name: the kured on a node that finds itself named uncordons it
/// and gives the lock away (kubereboot/kured: cmd/kured/main.go, the loop after a reboot).
pub(crate) fn run_holder(user: &str, host: &str, run: &RunId) -> String {
    format!("{KURED_HOLDER}{user}@{host}/{run}")
}

/// The last part of such a name: the run, or `hold-` and a time.
pub(crate) fn holders_run(holder: &str) -> Option<&str> {
    let (_, last) = holder.strip_prefix(KURED_HOLDER)?.rsplit_once('/')?;
    Some(last)
}

/// For how long a run takes the lock: a node's whole course. It is taken anew before each cordon and each ask, so a run that
/// goes on never runs out of it, and one that was killed keeps kured away no longer than this.
pub(crate) fn lease(timeouts: &Timeouts) -> Duration {
    let Timeouts {
        drain,
        reboot,
        ready,
        sustained_ready,
        settle,
        probe,
    } = timeouts;
    // Ready bounds the waits of Cordon, Reboot, Return, Verify and Uncordon each.
    *drain + *reboot + *ready * 5 + *sustained_ready + *settle + *probe + MARGIN
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
    let (ours, theirs): (Vec<KuredHolder>, Vec<KuredHolder>) = holders
        .into_iter()
        .partition(|holder| holder.node.starts_with(KURED_HOLDER));
    match (ours.into_iter().next(), theirs.is_empty()) {
        (_, false) => Standing::Theirs(theirs),
        (Some(ours), true) => Standing::Ours(ours),
        (None, true) => Standing::Free,
    }
}

struct Broken;

/// Who an entry says to hold, unless it has expired.
fn holder(entry: &Value, now: Timestamp) -> Result<Option<KuredHolder>, Broken> {
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
    let since: Option<Timestamp> = match field(entry, "created") {
        None | Some(Value::Null) => None,
        Some(created) => {
            let created = created.as_str().ok_or(Broken)?;
            Some(created.parse().map_err(|_| Broken)?)
        }
    };
    let mut until = None;
    if ttl > 0 {
        let created = since.ok_or(Broken)?;
        if now.duration_since(created).as_nanos() >= i128::from(ttl) {
            return Ok(None);
        }
        until = created
            .checked_add(jiff::SignedDuration::from_nanos(ttl))
            .ok();
    }
    Ok(Some(KuredHolder {
        node: node.to_owned(),
        since,
        until,
        no_node: false,
    }))
}

/// Whether a kured that takes one node at once waits for ever on this value: it reads a list, even an empty one, as a holder
/// without a name whose lock never expires. So it is after somebody set `--concurrency` back to 1.
pub(crate) fn is_stuck_for_one(text: Option<&str>, now: Timestamp) -> bool {
    let value = text.and_then(|text| serde_json::from_str::<Value>(text).ok());
    let nobody = value.is_some_and(|value| {
        value.is_object()
            && field(&value, "nodeID")
                .and_then(Value::as_str)
                .is_none_or(str::is_empty)
    });
    nobody && standing(text, now) == Standing::Free
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
        Standing::Theirs(nodes.iter().map(|node| named(node)).collect())
    }

    fn named(node: &str) -> KuredHolder {
        KuredHolder {
            node: node.into(),
            since: None,
            until: None,
            no_node: false,
        }
    }

    /// What is said of when is another test's.
    fn who(standing: Standing) -> Standing {
        match standing {
            Standing::Theirs(holders) => {
                Standing::Theirs(holders.iter().map(|holder| named(&holder.node)).collect())
            }
            Standing::Ours(holder) => Standing::Ours(named(&holder.node)),
            other => other,
        }
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
            // kured reads no such time, and acts on none such.
            (
                r#"{"nodeID":"n1","created":"yesterday"}"#.into(),
                0,
                Standing::Unreadable,
            ),
            (r#"{"nodeID":7}"#.into(), 0, Standing::Unreadable),
            (
                r#"{"nodeID":"n1","created":"2026-06-30T13:27:32.123456789+02:00"}"#.into(),
                0,
                theirs(&["n1"]),
            ),
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
            assert_eq!(
                who(standing(Some(&text), at(now))),
                expected,
                "{text} at {now}"
            );
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
            who(standing(Some(&text), at(159))),
            Standing::Ours(named(holder))
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

    #[test]
    fn since_when_and_until_when_are_told() {
        let text = format!(r#"{{"nodeID":"n1","created":"{CREATED}","TTL":30000000000}}"#);
        let Standing::Theirs(holders) = standing(Some(&text), at(110)) else {
            panic!("held");
        };
        assert_eq!(
            holders[0].to_string(),
            "n1 since 1970-01-01T00:01:40Z, expires 1970-01-01T00:02:10Z"
        );
    }

    #[test]
    fn a_list_without_a_holder_is_a_lock_without_an_end_to_who_reads_a_single_one() {
        for (text, stuck) in [
            (r#"{"maxOwners":2,"locks":[]}"#, true),
            (r#"{"nodeID":"","metadata":{}}"#, true),
            (
                r#"{"nodeID":"n1","created":"1970-01-01T00:01:40Z","TTL":1}"#,
                false,
            ),
            (r#"{"maxOwners":2,"locks":[{"nodeID":"n1"}]}"#, false),
            ("", false),
            ("{", false),
        ] {
            assert_eq!(is_stuck_for_one(Some(text), at(1000)), stuck, "{text}");
        }
        assert!(!is_stuck_for_one(None, at(0)));
    }

    #[test]
    fn the_run_is_told_by_the_end_of_the_name() {
        let run = RunId::new("20260304-080000-0001");
        let holder = run_holder("a/b", "bastion", &run);
        assert_eq!(holders_run(&holder), Some(run.as_str()));
        assert_eq!(holders_run("node-1/x"), None);
    }
}
