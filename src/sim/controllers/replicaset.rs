//! ReplicaSets: as many pods as wanted; a pod that is going away is replaced at once.

use std::sync::Arc;

use super::pods;
use crate::sim::cluster::Cluster;
use crate::sim::kind::Kind;
use crate::sim::store::Object;

pub(super) fn reconcile(cluster: &mut Cluster, set: &Arc<Object>) {
    let wanted = set.index.replicas;
    let counted = cluster.store.tally(&set.index.lasting.uid).counted;
    if counted < wanted {
        let value = set.read();
        for _ in counted..wanted {
            pods::make(cluster, set, &value["spec"]["template"], None);
        }
    }
    if counted > wanted {
        let mut active = pods::of(cluster, set);
        active.retain(|pod| pods::counts(pod));
        // Those that help least go first.
        active.sort_by_key(|pod| pod.index.ready);
        for pod in active.into_iter().take(counted - wanted) {
            cluster.delete(Kind::Pod, &pod.key, None);
        }
    }
    let tally = cluster.store.tally(&set.index.lasting.uid);
    let (replicas, ready) = (tally.counted, tally.ready);
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
