//! How a command's data is printed: kubectl's names for it.

use std::ffi::OsStr;

use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};
use clap::{Args, ValueEnum};

#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct OutputFlags {
    /// Format of the data on stdout: table, wide, json, yaml, name, custom-columns=HEADER:PATH,… or jsonpath=TEMPLATE
    #[arg(short, long, value_name = "FORMAT", default_value = "table", value_parser = OutputParser, hide_possible_values = true)]
    pub(crate) output: Output,

    /// Print tables without their header line
    #[arg(long)]
    pub(crate) no_headers: bool,

    /// Colour in tables, beside the words
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: Color,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Output {
    /// What fits the terminal.
    Table,
    /// Every column.
    Wide,
    /// One JSON document, also on failure.
    Json,
    /// The same document as YAML.
    Yaml,
    /// node/NAME, a line each.
    Name,
    /// HEADER:PATH, with commas between.
    CustomColumns(String),
    /// A template.
    JsonPath(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless NO_COLOR is set; CLICOLOR_FORCE=1 elsewhere too
    Auto,
    Always,
    Never,
}

impl Color {
    /// Whether there is colour; `otherwise` is what the stream gets when nobody said so.
    pub(crate) fn wanted(self, otherwise: bool) -> bool {
        match self {
            Self::Auto => otherwise,
            Self::Always => true,
            Self::Never => false,
        }
    }
}

impl Output {
    /// A table that a person reads, beside which there may be talk.
    pub(crate) fn is_table(&self) -> bool {
        matches!(self, Self::Table | Self::Wide)
    }

    /// One whole document, which there is on failure too.
    pub(crate) fn is_document(&self) -> bool {
        matches!(self, Self::Json | Self::Yaml)
    }
}

/// What the formats are called, for completion and for the refusal of any other.
const FORMATS: [&str; 7] = [
    "table",
    "wide",
    "json",
    "yaml",
    "name",
    "custom-columns=",
    "jsonpath=",
];

#[derive(Clone)]
struct OutputParser;

impl TypedValueParser for OutputParser {
    type Value = Output;

    fn parse_ref(
        &self,
        command: &clap::Command,
        argument: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<Output, clap::Error> {
        StringValueParser::new()
            .try_map(|text| output(&text, &FORMATS))
            .parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(FORMATS.into_iter().map(PossibleValue::new)))
    }
}

/// The format that `text` names; `formats` is what an unknown one is told.
pub(super) fn output(text: &str, formats: &[&str]) -> Result<Output, String> {
    Ok(match text.split_once('=') {
        None => match text {
            "table" => Output::Table,
            "wide" => Output::Wide,
            "json" => Output::Json,
            "yaml" => Output::Yaml,
            "name" => Output::Name,
            "custom-columns" => {
                return Err("columns are missing: custom-columns=NAME:.name,REBOOT:.reboot".into());
            }
            "jsonpath" => {
                return Err("a template is missing: jsonpath='{.nodes[*].name}'".into());
            }
            "go-template" | "template" => return Err(NO_GO.into()),
            _ => return Err(format!("the formats are {}", formats.join(", "))),
        },
        Some(("custom-columns", columns)) => Output::CustomColumns(columns.to_owned()),
        Some(("jsonpath", template)) => Output::JsonPath(template.to_owned()),
        Some(("go-template" | "template", _)) => return Err(NO_GO.into()),
        Some((other, _)) => {
            return Err(format!(
                "`{other}` takes no value here; the formats are {}",
                formats.join(", ")
            ));
        }
    })
}

const NO_GO: &str = "Go's templates are not supported; jsonpath= and custom-columns= are";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_known_by_kubectls_names_and_others_are_refused() {
        assert_eq!(output("wide", &FORMATS), Ok(Output::Wide));
        assert_eq!(
            output("jsonpath={.a==\"b=c\"}", &FORMATS),
            Ok(Output::JsonPath("{.a==\"b=c\"}".into()))
        );
        assert_eq!(
            output("custom-columns=N:.name", &FORMATS),
            Ok(Output::CustomColumns("N:.name".into()))
        );
        for bad in [
            "",
            "xml",
            "jsonpath",
            "custom-columns",
            "go-template={{.}}",
            "json=x",
        ] {
            assert!(output(bad, &FORMATS).is_err(), "{bad}");
        }
    }
}
