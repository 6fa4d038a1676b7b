//! A process that is suspended anywhere in its roll, for longer than its Lease lasts, while somebody elsewhere goes on with the
//! run: awake again, after that or in the middle of it, it finds its lock lost, says so, and changes nothing.

use std::cell::Cell;

use tokio::sync::Notify;

use super::cuts::{PLAIN, assert_all, every_place, length, or_all};
use super::life::{At, Life, Work, amiss, in_virtual_time, live, suspended};
use crate::exit::Exit;
use crate::sim::{RequestLine, Sim};

/// Every so many-th of those that wake in the middle is tried; `AKSREBOOT_CUTS=all` tries all.
const STRIDE: usize = 211;

/// Is suspended at a place, and wakes when the other process has made so many requests, or has ended. What is amiss then.
fn wakes((at, then): (At, usize)) -> Vec<String> {
    in_virtual_time(async {
        let sim = Sim::start((PLAIN.world)(), 7);
        let (slept, asleep, awake) = (Cell::new(false), Notify::new(), Notify::new());
        let nap = Box::pin(async {
            slept.set(true);
            asleep.notify_one();
            awake.notified().await;
        });
        let mut here = suspended(&sim, "here", Work::Roll(PLAIN.arguments), at, nap);
        let mut there = Box::pin(async {
            asleep.notified().await;
            let wake = Box::pin(async { awake.notify_one() });
            let then = At::Request(then);
            let life = suspended(&sim, "elsewhere", Work::Resume(None), then, wake).await;
            awake.notify_one();
            life
        });
        let (here, there) = tokio::select! {
            life = &mut here => if slept.get() {
                (life, there.await)
            } else {
                // It came to its end before.
                return Vec::new();
            },
            other = &mut there => (here.await, other),
        };
        let mut wrong = judged(here, there);
        if wrong.as_ref().is_ok_and(Vec::is_empty) {
            wrong = Ok(amiss(&sim, PLAIN.rebooted, PLAIN.cordoned).await);
        }
        wrong.unwrap_or_default()
    })
}

/// What is wrong with the two lives; `Err`: there was no run yet, or the first woke before its lock was taken.
fn judged(here: Life, there: Life) -> Result<Vec<String>, ()> {
    // A write to the Lease is carried out only while it is its own still.
    if here.late.iter().any(|write| write.contains("/leases/")) {
        return Err(());
    }
    let went_on = there.events.iter().any(|event| event.node.is_some());
    let mut wrong = Vec::new();
    match there.end {
        Some(Ok(Some(Exit::Ok))) => {}
        Some(Ok(None)) => return Err(()),
        Some(Err(failure)) if failure.exit == Exit::Refused => return Err(()),
        end => wrong.push(format!("gone on with: {:?}", end.map(Result::ok))),
    }
    // The pod that was to look or to prove when it fell asleep it takes away.
    let is_tidying = |write: &&String| {
        write.starts_with("DELETE")
            && ["/pods/probe-", "/pods/prove-"]
                .iter()
                .any(|own| write.contains(own))
    };
    let late = here.late.iter().filter(|write| !is_tidying(write));
    wrong.extend(late.map(|write| format!("{write} after waking")));
    match here.end {
        Some(Ok(Some(Exit::Locked))) => {}
        // Nothing was left to go on with, but to say so.
        Some(Ok(Some(Exit::Ok))) if !went_on => {}
        // Its own beginning failed it, before it was told of a lock.
        Some(Err(failure)) if failure.exit == Exit::Failed && here.events.is_empty() => {}
        end => wrong.push(format!("woke to {:?}", end.map(Result::ok))),
    }
    Ok(wrong)
}

#[test]
fn a_process_that_was_suspended_while_its_run_was_taken_over_changes_nothing_any_more() {
    let places = every_place(length(PLAIN));
    assert!(places.len() > 100, "{} places", places.len());
    let after: Vec<(At, usize)> = places.iter().map(|at| (*at, usize::MAX)).collect();
    assert_all(&after, |place| wakes(*place));
}

/// Pods that prove once had one name, whoever made them: who woke took away the other's, which then stopped at its gate.
#[test]
fn a_process_that_fell_asleep_while_it_proved_lets_the_others_proof_be() {
    let proving = in_virtual_time(async {
        let sim = Sim::start((PLAIN.world)(), 7);
        let life = live(&sim, "here", Work::Roll(PLAIN.arguments), At::Never).await;
        assert_eq!(life.exit(), Exit::Ok);
        let requests = sim.requests();
        let proves = |line: &RequestLine| {
            line.method == "POST" && line.resource == "pods" && line.body.contains("\"prove-")
        };
        let uncounted = requests.len() - life.requests;
        requests.iter().position(proves).expect("a proof") - uncounted
    });
    let (requests, _) = length(PLAIN);
    let places: Vec<(At, usize)> = (proving..proving + 6)
        .flat_map(|asleep| (requests / 2..requests).map(move |then| (At::Request(asleep), then)))
        .collect();
    assert_all(&places, |place| wakes(*place));
}

/// Its renewal was on its way when it gave the Lease back by the version before: a lock was left behind that nobody had.
#[test]
fn a_process_that_wakes_in_time_for_its_own_end_leaves_no_lock() {
    let (requests, _) = length(PLAIN);
    let places: Vec<(At, usize)> = (requests - 6..requests)
        .flat_map(|asleep| (5..12).map(move |then| (At::Request(asleep), then)))
        .collect();
    assert_all(&places, |place| wakes(*place));
}

#[test]
fn nor_does_it_when_it_wakes_in_the_middle_of_the_others_run() {
    let (requests, lines) = length(PLAIN);
    let places: Vec<(At, usize)> = every_place((requests, lines))
        .into_iter()
        .flat_map(|at| (1..=requests).map(move |then| (at, then)))
        .step_by(or_all(STRIDE))
        .collect();
    assert_all(&places, |place| wakes(*place));
}
