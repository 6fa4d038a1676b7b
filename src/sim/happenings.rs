//! Carries out what the world's description lets happen from outside.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::build;
use super::chronicle::{Deed, Hand};
use super::cluster::Cluster;
use super::faults::{Befall, Repair, What, step_of};
use super::host;
use super::jobs::Job;
use super::json;
use super::kind::Kind;
use super::kubelet;
use super::kured::{self, KuredAct};
use super::store::{Change, Key, Object};
use super::world::Ending;

/// What holds a pod that shall not go.
const HELD: &str = "sim.aksreboot.dev/held";
/// A machine that is reimaged comes back that much later than one that reboots.
const REIMAGING: Duration = Duration::from_secs(90);

/// Notes what a change did to a node or a pod, as far as anybody waits for it or reads of it later.
pub(super) fn notice(cluster: &mut Cluster, change: &Change) {
    match change.object.kind {
        Kind::Node => notice_node(cluster, change),
        Kind::Pod => {
            let bound = |pod: &Object| !pod.index.node.is_empty();
            let before = change.before.as_ref().is_some_and(|before| bound(before));
            if bound(&change.object) && !before {
                let key = &change.object.key;
                cluster.note_deed(Deed::Bound {
                    namespace: key.namespace.clone(),
                    pod: key.name.clone(),
                    node: change.object.index.node.clone(),
                });
            }
        }
        _ => {}
    }
}

fn notice_node(cluster: &mut Cluster, change: &Change) {
    let was = change.before.as_ref();
    let is = Some(&change.object).filter(|_| !change.removed);
    let node = &change.object.key.name;
    let cordoned = |node: Option<&Arc<Object>>| node.is_some_and(|node| node.index.cordoned);
    if cordoned(was) != cordoned(is) {
        cluster.note_deed(Deed::Unschedulable {
            node: node.clone(),
            is: cordoned(is),
        });
    }
    let ready = |node: Option<&Arc<Object>>| node.is_some_and(|node| node.index.ready);
    if !change.removed && ready(was) != ready(is) {
        cluster.note_deed(Deed::Ready {
            node: node.clone(),
            is: ready(is),
        });
    }
    let mark = |node: Option<&Arc<Object>>| node.and_then(|node| node.index.mark.clone());
    let (old, new) = (mark(was), mark(is));
    if old == new {
        return;
    }
    let step = |mark: Option<String>| mark.map(|mark| step_of(&mark).unwrap_or_default());
    let (before, now) = (step(old), step(new));
    if now != before {
        // A mark sets things off when its node is first seen to have it.
        for (later, what) in now
            .iter()
            .flat_map(|step| cluster.script.marked(node, step))
            .collect::<Vec<_>>()
        {
            cluster.later(later, Job::Happen(what));
        }
        cluster.note_deed(Deed::Marked {
            node: node.clone(),
            step: now,
        });
    }
}

pub(super) fn happen(cluster: &mut Cluster, what: What) {
    if !is_sequel(&what) {
        cluster.note_deed(Deed::Happened(what.clone()));
    }
    match what {
        What::Cordon(node) => cordon(cluster, &node, true),
        What::Uncordon(node) => cordon(cluster, &node, false),
        What::Annotate { node, key, value } => {
            cluster.update(Kind::Node, &Key::of_cluster(node), |object| {
                let annotations = json::entry(object, "/metadata/annotations");
                match value {
                    Some(value) => *json::member(annotations, &key) = value.into(),
                    None => {
                        annotations.as_object_mut().map(|map| map.remove(&key));
                    }
                }
            });
        }
        What::Touch(node) => touch(cluster, &node),
        What::ReplaceNode(node) => {
            build::forget_node(cluster, &node);
            if let Some(host) = cluster.hosts.remove(&node) {
                let mut machine = host.machine.clone();
                machine.flag = None;
                machine.ready = true;
                machine.cordoned = false;
                build::node(cluster, machine);
                // What was under way on the old machine does not come over the new one.
                if let Some(new) = cluster.hosts.get_mut(&node) {
                    new.life = host.life + 1;
                }
            }
        }
        What::RemoveNode(node) => {
            build::forget_node(cluster, &node);
            cluster.hosts.remove(&node);
        }
        What::RebootNode(node) => host::reboot(cluster, &node, Hand::Other),
        What::StopKubelet(node) => host::stop_kubelet(cluster, &node),
        What::StartKubelet(node) => host::start_kubelet(cluster, &node),
        What::RaiseFlag { node, packages } => {
            let now = cluster.now;
            if let Some(host) = cluster.hosts.get_mut(&node) {
                host.flag = Some((now, packages));
            }
        }
        What::Packaging { node, processes } => {
            if let Some(host) = cluster.hosts.get_mut(&node) {
                host.machine.packaging = processes;
            }
        }
        What::Bound { budget, bound } => {
            cluster.update(Kind::Budget, &Key::new("default", budget), |object| {
                build::set_bound(object, &bound);
            });
        }
        What::Unready {
            namespace,
            app,
            not_on,
            lasts,
        } => kubelet::fail_readiness(cluster, &namespace, &app, &not_on, lasts),
        What::Hold {
            namespace,
            app,
            lasts,
        } => {
            each_pod(cluster, &namespace, &app, |pod| {
                json::set(pod, "/metadata/finalizers", json!([HELD]));
            });
            if let Some(lasts) = lasts {
                let what = What::LetGo { namespace, app };
                cluster.later(lasts, Job::Happen(what));
            }
        }
        What::LetGo { namespace, app } => each_pod(cluster, &namespace, &app, |pod| {
            json::unset(pod, "/metadata/finalizers");
        }),
        What::EndNamespace(name) => {
            cluster.delete(Kind::Namespace, &Key::of_cluster(name), None);
        }
        What::WillEnd { node, ending } => {
            if let Some(host) = cluster.hosts.get_mut(&node) {
                host.machine.reboot.ending = ending;
            }
        }
        What::WillBootIn { node, boot } => {
            if let Some(host) = cluster.hosts.get_mut(&node) {
                host.machine.reboot.boot = boot;
            }
        }
        What::Repair { node, by } => repair(cluster, &node, by),
        What::Kured(act) => kured::act(cluster, act),
        What::Befall(befall) => tell_operator(cluster, befall),
        What::DeletePod { namespace, name } => {
            cluster.delete(Kind::Pod, &Key::new(namespace, name), None);
        }
        What::TakeLease {
            namespace,
            name,
            holder,
        } => {
            cluster.update(Kind::Lease, &Key::new(namespace, name), |object| {
                json::set(object, "/spec/holderIdentity", holder);
            });
        }
        What::Away(away, duration) => {
            let until = cluster.now + cluster.clock.scaled(duration);
            cluster.script.go_away(away, until);
            cluster.watches.cut();
        }
        What::CutWatches => cluster.watches.cut(),
        What::Forget => cluster.store.forget(),
        What::Disturb(disturbance) => cluster.script.next.push(disturbance),
    }
}

/// What kured does while it waits is told by what comes of it.
fn is_sequel(what: &What) -> bool {
    let What::Kured(act) = what else {
        return false;
    };
    matches!(act, KuredAct::Drains { .. } | KuredAct::Returns { .. })
}

/// Changes every pod of a workload.
fn each_pod(cluster: &mut Cluster, namespace: &str, app: &str, change: impl Fn(&mut Value)) {
    let pods: Vec<_> = cluster
        .store
        .list(Kind::Pod, Some(namespace))
        .filter(|pod| {
            pod.index
                .lasting
                .labels
                .get("app")
                .is_some_and(|own| own == app)
        })
        .map(|pod| pod.key.clone())
        .collect();
    for pod in pods {
        cluster.update(Kind::Pod, &pod, &change);
    }
}

fn repair(cluster: &mut Cluster, node: &str, by: Repair) {
    if by == Repair::Reimage
        && let Some(host) = cluster.hosts.get_mut(node)
    {
        // The node image's own kernel; nothing was installed since.
        host.machine.installed.truncate(1);
        host.machine.reboot.boot += REIMAGING;
        host.machine.reboot.ending = Ending::Normal;
    }
    host::reboot(cluster, node, Hand::AutoRepair);
}

fn tell_operator(cluster: &mut Cluster, befall: Befall) {
    if let Some(operator) = &mut cluster.operator {
        operator(befall);
    }
}

pub(super) fn cordon(cluster: &mut Cluster, node: &str, cordoned: bool) {
    cluster.update(Kind::Node, &Key::of_cluster(node), |object| {
        if cordoned {
            json::set(object, "/spec/unschedulable", true);
        } else {
            json::unset(object, "/spec/unschedulable");
        }
    });
}

/// Counts in an annotation, as the simplest change that nobody reads.
fn touch(cluster: &mut Cluster, node: &str) {
    cluster.update(Kind::Node, &Key::of_cluster(node), |object| {
        let annotations = json::entry(object, "/metadata/annotations");
        let touched = json::member(annotations, "sim.aksreboot.dev/touched");
        let count = touched.as_str().and_then(|text| text.parse::<u64>().ok());
        *touched = Value::from((count.unwrap_or(0) + 1).to_string());
    });
}
