//! What the cluster will do by itself, in the order of its due times. Jobs due at the same moment keep the order in
//! which they were given, so that a run can be repeated.

use std::collections::BTreeMap;

use super::clock::Moment;
use super::faults::What;
use super::kind::Kind;
use super::store::Key;

#[derive(Clone, Debug)]
pub(super) enum Job {
    /// A controller looks at its concern.
    Reconcile(Concern),
    /// Something that a kubelet does with a pod. Void when the pod is another, or the kubelet died meanwhile.
    Pod {
        key: Key,
        uid: String,
        life: u32,
        step: PodStep,
    },
    /// Something that comes over a machine. Void when its kubelet died meanwhile.
    Host {
        node: String,
        life: u32,
        step: HostStep,
    },
    /// Somebody watches the Lease of this node, so its renewals are written.
    Renew(String),
    Happen(What),
}

/// What a controller looks after; looked at once however often it was called for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Concern {
    /// A workload, a budget, or a node's taints.
    Object(Kind, Key),
    /// All pods without a node.
    Unbound,
    /// What every DaemonSet has on a node.
    Daemons(String),
    /// What is attached to a node.
    Volumes(String),
    /// What an object that is gone has left.
    Orphans(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PodStep {
    /// The kubelet has seen the pod.
    Accept,
    BackOff,
    Run,
    Ready,
    /// One of our own pods has done its work.
    Finish,
    /// `activeDeadlineSeconds` are over.
    Deadline,
    /// The containers of a deleted pod are gone.
    Stopped,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HostStep {
    /// The kubelet registers after a boot.
    Register,
    Ready,
    /// The kubelet misses one of its static pods in the API.
    ShowStaticPods,
    /// No renewal for the whole grace period.
    Unreachable,
    /// The pods have tolerated the node for long enough.
    Evict,
}

#[derive(Debug, Default)]
pub(super) struct Jobs {
    queue: BTreeMap<(Moment, u64), Job>,
    given: u64,
    /// Where each waiting concern is in the queue.
    concerns: BTreeMap<Concern, (Moment, u64)>,
}

impl Jobs {
    pub(super) fn at(&mut self, due: Moment, job: Job) {
        self.given += 1;
        let place = (due, self.given);
        if let Job::Reconcile(concern) = &job {
            if let Some(earlier) = self.concerns.get(concern) {
                if earlier.0 <= due {
                    return;
                }
                self.queue.remove(earlier);
            }
            self.concerns.insert(concern.clone(), place);
        }
        self.queue.insert(place, job);
    }

    pub(super) fn next_due(&self) -> Option<Moment> {
        self.queue.first_key_value().map(|((due, _), _)| *due)
    }

    /// The first job that is due by `now`.
    pub(super) fn take(&mut self, now: Moment) -> Option<Job> {
        if self.next_due()? > now {
            return None;
        }
        let (_, job) = self.queue.pop_first()?;
        if let Job::Reconcile(concern) = &job {
            self.concerns.remove(concern);
        }
        Some(job)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Concern, Job, Jobs};

    #[test]
    fn a_concern_waits_once_at_the_earliest_time_it_was_called_for() {
        let mut jobs = Jobs::default();
        for seconds in [9, 3, 5] {
            jobs.at(
                Duration::from_secs(seconds),
                Job::Reconcile(Concern::Unbound),
            );
        }
        assert_eq!(jobs.next_due(), Some(Duration::from_secs(3)));
        assert!(jobs.take(Duration::from_secs(3)).is_some());
        assert_eq!(jobs.next_due(), None);
    }
}
