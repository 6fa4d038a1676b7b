//! Writing what was found: into the files that were asked for, then to stdout. Nothing is lost because something else could not be
//! written; that makes the command fail, and whatever can still say so says it.

use crate::edge::files;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::check_updates::Report;
use crate::render::out;
use crate::request::flags::ReportFile;

use super::form;

/// Whether the files can be written, as far as that can be known before; and each of them is another.
pub(super) fn look_at(reports: &[ReportFile]) -> Result<(), Failure> {
    for (at, report) in reports.iter().enumerate() {
        let path = report.path.display();
        files::could_write(&report.path).map_err(|error| {
            Failure::new(Exit::Usage, error).during(format!("--report: write to {path}"))
        })?;
        let place = files::place(&report.path);
        let same = |other: &&ReportFile| files::place(&other.path) == place;
        if let Some(other) = reports[..at].iter().find(same) {
            return Err(Failure::say(
                Exit::Usage,
                format!(
                    "--report: two reports for one file, {} and {path}",
                    other.path.display()
                ),
            ));
        }
    }
    Ok(())
}

/// Writes each of the files that can be written, and says of each of the others why not.
pub(super) fn write<'a>(
    reports: impl IntoIterator<Item = &'a ReportFile>,
    report: &Report<'_>,
) -> Vec<(&'a ReportFile, Failure)> {
    let unwritten = |file: &'a ReportFile| {
        let written = form::text(file.format, report, true).and_then(|text| {
            files::write_whole(&file.path, &text).map_err(|error| Failure::new(Exit::Failed, error))
        });
        let failure = written.err()?;
        let operation = format!("write the report {}", file.path.display());
        Some((file, failure.during(operation)))
    };
    reports.into_iter().filter_map(unwritten).collect()
}

/// Writes the files and then `text`. How the command ends now, and what could not be written.
pub(super) fn all(
    reports: &[ReportFile],
    report: &Report<'_>,
    exit: Exit,
    text: impl FnOnce(&Report<'_>) -> Result<Option<String>, Failure>,
) -> (Exit, Vec<Failure>) {
    let (lost, mut failures): (Vec<&ReportFile>, Vec<Failure>) =
        write(reports, report).into_iter().unzip();
    let printed = after(&failures, report, exit, |report| {
        text(report)?.map_or(Ok(()), |text| print(&text))
    });
    failures.extend(printed.err());
    if !failures.is_empty() {
        let others = reports
            .iter()
            .filter(|file| !lost.contains(file) && files::is_replaceable(&file.path));
        // Once more, so that they name the exit code that the shell will see.
        let unwritten = after(&failures, report, exit, |report| write(others, report));
        failures.extend(unwritten.into_iter().map(|(_, failure)| failure));
    }
    (ended(exit, &failures), failures)
}

/// What is said of a report after these failures to write it.
pub(super) fn after<T>(
    failures: &[Failure],
    report: &Report<'_>,
    exit: Exit,
    said: impl FnOnce(&Report<'_>) -> T,
) -> T {
    let errors = report.errors.iter().cloned();
    let unwritten = failures
        .iter()
        .map(|failure| format!("{:#}", failure.error));
    let errors: Vec<String> = errors.chain(unwritten).collect();
    said(&Report {
        exit: ended(exit, failures).code(),
        errors: &errors,
        ..*report
    })
}

/// What could not be written is a failure, but a better reason to end stays one.
fn ended(exit: Exit, failures: &[Failure]) -> Exit {
    match exit {
        Exit::Ok | Exit::Pending if !failures.is_empty() => Exit::Failed,
        exit => exit,
    }
}

fn print(text: &str) -> Result<(), Failure> {
    out::data(text).map_err(|error| Failure::new(Exit::Failed, error).during("write to stdout"))
}
