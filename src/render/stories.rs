//! Sentences on nodes: those that are the same of several nodes are one line with their names, and what would help comes
//! last, once.

use crate::core::drain::OWN_NAMESPACE;
use crate::core::model::NodeName;
use crate::core::reason::{Denier, Reason};

use super::doubt;
use super::reason::{in_words, remedies};
use super::text::some_of;

/// More lines than a person reads.
const MOST_LINES: usize = 20;
/// More names than a line holds.
const MOST_NAMES: usize = 3;

#[derive(Debug)]
pub(crate) struct Stories {
    /// What `manifests` calls the role of the command that tells them.
    role: &'static str,
    told: Vec<Story>,
    hints: Vec<String>,
}

#[derive(Debug)]
struct Story {
    kind: &'static str,
    words: String,
    of: Vec<NodeName>,
}

impl Stories {
    pub(crate) fn of_role(role: &'static str) -> Self {
        Self {
            role,
            told: Vec::new(),
            hints: Vec::new(),
        }
    }

    /// `kind: NAME: words`.
    pub(crate) fn tell(&mut self, name: &NodeName, kind: &'static str, words: String) {
        let known = self
            .told
            .iter_mut()
            .find(|story| story.kind == kind && story.words == words);
        match known {
            Some(story) => story.of.push(name.clone()),
            None => self.told.push(Story {
                kind,
                words,
                of: vec![name.clone()],
            }),
        }
    }

    /// Why the node is unknown, and what would end it.
    pub(crate) fn doubts<'a>(
        &mut self,
        name: &NodeName,
        reasons: impl IntoIterator<Item = &'a Reason>,
    ) {
        for reason in reasons {
            self.tell(name, "unknown", without_pod_names(&in_words(reason)));
            let hints = match reason {
                Reason::ProbeDenied {
                    by: Denier::Role,
                    namespace,
                    ..
                } if namespace == OWN_NAMESPACE => vec![doubt::role(self.role)],
                reason => remedies(reason),
            };
            for hint in hints {
                if !self.hints.contains(&hint) {
                    self.hints.push(hint);
                }
            }
        }
    }

    /// What else is to be known.
    pub(crate) fn notes<'a>(
        &mut self,
        name: &NodeName,
        reasons: impl IntoIterator<Item = &'a Reason>,
    ) {
        for reason in reasons {
            self.tell(name, "note", in_words(reason));
        }
    }

    pub(crate) fn lines(self) -> Vec<String> {
        let more = self.told.len().saturating_sub(MOST_LINES);
        let told = self.told.into_iter().take(MOST_LINES).map(|story| {
            let names = some_of(&story.of, MOST_NAMES);
            format!("{}: {names}: {}", story.kind, story.words)
        });
        told.chain((more > 0).then(|| format!("and {more} more such lines; -o json has them all")))
            .chain(self.hints.into_iter().map(|hint| format!("hint: {hint}")))
            .collect()
    }
}

/// The server names the refused pod in its answer, a random name that would keep equal stories apart.
pub(crate) fn without_pod_names(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((at, (prefix, least))) = PREFIXES
        .iter()
        .filter_map(|prefix| Some((rest.find(prefix.0)?, *prefix)))
        .min()
    {
        let (before, name) = rest.split_at(at);
        let end = name
            .find(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c)))
            .unwrap_or(name.len());
        out.push_str(before);
        if end > least {
            out.push_str(prefix);
            out.push('\u{2026}');
        } else {
            out.push_str(&name[..end]);
        }
        rest = &name[end..];
    }
    out + rest
}

/// How the names of pods that read a node begin, and what is no longer a word but a name: with two hashes, or a node's name and
/// five letters.
const PREFIXES: [(&str, usize); 2] = [("node-debugger-", 20), ("probe-", 20)];
