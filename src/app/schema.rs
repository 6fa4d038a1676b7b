//! `schema`: the JSON schemas of the documents that this program writes. Made from the types that write them.

use clap::ValueEnum as _;
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};

use crate::core::event::{self, Event};
use crate::core::plan::{self, Plan};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::check_updates;
use crate::render::cleanup;
use crate::render::format::json;
use crate::render::history;
use crate::render::out;
use crate::render::report;
use crate::render::status::{self, ChangeDocument, Document};
use crate::request::schema::{SchemaFlags, SchemaOf};

/// One document: what it is called, its version, how its schema is made.
struct Kind {
    of: SchemaOf,
    version: u32,
    schema: fn() -> Schema,
}

/// Every document that has a schema. A new one is a line here and in [`SchemaOf`].
const KINDS: &[Kind] = &[
    Kind {
        of: SchemaOf::Status,
        version: status::VERSION as u32,
        schema: schema::<Document<'static>>,
    },
    Kind {
        of: SchemaOf::StatusChange,
        version: status::VERSION as u32,
        schema: schema::<ChangeDocument<'static>>,
    },
    Kind {
        of: SchemaOf::CheckUpdates,
        version: check_updates::VERSION as u32,
        schema: schema::<check_updates::Document<'static>>,
    },
    Kind {
        of: SchemaOf::Cleanup,
        version: cleanup::VERSION as u32,
        schema: schema::<cleanup::Document<'static>>,
    },
    Kind {
        of: SchemaOf::History,
        version: history::VERSION,
        schema: schema::<history::Document<'static>>,
    },
    Kind {
        of: SchemaOf::Report,
        version: report::VERSION,
        schema: schema::<report::Document<'static>>,
    },
    Kind {
        of: SchemaOf::Plan,
        version: plan::VERSION,
        schema: schema::<Plan>,
    },
    Kind {
        of: SchemaOf::Event,
        version: event::VERSION,
        schema: schema::<Event>,
    },
];

/// Of what is written: a field that is always there is required.
fn schema<T: JsonSchema>() -> Schema {
    SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator()
        .into_root_schema_for::<T>()
}

pub(crate) fn command(flags: &SchemaFlags) -> Result<Exit, Failure> {
    let text = match flags.document {
        None => KINDS.iter().map(line).collect(),
        Some(wanted) => KINDS
            .iter()
            .find(|kind| kind.of == wanted)
            .map(|kind| json::document(&(kind.schema)()))
            .transpose()
            .map_err(|error| Failure::new(Exit::Failed, error).during("write the schema"))?
            .unwrap_or_default(),
    };
    out::data(&text)
        .map_err(|error| Failure::new(Exit::Failed, error).during("write to stdout"))?;
    Ok(Exit::Ok)
}

/// `status v1`.
fn line(kind: &Kind) -> String {
    let name = kind.of.to_possible_value();
    let name = name.as_ref().map_or("", |value| value.get_name());
    format!("{name} v{}\n", kind.version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_document_that_can_be_asked_for_has_its_line() {
        let listed: Vec<SchemaOf> = KINDS.iter().map(|kind| kind.of).collect();
        assert_eq!(listed, SchemaOf::value_variants());
    }
}
