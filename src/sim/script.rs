//! The happenings that wait for something, and the state of an API server that goes away and comes back.

use std::time::Duration;

use super::clock::Moment;
use super::faults::{Away, Disturbance, Matching, Seen, What};

/// The happenings that wait for a request, and what came of those that did not need one.
#[derive(Debug, Default)]
pub(super) struct Script {
    waiting: Vec<(Matching, Option<Duration>, What, u32)>,
    /// Node, step, how much later, what.
    marks: Vec<(String, String, Duration, What)>,
    /// For the next request, whichever it is.
    pub(super) next: Vec<Disturbance>,
    away: Option<(Away, Moment)>,
}

/// What a request sets off.
#[derive(Debug, Default)]
pub(super) struct SetOff {
    pub(super) before: Vec<What>,
    pub(super) after: Vec<(Duration, What)>,
}

impl Script {
    pub(super) fn await_request(
        &mut self,
        matching: Matching,
        after: Option<Duration>,
        what: What,
    ) {
        self.waiting.push((matching, after, what, 0));
    }

    pub(super) fn await_mark(&mut self, node: String, step: String, later: Duration, what: What) {
        self.marks.push((node, step, later, what));
    }

    /// The mark of a node says a step; what waited for that is due, that much later.
    pub(super) fn marked(&mut self, node: &str, step: &str) -> Vec<(Duration, What)> {
        let fits = |on: &String, says: &String| on == node && says == step;
        let (due, waiting): (Vec<_>, Vec<_>) = std::mem::take(&mut self.marks)
            .into_iter()
            .partition(|(on, says, ..)| fits(on, says));
        self.marks = waiting;
        due.into_iter()
            .map(|(_, _, later, what)| (later, what))
            .collect()
    }

    /// Counts a request; what waited for it is due.
    pub(super) fn arrive(&mut self, request: &Seen<'_>) -> SetOff {
        let mut due = SetOff::default();
        self.waiting.retain_mut(|(matching, after, what, seen)| {
            if matching.fits(request) {
                *seen += 1;
            }
            if *seen < matching.nth {
                return true;
            }
            match after {
                None => due.before.push(what.clone()),
                Some(later) => due.after.push((*later, what.clone())),
            }
            false
        });
        due
    }

    pub(super) fn go_away(&mut self, away: Away, until: Moment) {
        self.away = Some((away, until));
    }

    pub(super) fn away(&self, now: Moment) -> Option<Away> {
        self.away
            .filter(|(_, until)| now < *until)
            .map(|(away, _)| away)
    }
}

#[cfg(test)]
mod tests {
    use super::Script;
    use crate::sim::faults::{Matching, Seen, What};

    const PATCH: Seen<'_> = Seen {
        verb: "patch",
        resource: "nodes",
        name: "one",
        body: r#"{"step":"drain"}"#,
    };

    #[test]
    fn only_the_nth_fitting_request_sets_it_off_and_only_once() {
        let mut script = Script::default();
        let second = Matching::nth(2, "patch", "nodes").named("one");
        script.await_request(second, None, What::Forget);
        let other = Seen {
            name: "two",
            ..PATCH
        };
        let fired: Vec<_> = [PATCH, other, PATCH, PATCH]
            .iter()
            .map(|request| script.arrive(request).before.len())
            .collect();
        assert_eq!(fired, [0, 0, 1, 0]);
    }

    #[test]
    fn a_text_in_the_body_tells_requests_apart() {
        let mut script = Script::default();
        let matching = Matching::first("patch", "nodes").holding("\"step\":\"reboot\"");
        script.await_request(matching, None, What::Forget);
        assert!(script.arrive(&PATCH).before.is_empty());
    }
}
