//! Which targets are away side by side. A wave never mixes zones, never exceeds a limit, and holds a node of the control plane
//! or of a system pool only by itself. Budgets and what else hinders a node are not looked at here.

use std::collections::BTreeMap;

use super::{Settings, Target};
use crate::core::engine::{Fleet, counted};
use crate::core::model::Node;

/// How large waves may be.
pub(crate) struct WaveLimits<'a> {
    settings: &'a Settings,
    /// Nodes that count, by pool and by zone.
    pools: BTreeMap<Option<&'a str>, usize>,
    zones: BTreeMap<Option<&'a str>, usize>,
    /// The first wave is a single node, however many may be away: what goes wrong goes wrong once.
    canary: bool,
}

impl<'a> WaveLimits<'a> {
    pub(crate) fn new(fleet: &'a Fleet, settings: &'a Settings, canary: bool) -> Self {
        let by = |place: fn(&Node) -> Option<&str>| {
            let mut nodes = BTreeMap::new();
            for node in counted(fleet, settings) {
                *nodes.entry(place(node)).or_default() += 1;
            }
            nodes
        };
        Self {
            settings,
            pools: by(Node::pool),
            zones: by(Node::zone),
            canary,
        }
    }

    /// Whoever comes, there is no room.
    fn is_full(&self, wave: &[Target]) -> bool {
        let most = usize::try_from(self.settings.max_unavailable).unwrap_or(usize::MAX);
        wave.first()
            .is_some_and(|first| first.system || wave.len() >= most)
    }

    fn admits(&self, wave: &[Target], target: &Target) -> bool {
        let Some(first) = wave.first() else {
            return true;
        };
        let pace = &self.settings.pace;
        let in_pool = wave.iter().filter(|other| other.pool == target.pool);
        let pool = self.pools.get(&target.pool.as_deref());
        let zone = self.zones.get(&target.zone.as_deref());
        let has_room = |limit: Option<u32>, taken: usize| {
            limit.is_none_or(|limit| taken < usize::try_from(limit).unwrap_or(usize::MAX))
        };
        first.zone == target.zone
            && !target.system
            && !first.system
            && has_room(Some(self.settings.max_unavailable), wave.len())
            && has_room(
                pace.per_pool.map(|per| per.of(pool.copied().unwrap_or(0))),
                in_pool.count(),
            )
            && has_room(
                pace.per_zone.map(|per| per.of(zone.copied().unwrap_or(0))),
                wave.len(),
            )
    }
}

/// The targets wave after wave, numbered from 1. Of those that may go next, whoever comes first in `targets` goes first; those that
/// are to come `last` begin when all others are done, in waves of their own.
pub(crate) fn waves(
    targets: Vec<Target>,
    limits: &WaveLimits<'_>,
    last: impl Fn(&Target) -> bool,
) -> Vec<Target> {
    let (last, first): (Vec<_>, Vec<_>) = targets.into_iter().partition(last);
    let mut all = numbered(first, limits, 0);
    let before = all.last().map_or(0, |target| target.wave);
    all.append(&mut numbered(last, limits, before));
    all
}

/// The same of targets that are alike; `number` is that of the wave before.
fn numbered(targets: Vec<Target>, limits: &WaveLimits<'_>, mut number: u32) -> Vec<Target> {
    let mut done = Vec::with_capacity(targets.len());
    let mut left: Vec<Option<Target>> = targets.into_iter().map(Some).collect();
    let mut first = 0;
    while first < left.len() {
        number += 1;
        let mut wave: Vec<Target> = Vec::new();
        for place in left.iter_mut().skip(first) {
            let is_canary = limits.canary && number == 1 && wave.len() == 1;
            // Thousands of nodes are not looked through for a wave that takes none of them.
            if is_canary || limits.is_full(&wave) {
                break;
            }
            if place
                .as_ref()
                .is_some_and(|target| limits.admits(&wave, target))
                && let Some(target) = place.take()
            {
                wave.push(Target {
                    wave: number,
                    ..target
                });
            }
        }
        done.append(&mut wave);
        while left.get(first).is_some_and(Option::is_none) {
            first += 1;
        }
    }
    done
}
