//! The heartbeats of nodes: computed when somebody looks, and written when they happen only as long as somebody watches, so
//! that an idle cluster costs nothing. It knows nothing of what they mean.

use hyper::body::Bytes;
use serde_json::Value;

use super::cluster::Cluster;
use super::host;
use super::jobs::Job;
use super::json;
use super::kind::Kind;
use super::store::{Key, Object};
use super::written::{Pieces, Written};

/// Namespace of the Leases that kubelets renew.
pub(super) const NODE_LEASES: &str = "kube-node-lease";

impl Cluster {
    /// An object as a client gets it at this moment: a node's heartbeats are filled in.
    pub(super) fn rendered(&self, object: &Object) -> Pieces {
        match object.kind {
            Kind::Node => {
                let all = self.beating(&object.key.name, object.text.whole());
                [all, Bytes::new(), Bytes::new()]
            }
            _ => object.text.pieces(),
        }
    }

    /// A value that is not stored, or not any more, as a client gets it.
    pub(super) fn rendered_value(&self, kind: Kind, name: &str, value: &Value) -> Bytes {
        let json = Written::of(value).whole();
        match kind {
            Kind::Node => self.beating(name, json),
            _ => json,
        }
    }

    fn beating(&self, node: &str, json: Bytes) -> Bytes {
        let Some(host) = self.hosts.get(node) else {
            return json;
        };
        let interval = self.clock.scaled(self.rules.paces.heartbeat);
        let heartbeat = self.clock.seconds(host.heartbeat(self.now, interval));
        host::with_heartbeats(&json, &heartbeat)
    }

    /// Writes the renewals that a kubelet has made since the Lease was last looked at.
    pub(super) fn renew(&mut self, node: &str) {
        let Some(host) = self.hosts.get(node) else {
            return;
        };
        let renewed = host.renewal(self.now, self.clock.scaled(self.rules.paces.lease));
        let renewed = self.clock.micros(renewed);
        let key = Key::new(NODE_LEASES, node);
        self.update(Kind::Lease, &key, |lease| {
            json::set(lease, "/spec/renewTime", renewed);
        });
    }

    /// From now on the renewals of a Lease are written when they happen, as long as somebody watches it.
    pub(super) fn watch_lease(&mut self, node: &str) {
        if self.hosts.contains_key(node) && self.watches.begin_renewing(node) {
            self.renew_next(node);
        }
    }

    pub(super) fn renew_while_watched(&mut self, node: &str) {
        self.renew(node);
        if self.watches.go_on_renewing(node) {
            self.renew_next(node);
        }
    }

    fn renew_next(&mut self, node: &str) {
        let Some(host) = self.hosts.get(node) else {
            return;
        };
        let interval = self.clock.scaled(self.rules.paces.lease);
        let due = host.renewal(self.now, interval) + interval;
        // A dead kubelet's last renewal stays in the past.
        let due = if due > self.now {
            due
        } else {
            self.now + interval
        };
        self.jobs.at(due, Job::Renew(node.to_owned()));
    }
}
