//! Events as they come, for a person: bars on a terminal, else one line a change. Consumers of the one stream; what they
//! need and it lacks would be a new field there.

mod bars;
mod lines;
mod words;

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::core::engine::{Act, Course};
use crate::core::event::{Event, What};
use crate::core::model::Uid;

/// The event as both ways show it: what a transcript of the tests tells.
#[cfg(test)]
pub(crate) fn in_words(event: &Event) -> Option<String> {
    words::of(event)
}

/// Shows a run's events on stderr.
pub(crate) struct Progress {
    view: View,
    /// Pods whose eviction was told: the tries that follow are one wait.
    evicted: BTreeSet<Uid>,
}

enum View {
    Bars(bars::Bars),
    Lines(lines::Lines),
}

impl Progress {
    /// Bars where a person watches, lines elsewhere.
    pub(crate) fn choose(targets: usize, course: Course) -> Self {
        let view = if super::out::stderr_is_live() {
            View::Bars(bars::Bars::new(targets, course.steps()))
        } else {
            View::Lines(lines::Lines::new())
        };
        Self {
            view,
            evicted: BTreeSet::new(),
        }
    }

    pub(crate) fn show(&mut self, event: &Event) {
        if let What::StepIntent {
            act: Act::Evict { uid, .. } | Act::Delete { uid, .. },
        } = &event.what
            && !self.evicted.insert(uid.clone())
        {
            return;
        }
        match &mut self.view {
            View::Bars(bars) => bars.show(event),
            View::Lines(lines) => lines.show(event),
        }
    }

    /// Says that the run is alive, where nothing moves by itself.
    pub(crate) fn heartbeat(&mut self, now: Timestamp) {
        match &mut self.view {
            View::Bars(_) => {}
            View::Lines(lines) => lines.heartbeat(now),
        }
    }

    /// Leaves the terminal as it was.
    pub(crate) fn end(&mut self) {
        match &mut self.view {
            View::Bars(bars) => bars.end(),
            View::Lines(_) => {}
        }
    }
}
