//! Events as they come, for a person: bars on a terminal, else one line a change. Consumers of the one stream; what they
//! need and it lacks would be a new field there.

mod bars;
mod lines;
mod words;

use crate::core::event::Event;

/// Shows a run's events on stderr.
pub(crate) enum Progress {
    Bars(bars::Bars),
    Lines(lines::Lines),
}

impl Progress {
    /// Bars where a person watches, lines elsewhere.
    pub(crate) fn choose(targets: usize) -> Self {
        if super::out::stderr_is_live() {
            Self::Bars(bars::Bars::new(targets))
        } else {
            Self::Lines(lines::Lines::new())
        }
    }

    pub(crate) fn show(&mut self, event: &Event) {
        match self {
            Self::Bars(bars) => bars.show(event),
            Self::Lines(lines) => lines.show(event),
        }
    }

    /// Says that the run is alive, where nothing moves by itself.
    pub(crate) fn heartbeat(&mut self) {
        match self {
            Self::Bars(_) => {}
            Self::Lines(lines) => lines.heartbeat(),
        }
    }

    /// Leaves the terminal as it was.
    pub(crate) fn end(&mut self) {
        match self {
            Self::Bars(bars) => bars.end(),
            Self::Lines(_) => {}
        }
    }
}
