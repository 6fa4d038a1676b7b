//! One request of a roll as a line of a transcript: its method, its path without what every request has, and what of its
//! body means something.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::core::mark;
use crate::sim::RequestLine;

/// Which node one of aksreboot's own pods is for, by the beginning of its name.
pub(super) type Names = BTreeMap<String, String>;

/// The request in words; `None` for what is left out: watches and the lists before them, reads of the run's own pods, and
/// renewals of its Lease that go well.
pub(super) fn words(line: &RequestLine, names: &Names) -> Option<String> {
    let own = line.namespace == "aksreboot";
    let body: Value = serde_json::from_str(&line.body).unwrap_or_default();
    let good = line.status == Some(200);
    match (line.verb.as_str(), line.resource.as_str()) {
        ("watch", _) => return None,
        ("list", "pods") if own => return None,
        ("patch", "leases") if own && good && body["spec"].get("holderIdentity").is_none() => {
            return None;
        }
        _ => {}
    }
    let means = match (line.verb.as_str(), line.resource.as_str()) {
        ("patch", "nodes") => patch(&body),
        ("create", "pods/eviction") => eviction(&body),
        ("patch", "leases") if body["spec"].get("holderIdentity").is_some() => {
            "given back, interrupted".into()
        }
        ("patch", "leases") => "renewed".into(),
        ("patch", "configmaps") => outcome(&body),
        ("list", "pods") => line
            .target
            .split_once("spec.nodeName%3D")
            .map(|(_, rest)| format!("on {}", rest.split('&').next().unwrap_or(rest)))
            .unwrap_or_default(),
        _ => String::new(),
    };
    let dry = if line.target.contains("dryRun=All") {
        " (dry run)"
    } else {
        ""
    };
    let colon = if means.is_empty() { "" } else { ": " };
    Some(format!(
        "{} {}{dry}{colon}{means}",
        line.method,
        path(line, names)
    ))
}

fn path(line: &RequestLine, names: &Names) -> String {
    let (resource, sub) = line.resource.split_once('/').map_or(
        (line.resource.as_str(), String::new()),
        |(resource, sub)| (resource, format!("/{sub}")),
    );
    let named = |text: &str| {
        let whole = names.get(text).cloned();
        whole.or_else(|| {
            let (beginning, _) = text.rsplit_once('-')?;
            names.get(beginning).cloned()
        })
    };
    let mut name = named(&line.name).unwrap_or_else(|| line.name.clone());
    if line.verb == "create" && resource == "pods" && name.is_empty() {
        // The log keeps the beginning of a body only; the script in it is longer.
        let made = line
            .body
            .split("\"name\":\"")
            .nth(1)
            .and_then(|rest| rest.split('"').next());
        name = made.and_then(named).unwrap_or_default();
    }
    let parts = [line.namespace.as_str(), resource, &name];
    let parts = parts.into_iter().filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("/") + &sub
}

fn patch(body: &Value) -> String {
    let step = |mark: &str| {
        let mark = serde_json::from_str::<Value>(mark).unwrap_or_default();
        let before = if mark["cordonedBefore"] == true {
            ", cordoned before"
        } else {
            ""
        };
        format!("mark {}{before}", mark["step"].as_str().unwrap_or("?"))
    };
    let Some(operations) = body.as_array() else {
        let mark = body["metadata"]["annotations"][mark::KEY].as_str();
        return format!("cordon, {}", step(mark.unwrap_or_default()));
    };
    let told = operations.iter().filter_map(|operation| {
        let on_mark = operation["path"] == "/metadata/annotations/aksreboot.dev~1run";
        match operation["op"].as_str()? {
            "test" => None,
            "remove" if on_mark => Some("unmark".into()),
            "remove" => Some("uncordon".into()),
            _ => Some(step(operation["value"].as_str()?)),
        }
    });
    told.collect::<Vec<String>>().join(", ")
}

fn eviction(body: &Value) -> String {
    let options = &body["deleteOptions"];
    let uid = if options["preconditions"]["uid"].is_string() {
        "its UID"
    } else {
        "no UID"
    };
    match options.get("gracePeriodSeconds") {
        Some(seconds) => format!("{uid}, grace {seconds} s"),
        None => uid.into(),
    }
}

/// What is written into the run record.
fn outcome(body: &Value) -> String {
    let entries = body["data"].as_object().into_iter().flatten();
    // What is removed goes with what is written.
    let written = entries.filter(|(_, value)| !value.is_null());
    let told = written.map(|(key, value)| {
        let entry: Value = value
            .as_str()
            .and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or_default();
        let outcome = &entry["outcome"];
        let how = entry["how"]
            .as_str()
            .map(|how| format!(" {how}"))
            .unwrap_or_default();
        let of = |key: &str| {
            outcome[key]
                .as_str()
                .map(|text| format!(" {text}"))
                .unwrap_or_default()
        };
        format!("{key}{}{}{}{how}", of("result"), of("step"), of("left"))
    });
    told.collect::<Vec<_>>().join(", ")
}
