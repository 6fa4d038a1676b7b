//! Run records: the newest stay, and those that something on a node still speaks of.

use super::{Because, Scene, hands_off};
use crate::core::mark::Marked;

/// How many a roll keeps, too.
pub(crate) const KEEP: usize = 20;

/// Which records may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Records {
    /// All but the newest.
    Old,
    All,
}

/// The records to remove, while these marks are left. Run IDs begin with their date, so names sort by age.
pub(crate) fn records(scene: &Scene, left: &[Marked], which: Records) -> Vec<(String, Because)> {
    let spoken_of = |record: &String| {
        left.iter().any(|mark| match mark {
            Marked::By(mark) => record.ends_with(mark.run.as_str()),
            // Whose it is cannot be read.
            Marked::Unreadable(_) => true,
            Marked::No => false,
        })
    };
    if hands_off(&scene.holder).is_some() {
        return Vec::new();
    }
    match which {
        Records::Old => {
            let old = scene.records.len().saturating_sub(KEEP);
            scene
                .records
                .iter()
                .take(old)
                .filter(|record| !spoken_of(record))
                .map(|record| (record.clone(), Because::Older { kept: KEEP }))
                .collect()
        }
        Records::All => scene
            .records
            .iter()
            .filter(|record| !spoken_of(record))
            .map(|record| (record.clone(), Because::Asked))
            .collect(),
    }
}
