//! Carries out what the world's description lets happen from outside.

use serde_json::Value;

use super::build;
use super::cluster::Cluster;
use super::faults::What;
use super::host;
use super::json;
use super::kind::Kind;
use super::kubelet;
use super::store::Key;

pub(super) fn happen(cluster: &mut Cluster, what: What) {
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
        What::RebootNode(node) => host::reboot(cluster, &node),
        What::StopKubelet(node) => host::stop_kubelet(cluster, &node),
        What::StartKubelet(node) => host::start_kubelet(cluster, &node),
        What::RaiseFlag { node, packages } => {
            let now = cluster.now;
            if let Some(host) = cluster.hosts.get_mut(&node) {
                host.flag = Some((now, packages));
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

fn cordon(cluster: &mut Cluster, node: &str, cordoned: bool) {
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
