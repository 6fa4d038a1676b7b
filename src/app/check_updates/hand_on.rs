//! Telling the CI system that this runs in what was found: an annotation, a summary, outputs.

use std::path::Path;

use crate::edge::ci::CiSystem;
use crate::edge::files;
use crate::render::check_updates::{
    Report, gravity, ignores, listed_in_words, markdown_within, outputs, summary,
};
use crate::render::format::sheet::Frame;
use crate::render::format::table::Breadth;
use crate::render::format::{ci, pairs};
use crate::render::out;
use crate::render::text::{count, sanitise};

/// What GitHub takes of Markdown from one step.
const GITHUB_SUMMARY: usize = 1024 * 1024;
/// Azure Pipelines documents no limit; its page becomes slow long before.
const AZURE_SUMMARY: usize = 1024 * 1024;
/// More packages than a job's log should get; GitLab keeps 4 MiB of it.
const GITLAB_PACKAGES: usize = 2_000;

/// Tells the CI system, by what it reads from stderr and from its files. What cannot be told there is said, and changes nothing:
/// the outcome is in the exit code.
pub(super) fn tell(system: &CiSystem, report: &Report<'_>) {
    match system {
        CiSystem::Github {
            summary: file,
            outputs: handed_on,
        } => {
            if let Some(grave) = gravity(report) {
                out::talk(&ci::github(grave, TITLE, &summary(report)));
            }
            if let Some(file) = file {
                let written = files::append(file, |there| {
                    let there = usize::try_from(there).unwrap_or(usize::MAX);
                    markdown_within(report, true, GITHUB_SUMMARY.saturating_sub(there))
                });
                warn("write the job summary", file, written);
            }
            if let Some(file) = handed_on {
                let written = files::append(file, |_| pairs::lines(outputs(report)));
                warn("write the step's outputs", file, written);
            }
        }
        CiSystem::Azure { folder } => {
            if let Some(grave) = gravity(report) {
                out::talk(&ci::azure_issue(
                    grave,
                    &format!("{TITLE}: {}", summary(report)),
                ));
            }
            let temporary = std::env::temp_dir();
            let folder = folder.as_deref().unwrap_or(&temporary);
            let text = markdown_within(report, true, AZURE_SUMMARY);
            // Its name is the heading above it.
            let written = files::write_named(folder, "aksreboot-check-updates-", ".md", &text);
            if let Ok(path) = &written {
                out::talk(&ci::azure_summary(&path.to_string_lossy()));
            }
            warn("write the summary", folder, written.map(|_| ()));
            for (name, value) in outputs(report) {
                out::talk(&ci::azure_output(&azure_name(name), &value));
            }
        }
        CiSystem::Gitlab => {
            let heading = format!("{TITLE}: {}", summary(report));
            let lines = gitlab_lines(report);
            let at = report.at.as_second();
            out::talk(&ci::gitlab_section(
                at,
                "aksreboot_check_updates",
                &heading,
                &lines,
            ));
        }
    }
}

/// Every node, what is ignored and why, and every package as far as there is room.
fn gitlab_lines(report: &Report<'_>) -> Vec<String> {
    let nodes = report.sheet(Breadth::Wide).text(Frame::default());
    let mut packages = listed_in_words(report);
    let more = packages.len().saturating_sub(GITLAB_PACKAGES);
    packages.truncate(GITLAB_PACKAGES);
    if more > 0 {
        packages.push(format!(
            "and {}; --report json=FILE has them all",
            count(more, "more package")
        ));
    }
    let lines = nodes.lines().map(str::to_owned);
    lines.chain(ignores(report)).chain(packages).collect()
}

const TITLE: &str = "aksreboot check-updates";

/// Names of variables there have no dashes.
fn azure_name(name: &str) -> String {
    format!("aksreboot_{}", name.replace('-', "_"))
}

fn warn(operation: &str, path: &Path, written: std::io::Result<()>) {
    if let Err(error) = written {
        let path = path.display().to_string();
        out::talk(&format!(
            "warning: could not {operation} in {}: {error}",
            sanitise(&path)
        ));
    }
}
