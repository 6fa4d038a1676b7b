//! ReplicaSets: as many pods as wanted; a pod that is going away is replaced at once.

use std::sync::Arc;

use super::pods;
use crate::sim::cluster::Cluster;
use crate::sim::kind::Kind;
use crate::sim::store::Object;

pub(super) fn reconcile(cluster: &mut Cluster, set: &Arc<Object>) {
    let wanted = set.index.replicas;
    let own = pods::of(cluster, set);
    let mut active: Vec<_> = own.iter().filter(|pod| pods::counts(pod)).collect();
    if active.len() < wanted {
        let value = set.read();
        for _ in active.len()..wanted {
            pods::make(cluster, set, &value["spec"]["template"], None);
        }
    }
    // Those that help least go first.
    active.sort_by_key(|pod| pod.index.ready);
    let surplus = active.len().saturating_sub(wanted);
    for pod in active.into_iter().take(surplus) {
        cluster.delete(Kind::Pod, &pod.key, None);
    }
    let own = pods::of(cluster, set);
    let replicas = own.iter().filter(|pod| pods::counts(pod)).count();
    let ready = pods::count_ready(&own);
    pods::report(
        cluster,
        set,
        &[
            ("replicas", replicas),
            ("fullyLabeledReplicas", replicas),
            ("readyReplicas", ready),
            ("availableReplicas", ready),
        ],
    );
}
