//! How long a roll will take, as a range. It rests on what the steps of a node usually take, which is said with it, and on
//! what the plan knows: the number of nodes, the rounds of their budgets, the settings. What is only waited for (a budget that
//! is shut, a full limit, a window) is not counted.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::spec::{Blocker, Settings, Target};
use crate::core::reason::Reason;

/// Of ten such rolls eight end between the two, in seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Estimate {
    pub(crate) p10: u64,
    pub(crate) p90: u64,
    /// What it rests on, for one node.
    pub(crate) basis: Vec<Basis>,
}

/// What a part of a node's turn usually takes, in seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Basis {
    pub(crate) part: String,
    pub(crate) p10: u64,
    pub(crate) p90: u64,
}

/// Probe, dry run and proof. Virtual machines of AKS, images that are pulled already.
const GATE: (u64, u64) = (3, 15);
/// From an eviction until the pod is Ready elsewhere: what a round behind a budget takes, and the drain of a node whose
/// pods all go at once.
const ROUND: (u64, u64) = (3, 60);
/// From the ask until the kubelet is Ready on the new boot.
const REBOOT: (u64, u64) = (25, 120);
/// Verify, and the workloads' settling.
const AFTER: (u64, u64) = (2, 30);

/// The whole roll's. Nodes of one cluster are slow or fast together, so their ranges are added as they are.
pub(crate) fn estimate(
    targets: &[Target],
    pods_leaving: &[u32],
    blockers: &[Blocker],
    settings: &Settings,
) -> Estimate {
    let held = settings.timeouts.sustained_ready.as_secs();
    let rounds_of = |target: &Target, pods: u32| {
        let slow = blockers
            .iter()
            .filter(|blocker| blocker.node == target.name)
            .filter_map(|blocker| match blocker.reason {
                Reason::BudgetSlow { rounds, .. } => Some(u64::from(rounds)),
                _ => None,
            });
        slow.max().unwrap_or(u64::from(pods > 0))
    };
    // The slowest of a wave: its nodes are away side by side.
    let mut waves: BTreeMap<u32, (u64, u64)> = BTreeMap::new();
    for (target, pods) in targets.iter().zip(pods_leaving) {
        let rounds = rounds_of(target, *pods);
        let wave = waves.entry(target.wave).or_default();
        wave.0 = wave
            .0
            .max(GATE.0 + rounds * ROUND.0 + REBOOT.0 + held + AFTER.0);
        wave.1 = wave
            .1
            .max(GATE.1 + rounds * ROUND.1 + REBOOT.1 + held + AFTER.1);
    }
    let between = waves.len().saturating_sub(1) as u64 * settings.pace.pause.as_secs();
    let p10 = waves.values().map(|wave| wave.0).sum::<u64>() + between;
    let p90 = waves.values().map(|wave| wave.1).sum::<u64>() + between;
    let basis = [
        ("gate", GATE),
        ("drain, a round", ROUND),
        ("reboot", REBOOT),
        ("Ready held", (held, held)),
        ("verify and settle", AFTER),
    ]
    .map(|(part, (p10, p90))| Basis {
        part: part.into(),
        p10,
        p90,
    });
    Estimate {
        p10,
        p90,
        basis: basis.into(),
    }
}
