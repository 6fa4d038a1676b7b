//! The first witness: watches of nodes and pods by kubectl, each change with the time at which it was seen here.

use std::collections::BTreeMap;
use std::io::BufReader;
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use jiff::Timestamp;
use serde_json::{Deserializer, Value};

use super::lab::{Lab, Node, script};
use super::{condition, now};

/// One change, as the watch told it.
pub(crate) struct Sighting {
    pub(crate) at: Timestamp,
    pub(crate) deleted: bool,
    pub(crate) object: Value,
}

pub(crate) struct Outside {
    watches: Vec<(Child, JoinHandle<()>)>,
    seen: Arc<Mutex<Vec<Sighting>>>,
}

/// Everything that was seen, in its order.
pub(crate) struct Testimony(Vec<Sighting>);

impl Outside {
    /// Begins to watch; returns when every node has been seen.
    pub(crate) fn begin(lab: &Lab) -> Self {
        let mut outside = Self {
            watches: Vec::new(),
            seen: Arc::default(),
        };
        outside.watch(&["nodes"]);
        outside.watch(&["pods", "--all-namespaces"]);
        let nodes = lab.get(&["nodes"])["items"].as_array().map_or(0, Vec::len);
        lab.until("the watches have begun", 30, || {
            let seen = outside.seen.lock().expect("sightings");
            let of = |kind| {
                seen.iter()
                    .filter(|sight| sight.object["kind"] == kind)
                    .count()
            };
            of("Node") >= nodes && of("Pod") > 0
        });
        outside
    }

    fn watch(&mut self, what: &[&str]) {
        let flags = ["--watch", "--output-watch-events", "-o", "json"];
        let mut command = script(&[&["kubectl", "get"], what, &flags].concat());
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("kubectl");
        let stdout = BufReader::new(child.stdout.take().expect("its stdout"));
        let seen = Arc::clone(&self.seen);
        let thread = std::thread::spawn(move || {
            for event in Deserializer::from_reader(stdout).into_iter::<Value>() {
                let Ok(mut event) = event else { return };
                let sighting = Sighting {
                    at: now(),
                    deleted: event["type"] == "DELETED",
                    object: event["object"].take(),
                };
                seen.lock().expect("sightings").push(sighting);
            }
        });
        self.watches.push((child, thread));
    }

    fn stop(&mut self) {
        for (mut child, thread) in self.watches.drain(..) {
            let _ = child.kill();
            let _ = child.wait();
            let _ = thread.join();
        }
    }

    pub(crate) fn end(mut self) -> Testimony {
        self.stop();
        let mut seen = std::mem::take(&mut *self.seen.lock().expect("sightings"));
        seen.sort_by_key(|sighting| sighting.at);
        Testimony(seen)
    }
}

impl Drop for Outside {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Testimony {
    fn of(&self, kind: &'static str) -> impl Iterator<Item = &Sighting> {
        let seen = self.0.iter();
        seen.filter(move |sighting| sighting.object["kind"] == kind)
    }

    /// The most nodes that were cordoned or not Ready at one time.
    pub(crate) fn most_unavailable(&self) -> usize {
        let mut nodes = BTreeMap::new();
        let mut most = 0;
        for sighting in self.of("Node") {
            let node = Node(sighting.object.clone());
            let name = text(&sighting.object["metadata"]["name"]);
            nodes.insert(name, node.is_cordoned() || !node.is_ready());
            most = most.max(nodes.values().filter(|down| **down).count());
        }
        most
    }

    /// The fewest pods of the application that were Ready and not on their way out, once `begun` of them had been.
    pub(crate) fn fewest_ready(&self, app: &str, begun: usize) -> usize {
        let mut pods = BTreeMap::new();
        let mut fewest = None;
        for sighting in self.of("Pod") {
            let meta = &sighting.object["metadata"];
            if meta["labels"]["app"] != app {
                continue;
            }
            let serves = !sighting.deleted
                && meta["deletionTimestamp"].is_null()
                && condition(&sighting.object, "Ready");
            pods.insert(text(&meta["uid"]), serves);
            let ready = pods.values().filter(|serves| **serves).count();
            if fewest.is_some() || ready >= begun {
                fewest = Some(fewest.unwrap_or(ready).min(ready));
            }
        }
        fewest.expect("the application was Ready once")
    }

    /// When the application last had that many Ready pods again, after having had fewer, between two times.
    pub(crate) fn whole_again(
        &self,
        app: &str,
        wanted: usize,
        before: Timestamp,
    ) -> Option<Timestamp> {
        let mut pods = BTreeMap::new();
        let mut whole = None;
        for sighting in self.of("Pod").take_while(|sighting| sighting.at < before) {
            let meta = &sighting.object["metadata"];
            if meta["labels"]["app"] != app {
                continue;
            }
            let serves = !sighting.deleted && condition(&sighting.object, "Ready");
            pods.insert(text(&meta["uid"]), serves);
            let ready = pods.values().filter(|serves| **serves).count();
            whole = if ready < wanted {
                None
            } else {
                whole.or(Some(sighting.at))
            };
        }
        whole
    }

    /// Which node each pod was on, by namespace and name.
    pub(crate) fn places(&self) -> BTreeMap<(String, String), String> {
        self.of("Pod")
            .filter(|sighting| sighting.object["spec"]["nodeName"].is_string())
            .map(|sighting| {
                let meta = &sighting.object["metadata"];
                let key = (text(&meta["namespace"]), text(&meta["name"]));
                (key, text(&sighting.object["spec"]["nodeName"]))
            })
            .collect()
    }

    /// The first sighting of a kind that meets the condition, at or after a time.
    pub(crate) fn first(
        &self,
        kind: &'static str,
        since: Timestamp,
        meets: impl Fn(&Sighting) -> bool,
    ) -> Option<&Sighting> {
        self.of(kind)
            .find(|sighting| sighting.at >= since && meets(sighting))
    }

    /// The last sighting of a kind that meets the condition, before a time.
    pub(crate) fn last(
        &self,
        kind: &'static str,
        before: Timestamp,
        meets: impl Fn(&Sighting) -> bool,
    ) -> Option<&Sighting> {
        self.of(kind)
            .take_while(|sighting| sighting.at < before)
            .filter(|sighting| meets(sighting))
            .last()
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
