//! Moments drawn from a seed that is printed, so that a run which failed can be tried again with the same draws.

use std::time::Duration;

/// SplitMix64.
pub(crate) struct Chance(u64);

impl Chance {
    /// By `AKSREBOOT_LAB_SEED`, else by the time; says which.
    pub(crate) fn begin() -> Self {
        let given = std::env::var("AKSREBOOT_LAB_SEED").ok();
        let seed = given.map_or_else(
            || super::now().as_second().unsigned_abs(),
            |seed| seed.parse().expect("AKSREBOOT_LAB_SEED as a number"),
        );
        eprintln!("seed {seed} (again: AKSREBOOT_LAB_SEED={seed})");
        Self(seed)
    }

    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % bound.max(1) as u64).expect("a small number")
    }

    /// A span below `most`, in whole milliseconds.
    pub(crate) fn span(&mut self, most: Duration) -> Duration {
        let bound = usize::try_from(most.as_millis()).expect("a short span");
        Duration::from_millis(self.below(bound) as u64)
    }
}
