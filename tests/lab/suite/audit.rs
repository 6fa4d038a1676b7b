//! The second witness: the API server's audit log, which has every write of the program with its body and both times.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};

use jiff::Timestamp;
use serde_json::Value;

use super::lab::Lab;
use super::{MARK, OWN};

/// The log from a point on.
pub(crate) struct Audit {
    path: String,
    from: u64,
}

/// One request of the program that was answered.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) user: String,
    pub(crate) verb: String,
    pub(crate) resource: String,
    pub(crate) subresource: String,
    pub(crate) namespace: String,
    pub(crate) name: String,
    pub(crate) uri: String,
    pub(crate) code: u64,
    pub(crate) body: Value,
    pub(crate) came: Timestamp,
    pub(crate) answered: Timestamp,
}

impl Audit {
    pub(crate) fn from_here(lab: &Lab) -> Self {
        let path = lab.verb(&["audit"]).trim().to_owned();
        let from = std::fs::metadata(&path).map_or(0, |meta| meta.len());
        Self { path, from }
    }

    /// What the program asked of the API server since, in the order in which it came there.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests_of("aksreboot/")
    }

    /// What a client whose name begins so asked of it.
    pub(crate) fn requests_of(&self, agent: &str) -> Vec<Request> {
        let mut file = File::open(&self.path).expect("the audit log");
        file.seek(SeekFrom::Start(self.from))
            .expect("the audit log");
        let mut text = String::new();
        file.read_to_string(&mut text).expect("the audit log");
        let mut requests: Vec<Request> = text
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
            .filter(|entry| is_of(entry, agent))
            .map(|entry| request(&entry))
            .collect();
        requests.sort_by_key(|request| request.came);
        requests
    }
}

fn is_of(entry: &Value, agent: &str) -> bool {
    let name = entry["userAgent"].as_str().unwrap_or_default();
    name.starts_with(agent) && entry["stage"] == "ResponseComplete"
}

fn request(entry: &Value) -> Request {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let time = |value: &Value| text(value).parse().expect("an audit time");
    let object = &entry["objectRef"];
    let body = entry["requestObject"].clone();
    // A request to create does not always carry its name in the path.
    let name = match text(&object["name"]) {
        name if name.is_empty() => text(&body["metadata"]["name"]),
        name => name,
    };
    Request {
        user: text(&entry["user"]["username"]),
        verb: text(&entry["verb"]),
        resource: text(&object["resource"]),
        subresource: text(&object["subresource"]),
        namespace: text(&object["namespace"]),
        name,
        uri: text(&entry["requestURI"]),
        code: entry["responseStatus"]["code"].as_u64().unwrap_or_default(),
        body,
        came: time(&entry["requestReceivedTimestamp"]),
        answered: time(&entry["stageTimestamp"]),
    }
}

impl Request {
    pub(crate) fn was_done(&self) -> bool {
        self.code < 300 && !self.uri.contains("dryRun=")
    }

    pub(crate) fn is(&self, verb: &str, resource: &str, subresource: &str) -> bool {
        self.verb == verb && self.resource == resource && self.subresource == subresource
    }

    /// Whether it was done, or was cut off on its way (its sender was killed) and its pod was seen all the same. The server
    /// then logs a failure, or no code, of what it did. A pod that another request of the same name made was not this one's.
    fn had_its_effect(
        &self,
        requests: &[Self],
        places: &BTreeMap<(String, String), String>,
    ) -> bool {
        let key = (&self.namespace, &self.name);
        let makes_it =
            |other: &Self| other.is("create", "pods", "") && (&other.namespace, &other.name) == key;
        let was_cut_off = self.code == 0 || self.code >= 499;
        let was_made = makes_it(self)
            && places.contains_key(&(self.namespace.clone(), self.name.clone()))
            && !requests
                .iter()
                .any(|other| makes_it(other) && other.was_done());
        self.was_done() || was_cut_off && was_made && !self.uri.contains("dryRun=")
    }

    /// What this write does to `node`, in a word; `None` for what is not about the node.
    /// `places` says which node a pod is, or was, on.
    pub(crate) fn act(
        &self,
        node: &str,
        places: &BTreeMap<(String, String), String>,
    ) -> Option<String> {
        let key = (self.namespace.clone(), self.name.clone());
        let on_node = self.body["spec"]["nodeName"] == node
            || places.get(&key).is_some_and(|place| place == node);
        if self.is("patch", "nodes", "") && self.name == node {
            return Some(node_patch(&self.body));
        }
        if self.is("create", "pods", "eviction") && on_node {
            let uid = &self.body["deleteOptions"]["preconditions"]["uid"];
            let with = if uid.is_string() {
                "evict"
            } else {
                "evict without a UID"
            };
            return Some(with.to_owned());
        }
        let is_ask = self.namespace == OWN && self.name.starts_with("reboot-");
        if is_ask && on_node && self.is("create", "pods", "") {
            return Some("ask".into());
        }
        if is_ask && on_node && self.is("delete", "pods", "") {
            return Some("remove the ask".into());
        }
        None
    }
}

/// A patch of a node in a word: what it does to the cordon, else to the mark.
fn node_patch(body: &Value) -> String {
    if body["spec"]["unschedulable"] == true {
        let meta = &body["metadata"];
        let whole = meta["resourceVersion"].is_string() && meta["annotations"][MARK].is_string();
        let what = if whole {
            "cordon"
        } else {
            "cordon without a version or a mark"
        };
        return what.into();
    }
    let operations = body.as_array().map(Vec::as_slice).unwrap_or_default();
    let tested = operations
        .first()
        .is_some_and(|first| first["op"] == "test");
    let does = |op: &str, end: &str| {
        operations.iter().any(|operation| {
            operation["op"] == op
                && operation["path"]
                    .as_str()
                    .unwrap_or_default()
                    .ends_with(end)
        })
    };
    let (removes, mark) = (
        does("remove", "aksreboot.dev~1run"),
        does("replace", "aksreboot.dev~1run"),
    );
    let what = match (does("remove", "/spec/unschedulable"), removes, mark) {
        (true, true, _) => "restore".to_owned(),
        (true, false, _) => "uncordon".to_owned(),
        (false, true, _) => "unmark".to_owned(),
        (false, false, true) => format!("mark {}", intent(operations)),
        (false, false, false) => format!("another patch: {body}"),
    };
    if tested {
        what
    } else {
        format!("{what} without a test")
    }
}

/// The step that the new mark intends.
fn intent(operations: &[Value]) -> String {
    let text = operations
        .iter()
        .filter(|operation| operation["op"] == "replace")
        .find_map(|operation| operation["value"].as_str());
    let mark: Value = serde_json::from_str(text.unwrap_or_default()).unwrap_or_default();
    mark["step"].as_str().unwrap_or_default().to_owned()
}

/// What was done to a node, in its order; repetitions in a row once.
pub(crate) fn acts_on(
    node: &str,
    requests: &[Request],
    places: &BTreeMap<(String, String), String>,
) -> Vec<String> {
    let mut acts: Vec<String> = requests
        .iter()
        .filter(|request| request.had_its_effect(requests, places))
        .filter_map(|request| request.act(node, places))
        .collect();
    acts.dedup();
    acts
}
