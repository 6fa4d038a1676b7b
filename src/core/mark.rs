//! The owner mark: the node annotation that says which run cordoned the node, what it was about to do, and how
//! the node was before. Read from the cluster it is hostile text: what does not parse belongs to an unknown run.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::engine::Step;
use super::model::{BootId, Node, RunId, Uid};
use super::plan::Via;

/// Key of the annotation.
pub(crate) const KEY: &str = "aksreboot.dev/run";

/// Version of the format that this program writes and the newest that it understands.
const VERSION: u32 = 1;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OwnerMark {
    v: u32,
    pub(crate) run: RunId,
    /// The intent, written before the act.
    pub(crate) step: Step,
    pub(crate) uid: Uid,
    pub(crate) boot: BootId,
    pub(crate) cordoned_before: bool,
    /// By SSH no object in the cluster says whether the reboot was asked for.
    #[serde(default, skip_serializing_if = "Via::is_pod")]
    pub(crate) via: Via,
    /// Earlier values of what else the run changed on the node; null for what was absent.
    pub(crate) restore: Restore,
    pub(crate) at: Timestamp,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Restore {
    #[serde(default)]
    pub(crate) annotations: std::collections::BTreeMap<String, Option<String>>,
    #[serde(default)]
    pub(crate) labels: std::collections::BTreeMap<String, Option<String>>,
    #[serde(default)]
    pub(crate) taints: Vec<String>,
}

/// What a node's annotation says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Marked {
    No,
    By(OwnerMark),
    /// There is a mark, but not one that this version can read.
    Unreadable(String),
}

impl OwnerMark {
    pub(crate) fn new(
        run: &RunId,
        step: Step,
        uid: &Uid,
        boot: &BootId,
        cordoned_before: bool,
        at: Timestamp,
    ) -> Self {
        Self {
            v: VERSION,
            run: run.clone(),
            step,
            uid: uid.clone(),
            boot: boot.clone(),
            cordoned_before,
            via: Via::Pod,
            restore: Restore::default(),
            at,
        }
    }

    /// The same mark of a run that asks in this way.
    pub(crate) fn asking_by(self, via: Via) -> Self {
        Self { via, ..self }
    }

    /// The same mark with another intent.
    pub(crate) fn intending(&self, step: Step, at: Timestamp) -> Self {
        Self {
            step,
            at,
            ..self.clone()
        }
    }

    /// The run changed more on the node than cordon and mark.
    pub(crate) fn restores_more(&self) -> bool {
        let Restore {
            annotations,
            labels,
            taints,
        } = &self.restore;
        !annotations.is_empty() || !labels.is_empty() || !taints.is_empty()
    }

    /// The annotation's value.
    pub(crate) fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// Reads the mark of a node.
pub(crate) fn marked(node: &Node) -> Marked {
    let Some(text) = node.annotations.get(KEY) else {
        return Marked::No;
    };
    match serde_json::from_str::<OwnerMark>(text) {
        Ok(mark) if mark.v <= VERSION => Marked::By(mark),
        Ok(_) | Err(_) => Marked::Unreadable(text.clone()),
    }
}
