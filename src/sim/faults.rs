//! What happens to a cluster from outside: other people's acts, broken machines, an API server that goes away, and what
//! befalls the operator meanwhile. Faults are data: when, and what. Nothing here acts.

use std::time::Duration;

use jiff::SignedDuration;
use serde_json::Value;

use super::contract::OWNER_MARK;
use super::json::text;
use super::kured::KuredAct;
use super::world::{Bound, Ending};

/// One thing that will happen, once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happening {
    pub when: When,
    pub what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum When {
    /// That long after the world's start.
    At(Duration),
    /// Before the n-th matching request is carried out.
    Before(Matching),
    /// After the n-th matching request was carried out; that much later.
    After(Matching, Duration),
    /// After an owner mark on the node first said this step; that much later. Only the steps that are written into
    /// marks come: Cordon, Reboot, Settle.
    Marked {
        node: String,
        step: String,
        later: Duration,
    },
}

/// Which requests count, and which of them it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matching {
    pub verb: String,
    /// With the subresource: `pods/eviction`.
    pub resource: String,
    pub name: Option<String>,
    /// A text that the body holds.
    pub body: Option<String>,
    /// The step that an owner mark in the body says.
    pub intent: Option<String>,
    /// Counted from 1.
    pub nth: u32,
}

impl Matching {
    /// The first request with this verb (as in RBAC) on this resource.
    pub fn first(verb: &str, resource: &str) -> Self {
        Self::nth(1, verb, resource)
    }

    pub fn nth(nth: u32, verb: &str, resource: &str) -> Self {
        Self {
            verb: verb.into(),
            resource: resource.into(),
            name: None,
            body: None,
            intent: None,
            nth,
        }
    }

    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        self.name = Some(name.into());
        self
    }

    #[must_use]
    pub fn holding(mut self, body: &str) -> Self {
        self.body = Some(body.into());
        self
    }

    /// The first request that writes this step into the owner mark of a node.
    pub fn intent(node: &str, step: &str) -> Self {
        Self {
            intent: Some(step.into()),
            ..Self::first("patch", "nodes").named(node)
        }
    }

    pub(super) fn fits(&self, request: &Seen<'_>) -> bool {
        self.verb == request.verb
            && self.resource == request.resource
            && self.name.as_deref().is_none_or(|name| name == request.name)
            && self
                .body
                .as_deref()
                .is_none_or(|body| request.body.contains(body))
            && self
                .intent
                .as_deref()
                .is_none_or(|step| step_written(request.body).as_deref() == Some(step))
    }
}

/// The step in the owner mark that a patch of a node writes; the mark that a JSON patch tests first is the old one.
fn step_written(body: &str) -> Option<String> {
    let body: Value = serde_json::from_str(body).ok()?;
    let mark = match body.as_array() {
        Some(operations) => operations
            .iter()
            .filter(|operation| text(operation, "/op") != Some("test"))
            .find_map(|operation| text(operation, "/value")),
        None => body
            .pointer("/metadata/annotations")?
            .get(OWNER_MARK)?
            .as_str(),
    };
    step_of(mark?)
}

/// The step that an owner mark says.
pub(super) fn step_of(mark: &str) -> Option<String> {
    let mark: Value = serde_json::from_str(mark).ok()?;
    text(&mark, "/step").map(str::to_owned)
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// Somebody else sets or clears `spec.unschedulable`.
    Cordon(String),
    Uncordon(String),
    /// Somebody else sets an annotation of a node, or removes it.
    Annotate {
        node: String,
        key: String,
        value: Option<String>,
    },
    /// The node gets another resourceVersion and nothing else, as by a kubelet's report.
    Touch(String),
    /// A new machine takes the node's name.
    ReplaceNode(String),
    RemoveNode(String),
    /// The machine reboots by itself, or by another's hand.
    RebootNode(String),
    /// The kubelet stops, the machine runs on.
    StopKubelet(String),
    StartKubelet(String),
    RaiseFlag {
        node: String,
        packages: Vec<String>,
    },
    /// These package managers are at work on the machine from now on; none are none.
    Packaging {
        node: String,
        processes: Vec<String>,
    },
    /// A disruption budget in `default` gets another bound.
    Bound {
        budget: String,
        bound: Bound,
    },
    /// The first Ready pod with the label `app` of that value fails its readiness check for a while; one on another
    /// node than the one named.
    Unready {
        namespace: String,
        app: String,
        not_on: String,
        lasts: Duration,
    },
    /// The pods that have the label `app` of that value get a finalizer, so that they do not go when they are deleted; for
    /// a while, or for good.
    Hold {
        namespace: String,
        app: String,
        lasts: Option<Duration>,
    },
    /// The finalizers of `Hold` go.
    LetGo {
        namespace: String,
        app: String,
    },
    /// Somebody deletes a namespace.
    EndNamespace(String),
    /// From now on a reboot of the machine ends so.
    WillEnd {
        node: String,
        ending: Ending,
    },
    /// From now on the machine takes this long from its power cycle until its kubelet registers.
    WillBootIn {
        node: String,
        boot: Duration,
    },
    /// AKS's auto-repair takes the machine.
    Repair {
        node: String,
        by: Repair,
    },
    Kured(KuredAct),
    /// Somebody deletes a pod.
    DeletePod {
        namespace: String,
        name: String,
    },
    /// Another client takes a Lease.
    TakeLease {
        namespace: String,
        name: String,
        holder: String,
    },
    /// The API server goes away for a while; open watches end.
    Away(Away, Duration),
    /// Open watches end.
    CutWatches,
    /// Older versions are forgotten: watches and pages that start from them get 410.
    Forget,
    /// It hits the request that the condition names, else the next one.
    Disturb(Disturbance),
    /// It comes over the operator, not the cluster.
    Befall(Befall),
}

/// What auto-repair does with a machine (aks-remediator: reboot, then reimage).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repair {
    Reboot,
    /// A new disk from the node image: its kernel, no flag, a new boot; the Node object stays.
    Reimage,
}

/// What comes over the operator's side. The sim only tells it; whoever plays the operator sees to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Befall {
    /// The wall clock of the operator's machine jumps, while its monotonic one goes on as ever.
    ClockJump(SignedDuration),
    Interrupt,
    Terminate,
}

/// How an API server is away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Away {
    /// No connection.
    Gone,
    /// It answers 503.
    Unavailable,
}

/// What goes wrong with one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Disturbance {
    /// It is not carried out, and the answer is this.
    Refuse {
        code: u16,
        reason: String,
        message: String,
        retry_after: Option<u32>,
    },
    /// It is not carried out, and there is no answer.
    LoseRequest,
    /// It is carried out, and there is no answer.
    LoseAnswer,
    /// It is carried out that much later, whether the client still waits for it or not.
    Delay(Duration),
    /// It is carried out at once and answered that much later.
    DelayAnswer(Duration),
}

/// What a condition looks at in a request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen<'r> {
    pub(super) verb: &'r str,
    pub(super) resource: &'r str,
    pub(super) name: &'r str,
    pub(super) body: &'r str,
}
