//! How a fault is drawn: when it comes, upon what, and for how long. Whatever names an object names one of the world's.

mod cluster;

use std::time::Duration;

use jiff::SignedDuration;

use super::Fault;
use crate::sim::chance::Chance;
use crate::sim::faults::{Away, Befall, Disturbance, Happening, Matching, What, When};
use crate::sim::kured::{KuredDomain, KuredLock};
use crate::sim::world::{Ending, WorkloadKind, World};

/// Requests that a fault may hit, and up to which of them.
const REQUESTS: [(&str, &str, u32); 17] = [
    ("patch", "nodes", 6),
    ("create", "pods/eviction", 4),
    ("create", "pods", 9),
    ("delete", "pods", 6),
    ("patch", "leases", 8),
    ("create", "leases", 1),
    ("get", "leases", 8),
    ("create", "configmaps", 1),
    ("patch", "configmaps", 2),
    ("get", "nodes", 2),
    ("list", "nodes", 2),
    ("list", "pods", 12),
    ("list", "daemonsets", 2),
    ("get", "replicasets", 3),
    ("get", "namespaces", 2),
    ("watch", "pods", 6),
    ("watch", "nodes", 4),
];
/// Those of them that change something.
const WRITES: usize = 9;
/// The steps that are written into marks.
const STEPS: [&str; 3] = ["Cordon", "Reboot", "Settle"];
/// A roll of two nodes takes about two and a half minutes.
const LATEST: Duration = Duration::from_secs(240);

pub(super) struct Draw<'w> {
    chance: Chance,
    world: &'w World,
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

impl<'w> Draw<'w> {
    pub(super) fn new(seed: u64, world: &'w World) -> Self {
        Self {
            // Another stream than the one that the world and the cluster draw from.
            chance: Chance::from_seed(seed ^ 0x7765_6174_6865_7221),
            world,
        }
    }

    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.chance.below(bound)
    }

    pub(super) fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        self.chance.pick(of)
    }

    /// Whole seconds, so that they can be read.
    fn between(&mut self, low: u64, high: u64) -> Duration {
        seconds(low + self.below(high - low + 1))
    }

    /// Any moment: half of them by time, a quarter after a request, a quarter after a step.
    fn moment(&mut self) -> When {
        match self.below(4) {
            0 | 1 => When::At(self.between(0, LATEST.as_secs())),
            2 => {
                let matching = self.request(&REQUESTS);
                When::After(matching, self.between(0, 20))
            }
            // A drain takes seconds, a return a minute: each is to be hit.
            _ => {
                let most = self.pick(&[4, 60]);
                When::Marked {
                    node: self.target(),
                    step: self.pick(&STEPS).into(),
                    later: self.between(0, most),
                }
            }
        }
    }

    fn request(&mut self, of: &[(&str, &str, u32)]) -> Matching {
        let (verb, resource, most) = self.pick(of);
        if resource == "nodes" && verb == "patch" && self.below(2) == 0 {
            return Matching::intent(&self.target(), self.pick(&STEPS));
        }
        let nth = u32::try_from(self.below(most.into())).unwrap_or(0);
        Matching::nth(nth + 1, verb, resource)
    }

    fn node(&mut self) -> String {
        self.chance.pick(&self.world.machines).name
    }

    /// A node that waits for a reboot, if there is one.
    fn target(&mut self) -> String {
        let pending = self
            .world
            .machines
            .iter()
            .filter(|machine| machine.flag.is_some());
        let pending: Vec<_> = pending.map(|machine| machine.name.clone()).collect();
        if pending.is_empty() {
            return self.node();
        }
        self.pick(&pending)
    }

    /// Namespace and name of a workload that is not on every node.
    fn workload(&mut self) -> (String, String) {
        let there = self.world.workloads.iter();
        let there = there.filter(|workload| {
            matches!(
                workload.kind,
                WorkloadKind::Deployment | WorkloadKind::StatefulSet
            )
        });
        let there: Vec<_> = there
            .map(|workload| (workload.namespace.clone(), workload.name.clone()))
            .collect();
        if there.is_empty() {
            return ("default".into(), "nothing".into());
        }
        self.pick(&there)
    }

    fn once(&mut self, what: What) -> Vec<Happening> {
        let when = self.moment();
        vec![Happening { when, what }]
    }

    fn disturbed(&mut self, disturbance: Disturbance, of: &[(&str, &str, u32)]) -> Vec<Happening> {
        let when = When::Before(self.request(of));
        let what = What::Disturb(disturbance);
        vec![Happening { when, what }]
    }

    fn refused(&mut self, code: u16, reason: &str, message: &str) -> Vec<Happening> {
        let refusal = Disturbance::Refuse {
            code,
            reason: reason.into(),
            message: message.into(),
            retry_after: None,
        };
        self.disturbed(refusal, &REQUESTS)
    }

    fn ends(&mut self, ending: Ending) -> Vec<Happening> {
        let (when, node) = (When::At(Duration::ZERO), self.target());
        let what = What::WillEnd { node, ending };
        vec![Happening { when, what }]
    }

    fn kured_lock(&mut self) -> KuredLock {
        KuredLock {
            slots: self.pick(&[1, 1, 2, 3]),
            domain: self.pick(&[
                KuredDomain::WeaveWorks,
                KuredDomain::WeaveWorks,
                KuredDomain::KuredDev,
            ]),
        }
    }

    /// One fault of a kind, with its sequels.
    pub(super) fn fault(&mut self, fault: Fault) -> Vec<Happening> {
        match fault {
            Fault::LostRequest => self.disturbed(Disturbance::LoseRequest, &REQUESTS),
            Fault::LostAnswer => self.disturbed(Disturbance::LoseAnswer, &REQUESTS),
            Fault::LateRequest => {
                let delay = self.between(1, 50);
                self.disturbed(Disturbance::Delay(delay), &REQUESTS)
            }
            Fault::LateAnswer => {
                let delay = self.between(1, 50);
                self.disturbed(Disturbance::DelayAnswer(delay), &REQUESTS)
            }
            Fault::Conflict => {
                let refusal = Disturbance::Refuse {
                    code: 409,
                    reason: "Conflict".into(),
                    message: "Operation cannot be fulfilled: the object has been modified".into(),
                    retry_after: None,
                };
                self.disturbed(refusal, &REQUESTS[..WRITES])
            }
            Fault::Throttled => {
                let refusal = Disturbance::Refuse {
                    code: 429,
                    reason: "TooManyRequests".into(),
                    message: "the server has received too many requests".into(),
                    retry_after: Some(self.pick(&[1, 3, 10])),
                };
                self.disturbed(refusal, &REQUESTS)
            }
            Fault::Overloaded => self.refused(
                429,
                "TooManyRequests",
                "the server has received too many requests",
            ),
            Fault::WebhookFails => self.refused(
                500,
                "InternalError",
                "Internal error occurred: failed calling webhook \"pods.example.com\": EOF",
            ),
            Fault::Unavailable => {
                self.refused(503, "ServiceUnavailable", "etcdserver: leader changed")
            }
            Fault::GatewayTimeout => self.refused(
                504,
                "Timeout",
                "request did not complete within the allotted timeout",
            ),
            Fault::WatchesCut => self.once(What::CutWatches),
            Fault::VersionsForgotten => {
                let when = self.moment();
                [What::Forget, What::CutWatches]
                    .map(|what| Happening {
                        when: when.clone(),
                        what,
                    })
                    .into()
            }
            Fault::ApiGone => {
                let lasts = self.between(1, 150);
                self.once(What::Away(Away::Gone, lasts))
            }
            Fault::ApiAnswers503 => {
                let lasts = self.between(1, 150);
                self.once(What::Away(Away::Unavailable, lasts))
            }
            Fault::ClockAhead | Fault::ClockBack => {
                let by = SignedDuration::from_secs(self.pick(&[5, 30, 90, 3600]));
                let by = if fault == Fault::ClockBack { -by } else { by };
                self.once(What::Befall(Befall::ClockJump(by)))
            }
            Fault::Interrupted => self.once(What::Befall(Befall::Interrupt)),
            Fault::Terminated => self.once(What::Befall(Befall::Terminate)),
            Fault::LockTaken => self.once(What::TakeLease {
                namespace: "aksreboot".into(),
                name: "aksreboot".into(),
                holder: "20260304-090000-beef".into(),
            }),
            _ => self.of_the_cluster(fault),
        }
    }
}

/// A moment that comes that much later than another.
fn later(when: When, by: Duration) -> When {
    match when {
        When::At(at) => When::At(at + by),
        When::Before(matching) => When::After(matching, by),
        When::After(matching, later) => When::After(matching, later + by),
        When::Marked { node, step, later } => When::Marked {
            node,
            step,
            later: later + by,
        },
    }
}
