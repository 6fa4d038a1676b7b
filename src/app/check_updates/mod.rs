//! `check-updates`: has the nodes read, judges them, and says what came of it: on stdout, in files, to a CI system, and by the
//! exit code.

mod form;
mod hand_on;
mod read;
mod write;

use std::future::Future;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::core::updates::decide::{Judged, judge};
use crate::core::updates::ignore::{Ignore, Ignores};
use crate::core::updates::image::Azure;
use crate::core::updates::outcome::{Ending, Listed, Overall, ending, overall};
use crate::edge::ci::{CiSystem, ci_system};
use crate::edge::clock::Clock;
use crate::edge::connect::{Cluster, connect};
use crate::edge::ignore_file;
use crate::edge::operator::Operator;
use crate::edge::signals::Signals;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::check_updates::{Report, beside, undecided};
use crate::render::out;
use crate::render::text::sanitise;
use crate::request::check_updates::{CheckUpdatesFlags, CheckUpdatesRequest};

use super::session::{Session, here};
use form::Form;
use read::{Reading, read};

/// A request, with everything that could be found wrong before a cluster is asked.
pub(crate) struct Task {
    request: CheckUpdatesRequest,
    form: Form,
    ignores: Vec<Ignore>,
    ci: Option<CiSystem>,
}

impl Task {
    pub(crate) fn understand(request: CheckUpdatesRequest) -> Result<Self, Failure> {
        let form = Form::understand(request.show.clone())?;
        let ignores = match &request.ignore_file {
            None => Vec::new(),
            Some(path) => ignore_file::read(path).map_err(|error| {
                Failure::new(Exit::Usage, error)
                    .hint("docs/check-updates.md says what an entry of an ignore file is")
            })?,
        };
        write::look_at(&request.reports)?;
        Ok(Self {
            ci: ci_system(request.ci, |name| std::env::var_os(name)),
            request,
            form,
            ignores,
        })
    }
}

/// `aksreboot check-updates` on a real cluster.
pub(crate) async fn command(flags: CheckUpdatesFlags) -> Result<Exit, Failure> {
    let task = Task::understand(flags.settle()?)?;
    let signals = Signals::listen()
        .map_err(|error| Failure::new(Exit::Failed, error).during("listen for signals"))?;
    let clock = Clock::real();
    let connected = tokio::select! {
        biased;
        signal = signals.wait_first() => {
            Err(Failure::say(signal.exit(), "ended before there was a connection"))
        }
        connected = connect(&flags.connection, Operator::has_terminal()) => connected,
    };
    let cluster = match connected {
        Ok(cluster) => cluster,
        Err(failure) => return failed(&task, ("", ""), clock.wall(), failure),
    };
    run(&cluster, &task, here(clock, &signals)).await
}

/// Checks the selected nodes.
pub(crate) async fn run<Confirm, Stop>(
    cluster: &Cluster,
    task: &Task,
    session: Session<Confirm, Stop>,
) -> Result<Exit, Failure>
where
    Confirm: AsyncFnOnce(&str) -> bool,
    Stop: Future<Output = Exit>,
{
    let (clock, screen) = (session.clock.clone(), session.screen);
    let named = (cluster.context.as_str(), cluster.server.as_str());
    let Reading {
        nodes,
        errors,
        azure,
        signal,
    } = match read(cluster, &task.request, session).await {
        Ok(reading) => reading,
        Err(failure) => return failed(task, named, clock.wall(), failure),
    };
    let now = clock.wall();
    let terms = &task.request.terms;
    let ignores = task.ignores_at(now);
    let judged: Vec<Judged> = nodes
        .into_iter()
        .map(|node| judge(node, &terms.criteria, &ignores, now))
        .collect();
    let listed = if errors.is_empty() {
        Listed::Whole
    } else {
        Listed::WithGaps
    };
    let exit = signal.unwrap_or(match ending(&judged, listed, terms.unknowns) {
        Ending::Good => Exit::Ok,
        Ending::Behind => Exit::Pending,
        Ending::Undecided => Exit::Failed,
    });
    let report = Report {
        context: named.0,
        server: named.1,
        at: now,
        terms,
        ignores: &ignores,
        azure: &azure,
        nodes: &judged,
        listed,
        overall: overall(&judged, listed),
        exit: exit.code(),
        errors: &errors,
    };
    let (exit, unwritten) = write::all(&task.request.reports, &report, exit, |report| {
        task.form.text(report, screen()).map(Some)
    });
    task.talk(&report);
    task.tell(&report, exit, &unwritten);
    Ok(exit)
}

impl Task {
    fn ignores_at(&self, now: Timestamp) -> Ignores {
        let today = now.to_zoned(TimeZone::UTC).date();
        Ignores::on(today, self.ignores.clone())
    }

    /// What goes beside the data, to a person.
    fn talk(&self, report: &Report<'_>) {
        for error in report.errors {
            out::talk(&format!("error: {}", sanitise(error)));
        }
        // Formats for scripts get none of it but what would be missed.
        let lines = if self.form.is_for_talk() {
            beside(report)
        } else {
            undecided(report).into_iter().collect()
        };
        for line in lines {
            out::talk(&sanitise(&line));
        }
    }

    /// How it ended: to a person what could not be written, to the CI system all of it.
    fn tell(&self, report: &Report<'_>, exit: Exit, unwritten: &[Failure]) {
        for failure in unwritten {
            out::failure(failure);
        }
        if let Some(system) = &self.ci {
            write::after(unwritten, report, exit, |report| {
                hand_on::tell(system, report);
            });
        }
    }
}

/// Ends with `failure`, after saying it in every form that was asked for.
fn failed(
    task: &Task,
    (context, server): (&str, &str),
    now: Timestamp,
    failure: Failure,
) -> Result<Exit, Failure> {
    let errors = [format!("{:#}", failure.error)];
    let ignores = task.ignores_at(now);
    let report = Report {
        context,
        server,
        at: now,
        terms: &task.request.terms,
        ignores: &ignores,
        azure: &Azure::NotAsked,
        nodes: &[],
        listed: Listed::Nothing,
        overall: Overall::Unknown,
        exit: failure.exit.code(),
        errors: &errors,
    };
    let (exit, unwritten) = write::all(&task.request.reports, &report, failure.exit, |report| {
        task.form.of_failure(report)
    });
    task.tell(&report, exit, &unwritten);
    Err(failure)
}
