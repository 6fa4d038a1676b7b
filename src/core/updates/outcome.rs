//! What all nodes come to together, and what the command makes of it. To tolerate nodes that could not be decided changes how
//! the command ends, and nothing that is said of the nodes.

use super::decide::{Conclusion, Judged, Unknowns};

/// Which of the nodes that were meant are there to be judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Listed {
    /// The list could not be read: not even their number is known.
    Nothing,
    /// Something that was named is not among them.
    WithGaps,
    Whole,
}

/// What all nodes come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Overall {
    UpToDate,
    Behind,
    /// A node could not be decided, or there was none.
    Unknown,
    /// Nothing counts.
    NotAsked,
}

/// How the command ends by its nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Good,
    Behind,
    Undecided,
}

/// What the nodes come to together.
pub(crate) fn overall(nodes: &[Judged], listed: Listed) -> Overall {
    let any = |wanted: Conclusion| nodes.iter().any(|node| node.conclusion == wanted);
    if nodes.is_empty() || listed != Listed::Whole || any(Conclusion::Unknown) {
        Overall::Unknown
    } else if any(Conclusion::Behind) {
        Overall::Behind
    } else if any(Conclusion::NotAsked) {
        Overall::NotAsked
    } else {
        Overall::UpToDate
    }
}

/// What the command makes of it. Nodes that were not there to be judged are never tolerated.
pub(crate) fn ending(nodes: &[Judged], listed: Listed, unknowns: Unknowns) -> Ending {
    match (overall(nodes, listed), unknowns) {
        (Overall::UpToDate | Overall::NotAsked, _) => Ending::Good,
        (Overall::Behind, _) => Ending::Behind,
        (Overall::Unknown, Unknowns::Tolerated) if listed == Listed::Whole && !nodes.is_empty() => {
            // What was read of them counts all the same.
            if nodes.iter().any(Judged::is_behind) {
                Ending::Behind
            } else {
                Ending::Good
            }
        }
        (Overall::Unknown, _) => Ending::Undecided,
    }
}
