//! By which way a node is read: the one that was asked for, or the best that is open to it. Says why wherever it is not a
//! pod. Opens nothing itself, and never takes SSH unless that was asked for.

use super::evidence::{Answer, NodeStatus, Route, judge};
use super::model::{Node, Readiness};
use super::reason::Reason;

/// What may be gone by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ways {
    /// The one that the operator named.
    Only(Route),
    /// Whatever is open.
    Open {
        /// Whether probe pods can be made at all, or why not.
        pods: Result<(), Reason>,
        /// The operator said how nodes are logged in to.
        ssh: bool,
    },
}

/// The way by which one node is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Way {
    pub(crate) route: Route,
    /// Why not by a pod; `None` where it is one, or where the operator named the way.
    pub(crate) because: Option<Reason>,
}

impl Ways {
    /// Every node is read by the API alone, so that a list without details will do.
    pub(crate) fn is_api_alone(&self) -> bool {
        match self {
            Self::Only(route) => *route == Route::Api,
            Self::Open { pods, ssh } => pods.is_err() && !ssh,
        }
    }

    /// Why no node is read by a pod, where nobody asked for another way.
    pub(crate) fn why_no_pods(&self) -> Option<&Reason> {
        match self {
            Self::Only(_) => None,
            Self::Open { pods, .. } => pods.as_ref().err(),
        }
    }

    /// What is tried first.
    pub(crate) fn first(&self, node: &Node) -> Way {
        let (pods, ssh) = match self {
            Self::Only(route) => {
                return Way {
                    route: *route,
                    because: None,
                };
            }
            Self::Open { pods, ssh } => (pods, *ssh),
        };
        let because = match (&node.readiness, pods) {
            (Readiness::Ready, Ok(())) => {
                return Way {
                    route: Route::Pod,
                    because: None,
                };
            }
            (Readiness::Ready, Err(reason)) => reason.clone(),
            // Such a kubelet would never run the pod.
            (Readiness::NotReady(detail) | Readiness::Unknown(detail), _) => Reason::NodeNotReady {
                detail: detail.clone(),
            },
        };
        Way {
            route: if ssh { Route::Ssh } else { Route::Api },
            because: Some(because),
        }
    }

    /// What is tried after a pod that could not answer. `None`: its reason stands.
    pub(crate) fn after_pod(&self, trouble: &Reason) -> Option<Way> {
        let open = matches!(self, Self::Open { ssh: true, .. });
        // An answer that was given and is wrong is a finding, and an API server that is away is news for every node.
        let could_not_run = matches!(
            trouble,
            Reason::ProbeDenied { .. }
                | Reason::ProbeNamespaceMissing { .. }
                | Reason::ProbeImage { .. }
                | Reason::ProbeNoRoom { .. }
                | Reason::ProbeTimeout { .. }
                | Reason::ProbeFailed { .. }
                | Reason::ProbeGivenUp { .. }
                | Reason::NodeNotReady { .. }
        );
        (open && could_not_run).then(|| Way {
            route: Route::Ssh,
            because: Some(trouble.clone()),
        })
    }
}

impl Way {
    /// The node's status by what came back on this way.
    pub(crate) fn status(self, node: &Node, answer: Result<Answer, Reason>) -> NodeStatus {
        let mut verdict = judge(node, answer);
        // The judgement knows whether the node was read, not by whom.
        if verdict.read_by != Route::Api {
            verdict.read_by = self.route;
        }
        NodeStatus {
            because: self.because,
            ..NodeStatus::new(node, verdict)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::evidence::test_node;
    use super::super::reason::Denier;
    use super::*;

    fn open(pods: Result<(), Reason>, ssh: bool) -> Ways {
        Ways::Open { pods, ssh }
    }

    fn denied() -> Reason {
        Reason::ProbeDenied {
            by: Denier::Policy,
            namespace: "aksreboot".into(),
            message: "no".into(),
        }
    }

    fn not_ready() -> Node {
        Node {
            readiness: Readiness::Unknown("NodeStatusUnknown".into()),
            ..test_node()
        }
    }

    #[test]
    fn a_ready_node_is_read_by_a_pod_where_pods_may_be_made() {
        for ssh in [false, true] {
            let way = open(Ok(()), ssh).first(&test_node());
            assert_eq!((way.route, way.because), (Route::Pod, None));
        }
    }

    #[test]
    fn ssh_is_never_taken_unless_the_operator_said_how_to_log_in() {
        for pods in [Ok(()), Err(denied())] {
            let ways = open(pods, false);
            for node in [test_node(), not_ready()] {
                assert_ne!(ways.first(&node).route, Route::Ssh);
            }
            assert_eq!(ways.after_pod(&denied()), None);
        }
    }

    #[test]
    fn every_other_way_than_a_pod_says_why() {
        let way = open(Ok(()), true).first(&not_ready());
        assert_eq!(way.route, Route::Ssh);
        assert!(matches!(way.because, Some(Reason::NodeNotReady { .. })));
        let way = open(Ok(()), false).first(&not_ready());
        assert_eq!(way.route, Route::Api);
        assert!(matches!(way.because, Some(Reason::NodeNotReady { .. })));
        let way = open(Err(denied()), true).first(&test_node());
        assert_eq!((way.route, way.because), (Route::Ssh, Some(denied())));
        let way = open(Ok(()), true).after_pod(&denied()).unwrap();
        assert_eq!((way.route, way.because), (Route::Ssh, Some(denied())));
    }

    #[test]
    fn a_wrong_answer_is_not_asked_for_again_by_another_way() {
        let ways = open(Ok(()), true);
        for finding in [
            Reason::ProbeAnswer {
                message: "cut off".into(),
            },
            Reason::ApiUnavailable {
                message: "503".into(),
            },
            Reason::Interrupted,
        ] {
            assert_eq!(ways.after_pod(&finding), None, "{finding:?}");
        }
    }

    #[test]
    fn a_way_that_was_named_is_the_only_one() {
        for route in [Route::Pod, Route::Debug, Route::Ssh, Route::Api] {
            let ways = Ways::Only(route);
            assert_eq!(ways.first(&not_ready()).route, route);
            assert_eq!(ways.after_pod(&denied()), None);
        }
    }

    #[test]
    fn what_was_not_read_was_read_by_the_api() {
        let way = Way {
            route: Route::Ssh,
            because: Some(denied()),
        };
        let status = way.status(&test_node(), Err(Reason::Interrupted));
        assert_eq!(status.verdict.read_by, Route::Api);
        assert_eq!(status.because, Some(denied()));
    }
}
