//! When each node's evidence is read again, while changes are followed: before it is older than it may become, at once
//! when the node was disturbed, and never more nodes at a time than allowed. Time is given; nothing is read here.

use std::collections::BTreeMap;
use std::time::Duration;

use super::model::NodeName;

/// A node that flaps is not read at each flap: every reading is a pod.
const CALM: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub(crate) struct Patrol {
    every: Duration,
    at_once: usize,
    posts: BTreeMap<NodeName, Post>,
}

/// One node on the patrol.
#[derive(Debug)]
struct Post {
    due: Duration,
    /// The last reading's end.
    read: Option<Duration>,
    reading: bool,
    /// Disturbed while it was being read: that answer may be of before.
    again: bool,
}

impl Patrol {
    pub(crate) fn new(every: Duration, at_once: usize) -> Self {
        Self {
            every,
            at_once: at_once.max(1),
            posts: BTreeMap::new(),
        }
    }

    /// A node whose evidence was read at `read`, together with that of many others.
    pub(crate) fn was_read(&mut self, name: NodeName, read: Duration) {
        // From here on the nodes are apart: each has its own part of the second half of the span.
        let due = read + self.every / 2 + (self.every / 2).mul_f64(share(&name));
        self.posts.insert(
            name,
            Post {
                due,
                read: Some(read),
                reading: false,
                again: false,
            },
        );
    }

    /// A node that was never read.
    pub(crate) fn appeared(&mut self, name: NodeName, now: Duration) {
        self.posts.entry(name).or_insert(Post {
            due: now,
            read: None,
            reading: false,
            again: false,
        });
    }

    /// What is known of the node may no longer be so.
    pub(crate) fn disturbed(&mut self, name: &NodeName, now: Duration) {
        if let Some(post) = self.posts.get_mut(name) {
            if post.reading {
                post.again = true;
            } else {
                let calm = post.read.map_or(now, |read| (read + CALM).max(now));
                post.due = post.due.min(calm);
            }
        }
    }

    pub(crate) fn forget(&mut self, name: &NodeName) {
        self.posts.remove(name);
    }

    /// The nodes whose reading begins now, those that are due the longest first.
    pub(crate) fn begin(&mut self, now: Duration) -> Vec<NodeName> {
        let mut due: Vec<(Duration, NodeName)> = self
            .posts
            .iter()
            .filter(|(_, post)| !post.reading && post.due <= now)
            .map(|(name, post)| (post.due, name.clone()))
            .collect();
        due.sort();
        due.truncate(self.at_once.saturating_sub(self.reading()));
        for (_, name) in &due {
            if let Some(post) = self.posts.get_mut(name) {
                post.reading = true;
            }
        }
        due.into_iter().map(|(_, name)| name).collect()
    }

    /// The reading of a node has ended. A node that was forgotten meanwhile stays forgotten.
    pub(crate) fn ended(&mut self, name: &NodeName, now: Duration) {
        let every = self.every;
        if let Some(post) = self.posts.get_mut(name) {
            post.reading = false;
            post.read = Some(now);
            post.due = now + if post.again { CALM.min(every) } else { every };
            post.again = false;
        }
    }

    /// When there is something to begin, unless readings end or nodes are disturbed before.
    pub(crate) fn wakes(&self) -> Option<Duration> {
        if self.reading() >= self.at_once {
            return None;
        }
        self.posts
            .values()
            .filter(|post| !post.reading)
            .map(|post| post.due)
            .min()
    }

    fn reading(&self) -> usize {
        self.posts.values().filter(|post| post.reading).count()
    }
}

/// A number from 0 to 1 that is a node's own, whichever others there are (FNV-1a of its name).
fn share(name: &NodeName) -> f64 {
    let hash = name.as_str().bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    f64::from(hash) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVERY: Duration = Duration::from_secs(300);

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn names(count: usize) -> Vec<NodeName> {
        (0..count)
            .map(|at| NodeName::new(format!("node-{at}")))
            .collect()
    }

    #[test]
    fn nodes_that_were_read_together_are_read_again_apart_and_before_the_span_is_over() {
        let mut patrol = Patrol::new(EVERY, 100);
        for name in names(100) {
            patrol.was_read(name, seconds(0));
        }
        assert!(patrol.begin(seconds(149)).is_empty());
        let mut most = 0;
        let mut all = 0;
        for second in 150..=300 {
            let begun = patrol.begin(seconds(second)).len();
            most = most.max(begun);
            all += begun;
        }
        assert_eq!(all, 100);
        assert!(most <= 10, "{most} in one second");
    }

    #[test]
    fn a_disturbed_node_is_read_at_once_but_not_at_each_flap() {
        let mut patrol = Patrol::new(EVERY, 2);
        let name = NodeName::new("n");
        patrol.was_read(name.clone(), seconds(0));
        patrol.disturbed(&name, seconds(20));
        assert_eq!(patrol.begin(seconds(20)), std::slice::from_ref(&name));
        patrol.disturbed(&name, seconds(21));
        patrol.ended(&name, seconds(22));
        assert!(patrol.begin(seconds(31)).is_empty(), "calm");
        assert_eq!(patrol.begin(seconds(32)), std::slice::from_ref(&name));
        patrol.ended(&name, seconds(33));
        assert_eq!(patrol.wakes(), Some(seconds(333)));
    }

    #[test]
    fn a_forgotten_node_is_not_read_though_its_reading_ends() {
        let mut patrol = Patrol::new(EVERY, 2);
        let name = NodeName::new("n");
        patrol.appeared(name.clone(), seconds(0));
        assert_eq!(patrol.begin(seconds(0)), std::slice::from_ref(&name));
        patrol.forget(&name);
        patrol.ended(&name, seconds(1));
        assert_eq!(patrol.wakes(), None);
    }

    proptest::proptest! {
        /// Whatever happens in whatever order: never more at a time than allowed, never a node twice at a time.
        #[test]
        fn never_more_readings_than_allowed(
            at_once in 1_usize..4,
            steps in proptest::collection::vec((0_u8..5, 0_usize..6, 0_u64..200), 1..80),
        ) {
            let names = names(6);
            let mut patrol = Patrol::new(EVERY, at_once);
            let mut reading: Vec<NodeName> = Vec::new();
            let mut now = Duration::ZERO;
            for (step, which, later) in steps {
                now += seconds(later);
                let name = &names[which];
                match step {
                    0 => patrol.appeared(name.clone(), now),
                    1 => patrol.disturbed(name, now),
                    2 if reading.contains(name) => {
                        reading.retain(|known| known != name);
                        patrol.ended(name, now);
                    }
                    // A node that is gone is still being read, until its reading ends.
                    3 if !reading.contains(name) => patrol.forget(name),
                    _ => {
                        for begun in patrol.begin(now) {
                            proptest::prop_assert!(!reading.contains(&begun));
                            reading.push(begun);
                        }
                    }
                }
                proptest::prop_assert!(reading.len() <= at_once);
            }
        }
    }
}
