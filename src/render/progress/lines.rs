//! One line a change, with the event's own time: for pipes, files and CI runners. A heartbeat says what goes on when
//! nothing has changed for a while, so that no runner takes the command for dead.

use jiff::Timestamp;

use crate::core::event::Event;
use crate::render::out;

pub(crate) struct Lines {
    /// The last line, without its time; told again as a heartbeat.
    last: Option<String>,
    /// A line was written since the last heartbeat.
    fresh: bool,
}

impl Lines {
    pub(super) fn new() -> Self {
        Self {
            last: None,
            fresh: false,
        }
    }

    pub(super) fn show(&mut self, event: &Event) {
        let Some(words) = super::words::of(event) else {
            return;
        };
        let line = match &event.node {
            Some(node) => format!("{node}  {words}"),
            None => words,
        };
        out::talk(&format!("{}  {line}", event.ts.strftime("%H:%M:%SZ")));
        self.last = Some(line);
        self.fresh = true;
    }

    pub(super) fn heartbeat(&mut self, now: Timestamp) {
        if let Some(last) = self.last.as_ref().filter(|_| !self.fresh) {
            out::talk(&format!("{}  still: {last}", now.strftime("%H:%M:%SZ")));
        }
        self.fresh = false;
    }
}
