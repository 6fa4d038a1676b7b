//! The removals, one after another: pods before marks, marks before records, the Lease last. What a run could mind is
//! done under the lock, so that none begins meanwhile; each is judged once more before it is done.

use std::time::Duration;

use serde_json::json;

use super::{Sight, scene};
use crate::core::cleanup::{
    Fate, MarkFate, ON_ITS_WAY, Outcome, OwnPod, Records, Removed, Restores, Scene, Survey, mark,
    survey,
};
use crate::core::engine::Patched;
use crate::core::mark::{Marked, marked};
use crate::core::model::{NodeName, RunId};
use crate::core::reason::Reason;
use crate::edge::clock::Clock;
use crate::edge::cluster::node_patch;
use crate::edge::cluster::wire::{self, Refusal, encode};
use crate::edge::connect::Cluster;
use crate::edge::hold::kured_run;
use crate::edge::hold::lease::{self, Holder as LeaseHolder, Lock, Release, Renewed, Taken};
use crate::edge::hold::record;

/// Renewed before it gets too old to act on.
const RENEW_AT: Duration = Duration::from_secs(8);
/// Kubelets write their nodes now and then; so often in a row they do not.
const TRIES: usize = 5;

/// Removes what was shown, as the run `run` of `holder`.
pub(crate) struct Cleaner<'a> {
    pub(crate) cluster: &'a Cluster,
    pub(crate) clock: &'a Clock,
    pub(crate) run: RunId,
    pub(crate) holder: LeaseHolder,
    pub(crate) records: Records,
}

impl Cleaner<'_> {
    /// `Err`: somebody has the lock now, or the API server would not say. `tell` hears of each thing when it is done,
    /// and `notice` of waiting; `stopped` says that nothing more is to be begun.
    pub(crate) async fn remove(
        &self,
        sight: &Sight,
        shown: &Survey,
        mut tell: impl FnMut(&Removed),
        notice: impl FnOnce(Duration),
        stopped: impl Fn() -> bool,
    ) -> Result<Result<(), Reason>, Refusal> {
        let began = self.clock.now().mono;
        let mut lock = None;
        if shown.needs_lock() {
            let client = &self.cluster.client;
            let watched = sight.watched.clone();
            let taken =
                lease::take_after(client, &self.run, &self.holder, self.clock, watched, |_| {});
            match taken.await? {
                Taken::Held(by) => return Ok(Err(by)),
                Taken::Ours(ours) => lock = Some(ours),
            }
        }
        let mut lost = None;
        if looks_again(shown) {
            notice(ON_ITS_WAY);
            while self.clock.now().mono < began + ON_ITS_WAY && !stopped() && lost.is_none() {
                tokio::time::sleep(Duration::from_secs(1)).await;
                lost = self.renew(&mut lock).await;
            }
        }
        // By now it may look different, and it is the same only under the lock.
        let now = match scene(self.cluster, sight.scene.holder.clone()).await {
            Ok((now, _)) => now,
            Err(refusal) => {
                self.give_back(lock, shown, sight).await;
                return Err(refusal);
            }
        };
        let judged = survey(&now, self.records);
        let mut unmarked = 0;
        for step in steps(shown, &judged) {
            if stopped() || lost.is_some() {
                break;
            }
            lost = self.renew(&mut lock).await;
            if lost.is_some() {
                break;
            }
            let removed = match &step {
                // What it keeps kured from is there still.
                Step::Kured(run) if judged.marks.len() > unmarked => Removed {
                    what: kured_of(run),
                    outcome: Outcome::Changed,
                },
                _ => self.step(&step, &now).await,
            };
            if matches!(step, Step::Mark(..)) && removed.outcome == Outcome::Done {
                unmarked += 1;
            }
            tell(&removed);
        }
        if let Some(by) = lost {
            return Ok(Err(by));
        }
        let marks_left = judged.marks.len() > unmarked;
        let released = self.release(lock, marks_left, sight).await;
        let goes = matches!(shown.lease, Some(Fate::Remove(_))) && !marks_left;
        if let Some(outcome) = released.filter(|outcome| goes || *outcome != Outcome::Done) {
            tell(&Removed {
                what: "lock".into(),
                outcome,
            });
        }
        Ok(Ok(()))
    }

    async fn step(&self, step: &Step<'_>, now: &Scene) -> Removed {
        match step {
            Step::Pod(pod) => Removed {
                what: format!("pod {}/{}", pod.namespace, pod.name),
                outcome: self.pod(pod).await,
            },
            Step::Mark(node, fate) => Removed {
                what: format!("mark of node {node}"),
                outcome: self.mark(node, fate, now).await,
            },
            Step::Kured(run) => Removed {
                what: kured_of(run),
                outcome: match kured_run::give_back(&self.cluster.client, run).await {
                    Ok(()) => Outcome::Done,
                    Err(refusal) => failed(&refusal),
                },
            },
            Step::Record(name) => Removed {
                what: format!("run record {name}"),
                outcome: match record::remove(&self.cluster.client, name).await {
                    Ok(()) => Outcome::Done,
                    Err(refusal) => failed(&refusal),
                },
            },
            Step::Changed(what) => Removed {
                what: what.clone(),
                outcome: Outcome::Changed,
            },
        }
    }

    async fn pod(&self, pod: &OwnPod) -> Outcome {
        let path = format!(
            "/api/v1/namespaces/{}/pods/{}",
            encode(&pod.namespace),
            encode(&pod.name)
        );
        // That very pod; and at once, since its node may never answer again.
        let options = json!({
            "gracePeriodSeconds": 0,
            "preconditions": {"uid": pod.uid.as_str()},
        });
        match wire::delete(&self.cluster.client, &path, &options).await {
            Ok(()) | Err(Refusal::Gone(_)) => Outcome::Done,
            Err(Refusal::Conflict(_)) => Outcome::Changed,
            Err(refusal) => failed(&refusal),
        }
    }

    /// Each try tests the mark that was judged; a node that only heartbeat in between is judged again.
    async fn mark(&self, name: &NodeName, shown: &MarkFate, now: &Scene) -> Outcome {
        let client = &self.cluster.client;
        for _ in 0..TRIES {
            let node = match node_patch::read(client, name).await {
                Ok(Some(node)) => node,
                // With the node its mark is gone.
                Ok(None) => return Outcome::Done,
                Err(refusal) => return failed(&refusal),
            };
            let mine = match (marked(&node), mark(&node, now)) {
                (Marked::No, _) => return Outcome::Done,
                (Marked::By(mine), Fate::Remove(fate)) if fate == *shown => mine,
                _ => return Outcome::Changed,
            };
            let patched = match shown.restores {
                Restores::Uncordon => node_patch::restore(client, &node, &mine).await,
                Restores::MarkAlone => node_patch::unmark(client, &node).await,
            };
            match patched {
                Patched::Now(_) | Patched::Gone => return Outcome::Done,
                Patched::Conflict => {}
                Patched::Denied(reason) | Patched::Lost(reason) => {
                    return Outcome::Failed {
                        message: match reason {
                            Reason::NodePatchDenied { message }
                            | Reason::ApiUnavailable { message } => message,
                            other => format!("{other:?}"),
                        },
                    };
                }
            }
        }
        Outcome::Changed
    }

    /// Keeps the lock fresh enough to act on. `Some`: it is somebody else's.
    async fn renew(&self, lock: &mut Option<Lock>) -> Option<Reason> {
        let lock = lock.as_mut()?;
        for _ in 0..TRIES {
            if lock.fence().age() < RENEW_AT {
                return None;
            }
            match lock.renew(self.cluster.client.clone()).await {
                Renewed::Confirmed {
                    resource_version, ..
                } => lock.confirmed(resource_version),
                Renewed::Lost(by) => return Some(by),
                Renewed::Unsure(_) if lock.fence().holds() => {}
                Renewed::Unsure(message) => return Some(Reason::ApiUnavailable { message }),
            }
        }
        None
    }

    async fn give_back(&self, lock: Option<Lock>, shown: &Survey, sight: &Sight) {
        let marks = shown.marks.len();
        if let Some(Outcome::Failed { message }) = self.release(lock, marks > 0, sight).await {
            tracing::warn!(message, "the lock could not be given back");
        }
    }

    /// While marks are left, the Lease goes on telling whose they are.
    async fn release(
        &self,
        lock: Option<Lock>,
        marks_left: bool,
        sight: &Sight,
    ) -> Option<Outcome> {
        use crate::core::cleanup::Holder;
        let lock = lock?;
        let client = &self.cluster.client;
        let released = match (&sight.scene.holder, marks_left) {
            (Holder::Dead { run } | Holder::Unheld { run: Some(run) }, true) => {
                let run = RunId::new(run.as_str());
                lock.release_for(client, Release::Interrupted, &run).await
            }
            _ => lock.release(client, Release::Finished).await,
        };
        Some(match released {
            Ok(()) => Outcome::Done,
            Err(refusal) => failed(&refusal),
        })
    }
}

/// One removal.
enum Step<'s> {
    Pod(&'s OwnPod),
    Mark(&'s NodeName, &'s MarkFate),
    /// Every lock of kured's that this run has.
    Kured(&'s RunId),
    Record(&'s str),
    /// It was shown, and is not to go any more.
    Changed(String),
}

/// What was shown and is still so, in the order in which it goes.
fn steps<'s>(shown: &'s Survey, now: &'s Survey) -> Vec<Step<'s>> {
    let mut steps = Vec::new();
    for pod in &shown.pods {
        if let Fate::Remove(_) = pod.fate {
            let current = now.pods.iter().find(|other| other.pod.uid == pod.pod.uid);
            steps.push(match current.map(|current| &current.fate) {
                Some(Fate::Remove(_)) => Step::Pod(&pod.pod),
                // Somebody else was quicker.
                None => continue,
                Some(Fate::Leave(_)) => {
                    Step::Changed(format!("pod {}/{}", pod.pod.namespace, pod.pod.name))
                }
            });
        }
    }
    for node in &shown.marks {
        if let Fate::Remove(fate) = &node.fate {
            let current = now.marks.iter().find(|other| other.node == node.node);
            steps.push(match current.map(|current| &current.fate) {
                Some(Fate::Remove(now)) if now == fate => Step::Mark(&node.node, fate),
                None => continue,
                Some(_) => Step::Changed(format!("mark of node {}", node.node)),
            });
        }
    }
    for (run, fate) in &shown.kured {
        if let Fate::Remove(_) = fate {
            let current = now.kured.iter().find(|(other, _)| other == run);
            steps.push(match current.map(|(_, current)| current) {
                Some(Fate::Remove(_)) => Step::Kured(run),
                None => continue,
                Some(Fate::Leave(_)) => Step::Changed(kured_of(run)),
            });
        }
    }
    for (name, _) in &shown.records {
        if now.records.iter().any(|(other, _)| other == name) {
            steps.push(Step::Record(name));
        }
    }
    steps
}

fn kured_of(run: &RunId) -> String {
    format!("kured's lock of run {run}")
}

fn looks_again(shown: &Survey) -> bool {
    shown
        .marks
        .iter()
        .any(|node| matches!(&node.fate, Fate::Remove(fate) if fate.look_again))
}

fn failed(refusal: &Refusal) -> Outcome {
    Outcome::Failed {
        message: refusal.to_string(),
    }
}
