//! `history` and `report`: runs as their records have them. Reads, and changes nothing.

use std::path::{Path, PathBuf};

use crate::core::engine::Course;
use crate::core::event::Event;
use crate::core::history::{State, steps};
use crate::core::model::RunId;
use crate::core::reason::Reason;
use crate::core::record::Recorded;
use crate::edge::cluster::wire::Refusal;
use crate::edge::connect::{Cluster, connect};
use crate::edge::hold::lease::{Standing, standing};
use crate::edge::hold::record::{self, Read, Unusable};
use crate::edge::journal;
use crate::edge::operator::Operator;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::format::json;
use crate::render::format::sheet::Frame;
use crate::render::history::{self, Row};
use crate::render::text::{count, sanitise};
use crate::render::{out, report};
use crate::request::history::{HistoryFlags, HistoryForm, ReportFlags, ReportForm};

use super::session::Screen;

/// `aksreboot history` on a real cluster.
pub(crate) async fn list(flags: HistoryFlags) -> Result<Exit, Failure> {
    match connect(&flags.connection, Operator::has_terminal()).await {
        Ok(cluster) => list_of(&cluster, flags.output).await,
        Err(failure) => listed(("", ""), flags.output, None, Err(failure)),
    }
}

/// `aksreboot report` on a real cluster.
pub(crate) async fn tell(flags: ReportFlags) -> Result<Exit, Failure> {
    match connect(&flags.connection, Operator::has_terminal()).await {
        Ok(cluster) => {
            let journal = Journal::of(flags.journal);
            tell_of(&cluster, flags.run.as_ref(), &journal, flags.output).await
        }
        Err(failure) => told(("", ""), flags.output, None, Err(failure)),
    }
}

/// Where a run's journal is looked for.
pub(crate) enum Journal {
    /// Where this machine keeps them, if it has it.
    Usual,
    /// There, or the report fails.
    At(PathBuf),
    /// Nowhere: the cluster is a simulated one.
    Nowhere,
}

impl Journal {
    fn of(given: Option<PathBuf>) -> Self {
        given.map_or(Self::Usual, Self::At)
    }

    /// The run's events, and the file that they are from. One that was not named and is of no use is no reason to tell
    /// nothing: the truth of a run is in its record.
    fn read(&self, run: &RunId) -> Result<Option<(PathBuf, Vec<Event>)>, Failure> {
        match self {
            Self::Nowhere => Ok(None),
            Self::At(path) => events(path, run).map(|events| Some((path.clone(), events))),
            Self::Usual => {
                let Ok(path) = journal::place(run) else {
                    return Ok(None);
                };
                if !path.exists() {
                    return Ok(None);
                }
                match events(&path, run) {
                    Ok(events) => Ok(Some((path, events))),
                    Err(failure) => {
                        out::talk(&sanitise(&format!("warning: {:#}", failure.error)));
                        Ok(None)
                    }
                }
            }
        }
    }
}

fn events(path: &Path, run: &RunId) -> Result<Vec<Event>, Failure> {
    let told = journal::read(path).map_err(|error| {
        Failure::new(Exit::Failed, error).during(format!("read the journal {}", path.display()))
    })?;
    if told.events.iter().any(|event| event.run != *run) {
        return Err(Failure::say(
            Exit::Usage,
            format!(
                "{} is the journal of another run than {run}",
                path.display()
            ),
        ));
    }
    if told.events.is_empty() {
        return Err(Failure::say(
            Exit::Usage,
            format!("{} has no event of run {run}", path.display()),
        ));
    }
    if told.damaged > 0 {
        out::talk(&sanitise(&format!(
            "warning: {} of {} cannot be read and {} passed over",
            count(told.damaged, "line"),
            path.display(),
            if told.damaged == 1 { "is" } else { "are" },
        )));
    }
    Ok(told.events)
}

/// Lists the runs.
pub(crate) async fn list_of(cluster: &Cluster, form: HistoryForm) -> Result<Exit, Failure> {
    let place = (cluster.context.as_str(), cluster.server.as_str());
    match read_all(cluster).await {
        Ok(runs) => listed(place, form, Some(&runs), Ok(Exit::Ok)),
        Err(refusal) => listed(place, form, None, Err(unread(&refusal))),
    }
}

struct Runs {
    records: Vec<(RunId, Result<Recorded, String>)>,
    holder: Option<RunId>,
}

async fn read_all(cluster: &Cluster) -> Result<Runs, Refusal> {
    let client = &cluster.client;
    let mut records = record::all(client).await?;
    // Run IDs begin with their date.
    records.sort_by(|(a, _), (b, _)| b.cmp(a));
    let holder = match standing(client).await? {
        Standing::Held(Reason::LockHeld { run, .. }) => Some(run),
        Standing::Held(_) | Standing::Free | Standing::Interrupted { .. } => None,
    };
    let records = records
        .into_iter()
        .map(|(run, read)| {
            let recorded = read.map(|(recorded, _)| recorded);
            (run, recorded.map_err(|why| why.to_string()))
        })
        .collect();
    Ok(Runs { records, holder })
}

fn listed(
    place: (&str, &str),
    form: HistoryForm,
    runs: Option<&Runs>,
    ended: Result<Exit, Failure>,
) -> Result<Exit, Failure> {
    let rows: Option<Vec<Row<'_>>> = runs.map(|runs| {
        let holder = runs.holder.as_ref();
        let records = runs.records.iter();
        records
            .map(|(run, recorded)| row(run, recorded, holder))
            .collect()
    });
    match (form, &rows) {
        (HistoryForm::Table, Some(rows)) if rows.is_empty() => {
            out::talk("the cluster has no record of a run");
        }
        (HistoryForm::Table, Some(rows)) => {
            let screen = Screen::of_stdout();
            let frame = Frame {
                width: screen.width,
                ..Frame::default()
            };
            print(&history::sheet(rows).text(frame))?;
            for row in rows {
                if let Err(why) = row.recorded {
                    out::talk(&sanitise(&format!("note: run {}: {why}", row.run)));
                }
            }
        }
        (HistoryForm::Table, None) => {}
        (HistoryForm::Json, rows) => {
            let errors = errors(&ended);
            let document = history::Document::new(place, rows.as_deref(), &errors);
            print(&written(json::document(&document))?)?;
        }
    }
    ended
}

fn row<'a>(
    run: &'a RunId,
    recorded: &'a Result<Recorded, String>,
    holder: Option<&RunId>,
) -> Row<'a> {
    Row {
        run,
        recorded: recorded.as_ref().map_err(String::as_str),
        holds_lock: holder == Some(run),
    }
}

/// Tells one run.
pub(crate) async fn tell_of(
    cluster: &Cluster,
    named: Option<&RunId>,
    journal: &Journal,
    form: ReportForm,
) -> Result<Exit, Failure> {
    let place = (cluster.context.as_str(), cluster.server.as_str());
    let run = match one(cluster, named).await {
        Ok(recorded) => journal
            .read(&recorded.run)
            .map(|journal| (recorded, journal)),
        Err(failure) => Err(failure),
    };
    match run {
        Ok(run) => told(place, form, Some(&run), Ok(Exit::Ok)),
        Err(failure) => told(place, form, None, Err(failure)),
    }
}

async fn one(cluster: &Cluster, named: Option<&RunId>) -> Result<Recorded, Failure> {
    let client = &cluster.client;
    let found: Option<(RunId, Result<Read, Unusable>)> = match named {
        Some(run) => {
            let read = record::read(client, run).await;
            Some((run.clone(), read.map_err(|refusal| unread(&refusal))?))
        }
        None => record::newest(client)
            .await
            .map_err(|refusal| unread(&refusal))?,
    };
    match found {
        Some((_, Ok((recorded, _)))) => Ok(recorded),
        Some((run, Err(why))) => Err(Failure::say(
            Exit::Refused,
            format!("run {run} cannot be told: {why}"),
        )
        .hint("the runs that there are: aksreboot history")),
        None => Err(Failure::say(
            Exit::Refused,
            "the cluster has no record of a run",
        )),
    }
}

type Told = (Recorded, Option<(PathBuf, Vec<Event>)>);

fn told(
    place: (&str, &str),
    form: ReportForm,
    run: Option<&Told>,
    ended: Result<Exit, Failure>,
) -> Result<Exit, Failure> {
    let steps = run
        .and_then(|(_, journal)| journal.as_ref())
        .map(|(_, events)| steps(events));
    let told = run.map(|(recorded, _)| report::Report {
        recorded,
        steps: steps.as_ref(),
    });
    let journal: Option<&Path> = run
        .and_then(|(_, journal)| journal.as_ref())
        .map(|(path, _)| path.as_path());
    match (form, &told) {
        (ReportForm::Text, Some(report)) => {
            print(&report::text(report))?;
            if report.steps.is_none() {
                out::talk(
                    "note: the run's journal is not on this machine, so there are no times of steps; --journal FILE names it",
                );
            }
            if State::of(report.recorded) != State::Finished {
                let run = &report.recorded.run;
                let hint = match report.recorded.plan.spec.settings.course {
                    Course::Roll => format!("to go on with it: aksreboot resume {run}"),
                    Course::Drain => {
                        "a drain is not gone on with; what it left: aksreboot cleanup --dry-run"
                            .into()
                    }
                };
                out::talk(&sanitise(&format!("hint: {hint}")));
            }
        }
        (ReportForm::Text, None) => {}
        (ReportForm::Json, told) => {
            let errors = errors(&ended);
            let document = report::Document::new(place, told.as_ref(), journal, &errors);
            print(&written(json::document(&document))?)?;
        }
    }
    ended
}

fn errors(ended: &Result<Exit, Failure>) -> Vec<String> {
    let failure = ended.as_ref().err();
    failure
        .map(|failure| format!("{:#}", failure.error))
        .into_iter()
        .collect()
}

fn unread(refusal: &Refusal) -> Failure {
    Failure::say(Exit::Failed, format!("read the run records: {refusal}"))
        .hint("the roles that a roll needs: aksreboot manifests roll")
}

fn written(text: Result<String, serde_json::Error>) -> Result<String, Failure> {
    text.map_err(|error| Failure::new(Exit::Failed, error).during("write JSON"))
}

fn print(text: &str) -> Result<(), Failure> {
    out::data(text).map_err(|error| Failure::new(Exit::Failed, error).during("write to stdout"))
}
