//! What the answer is printed as: understood before anything is asked of a cluster.

use serde_json::Value;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::check_updates::{
    Document, Report, csv, junit, listed, markdown, outputs, packages_sheet,
};
use crate::render::format::custom_columns::CustomColumns;
use crate::render::format::jsonpath::Template;
use crate::render::format::sheet::Frame;
use crate::render::format::table::Breadth;
use crate::render::format::{json, name, pairs, yaml};
use crate::request::check_updates::Show;
use crate::request::flags::{Output, Printed, ReportFormat};

use crate::app::session::Screen;

/// A settled way of showing what was found.
pub(crate) struct Form {
    pub(super) show: Show,
    format: Format,
}

enum Format {
    Table(Breadth),
    /// Those that are behind, also those that are so by what was read alone.
    Name,
    Columns(CustomColumns),
    Template(Template),
    Report(ReportFormat),
}

impl Form {
    pub(crate) fn understand(show: Show) -> Result<Self, Failure> {
        let usage = |flag: &str, said: String| {
            Failure::say(Exit::Usage, format!("{flag}: {said}")).hint(
                "docs/check-updates.md has the formats, docs/status.md what templates can say",
            )
        };
        let format = match &show.printed {
            Printed::Report(format) => Format::Report(*format),
            Printed::Common(output) => match output {
                Output::Table => Format::Table(Breadth::Narrow),
                Output::Wide => Format::Table(Breadth::Wide),
                Output::Json => Format::Report(ReportFormat::Json),
                Output::Yaml => Format::Report(ReportFormat::Yaml),
                Output::Name => Format::Name,
                Output::CustomColumns(text) => Format::Columns(
                    CustomColumns::parse(text)
                        .map_err(|error| usage("-o custom-columns", error.to_string()))?,
                ),
                Output::JsonPath(text) => Format::Template(
                    Template::parse(text)
                        .map_err(|error| usage("-o jsonpath", error.to_string()))?,
                ),
            },
        };
        Ok(Self { show, format })
    }

    /// The data on stdout.
    pub(super) fn text(&self, report: &Report<'_>, screen: Screen) -> Result<String, Failure> {
        match &self.format {
            Format::Table(breadth) => Ok(self.tables(report, *breadth, screen)),
            Format::Name => {
                let behind = report.nodes.iter().filter(|node| node.is_behind());
                Ok(name::lines(
                    "node",
                    behind.map(|node| &node.updates.status.name),
                ))
            }
            Format::Report(format) => text(*format, report, self.show.packages),
            Format::Template(template) => Ok(template.fill(&templated(report)?)),
            Format::Columns(columns) => {
                let nodes = match templated(report)?["nodes"].take() {
                    Value::Array(nodes) => nodes,
                    _ => Vec::new(),
                };
                let frame = Frame {
                    headers: self.show.headers,
                    ..Frame::default()
                };
                Ok(columns.sheet(&nodes).text(frame))
            }
        }
    }

    /// Whether a person reads stdout, or a program the whole document: what else there is to say is not in the way then.
    pub(super) fn is_for_talk(&self) -> bool {
        matches!(self.format, Format::Table(_) | Format::Report(_))
    }

    /// What is printed though there are no nodes to print.
    pub(super) fn of_failure(&self, report: &Report<'_>) -> Result<Option<String>, Failure> {
        match self.format {
            Format::Report(format) => text(format, report, self.show.packages).map(Some),
            _ => Ok(None),
        }
    }

    fn tables(&self, report: &Report<'_>, breadth: Breadth, screen: Screen) -> String {
        let frame = Frame {
            headers: self.show.headers,
            width: screen.width.filter(|_| breadth == Breadth::Narrow),
            colour: self.show.color.wanted(screen.colour),
        };
        let mut text = report.sheet(breadth).text(frame);
        if self.show.packages {
            let packages = packages_sheet(&listed(report)).text(Frame {
                width: None,
                ..frame
            });
            if !packages.is_empty() {
                text.push('\n');
                text.push_str(&packages);
            }
        }
        text
    }
}

/// A report in its format.
pub(super) fn text(
    format: ReportFormat,
    report: &Report<'_>,
    packages: bool,
) -> Result<String, Failure> {
    Ok(match format {
        ReportFormat::Json => json::document(&Document::new(report)).map_err(unwritable)?,
        ReportFormat::Yaml => yaml::document(&Document::new(report)).map_err(unwritable)?,
        ReportFormat::Markdown => markdown(report, packages),
        ReportFormat::Junit => junit(report),
        ReportFormat::Csv => csv(report, packages),
        ReportFormat::Dotenv => pairs::lines(outputs(report).into_iter().map(|(name, value)| {
            let name = name.to_uppercase().replace('-', "_");
            (format!("AKSREBOOT_{name}"), value)
        })),
    })
}

fn templated(report: &Report<'_>) -> Result<Value, Failure> {
    Document::new(report).for_templates().map_err(unwritable)
}

fn unwritable(error: impl Into<anyhow::Error>) -> Failure {
    Failure::new(Exit::Failed, error).during("write the document")
}
