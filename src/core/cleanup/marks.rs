//! Marks of runs that are over: the node goes back to how it was before, unless a reboot may still come.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Fate, PodEnd, Scene, Stays, hands_off, pods};
use crate::core::engine::Step;
use crate::core::mark::{Marked, OwnerMark, marked};
use crate::core::model::{Node, RunId};
use crate::core::plan::Via;

/// What is done to a node whose mark may go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MarkFate {
    pub(crate) run: RunId,
    pub(crate) step: Step,
    pub(crate) restores: Restores,
    /// No ask is there, but one that is on its way could still come: look again before the node is touched.
    pub(crate) look_again: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Restores {
    /// It was not cordoned before the run, and is now.
    Uncordon,
    /// Only the mark goes.
    MarkAlone,
}

/// What becomes of the mark of `node`.
pub(crate) fn mark(node: &Node, scene: &Scene) -> Fate<MarkFate> {
    let mark = match marked(node) {
        Marked::By(mark) => mark,
        Marked::Unreadable(text) => return Fate::Leave(Stays::MarkUnreadable { text }),
        Marked::No => {
            return Fate::Leave(Stays::MarkUnreadable {
                text: String::new(),
            });
        }
    };
    if let Some(stays) = hands_off(&scene.holder) {
        return Fate::Leave(stays);
    }
    if mark.uid != node.uid {
        return Fate::Leave(Stays::NodeReplaced);
    }
    if mark.restores_more() {
        return Fate::Leave(Stays::MoreToRestore);
    }
    let look_again = match outstanding(node, &mark, scene) {
        Ok(look_again) => look_again,
        Err(stays) => return Fate::Leave(stays),
    };
    // From Settle on the run had put the cordon back itself; one that is there now is somebody else's.
    let uncordons = mark.step != Step::Settle && !mark.cordoned_before && node.cordoned;
    Fate::Remove(MarkFate {
        run: mark.run,
        step: mark.step,
        restores: if uncordons {
            Restores::Uncordon
        } else {
            Restores::MarkAlone
        },
        look_again,
    })
}

/// Whether a reboot may still come over the node. `Ok(true)`: nothing says so, but the run may have been killed between
/// its intent and its ask.
fn outstanding(node: &Node, mark: &OwnerMark, scene: &Scene) -> Result<bool, Stays> {
    // Before the intent nothing was asked; the ask was done with before the mark said Settle.
    if matches!(
        mark.step,
        Step::Gate | Step::Cordon | Step::Drain | Step::Settle
    ) {
        return Ok(false);
    }
    let booted = node.boot.as_ref().is_some_and(|boot| *boot != mark.boot);
    if booted {
        // Whatever asked refuses on this boot. A node that is not well is nobody's to put back into service.
        return if node.readiness.is_ready() {
            Ok(false)
        } else {
            Err(Stays::NotReady)
        };
    }
    if mark.via == Via::Ssh {
        return Err(Stays::AskBySsh {
            run: mark.run.clone(),
        });
    }
    let ask = scene
        .pods
        .iter()
        .find(|pod| pod.is_ask() && pod.node.as_ref() == Some(&node.name));
    match ask {
        None => Ok(true),
        Some(pod) => match (pods::pod(pod, scene), &pod.end) {
            // It goes before the mark does.
            (Fate::Remove(_), PodEnd::RefusedToAsk { .. } | PodEnd::Finished) => Ok(false),
            _ => Err(Stays::AskOutstanding {
                pod: format!("{}/{}", pod.namespace, pod.name),
            }),
        },
    }
}
