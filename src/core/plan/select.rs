//! From nodes and verdicts to targets and exclusions. Every selected node ends in one of the two, with its reasons.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::spec::Target;
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

/// Sorts candidates into targets, of no wave yet, and exclusions. Targets come zone after zone, in a zone pool after pool, then by
/// name: the same order for the same nodes, however they were read.
pub(crate) fn select(candidates: &[Candidate<'_>]) -> Selection {
    let mut targets = Vec::new();
    let mut excluded = Vec::new();
    for Candidate { node, verdict } in candidates {
        let exclude = |reason| Excluded {
            name: node.name.clone(),
            reason,
        };
        match (verdict.need, &node.boot) {
            (Need::No, _) => excluded.push(exclude(Reason::NotPending)),
            (Need::NotApplicable, _) => {
                excluded.push(exclude(Reason::NotRebootable {
                    because: verdict.reasons.clone(),
                }));
            }
            (Need::Unknown, _) => excluded.push(exclude(Reason::VerdictUnknown {
                because: verdict.reasons.clone(),
            })),
            (Need::Yes, None) => excluded.push(exclude(Reason::Unreadable {
                what: "boot ID".into(),
                message: "the node reports none, so its reboot could not be proved".into(),
            })),
            (Need::Yes, Some(boot)) => targets.push(Target {
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
    const LABEL: &str = "kubernetes.azure.com/upgrade-status";
    const ANNOTATION: &str =
        "kubernetes.azure.com/azure-cluster-autoscaler-scale-down-disabled-reason";
    nodes
        .into_iter()
        .filter_map(|node| {
            let sign = match (node.label(LABEL), node.annotations.get(ANNOTATION)) {
                (Some(status), _) => format!("{LABEL}={status}"),
                (None, Some(reason)) if reason == "upgrade" => format!("{ANNOTATION}={reason}"),
                (None, _) => return None,
            };
            Some(Reason::AksOperation {
                node: node.name.clone(),
                sign,
            })
        })
        .collect()
}
