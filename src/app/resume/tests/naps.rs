//! A process that is suspended anywhere in its roll, for longer than its Lease lasts, while somebody elsewhere goes on with the
//! run: awake again it finds its lock lost, says so, and changes nothing.

use super::cuts::{PLAIN, assert_all, every_place, length};
use super::life::{At, Work, amiss, in_virtual_time, live, suspended};
use crate::exit::Exit;
use crate::sim::Sim;

/// Is suspended there, and wakes when the run has ended elsewhere. What is amiss then.
fn wakes(at: At) -> Vec<String> {
    in_virtual_time(async {
        let sim = Sim::start((PLAIN.world)(), 7);
        let taken = std::cell::Cell::new(None);
        let meanwhile = Box::pin(async {
            let other = live(&sim, "elsewhere", Work::Resume(None), At::Never).await;
            let went_on = other.events.iter().any(|event| event.node.is_some());
            taken.set(Some((other.end, went_on, sim.requests().len())));
        });
        let life = suspended(&sim, "here", Work::Roll(PLAIN.arguments), at, meanwhile).await;
        let Some((end, went_on, before)) = taken.take() else {
            // It came to its end before.
            return Vec::new();
        };
        let mut wrong = Vec::new();
        match end {
            Some(Ok(Some(Exit::Ok))) => {}
            // There was no run yet.
            Some(Ok(None)) => return Vec::new(),
            Some(Err(failure)) if failure.exit == Exit::Refused => return Vec::new(),
            end => wrong.push(format!("taken over: {:?}", end.map(Result::ok))),
        }
        for line in &sim.requests()[before..] {
            let reads = ["get", "list", "watch"].contains(&&*line.verb);
            if !reads && line.status.is_some_and(|status| status < 300) {
                wrong.push(format!("{} {} after waking", line.verb, line.resource));
            }
        }
        match life.end {
            Some(Ok(Some(Exit::Locked))) => {}
            // Nothing was left to go on with, but to say so.
            Some(Ok(Some(Exit::Ok))) if !went_on => {}
            // Its own beginning failed it, before it was told of a lock.
            Some(Err(failure)) if failure.exit == Exit::Failed && life.events.is_empty() => {}
            end => wrong.push(format!("woke to {:?}", end.map(Result::ok))),
        }
        wrong.extend(amiss(&sim, PLAIN.rebooted, PLAIN.cordoned).await);
        wrong
    })
}

#[test]
fn a_process_that_was_suspended_while_its_run_was_taken_over_changes_nothing_any_more() {
    let places = every_place(length(PLAIN));
    assert!(places.len() > 100, "{} places", places.len());
    assert_all(&places, |at| wakes(*at));
}
