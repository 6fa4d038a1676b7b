//! Our pods. A probe belongs to a command that waits for it, until its own time limit is over; a run's pod to its run;
//! and a reboot pod to the boot that it was made for, whoever made it.

use std::time::Duration;

use super::{Because, Fate, OwnPod, PodEnd, Scene, Stays, Whose, hands_off};
use crate::core::drain::OWN_NAMESPACE;

/// A pod that names no limit of its own is awaited for at most this: the longest time limit of a probe, and some.
const LONGEST_AWAITED: Duration = Duration::from_secs(620);
/// systemd gives a queued reboot half an hour before it reboots by force (reboot.target: JobTimeoutSec=30min).
const QUEUED_AT_MOST: Duration = Duration::from_secs(31 * 60);

pub(super) fn pod(pod: &OwnPod, scene: &Scene) -> Fate<Because> {
    match pod.whose {
        Whose::Ours => {}
        Whose::Kubectl => return Fate::Leave(Stays::OfKubectl),
        Whose::Others => return Fate::Leave(Stays::NotOurs),
    }
    if pod.is_ask() && pod.namespace == OWN_NAMESPACE {
        return ask(pod, scene);
    }
    match &pod.run {
        Some(run) => match hands_off(&scene.holder) {
            Some(stays) => Fate::Leave(stays),
            None => Fate::Remove(Because::RunIsOver {
                run: run.to_string(),
            }),
        },
        None => awaited(pod, scene),
    }
}

/// A pod of `status`, or of a roll that is still being planned: neither holds a lock, but both give up at the pod's own
/// time limit. Both times are the API server's.
fn awaited(pod: &OwnPod, scene: &Scene) -> Fate<Because> {
    let limit = pod.lifetime.unwrap_or(LONGEST_AWAITED);
    let Some(age) = age(pod, scene) else {
        return Fate::Leave(Stays::MayBeAwaited { seconds: None });
    };
    if age > limit {
        Fate::Remove(Because::PastItsTime {
            age_seconds: age.as_secs(),
            limit_seconds: limit.as_secs(),
        })
    } else {
        Fate::Leave(Stays::MayBeAwaited {
            seconds: Some(limit.saturating_sub(age).as_secs() + 1),
        })
    }
}

fn ask(pod: &OwnPod, scene: &Scene) -> Fate<Because> {
    if let Some(stays) = hands_off(&scene.holder) {
        return Fate::Leave(stays);
    }
    let node = pod
        .node
        .as_ref()
        .and_then(|name| scene.nodes.iter().find(|node| node.name == *name));
    let Some(node) = node else {
        return Fate::Remove(Because::NodeIsGone);
    };
    // The script refuses on any other boot; where either is not known, it may be the same.
    let same_boot = match (&node.boot, &pod.boot) {
        (Some(now), Some(then)) => now == then,
        _ => true,
    };
    if !same_boot {
        return Fate::Remove(Because::BootIsOver);
    }
    match &pod.end {
        PodEnd::Running => Fate::Leave(Stays::CouldStillFire),
        PodEnd::RefusedToAsk { why } => Fate::Remove(Because::DidNotAsk { why: why.clone() }),
        PodEnd::Finished => {
            let over = pod.lifetime.unwrap_or(LONGEST_AWAITED) + QUEUED_AT_MOST;
            match age(pod, scene) {
                Some(age) if age > over => Fate::Remove(Because::NothingOutstanding),
                age => Fate::Leave(Stays::MayBeQueued {
                    seconds: age.map(|age| over.saturating_sub(age).as_secs() + 1),
                }),
            }
        }
    }
}

fn age(pod: &OwnPod, scene: &Scene) -> Option<Duration> {
    let age = scene.server_time?.duration_since(pod.created?);
    Duration::try_from(age).ok()
}
