//! The scheduler: gives each pod without a node the fitting one with the fewest of its kind, then the fewest pods. It
//! knows names, labels, taints and the number of pods a node takes; not yet processors and memory.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::selector;
use crate::sim::cluster::Cluster;
use crate::sim::json::{self, flag, list, set, set_condition, text, texts};
use crate::sim::kind::Kind;
use crate::sim::store::Object;

/// What of a node decides whether a pod may be there.
pub(super) struct Place {
    node: Arc<Object>,
    cordoned: bool,
    taints: Vec<Taint>,
    /// How many pods it takes, and has.
    room: usize,
    running: usize,
}

struct Taint {
    key: String,
    value: String,
    effect: String,
}

/// What of a pod decides where it may be.
pub(super) struct Wish<'p> {
    pod: &'p Value,
    selector: BTreeMap<String, String>,
    /// The only node that its affinity leaves by name.
    pinned: Option<&'p str>,
}

/// Every node.
pub(super) fn places(cluster: &Cluster) -> Vec<Place> {
    let nodes = cluster.store.list(Kind::Node, None);
    nodes
        .map(|node| {
            let value = node.value();
            let own = |taint: &Value, pointer| text(taint, pointer).unwrap_or_default().to_owned();
            Place {
                cordoned: flag(&value, "/spec/unschedulable"),
                taints: list(&value, "/spec/taints")
                    .iter()
                    .map(|taint| Taint {
                        key: own(taint, "/key"),
                        value: own(taint, "/value"),
                        effect: own(taint, "/effect"),
                    })
                    .collect(),
                room: text(&value, "/status/allocatable/pods")
                    .and_then(|pods| pods.parse().ok())
                    .unwrap_or(0),
                running: cluster
                    .store
                    .pods_on(&node.key.name)
                    .iter()
                    .filter(|pod| !pod.index.finished())
                    .count(),
                node: node.clone(),
            }
        })
        .collect()
}

impl Place {
    pub(super) fn name(&self) -> &str {
        &self.node.key.name
    }
}

impl<'p> Wish<'p> {
    pub(super) fn of(pod: &'p Value) -> Self {
        Self {
            pod,
            selector: texts(pod, "/spec/nodeSelector"),
            pinned: pinned_to(pod),
        }
    }

    /// Whether labels and taints of a node let the pod begin there.
    pub(super) fn may_start(&self, place: &Place) -> bool {
        self.selects(place) && self.tolerates_all(place, &["NoSchedule", "NoExecute"])
    }

    /// Whether labels and taints of a node let the pod go on there.
    pub(super) fn may_stay(&self, place: &Place) -> bool {
        self.selects(place) && self.tolerates_all(place, &["NoExecute"])
    }

    fn fits(&self, place: &Place) -> bool {
        let cordon = "node.kubernetes.io/unschedulable";
        place.running < place.room
            && self.may_start(place)
            && (!place.cordoned || toleration(self.pod, cordon, "", "NoSchedule").is_some())
    }

    fn selects(&self, place: &Place) -> bool {
        if self.pinned.is_some_and(|name| place.name() != name) {
            return false;
        }
        let labels = &place.node.index.labels;
        let selected = self
            .selector
            .iter()
            .all(|(key, value)| labels.get(key) == Some(value));
        let terms = list(
            self.pod,
            "/spec/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution/nodeSelectorTerms",
        );
        let affine = terms.is_empty()
            || terms.iter().any(|term| {
                list(term, "/matchExpressions")
                    .iter()
                    .all(|expression| selector::holds(expression, labels))
            });
        selected && affine
    }

    fn tolerates_all(&self, place: &Place, effects: &[&str]) -> bool {
        place.taints.iter().all(|taint| {
            !effects.contains(&taint.effect.as_str())
                || toleration(self.pod, &taint.key, &taint.value, &taint.effect).is_some()
        })
    }
}

pub(super) fn bind_unbound(cluster: &mut Cluster) {
    let unbound: Vec<_> = cluster.store.pods_on("");
    if unbound.is_empty() {
        return;
    }
    let mut places = places(cluster);
    for pod in unbound {
        if !pod.index.deleting && !pod.index.finished() {
            bind(cluster, &pod, &mut places);
        }
    }
}

fn bind(cluster: &mut Cluster, pod: &Arc<Object>, places: &mut [Place]) {
    let value = pod.value();
    let wish = Wish::of(&value);
    // Of one place there is nothing to choose.
    let kin = match wish.pinned {
        Some(_) => BTreeMap::new(),
        None => kin(cluster, pod),
    };
    let count = places.len();
    let chosen = places
        .iter_mut()
        .filter(|place| wish.fits(place))
        .min_by_key(|place| {
            let kin = kin.get(place.name()).copied().unwrap_or(0);
            // Places come by name, and the first of equals is taken.
            (kin, place.running)
        });
    let now = cluster.time();
    cluster.update(Kind::Pod, &pod.key, |value| {
        let condition = if let Some(place) = chosen {
            place.running += 1;
            set(value, "/spec/nodeName", place.name());
            json!({"type": "PodScheduled", "status": "True"})
        } else {
            let message = format!("0/{count} nodes are available");
            json!({
                "type": "PodScheduled", "status": "False", "reason": "Unschedulable",
                "message": message,
            })
        };
        set_condition(value, condition, &now);
    });
}

/// How many pods of the same controller there are on each node.
fn kin(cluster: &Cluster, pod: &Object) -> BTreeMap<String, usize> {
    let mut kin = BTreeMap::new();
    if let Some(controller) = &pod.index.controller {
        for other in cluster.store.controlled_by(controller) {
            *kin.entry(other.index.node.clone()).or_default() += 1;
        }
    }
    kin
}

/// The only node that a pod's affinity leaves by name.
pub(super) fn pinned_to(pod: &Value) -> Option<&str> {
    let fields = "/spec/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution/nodeSelectorTerms/0\
                  /matchFields/0";
    let field = pod.pointer(fields)?;
    (text(field, "/key")? == "metadata.name").then_some(())?;
    text(field, "/values/0")
}

/// The first of a pod's tolerations that covers a taint.
fn toleration<'p>(pod: &'p Value, key: &str, value: &str, effect: &str) -> Option<&'p Value> {
    list(pod, "/spec/tolerations").iter().find(|toleration| {
        let exists = text(toleration, "/operator") == Some("Exists");
        let same_key = match text(toleration, "/key").unwrap_or_default() {
            "" => exists,
            own => own == key,
        };
        let same_effect =
            text(toleration, "/effect").is_none_or(|own| own.is_empty() || own == effect);
        let same_value = exists || text(toleration, "/value").unwrap_or_default() == value;
        same_key && same_effect && same_value
    })
}

/// Whether a pod tolerates a taint without a limit of time.
pub(super) fn tolerates_for_good(pod: &Value, key: &str, effect: &str) -> bool {
    toleration(pod, key, "", effect)
        .is_some_and(|toleration| json::number(toleration, "/tolerationSeconds").is_none())
}
