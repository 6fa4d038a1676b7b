//! Commands that CI systems read from a step's output, escaped by each system's own rules. GitHub's runner and Azure's agent
//! read them from stderr as well as from stdout (`ScriptHandler` of actions/runner; the task library of Azure hands stderr on
//! as stdout), so they go there, and data on stdout stays data.

use std::fmt::Write as _;

use crate::render::text::sanitise;

/// How grave an annotation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Grave {
    Warning,
    Error,
}

impl Grave {
    fn word(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// `::warning title=…::message`. Properties are escaped further than the message (actions/toolkit, command.ts).
pub(crate) fn github(grave: Grave, title: &str, message: &str) -> String {
    let property = percent(title, "%25")
        .replace(':', "%3A")
        .replace(',', "%2C");
    let message = percent(message, "%25");
    format!("::{} title={property}::{message}", grave.word())
}

/// `##vso[task.logissue type=…]message`. A percent sign is `%AZP25` there (azure-pipelines-agent, percentEncoding.md).
pub(crate) fn azure_issue(grave: Grave, message: &str) -> String {
    let message = percent(message, "%AZP25");
    format!("##vso[task.logissue type={};]{message}", grave.word())
}

/// A Markdown file by its absolute path, shown with the run.
pub(crate) fn azure_summary(path: &str) -> String {
    format!("##vso[task.uploadsummary]{}", percent(path, "%AZP25"))
}

/// An output of the step; name and value are ours.
pub(crate) fn azure_output(name: &str, value: &str) -> String {
    let value = percent(value, "%AZP25");
    format!("##vso[task.setvariable variable={name};isOutput=true]{value}")
}

/// A section of a job's log that is closed until somebody opens it (docs.gitlab.com, job logs). `at` is in Unix seconds.
pub(crate) fn gitlab_section(at: i64, name: &str, heading: &str, lines: &[String]) -> String {
    let mut text = format!(
        "\x1b[0Ksection_start:{at}:{name}[collapsed=true]\r\x1b[0K{}\n",
        sanitise(heading)
    );
    for line in lines {
        let _ = writeln!(text, "{}", sanitise(line));
    }
    let _ = write!(text, "\x1b[0Ksection_end:{at}:{name}\r\x1b[0K");
    text
}

/// The text on one line, without control characters and without a percent sign that would be undone into something else.
fn percent(text: &str, sign: &str) -> String {
    sanitise(text).replace('%', sign)
}
