//! kured's locks that nobody will give back: known deadlocks, which kured meets with silence (kubereboot/kured issues 137, 822;
//! going from `--concurrency` 2 to 1).

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::hold::is_for_a_hold;
use super::kured_lock::{KuredHolder, Standing, holders_run, is_stuck_for_one, standing};
use super::model::NodeName;

/// Why kured waits for ever on its lock, or for longer than anybody has a use for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum KuredTrouble {
    /// A list without a holder, and a kured that takes one node at once.
    Stuck,
    /// Nobody that it names is a node of the cluster: a node that is gone, or somebody's own pause.
    NoNode(Vec<KuredHolder>),
    /// In no form that kured reads.
    Unreadable,
    /// By a run of aksreboot that is over.
    Run(KuredHolder),
}

/// What is known beside the lock.
pub(crate) struct Beside<'a> {
    /// The API server's time.
    pub(crate) now: Timestamp,
    /// How many nodes this kured takes at once; `None`: not known.
    pub(crate) concurrency: Option<usize>,
    /// `None`: they may not be listed.
    pub(crate) nodes: Option<&'a BTreeSet<NodeName>>,
    /// The run that the Lease names, alive or with nodes in its hands; `Err`: it may not be read.
    pub(crate) run: Result<Option<&'a str>, ()>,
}

/// `None` also where too little is known to call it trouble.
pub(crate) fn trouble(text: Option<&str>, beside: &Beside<'_>) -> Option<KuredTrouble> {
    match standing(text, beside.now) {
        Standing::Free => (beside.concurrency == Some(1) && is_stuck_for_one(text, beside.now))
            .then_some(KuredTrouble::Stuck),
        Standing::Unreadable => Some(KuredTrouble::Unreadable),
        Standing::Ours(holder) if is_for_a_hold(&holder.node) => None,
        Standing::Ours(holder) => {
            let run = beside.run.ok()?;
            (run != holders_run(&holder.node)).then_some(KuredTrouble::Run(holder))
        }
        Standing::Theirs(holders) => {
            let nodes = beside.nodes?;
            let is_node =
                |holder: &KuredHolder| nodes.contains(&NodeName::new(holder.node.as_str()));
            (!holders.iter().any(is_node)).then_some(KuredTrouble::NoNode(holders))
        }
    }
}

impl std::fmt::Display for KuredTrouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Stuck => f.write_str(
                "an empty list, which a kured of concurrency 1 takes for a lock that somebody has for ever",
            ),
            Self::NoNode(holders) => {
                let names: Vec<String> = holders.iter().map(ToString::to_string).collect();
                write!(
                    f,
                    "held by {}: no node of this cluster, so either the node is gone or somebody paused kured by hand",
                    names.join("; ")
                )
            }
            Self::Unreadable => f.write_str("in no form that kured reads, so it reboots nothing"),
            Self::Run(holder) => write!(f, "held by {holder}: a run of aksreboot that is over"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUN: &str = "20260304-080000-0001";

    fn of(text: &str, concurrency: usize, run: Result<Option<&str>, ()>) -> Option<KuredTrouble> {
        let nodes = BTreeSet::from([NodeName::new("n1")]);
        let beside = Beside {
            now: Timestamp::UNIX_EPOCH,
            concurrency: Some(concurrency),
            nodes: Some(&nodes),
            run,
        };
        trouble(Some(text), &beside)
    }

    #[test]
    fn each_known_deadlock_is_told_and_what_may_be_meant_is_left() {
        let list = r#"{"maxOwners":2,"locks":[]}"#;
        assert_eq!(of(list, 1, Ok(None)), Some(KuredTrouble::Stuck));
        assert_eq!(of(list, 2, Ok(None)), None, "free to two at once");
        assert_eq!(of("{", 1, Ok(None)), Some(KuredTrouble::Unreadable));
        assert_eq!(of(r#"{"nodeID":"n1"}"#, 1, Ok(None)), None);
        let one_of_two = r#"{"maxOwners":2,"locks":[{"nodeID":"n1"},{"nodeID":"n9"}]}"#;
        assert_eq!(of(one_of_two, 2, Ok(None)), None, "a node of it lives");
        for gone in [r#"{"nodeID":"n9"}"#, r#"{"nodeID":"manual"}"#] {
            let found = of(gone, 1, Ok(None));
            assert!(matches!(found, Some(KuredTrouble::NoNode(_))), "{found:?}");
        }
    }

    #[test]
    fn the_lock_of_a_run_is_trouble_only_when_the_lease_is_known_to_be_anothers() {
        let text = format!(r#"{{"nodeID":"aksreboot/ann@bastion/{RUN}"}}"#);
        assert_eq!(of(&text, 1, Ok(Some(RUN))), None);
        assert_eq!(of(&text, 1, Err(())), None);
        for run in [Ok(None), Ok(Some("20260304-080000-0002"))] {
            assert!(matches!(of(&text, 1, run), Some(KuredTrouble::Run(_))));
        }
        let hold = r#"{"nodeID":"aksreboot/ann@bastion/hold-100"}"#;
        assert_eq!(of(hold, 1, Ok(None)), None);
    }
}
