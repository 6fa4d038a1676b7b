//! What happens to a cluster from outside: other people's acts, broken machines, an API server that goes away.
//! Faults are data: when, and what.

use std::time::Duration;

use super::clock::Moment;

/// One thing that will happen, once.
#[derive(Clone, Debug)]
pub struct Happening {
    pub when: When,
    pub what: What,
}

#[derive(Clone, Debug)]
pub enum When {
    /// That long after the world's start.
    At(Duration),
    /// Before the n-th matching request is carried out.
    Before(Matching),
    /// After the n-th matching request was carried out; that much later.
    After(Matching, Duration),
}

/// Which requests count, and which of them it is.
#[derive(Clone, Debug)]
pub struct Matching {
    pub verb: String,
    /// With the subresource: `pods/eviction`.
    pub resource: String,
    pub name: Option<String>,
    /// A text that the body holds, such as the step in an owner mark.
    pub body: Option<String>,
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

    fn fits(&self, request: &Seen<'_>) -> bool {
        self.verb == request.verb
            && self.resource == request.resource
            && self.name.as_deref().is_none_or(|name| name == request.name)
            && self
                .body
                .as_deref()
                .is_none_or(|body| request.body.contains(body))
    }
}

#[derive(Clone, Debug)]
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
    /// A disruption budget in `default` gets another bound.
    Bound {
        budget: String,
        bound: super::world::Bound,
    },
    /// The first Ready pod with the label `app` of that value fails its readiness check for a while; one on another
    /// node than the one named.
    Unready {
        namespace: String,
        app: String,
        not_on: String,
        lasts: Duration,
    },
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
#[derive(Clone, Debug)]
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
    /// It is carried out that much later.
    Delay(Duration),
}

/// What the script needs to know of a request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen<'r> {
    pub(super) verb: &'r str,
    pub(super) resource: &'r str,
    pub(super) name: &'r str,
    pub(super) body: &'r str,
}

/// The happenings that wait for a request, and what came of those that did not need one.
#[derive(Debug, Default)]
pub(super) struct Script {
    waiting: Vec<(Matching, Option<Duration>, What, u32)>,
    /// For the next request, whichever it is.
    pub(super) next: Vec<Disturbance>,
    away: Option<(Away, Moment)>,
}

/// What a request sets off.
#[derive(Debug, Default)]
pub(super) struct SetOff {
    pub(super) before: Vec<What>,
    pub(super) after: Vec<(Duration, What)>,
}

impl Script {
    pub(super) fn await_request(
        &mut self,
        matching: Matching,
        after: Option<Duration>,
        what: What,
    ) {
        self.waiting.push((matching, after, what, 0));
    }

    /// Counts a request; what waited for it is due.
    pub(super) fn arrive(&mut self, request: &Seen<'_>) -> SetOff {
        let mut due = SetOff::default();
        self.waiting.retain_mut(|(matching, after, what, seen)| {
            if matching.fits(request) {
                *seen += 1;
            }
            if *seen < matching.nth {
                return true;
            }
            match after {
                None => due.before.push(what.clone()),
                Some(later) => due.after.push((*later, what.clone())),
            }
            false
        });
        due
    }

    pub(super) fn go_away(&mut self, away: Away, until: Moment) {
        self.away = Some((away, until));
    }

    pub(super) fn away(&self, now: Moment) -> Option<Away> {
        self.away
            .filter(|(_, until)| now < *until)
            .map(|(away, _)| away)
    }
}

#[cfg(test)]
mod tests {
    use super::{Matching, Script, Seen, What};

    const PATCH: Seen<'_> = Seen {
        verb: "patch",
        resource: "nodes",
        name: "one",
        body: r#"{"step":"drain"}"#,
    };

    #[test]
    fn only_the_nth_fitting_request_sets_it_off_and_only_once() {
        let mut script = Script::default();
        let second = Matching::nth(2, "patch", "nodes").named("one");
        script.await_request(second, None, What::Forget);
        let other = Seen {
            name: "two",
            ..PATCH
        };
        let fired: Vec<_> = [PATCH, other, PATCH, PATCH]
            .iter()
            .map(|request| script.arrive(request).before.len())
            .collect();
        assert_eq!(fired, [0, 0, 1, 0]);
    }

    #[test]
    fn a_text_in_the_body_tells_requests_apart() {
        let mut script = Script::default();
        let matching = Matching::first("patch", "nodes").holding("\"step\":\"reboot\"");
        script.await_request(matching, None, What::Forget);
        assert!(script.arrive(&PATCH).before.is_empty());
    }
}
