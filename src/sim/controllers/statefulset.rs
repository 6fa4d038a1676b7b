//! StatefulSets: pods by number, one after the other, and a number again only when its last pod is quite gone.

use std::sync::Arc;

use super::pods;
use crate::sim::cluster::Cluster;
use crate::sim::json::{self, set};
use crate::sim::kind::Kind;
use crate::sim::store::{Key, Object};

pub(super) fn reconcile(cluster: &mut Cluster, stateful: &Arc<Object>) {
    let wanted = stateful.index.replicas;
    let first = json::number(&stateful.read(), "/spec/ordinals/start").unwrap_or(0);
    let first = usize::try_from(first).unwrap_or(0);
    let ordinals = first..first.saturating_add(wanted);
    for ordinal in ordinals.clone() {
        let name = format!("{}-{ordinal}", stateful.key.name);
        let key = Key::new(stateful.key.namespace.as_str(), name.as_str());
        match cluster.store.get(Kind::Pod, &key).cloned() {
            Some(pod) if pod.index.finished() && !pod.index.deleting => {
                cluster.delete(Kind::Pod, &key, None);
                break;
            }
            // The next waits until this one is Ready.
            Some(pod) if pod.index.ready && !pod.index.deleting => {}
            Some(_) => break,
            None => {
                let mut template = stateful.read()["spec"]["template"].clone();
                let label = "/metadata/labels/statefulset.kubernetes.io~1pod-name";
                let labels = "/metadata/labels";
                if let Some(labels) = template.pointer_mut(labels) {
                    labels["statefulset.kubernetes.io/pod-name"] = name.as_str().into();
                } else {
                    set(&mut template, label, name.as_str());
                }
                pods::make(cluster, stateful, &template, Some(name));
                break;
            }
        }
    }
    let own = pods::of(cluster, stateful);
    for pod in own.iter().filter(|pod| pods::counts(pod)) {
        let ordinal = pod.key.name.rsplit('-').next().and_then(|n| n.parse().ok());
        if ordinal.is_none_or(|ordinal: usize| !ordinals.contains(&ordinal)) {
            cluster.delete(Kind::Pod, &pod.key, None);
        }
    }
    let replicas = own.iter().filter(|pod| !pod.index.finished()).count();
    let ready = pods::count_ready(&own);
    pods::report(
        cluster,
        stateful,
        &[
            ("replicas", replicas),
            ("currentReplicas", replicas),
            ("updatedReplicas", replicas),
            ("readyReplicas", ready),
            ("availableReplicas", ready),
        ],
    );
}
