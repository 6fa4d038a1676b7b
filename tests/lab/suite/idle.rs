//! How long a roll did nothing although the API already allowed its next act. Both witnesses together: what the watches
//! saw first, and when the audit log says that the next request came. Configured spans are subtracted.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use super::OWN;
use super::audit::Request;
use super::lab::Node;
use super::outside::Testimony;

/// The idle spans of one node, each with what it lies before.
pub(crate) struct Idle {
    node: String,
    spans: Vec<(&'static str, Duration)>,
}

/// What is known of one node's way through the roll.
struct Way<'a> {
    node: &'a str,
    acts: Vec<(String, &'a Request)>,
    seen: &'a Testimony,
}

impl Idle {
    /// `app` is the one application with a pod on the node, `replicas` its size; `sustained` the configured span for which Ready has to hold.
    pub(crate) fn of(
        node: &str,
        requests: &[Request],
        seen: &Testimony,
        places: &BTreeMap<(String, String), String>,
        app: (&str, usize),
        sustained: Duration,
    ) -> Self {
        let acts = requests
            .iter()
            .filter(|request| request.was_done())
            .filter_map(|request| Some((request.act(node, places)?, request)))
            .collect();
        let way = Way { node, acts, seen };
        let (cordon, ask) = (way.first("cordon"), way.first("ask"));
        let (evict, mark) = (way.first("evict"), way.first("mark Reboot"));
        let (removal, uncordon) = (way.first("remove the ask"), way.first("uncordon"));
        let unmark = way.first("unmark");
        let whole = seen.whole_again(app.0, app.1, unmark.came);
        let spans = vec![
            (
                "cordon",
                span(way.short_pod_ended(cordon.came), cordon.came),
            ),
            ("drain", span(Some(cordon.answered), evict.came)),
            ("mark", span(way.emptied(mark.came), mark.came)),
            ("ask", span(Some(mark.answered), ask.came)),
            (
                "verify",
                span(way.ready(ask.answered, removal.came), removal.came).saturating_sub(sustained),
            ),
            (
                "uncordon",
                span(way.short_pod_ended(uncordon.came), uncordon.came),
            ),
            (
                "settle",
                span(whole.map(|at| at.max(uncordon.answered)), unmark.came),
            ),
        ];
        Self {
            node: node.to_owned(),
            spans,
        }
    }

    pub(crate) fn total(&self) -> Duration {
        self.spans.iter().map(|(_, span)| *span).sum()
    }
}

impl std::fmt::Display for Idle {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let parts: Vec<String> = self
            .spans
            .iter()
            .map(|(what, span)| format!("before {what} {:.1}", span.as_secs_f64()))
            .collect();
        let total = self.total().as_secs_f64();
        write!(
            out,
            "idle {}: {total:.1} s ({})",
            self.node,
            parts.join(", ")
        )
    }
}

impl<'a> Way<'a> {
    fn first(&self, act: &str) -> &'a Request {
        let found = self.acts.iter().find(|(what, _)| what == act);
        found.unwrap_or_else(|| panic!("{}: no {act}", self.node)).1
    }

    /// When the last pod of ours on the node had ended, before this time.
    fn short_pod_ended(&self, before: Timestamp) -> Option<Timestamp> {
        let ours = |object: &serde_json::Value| {
            object["metadata"]["namespace"] == OWN && object["spec"]["nodeName"] == self.node
        };
        let name = self.seen.last("Pod", before, |sighting| {
            ours(&sighting.object) && sighting.object["status"]["phase"] == "Succeeded"
        })?;
        let name = &name.object["metadata"]["name"];
        let ended = self.seen.first("Pod", Timestamp::MIN, |sighting| {
            sighting.object["metadata"]["name"] == *name
                && sighting.object["status"]["phase"] == "Succeeded"
        });
        ended.map(|sighting| sighting.at)
    }

    /// When the last evicted pod was gone.
    fn emptied(&self, before: Timestamp) -> Option<Timestamp> {
        let evicted = |name: &str| {
            self.acts
                .iter()
                .any(|(what, request)| what == "evict" && request.name == name)
        };
        let gone = self.seen.last("Pod", before, |sighting| {
            let name = sighting.object["metadata"]["name"].as_str();
            sighting.deleted && name.is_some_and(evicted)
        });
        gone.map(|sighting| sighting.at)
    }

    /// Since when the node was Ready without a break on its new boot. The first Ready after a boot may be the old one,
    /// which the kubelet takes back.
    fn ready(&self, asked: Timestamp, before: Timestamp) -> Option<Timestamp> {
        let is_it = |object: &serde_json::Value| object["metadata"]["name"] == self.node;
        let old = self
            .seen
            .last("Node", asked, |sighting| is_it(&sighting.object))?;
        let old = Node(old.object.clone());
        let is_back = |node: &Node| node.boot_id() != old.boot_id() && node.is_ready();
        let away = self.seen.last("Node", before, |sighting| {
            is_it(&sighting.object) && !is_back(&Node(sighting.object.clone()))
        })?;
        let back = self.seen.first("Node", away.at, |sighting| {
            is_it(&sighting.object) && is_back(&Node(sighting.object.clone()))
        });
        back.map(|sighting| sighting.at)
    }
}

/// From what allowed the act to the act; nothing when the act came first, or nothing had to be waited for.
fn span(from: Option<Timestamp>, to: Timestamp) -> Duration {
    from.and_then(|from| to.duration_since(from).try_into().ok())
        .unwrap_or_default()
}
