//! `demo`: the same commands on an embedded simulated cluster, in a time of its own that runs faster than the clock on
//! the wall. Nothing is asked of any machine, and nothing is left.

mod cut_off;

use std::time::Duration;

use clap::Parser as _;

use crate::edge::clock::Clock;
use crate::edge::connect::Cluster;
use crate::edge::identity;
use crate::edge::operator::Operator;
use crate::edge::signals::Signals;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::out;
use crate::request::demo::{DemoCommand, DemoFlags};
use crate::request::drain::DrainRequest;
use crate::request::flags::{Command, CommandLine, SshSettings};
use crate::request::planning::RollRequest;
use crate::sim::{Sim, scenes};

use super::session::{Screen, Session};
use super::{check_updates, cleanup, doctor, drain, history, plan, planning, resume, roll, status};

/// The demo tells the same story each time.
const SEED: u64 = 1;
/// What `demo plan` and `demo roll` run when they are given no arguments: what can be reached of the demo's cluster.
const ROLL: [&str; 5] = [
    "--selector",
    "kubernetes.azure.com/scalesetpriority!=spot",
    "--not-counted",
    scenes::DEMO_BROKEN,
    "--delete-emptydir-data",
];
/// What `demo drain` runs when it is given none.
const DRAIN: [&str; 2] = [scenes::DEMO_SHUT_OUT, "--delete-emptydir-data"];
/// Pictures a second: how often the demo's time is moved on.
const TICK: Duration = Duration::from_millis(20);
/// The finest grain of the demo's time.
const STEP: Duration = Duration::from_millis(50);

/// Runs one command on the embedded cluster.
pub(crate) fn run(flags: &DemoFlags) -> Result<Exit, Failure> {
    let (name, arguments) = match &flags.command {
        DemoCommand::Status(given) => ("status", given.arguments.clone()),
        DemoCommand::CheckUpdates(given) => ("check-updates", given.arguments.clone()),
        DemoCommand::Plan(given) => ("plan", or_the_usual(&given.arguments, &ROLL)),
        DemoCommand::Roll(given) => ("roll", or_the_usual(&given.arguments, &ROLL)),
        DemoCommand::Drain(given) => ("drain", or_the_usual(&given.arguments, &DRAIN)),
        DemoCommand::Resume(given) => ("resume", given.arguments.clone()),
        DemoCommand::History(given) => ("history", given.arguments.clone()),
        DemoCommand::Report(given) => ("report", given.arguments.clone()),
        DemoCommand::Doctor(given) => ("doctor", given.arguments.clone()),
        DemoCommand::Cleanup(given) => ("cleanup", given.arguments.clone()),
    };
    let words = ["aksreboot".to_owned(), name.to_owned()]
        .into_iter()
        .chain(arguments);
    let line = match CommandLine::try_parse_from(words.clone()) {
        Ok(line) => line,
        Err(error) => {
            let _ = error.print();
            return Ok(if error.use_stderr() {
                Exit::Usage
            } else {
                Exit::Ok
            });
        }
    };
    out::talk(&format!(
        "$ {}",
        words
            .map(|word| quoted(&word))
            .collect::<Vec<_>>()
            .join(" ")
    ));

    // A runtime with a paused clock: its time moves when everything waits, or when the pace says so.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .map_err(|error| Failure::new(Exit::Failed, error).during("start the demo's runtime"))?;
    let result = runtime.block_on(async {
        let sim = Sim::start(scenes::demo(), SEED);
        let cluster = Cluster::over(sim.service(), "demo", "https://demo.invalid");
        let clock = Clock::simulated(sim.now());
        if matches!(
            line.command,
            Command::Resume(_) | Command::History(_) | Command::Report(_)
        ) {
            let request = usual_roll()?;
            let theirs = around(cluster.clone(), clock.clone(), Operator::SaidYes);
            cut_off::roll(&request, theirs).await?;
        }
        let command = on_demo(line.command, flags, cluster, clock);
        tokio::select! {
            biased;
            done = command => done,
            never = keep_pace(flags.speed) => match never {},
        }
    });
    runtime.shutdown_background();
    result
}

async fn on_demo(
    command: Command,
    flags: &DemoFlags,
    cluster: Cluster,
    clock: Clock,
) -> Result<Exit, Failure> {
    let operator = if flags.ask {
        Operator::found(false)
    } else {
        Operator::SaidYes
    };
    match command {
        Command::Status(given) => {
            refuse_connection(&given.connection)?;
            let request = given.settle()?;
            let form = status::Form::understand(request.show.clone())?;
            let session = session(clock, operator);
            refuse_ssh(request.probing.ssh.as_ref(), "status")?;
            status::run(&cluster, &request, &form, session).await
        }
        Command::CheckUpdates(given) => {
            refuse_connection(&given.connection)?;
            let request = given.settle()?;
            refuse_ssh(request.probing.ssh.as_ref(), "check-updates")?;
            if request.azure.is_some() {
                return Err(Failure::say(
                    Exit::Usage,
                    "the demo's cluster is not in Azure; there is nothing to ask there",
                )
                .hint("aksreboot demo check-updates"));
            }
            let task = check_updates::Task::understand(request)?;
            check_updates::run(&cluster, &task, session(clock, operator)).await
        }
        Command::Roll(given) => {
            refuse_connection(&given.planning.connection)?;
            let operator = if given.yes {
                Operator::SaidYes
            } else {
                operator
            };
            let request = planning::request_of(&given)?;
            refuse_ssh(request.ssh.as_ref(), "roll")?;
            roll::run_with(request, around(cluster, clock, operator)).await
        }
        Command::Resume(given) => {
            refuse_connection(&given.connection)?;
            let operator = if given.yes {
                Operator::SaidYes
            } else {
                operator
            };
            let around = around(cluster, clock, operator);
            Box::pin(resume::run_with(
                given.run.as_ref(),
                Some(&given.ssh),
                around,
            ))
            .await
        }
        Command::History(given) => {
            refuse_connection(&given.connection)?;
            history::list_of(&cluster, given.output).await
        }
        Command::Report(given) => {
            refuse_connection(&given.connection)?;
            let journal = given
                .journal
                .map_or(history::Journal::Nowhere, history::Journal::At);
            history::tell_of(&cluster, given.run.as_ref(), &journal, given.output).await
        }
        Command::Plan(given) => {
            let planned = match refuse_connection(&given.planning.connection) {
                Ok(()) => {
                    let request = RollRequest::settle(&given.planning)?;
                    refuse_ssh(request.ssh.as_ref(), "plan")?;
                    let around = around(cluster, clock, operator);
                    plan::run_with(&request, &around, &given).await
                }
                Err(failure) => Err(failure),
            };
            plan::with_document(planned, given.output)
        }
        Command::Drain(given) => {
            refuse_connection(&given.connection)?;
            let operator = if given.yes {
                Operator::SaidYes
            } else {
                operator
            };
            let around = around(cluster, clock, operator);
            drain::run_with(&DrainRequest::settle(&given)?, &around).await
        }
        Command::Doctor(given) => {
            refuse_connection(&given.connection)?;
            let examination = given.settle()?;
            if examination.logins.is_some() {
                return Err(nobody_to_log_in_to("doctor"));
            }
            doctor::run(&cluster, &clock, &examination, given.output).await
        }
        Command::Cleanup(given) => {
            refuse_connection(&given.connection)?;
            let manner = cleanup::Manner {
                records: given.records(),
                dry_run: given.dry_run,
                form: given.output,
            };
            let around = cleanup::Surroundings {
                cluster,
                clock,
                operator: if given.yes {
                    Operator::SaidYes
                } else {
                    operator
                },
                signals: Signals::none(),
                user: "demo".into(),
                host: "demo".into(),
            };
            cleanup::run(&around, manner).await
        }
        Command::Completions(_)
        | Command::Cordon(_)
        | Command::Uncordon(_)
        | Command::Man(_)
        | Command::Manifests(_)
        | Command::Schema(_)
        | Command::Lock(_)
        | Command::Unlock(_)
        | Command::Demo(_) => Err(Failure::say(
            Exit::Usage,
            "the demo runs status, check-updates, plan, roll, resume, history, report, drain, doctor and cleanup",
        )),
    }
}

/// A session that no signal ends: the demo leaves nothing, however it ends.
fn session(
    clock: Clock,
    operator: Operator,
) -> Session<impl AsyncFnOnce(&str) -> bool, impl Future<Output = Exit>> {
    Session {
        clock,
        screen: Screen::of_stdout,
        live: false,
        confirm: Some(async move |question: &str| {
            operator.confirm(question).await.unwrap_or(false)
        }),
        stop: std::future::pending(),
    }
}

fn refuse_ssh(ssh: Option<&SshSettings>, command: &str) -> Result<(), Failure> {
    if ssh.is_none() {
        return Ok(());
    }
    Err(nobody_to_log_in_to(&format!("{command} --via pod")))
}

fn nobody_to_log_in_to(instead: &str) -> Failure {
    Failure::say(
        Exit::Usage,
        "the nodes of the demo are simulated; there is nobody to log in to",
    )
    .hint(format!("aksreboot demo {instead}"))
}

/// The demo's cluster is nobody's, and leaves nothing.
fn around(cluster: Cluster, clock: Clock, operator: Operator) -> roll::Surroundings {
    roll::Surroundings {
        ssh: None,
        run: identity::named(clock.wall(), SEED),
        cluster,
        clock,
        operator,
        signals: Signals::none(),
        user: "demo".into(),
        host: "demo".into(),
        talk: out::talk,
        keep_journal: false,
    }
}

/// The roll that `demo roll` carries out when it is given no arguments.
fn usual_roll() -> Result<RollRequest, Failure> {
    let words = ["aksreboot", "roll"].into_iter().chain(ROLL);
    match CommandLine::try_parse_from(words) {
        Ok(CommandLine {
            command: Command::Roll(flags),
        }) => RollRequest::settle(&flags.planning),
        Ok(_) | Err(_) => Err(Failure::say(
            Exit::Failed,
            "the demo's own roll cannot be parsed",
        )),
    }
}

fn or_the_usual(arguments: &[String], usual: &[&str]) -> Vec<String> {
    if arguments.is_empty() {
        usual.iter().map(|&word| word.to_owned()).collect()
    } else {
        arguments.to_vec()
    }
}

/// The demo has one cluster; a flag that names another would be a lie.
fn refuse_connection(given: &crate::request::flags::ConnectionFlags) -> Result<(), Failure> {
    if given.is_default() {
        return Ok(());
    }
    Err(Failure::say(
        Exit::Usage,
        "the demo has a cluster of its own and takes no connection flags",
    ))
}

/// Moves the demo's time on, `speed` times as fast as the wall's. The blocking sleep holds the paused clock, which
/// would otherwise jump ahead whenever everything waits.
async fn keep_pace(speed: u32) -> std::convert::Infallible {
    loop {
        // A sleep cannot fail but by a panic, which it has no reason for.
        let _ = tokio::task::spawn_blocking(|| std::thread::sleep(TICK)).await;
        // In small steps: a leap would fire every timer of the span at its end.
        let mut left = TICK * speed;
        while !left.is_zero() {
            let step = left.min(STEP);
            tokio::time::advance(step).await;
            left -= step;
        }
    }
}

fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@".contains(c);
    if word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{word}'")
    }
}
