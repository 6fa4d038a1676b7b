//! The forms of what `check-updates` finds: on stdout, and in files beside it.

use std::ffi::OsStr;
use std::path::PathBuf;

use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};
use clap::{Args, ValueEnum};

use super::Color;
use super::output::{Output, output};

/// What goes into a file as well as to stdout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// One JSON document, also on failure
    Json,
    /// The same document as YAML
    Yaml,
    /// Headings and tables for a job's summary
    Markdown,
    /// A test case a node, for what shows test results
    Junit,
    /// A line a node, or a line a package with --packages
    Csv,
    /// The outcome as NAME=VALUE, for GitLab's dotenv artifacts
    Dotenv,
}

/// What goes to stdout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Printed {
    /// As `status` has them; never json or yaml, which are reports.
    Common(Output),
    Report(ReportFormat),
}

/// One file to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ReportFile {
    pub(crate) format: ReportFormat,
    pub(crate) path: PathBuf,
}

#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct ReportFlags {
    /// Format of the data on stdout: table, wide, json, yaml, markdown, junit, csv, dotenv, name, custom-columns=HEADER:PATH,… or
    /// jsonpath=TEMPLATE
    #[arg(short, long, value_name = "FORMAT", default_value = "table", value_parser = PrintedParser, hide_possible_values = true)]
    pub(crate) output: Printed,

    /// Write a report into a file too: json, yaml, markdown, junit, csv or dotenv; repeat it for several
    #[arg(long = "report", value_name = "FORMAT=PATH", value_parser = report_file)]
    pub(crate) reports: Vec<ReportFile>,

    /// List each package, in tables, markdown and csv; json, yaml and junit always do
    #[arg(long)]
    pub(crate) packages: bool,

    /// Print tables without their header line
    #[arg(long)]
    pub(crate) no_headers: bool,

    /// Colour in tables, beside the words
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: Color,
}

fn report_format(text: &str) -> Option<ReportFormat> {
    ReportFormat::from_str(text, false).ok()
}

/// What the formats are called, for completion and for the refusal of any other.
const WORDS: [&str; 11] = [
    "table",
    "wide",
    "json",
    "yaml",
    "markdown",
    "junit",
    "csv",
    "dotenv",
    "name",
    "custom-columns=",
    "jsonpath=",
];

fn name(format: ReportFormat) -> String {
    format
        .to_possible_value()
        .map_or_else(String::new, |value| value.get_name().to_owned())
}

fn printed(text: &str) -> Result<Printed, String> {
    match report_format(text) {
        Some(format) => Ok(Printed::Report(format)),
        None => output(text, &WORDS).map(Printed::Common),
    }
}

fn report_file(text: &str) -> Result<ReportFile, String> {
    let formats = || {
        let names: Vec<String> = ReportFormat::value_variants()
            .iter()
            .copied()
            .map(name)
            .collect();
        format!(
            "a report is FORMAT=PATH, where FORMAT is one of {}",
            names.join(", ")
        )
    };
    let (format, path) = text.split_once('=').ok_or_else(formats)?;
    if path.is_empty() {
        return Err(format!(
            "`{text}` names no file; such as {text}report.{format}"
        ));
    }
    Ok(ReportFile {
        format: report_format(format).ok_or_else(formats)?,
        path: PathBuf::from(path),
    })
}

#[derive(Clone)]
struct PrintedParser;

impl TypedValueParser for PrintedParser {
    type Value = Printed;

    fn parse_ref(
        &self,
        command: &clap::Command,
        argument: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<Printed, clap::Error> {
        StringValueParser::new()
            .try_map(|text| printed(&text))
            .parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(WORDS.into_iter().map(PossibleValue::new)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuss_formats_are_there_and_reports_beside_them() {
        assert_eq!(printed("wide"), Ok(Printed::Common(Output::Wide)));
        assert_eq!(printed("json"), Ok(Printed::Report(ReportFormat::Json)));
        assert_eq!(printed("junit"), Ok(Printed::Report(ReportFormat::Junit)));
        let said = printed("xml").expect_err("refused");
        for word in ["markdown", "jsonpath=", "dotenv"] {
            assert!(said.contains(word), "{said}");
        }
        assert!(printed("junit=x").is_err());
        for word in WORDS {
            let whole = if word.ends_with('=') {
                format!("{word}{{.a}}").replace("columns={", "columns=A:{")
            } else {
                word.to_owned()
            };
            assert!(printed(&whole).is_ok(), "{whole}");
        }
    }

    #[test]
    fn a_report_names_its_format_and_its_file() {
        let report = report_file("junit=out/a=b.xml").expect("a report");
        assert_eq!(report.format, ReportFormat::Junit);
        assert_eq!(report.path, PathBuf::from("out/a=b.xml"));
        for bad in ["report.xml", "junit=", "table=x", "=x", ""] {
            assert!(report_file(bad).is_err(), "{bad}");
        }
    }
}
