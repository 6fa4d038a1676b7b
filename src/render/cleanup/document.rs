//! The document of `cleanup -o json`: everything that was seen with what becomes of it, and what was done about it.

use schemars::JsonSchema;
use serde::Serialize;

use crate::core::cleanup::{Because, MarkFate, Removed, Stays, Survey};
use crate::core::model::NodeName;

/// Raised when a field changes its meaning or goes.
pub(crate) const VERSION: u8 = 1;

/// What `aksreboot cleanup -o json` prints, also on failure. Fields are added, never changed; readers pass over fields and
/// words that they do not know.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Document<'a> {
    #[schemars(extend("const" = "aksreboot/Cleanup"))]
    kind: &'static str,
    #[schemars(extend("const" = VERSION))]
    v: u8,
    cluster: ClusterName<'a>,
    /// What was there before anything was removed.
    things: Vec<Thing<'a>>,
    /// What was done, in its order; empty after a dry run or without a yes.
    removed: &'a [Removed],
    /// The namespaces in which pods were looked for; absent: all.
    #[serde(skip_serializing_if = "Option::is_none")]
    looked_in: Option<&'a [String]>,
    /// What kept it from being done in whole, in words.
    errors: &'a [String],
}

#[derive(Serialize, JsonSchema)]
struct ClusterName<'a> {
    /// Name of the kubeconfig context.
    context: &'a str,
    /// URL of the API server.
    server: &'a str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) enum Kind {
    Pod,
    /// The owner mark of the node that `name` names.
    Mark,
    /// The Lease.
    Lock,
    /// kured's lock, by the run that has it.
    KuredLock,
    RunRecord,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) enum Decision {
    Remove,
    Leave,
}

/// One thing, and what becomes of it.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Thing<'a> {
    pub(super) what: Kind,
    pub(super) name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) namespace: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) node: Option<&'a NodeName>,
    pub(super) decision: Decision,
    /// Why it goes; of a mark `mark` says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    because: Option<&'a Because>,
    /// How the node goes back with its mark.
    #[serde(skip_serializing_if = "Option::is_none")]
    mark: Option<&'a MarkFate>,
    /// Why it stays.
    #[serde(skip_serializing_if = "Option::is_none")]
    stays: Option<&'a Stays>,
    /// The same for people.
    pub(super) words: String,
    /// How a person ends it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) by_hand: Option<String>,
}

impl<'a> Document<'a> {
    pub(crate) fn new(
        (context, server): (&'a str, &'a str),
        survey: Option<&'a Survey>,
        removed: &'a [Removed],
        looked_in: Option<&'a [String]>,
        errors: &'a [String],
    ) -> Self {
        Self {
            kind: "aksreboot/Cleanup",
            v: VERSION,
            cluster: ClusterName { context, server },
            things: survey.map(super::things).unwrap_or_default(),
            removed,
            looked_in,
            errors,
        }
    }
}

impl<'a> Thing<'a> {
    pub(super) fn new(what: Kind, name: &'a str) -> Self {
        Self {
            what,
            name,
            namespace: None,
            node: None,
            decision: Decision::Leave,
            because: None,
            mark: None,
            stays: None,
            words: String::new(),
            by_hand: None,
        }
    }

    pub(super) fn on(mut self, namespace: &'a str, node: Option<&'a NodeName>) -> Self {
        self.namespace = Some(namespace);
        self.node = node;
        self
    }

    pub(super) fn goes(mut self, because: &'a Because, words: String) -> Self {
        self.decision = Decision::Remove;
        self.because = Some(because);
        self.words = words;
        self
    }

    pub(super) fn goes_back(mut self, mark: &'a MarkFate, words: String) -> Self {
        self.decision = Decision::Remove;
        self.mark = Some(mark);
        self.words = words;
        self
    }

    pub(super) fn stays(
        mut self,
        stays: &'a Stays,
        words: String,
        by_hand: Option<String>,
    ) -> Self {
        self.stays = Some(stays);
        self.words = words;
        self.by_hand = by_hand;
        self
    }
}
