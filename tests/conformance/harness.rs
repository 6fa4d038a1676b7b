//! Runs the cases and says what became of each. A case with a declared difference is run all the same, and has to fail:
//! an excuse that is no longer needed is a failure too.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use futures::{FutureExt as _, StreamExt as _};

use crate::arguments::Arguments;
use crate::cases::{self, Case, Turn};
use crate::cluster::Cluster;
use crate::differences::{self, Difference};
use crate::fixtures;
use crate::prepared;
use crate::sides::{Server, Side, named_server, simulated};

/// Cases at one time on a real server: they wait for it, and for each other's objects never.
const AT_ONCE: usize = 8;

enum Outcome {
    Passed,
    Failed(String),
    Skipped(&'static str),
    /// As declared.
    Differs(&'static Difference),
}

struct Ran {
    case: &'static Case,
    outcome: Outcome,
    took: Duration,
}

thread_local! {
    /// What the last panic on this thread said, and where.
    static SAID: RefCell<String> = const { RefCell::new(String::new()) };
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let cases: Vec<_> = cases::all().filter(|case| arguments.select(case)).collect();
    if arguments.list {
        for case in &cases {
            println!("{}: test", case.name);
        }
        return ExitCode::SUCCESS;
    }
    std::panic::set_hook(Box::new(remember));
    let began = Instant::now();
    let (side, ran) = match named_server() {
        None => (Side::Sim, on_the_sim(&cases, arguments)),
        Some(kubeconfig) => on_a_server(&cases, arguments, &kubeconfig),
    };
    report(&side, &ran, began.elapsed())
}

fn remember(panic: &PanicHookInfo<'_>) {
    let what = panic.payload();
    let message = what
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| what.downcast_ref::<&str>().copied())
        .unwrap_or("panicked");
    let place = panic
        .location()
        .map(ToString::to_string)
        .unwrap_or_default();
    SAID.with_borrow_mut(|said| *said = format!("{place}: {message}"));
}

fn said() -> String {
    SAID.with_borrow_mut(std::mem::take)
}

/// Each case on a cluster of its own, in paused time.
fn on_the_sim(cases: &[&'static Case], arguments: &Arguments) -> Vec<Ran> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    let threads = arguments
        .at_once
        .or_else(|| thread::available_parallelism().ok().map(Into::into));
    thread::scope(|scope| {
        for _ in 0..threads.unwrap_or(1).max(1) {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let ran = judged(&Side::Sim, case, || {
                        catch_unwind(AssertUnwindSafe(|| simulate(case))).map_err(|_| said())
                    });
                    done.lock().unwrap().push(ran);
                }
            });
        }
    });
    done.into_inner().unwrap()
}

fn simulate(case: &Case) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(async {
        let cluster = Cluster::simulated(simulated(), "conformance".into());
        fixtures::namespace(&cluster, &cluster.ns).await;
        (case.run)(&cluster).await;
    });
}

fn on_a_server(
    cases: &[&'static Case],
    arguments: &Arguments,
    kubeconfig: &str,
) -> (Side, Vec<Ran>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let server = Server::connect(kubeconfig).await;
        let side = Side::Server(server.clone());
        // Namespaces of an earlier run may still be on their way out.
        let run = prepared::prepare(&server).await;
        let one = async |(number, case): (usize, &&'static Case)| {
            let began = Instant::now();
            let result = match side.lacks(case) {
                Some(_) => Ok(()),
                None => serve(case, &server, format!("conformance-{run}-{number}")).await,
            };
            Ran {
                took: began.elapsed(),
                ..judged(&side, case, || result)
            }
        };
        let numbered = || cases.iter().enumerate();
        let mut ran: Vec<_> = futures::stream::iter(numbered())
            .filter(|(_, case)| std::future::ready(case.turn == Turn::Any))
            .map(one)
            .buffer_unordered(arguments.at_once.unwrap_or(AT_ONCE).max(1))
            .collect()
            .await;
        for numbered in numbered().filter(|(_, case)| case.turn == Turn::Alone) {
            ran.push(one(numbered).await);
        }
        prepared::clear(&server).await;
        (side, ran)
    })
}

async fn serve(case: &Case, server: &Server, ns: String) -> Result<(), String> {
    let cluster = Cluster::on(server, ns);
    let run = async {
        fixtures::namespace(&cluster, &cluster.ns).await;
        (case.run)(&cluster).await;
    };
    let result = AssertUnwindSafe(run)
        .catch_unwind()
        .await
        .map_err(|_| said());
    let cleaned = AssertUnwindSafe(cluster.clean_up()).catch_unwind().await;
    result.and(cleaned.map_err(|_| said()))
}

/// What a result comes to, with what was declared for the case on this side.
fn judged(side: &Side, case: &'static Case, run: impl FnOnce() -> Result<(), String>) -> Ran {
    let began = Instant::now();
    let outcome = if let Some(why) = side.lacks(case) {
        Outcome::Skipped(why)
    } else {
        match (run(), differences::declared(case.name, side)) {
            (Ok(()), None) => Outcome::Passed,
            (Err(why), None) => Outcome::Failed(why),
            (Err(_), Some(declared)) => Outcome::Differs(declared),
            (Ok(()), Some(declared)) => Outcome::Failed(format!(
                "passes, but a difference is declared for it: {}",
                declared.reason
            )),
        }
    };
    let took = began.elapsed();
    let end = match &outcome {
        Outcome::Passed => "ok",
        Outcome::Failed(_) => "FAILED",
        Outcome::Skipped(why) => &format!("skipped: {why}"),
        Outcome::Differs(declared) => &format!("differs, as declared: {}", declared.reason),
    };
    println!("test {} ... {end}", case.name);
    Ran {
        case,
        outcome,
        took,
    }
}

fn report(side: &Side, ran: &[Ran], took: Duration) -> ExitCode {
    let count = |is: fn(&Outcome) -> bool| ran.iter().filter(|ran| is(&ran.outcome)).count();
    let failed = count(|outcome| matches!(outcome, Outcome::Failed(_)));
    for ran in ran {
        if let Outcome::Failed(why) = &ran.outcome {
            println!("\n---- {} on {} ----\n{why}", ran.case.name, side.name());
        }
    }
    let faults = differences::faults();
    for fault in &faults {
        println!("\nerror: {fault}");
    }
    if let Some(slowest) = ran.iter().max_by_key(|ran| ran.took) {
        println!("\nslowest: {} ({:.1?})", slowest.case.name, slowest.took);
    }
    println!(
        "\nconformance on {}: {} passed, {failed} failed, {} differ as declared, {} skipped; {:.1?}",
        side.name(),
        count(|outcome| matches!(outcome, Outcome::Passed)),
        count(|outcome| matches!(outcome, Outcome::Differs(_))),
        count(|outcome| matches!(outcome, Outcome::Skipped(_))),
        took,
    );
    if failed == 0 && faults.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
