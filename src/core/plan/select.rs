//! From nodes and verdicts to targets and exclusions. Every selected node ends in one of the two, with its reasons.

use std::time::Duration;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::spec::Target;
use crate::core::by_hand::by_hand;
use crate::core::evidence::{Need, Verdict};
use crate::core::model::{Node, NodeName};
use crate::core::reason::Reason;

/// A selected node and what is known of it.
pub(crate) struct Candidate<'a> {
    pub(crate) node: &'a Node,
    pub(crate) verdict: &'a Verdict,
}

/// A selected node that is not rebooted, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Excluded {
    pub(crate) name: NodeName,
    pub(crate) reason: Reason,
}

/// Who is rebooted and who is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Selection {
    pub(crate) targets: Vec<Target>,
    pub(crate) excluded: Vec<Excluded>,
}

/// Annotation of a node that is never a target; its value says why, and may be empty.
pub(crate) const EXCLUDE: &str = "aksreboot.dev/exclude";

/// Why somebody keeps the node out of every roll, where somebody does.
pub(crate) fn kept_out(node: &Node) -> Option<&str> {
    node.annotations.get(EXCLUDE).map(String::as_str)
}

/// Who is taken, beside what every roll requires.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms {
    /// Nodes too of which it is known that nothing is pending.
    pub(crate) all: bool,
    /// Only what has been pending for so long; zero takes everything.
    pub(crate) pending_for: Duration,
    pub(crate) now: Timestamp,
}

impl Terms {
    /// Why a node is no target whose reboot is pending, or wanted all the same.
    fn against(&self, node: &Node, verdict: &Verdict) -> Option<Reason> {
        if let Some(why) = kept_out(node) {
            let why = why.to_owned();
            return Some(Reason::KeptOut { why });
        }
        if self.pending_for.is_zero() || verdict.need == Need::No {
            return None;
        }
        match verdict.since {
            None => Some(Reason::SinceNotKnown),
            Some(since) => {
                let age = Duration::try_from(self.now.duration_since(since)).unwrap_or_default();
                (age < self.pending_for).then_some(Reason::PendingTooShort {
                    since,
                    seconds: self.pending_for.as_secs(),
                })
            }
        }
    }
}

/// Sorts candidates into targets, of no wave yet, and exclusions. Targets come zone after zone, in a zone pool after pool, then by
/// name: the same order for the same nodes, however they were read.
pub(crate) fn select(candidates: &[Candidate<'_>], terms: &Terms) -> Selection {
    let mut targets = Vec::new();
    let mut excluded = Vec::new();
    for Candidate { node, verdict } in candidates {
        let exclude = |reason| Excluded {
            name: node.name.clone(),
            reason,
        };
        if let Some(reason) = by_hand(node) {
            excluded.push(exclude(reason));
            continue;
        }
        match (verdict.need, &node.boot) {
            (Need::No, _) if !terms.all => excluded.push(exclude(Reason::NotPending)),
            (Need::NotApplicable, _) => {
                excluded.push(exclude(Reason::NotRebootable {
                    because: verdict.reasons.clone(),
                }));
            }
            (Need::Unknown, _) => excluded.push(exclude(Reason::VerdictUnknown {
                because: verdict.reasons.clone(),
            })),
            (Need::Yes | Need::No, None) => excluded.push(exclude(Reason::Unreadable {
                what: "boot ID".into(),
                message: "the node reports none, so its reboot could not be proved".into(),
            })),
            (Need::Yes | Need::No, Some(boot)) => match terms.against(node, verdict) {
                Some(reason) => excluded.push(exclude(reason)),
                None => targets.push(Target {
                    name: node.name.clone(),
                    uid: node.uid.clone(),
                    boot: boot.clone(),
                    kernel: node.kernel.clone(),
                    pool: node.pool().map(str::to_owned),
                    zone: node.zone().map(str::to_owned),
                    cordoned_before: node.cordoned,
                    system: node.is_system(),
                    wave: 0,
                }),
            },
        }
    }
    targets.sort_by(|a, b| (&a.zone, &a.pool, &a.name).cmp(&(&b.zone, &b.pool, &b.name)));
    let mut selection = Selection { targets, excluded };
    selection.settle();
    selection
}

impl Selection {
    /// Takes targets out that must not be begun, each for its reason.
    pub(super) fn exclude(&mut self, mut why: impl FnMut(&Target) -> Option<Reason>) {
        let excluded = &mut self.excluded;
        self.targets.retain(|target| {
            let reason = why(target);
            let stays = reason.is_none();
            excluded.extend(reason.map(|reason| Excluded {
                name: target.name.clone(),
                reason,
            }));
            stays
        });
        self.settle();
    }

    /// Exclusions by name.
    fn settle(&mut self) {
        self.excluded.sort_by(|a, b| a.name.cmp(&b.name));
    }
}

/// Signs on the nodes that AKS itself is at work: quarantine and pause labels of an upgrade, and the annotation by
/// which it keeps the autoscaler away meanwhile.
pub(crate) fn aks_signs<'a>(nodes: impl IntoIterator<Item = &'a Node>) -> Vec<Reason> {
    nodes.into_iter().filter_map(aks_sign).collect()
}

/// The same of one node.
pub(crate) fn aks_sign(node: &Node) -> Option<Reason> {
    const LABEL: &str = "kubernetes.azure.com/upgrade-status";
    const ANNOTATION: &str =
        "kubernetes.azure.com/azure-cluster-autoscaler-scale-down-disabled-reason";
    let sign = match (node.label(LABEL), node.annotations.get(ANNOTATION)) {
        (Some(status), _) => format!("{LABEL}={status}"),
        (None, Some(reason)) if reason == "upgrade" => format!("{ANNOTATION}={reason}"),
        (None, _) => return None,
    };
    Some(Reason::AksOperation {
        node: node.name.clone(),
        sign,
    })
}
