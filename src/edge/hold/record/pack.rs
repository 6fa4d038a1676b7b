//! Outcomes of nodes that are done, packed together once there are some: a ConfigMap holds a mebibyte, which is the plan of
//! thousands of nodes and their outcomes only when those are compressed too. It packs what is final, and nothing else.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Refusal, zipped};
use crate::edge::node::short_hash;

/// Packs begin with this and end with `.json.gz`; between them is a digest of what is in them, so that no process overwrites
/// another's.
pub(super) const PACK: &str = "nodes.";
/// So many stand by themselves before they are packed. Few in tests, so that every story of some nodes has packs.
const LOOSE: usize = if cfg!(test) { 3 } else { 50 };

/// The final outcomes that this process has written and that stand in the record by themselves, by their keys.
#[derive(Debug, Default)]
pub(crate) struct Loose(Mutex<BTreeMap<String, String>>);

impl Loose {
    /// From now on there is this one.
    pub(super) fn add(&self, key: String, entry: String) {
        self.held().insert(key, entry);
    }

    /// All of them, to be packed, once they are enough.
    pub(super) fn take(&self) -> Option<BTreeMap<String, String>> {
        let mut held = self.held();
        (held.len() >= LOOSE).then(|| std::mem::take(&mut *held))
    }

    /// They may not have been packed after all. Packing them twice changes nothing.
    pub(super) fn give_back(&self, entries: BTreeMap<String, String>) {
        self.held().extend(entries);
    }

    fn held(&self) -> MutexGuard<'_, BTreeMap<String, String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The key and the base64 of a pack of these entries.
pub(super) fn packed(entries: &BTreeMap<String, String>) -> Result<(String, String), Refusal> {
    let plain = super::text(entries)?;
    let content = STANDARD.encode(zipped(plain.as_bytes())?);
    Ok((format!("{PACK}{}.json.gz", short_hash(&plain)), content))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::{Loose, packed};

    fn entry(node: usize) -> (String, String) {
        // Boot IDs are random, so they do not compress as names do.
        let boot = |which: u64| {
            let seed = [node as u64, which].map(|part| part.wrapping_mul(0x9e37_79b9_7f4a_7c15));
            format!(
                "{:016x}-{:016x}",
                seed[0] ^ seed[1],
                seed[0].rotate_left(17) ^ seed[1]
            )
        };
        let entry = json!({
            "outcome": {"verified": {
                "boot_before": boot(1), "boot_after": boot(2),
                "kernel_before": "5.15.0-1102-azure", "kernel_after": "5.15.0-1103-azure",
            }},
            "finished": format!("2026-11-23T18:53:{:02}.123456789Z", node % 60),
            "settled": true,
        });
        (
            format!("node.aks-nodepool1-18264953-vmss{node:06}"),
            entry.to_string(),
        )
    }

    #[test]
    fn a_pack_is_named_by_what_is_in_it_and_takes_a_quarter() {
        let entries: BTreeMap<_, _> = (0..50).map(entry).collect();
        let (name, content) = packed(&entries).expect("a pack");
        assert_eq!(
            packed(&entries).expect("a pack"),
            (name.clone(), content.clone())
        );
        let fewer: BTreeMap<_, _> = entries.clone().into_iter().skip(1).collect();
        assert_ne!(packed(&fewer).expect("a pack").0, name);
        assert!(
            name.starts_with("nodes.") && name.ends_with(".json.gz"),
            "{name}"
        );
        // Base64; the API server counts the bytes behind it. With it 5,000 nodes are 600 KB beside their plan.
        assert!(content.len() < 50 * 160, "{}", content.len());
    }

    #[test]
    fn they_are_taken_once_they_are_enough_and_come_back_when_that_failed() {
        let loose = Loose::default();
        for node in 0..2 {
            let (key, text) = entry(node);
            loose.add(key, text);
            assert_eq!(loose.take(), None);
        }
        let (key, text) = entry(2);
        loose.add(key, text);
        let taken = loose.take().expect("enough");
        assert_eq!(taken.len(), 3);
        assert_eq!(loose.take(), None);
        loose.give_back(taken.clone());
        assert_eq!(loose.take(), Some(taken));
    }
}
