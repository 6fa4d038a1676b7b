//! Every cut: a roll is stopped after each API request and after each journal line, and gone on with from another machine by
//! nothing but the cluster. It always ends like one that was never stopped: one reboot a node, cordons as before, nothing left.

use std::env;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::life::{At, Life, Work, amiss, in_virtual_time, live};
use crate::exit::Exit;
use crate::sim::{Sim, World, scenes};

/// Of the cuts in a row, every so many-th is tried; `AKSREBOOT_CUTS=all` tries all.
const STRIDE: usize = 149;
/// The same for the single cuts of the second case.
const SPARSELY: usize = 3;

/// A world, the roll of it, and which nodes it reboots and which stay cordoned.
#[derive(Clone, Copy)]
pub(super) struct Case {
    pub(super) world: fn() -> World,
    pub(super) arguments: &'static [&'static str],
    pub(super) rebooted: &'static [&'static str],
    pub(super) cordoned: &'static [&'static str],
}

pub(super) const PLAIN: Case = Case {
    world: scenes::three,
    arguments: &[],
    rebooted: &["node-1", "node-2"],
    cordoned: &[],
};

const CORDONED_BEFORE: Case = Case {
    world: || {
        let mut world = scenes::three();
        world.machines[0].cordoned = true;
        world
    },
    arguments: &["--not-counted", "node-1"],
    rebooted: &["node-1", "node-2"],
    cordoned: &["node-1"],
};

/// Rolls, is cut off at the first place, resumed, cut off at the second …, and resumed to the end. What is amiss then.
fn lives(case: Case, cuts: &[At]) -> Vec<String> {
    in_virtual_time(async {
        let sim = Sim::start((case.world)(), 7);
        let mut begun = false;
        for (number, at) in cuts.iter().enumerate() {
            let host = format!("host-{number}");
            let work = if number == 0 {
                Work::Roll(case.arguments)
            } else {
                Work::Resume(None)
            };
            let life = live(&sim, &host, work, *at).await;
            if life.end.is_some() {
                // It came to its end before: that is another, shorter case.
                return Vec::new();
            }
            begun |= record_is_there(&sim);
        }
        let last = live(&sim, "the-last", Work::Resume(None), At::Never).await;
        if !begun {
            return untouched(&sim, &last);
        }
        match last.end {
            // Cut off after everything was written down there is nothing to go on with, and nothing amiss.
            Some(Ok(None | Some(Exit::Ok))) => amiss(&sim, case.rebooted, case.cordoned).await,
            Some(Ok(Some(exit))) => vec![format!("ended with {exit:?}: {:?}", last.events.last())],
            Some(Err(failure)) => vec![format!("refused: {:#}", failure.error)],
            None => vec!["cut off".into()],
        }
    })
}

/// Without its record a run has not begun, and the one that goes on says so.
fn untouched(sim: &Sim, last: &Life) -> Vec<String> {
    let mut amiss = Vec::new();
    for name in ["node-1", "node-2", "node-3"] {
        let node = sim.node(name).expect("a node");
        if node.boots > 0 || node.annotations.contains_key(crate::core::mark::KEY) {
            amiss.push(format!("{name} was touched before the record was there"));
        }
    }
    match &last.end {
        Some(Ok(None)) => {}
        Some(Err(failure)) if failure.exit == Exit::Refused => {}
        _ => amiss.push("went on without a record".into()),
    }
    amiss
}

fn record_is_there(sim: &Sim) -> bool {
    sim.requests().iter().any(|line| {
        line.verb == "create"
            && line.resource == "configmaps"
            && line.status.is_some_and(|status| status < 300)
    })
}

/// How many requests and journal lines the roll of a case has, when nothing cuts it off.
pub(super) fn length(case: Case) -> (usize, usize) {
    in_virtual_time(async {
        let sim = Sim::start((case.world)(), 7);
        let life = live(&sim, "host-0", Work::Roll(case.arguments), At::Never).await;
        assert_eq!(life.exit(), Exit::Ok);
        assert_eq!(amiss(&sim, case.rebooted, case.cordoned).await, [""; 0]);
        (life.requests, life.events.len())
    })
}

pub(super) fn every_place((requests, lines): (usize, usize)) -> Vec<At> {
    let requests = (1..=requests).map(At::Request);
    requests.chain((1..=lines).map(At::Line)).collect()
}

/// Tries them on every processor there is; all that went wrong is told.
fn assert_all_well(case: Case, tries: &[Vec<At>]) {
    assert_all(tries, |cuts| lives(case, cuts));
}

/// Tries them on every processor there is; `amiss` says what is wrong with one.
pub(super) fn assert_all<T: Sync + std::fmt::Debug>(
    tries: &[T],
    amiss: impl Fn(&T) -> Vec<String> + Sync,
) {
    let (next, wrong) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(tried) = tries.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let amiss = amiss(tried);
                    if !amiss.is_empty() {
                        wrong
                            .lock()
                            .unwrap()
                            .push(format!("{tried:?}: {}", amiss.join("; ")));
                    }
                }
            });
        }
    });
    let mut wrong = wrong.into_inner().unwrap();
    wrong.sort();
    assert!(
        wrong.is_empty(),
        "{} of {} went wrong:\n{}",
        wrong.len(),
        tries.len(),
        wrong[..wrong.len().min(12)].join("\n")
    );
}

/// The stride, or 1 where all are asked for.
pub(super) fn or_all(stride: usize) -> usize {
    match env::var("AKSREBOOT_CUTS").as_deref() {
        Ok("all") => 1,
        _ => stride,
    }
}

#[test]
fn a_roll_that_is_cut_off_anywhere_ends_like_one_that_was_not() {
    for (case, stride) in [(PLAIN, 1), (CORDONED_BEFORE, or_all(SPARSELY))] {
        let places = every_place(length(case));
        assert!(places.len() > 100, "{} places", places.len());
        let tries: Vec<Vec<At>> = places
            .into_iter()
            .step_by(stride)
            .map(|at| vec![at])
            .collect();
        assert_all_well(case, &tries);
    }
}

#[test]
fn and_so_does_one_that_is_cut_off_twice() {
    let places = every_place(length(PLAIN));
    // What a resumed run does besides is short.
    let again = every_place((places.len() / 2, places.len() / 2));
    let pairs = places
        .iter()
        .flat_map(|first| again.iter().map(|then| vec![*first, *then]));
    let tries: Vec<Vec<At>> = pairs.step_by(or_all(STRIDE)).collect();
    assert_all_well(PLAIN, &tries);
}
