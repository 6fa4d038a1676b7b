//! The only source of randomness: a generator that gives the same numbers for the same seed, on every machine.

use std::time::Duration;

/// SplitMix64: small, and good enough to scatter names and delays.
#[derive(Clone, Debug)]
pub(super) struct Chance(u64);

/// The alphabet of generated names: no vowels, no digits that look like one.
const NAME_ALPHABET: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";

impl Chance {
    pub(super) fn from_seed(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`, which is not zero.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound.max(1)
    }

    /// A duration in whole milliseconds, the ends included.
    pub(super) fn between(&mut self, low: Duration, high: Duration) -> Duration {
        let span = high.saturating_sub(low).as_millis();
        let span = u64::try_from(span).unwrap_or(u64::MAX - 1);
        low + Duration::from_millis(self.below(span + 1))
    }

    /// One of several, of which there is at least one.
    pub(super) fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        let index = usize::try_from(self.below(of.len() as u64)).unwrap_or(0);
        of[index].clone()
    }

    /// A random UUID in its usual writing.
    pub(super) fn uuid(&mut self) -> String {
        let (high, low) = (self.next(), self.next());
        format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xffff,
            high & 0xfff,
            0x8000 | ((low >> 48) & 0x3fff),
            low & 0xffff_ffff_ffff
        )
    }

    /// What the API server appends to `generateName`.
    pub(super) fn suffix(&mut self) -> String {
        (0..5).map(|_| self.letter()).collect()
    }

    fn letter(&mut self) -> char {
        let index = self.below(NAME_ALPHABET.len() as u64);
        usize::try_from(index)
            .ok()
            .and_then(|index| NAME_ALPHABET.get(index))
            .map_or('b', |byte| char::from(*byte))
    }
}

/// A short name for `text` that is the same whenever the text is: the hash in a ReplicaSet's name.
pub(super) fn name_of(text: &[u8]) -> String {
    let seed = text.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let mut chance = Chance::from_seed(seed);
    (0..9).map(|_| chance.letter()).collect()
}
