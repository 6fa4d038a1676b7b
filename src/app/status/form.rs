//! What the answer is printed as: the format that was asked for, understood before anything is asked of a cluster.

use crate::app::session::Screen;
use crate::core::evidence::{Need, NodeStatus};
use crate::edge::connect::Cluster;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::format::custom_columns::CustomColumns;
use crate::render::format::jsonpath::Template;
use crate::render::format::sheet::Frame;
use crate::render::format::table::Breadth;
use crate::render::format::{json, name, yaml};
use crate::render::status::{Document, Order, View, sheet};
use crate::request::flags::Output;
use crate::request::status::Show;

/// A settled way of showing nodes.
pub(crate) struct Form {
    pub(super) show: Show,
    format: Format,
    order: Option<Order>,
}

enum Format {
    Table,
    Json,
    Yaml,
    Name,
    Columns(CustomColumns),
    Template(Template),
}

impl Form {
    pub(crate) fn understand(show: Show) -> Result<Self, Failure> {
        let usage = |flag: &str, said: String| {
            Failure::say(Exit::Usage, format!("{flag}: {said}"))
                .hint("docs/status.md has the columns, the formats and what templates can say")
        };
        let format = match &show.output {
            Output::Table | Output::Wide => Format::Table,
            Output::Json => Format::Json,
            Output::Yaml => Format::Yaml,
            Output::Name => Format::Name,
            Output::CustomColumns(text) => Format::Columns(
                CustomColumns::parse(text)
                    .map_err(|error| usage("-o custom-columns", error.to_string()))?,
            ),
            Output::JsonPath(text) => Format::Template(
                Template::parse(text).map_err(|error| usage("-o jsonpath", error.to_string()))?,
            ),
        };
        let order = show
            .sort_by
            .as_deref()
            .map(|text| Order::parse(text).map_err(|error| usage("--sort-by", error)))
            .transpose()?;
        Ok(Self {
            show,
            format,
            order,
        })
    }

    pub(super) fn sort(&self, nodes: &mut [NodeStatus], view: &View) -> Result<(), Failure> {
        match &self.order {
            None => Ok(()),
            Some(order) => order
                .sort(nodes, view)
                .map_err(|said| Failure::say(Exit::Usage, format!("--sort-by: {said}"))),
        }
    }

    /// Those that are to be shown.
    pub(super) fn shown<'a>(&self, nodes: &'a [NodeStatus]) -> Vec<&'a NodeStatus> {
        let all = !self.show.pending_only;
        nodes
            .iter()
            .filter(|node| all || node.verdict.need == Need::Yes)
            .collect()
    }

    pub(super) fn breadth(&self) -> Breadth {
        if self.show.output == Output::Wide {
            Breadth::Wide
        } else {
            Breadth::Narrow
        }
    }

    pub(super) fn frame(&self, screen: Screen) -> Frame {
        Frame {
            headers: self.show.headers,
            width: screen.width.filter(|_| self.show.output == Output::Table),
            colour: self.show.color.wanted(screen.colour),
        }
    }

    /// The nodes as text, in their order.
    pub(super) fn text(
        &self,
        cluster: &Cluster,
        nodes: &[NodeStatus],
        view: &View,
        errors: &[String],
        screen: Screen,
    ) -> Result<String, Failure> {
        let shown = self.shown(nodes);
        let document = || {
            let shown = shown.iter().copied();
            Document::new(&cluster.context, &cluster.server, nodes, shown, errors)
        };
        match &self.format {
            Format::Table => {
                Ok(sheet(&shown, view, self.breadth(), &self.show.labels).text(self.frame(screen)))
            }
            Format::Name => Ok(name::lines("node", shown.iter().map(|node| &node.name))),
            Format::Json => json::document(&document()).map_err(unwritable),
            Format::Yaml => yaml::document(&document()).map_err(unwritable),
            Format::Template(template) => Ok(template.fill(&templated(&document())?)),
            Format::Columns(columns) => {
                let mut data = templated(&document())?;
                let nodes = match data["nodes"].take() {
                    serde_json::Value::Array(nodes) => nodes,
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
}

/// The document of a failure: `-o json` and `-o yaml` print one in every case. `None` in the other formats.
pub(super) fn of_failure(
    output: &Output,
    (context, server): (&str, &str),
    failure: &Failure,
) -> Result<Option<String>, Failure> {
    let errors = [format!("{:#}", failure.error)];
    let document = Document::new(context, server, &[], &[], &errors);
    match output {
        Output::Json => json::document(&document).map(Some).map_err(unwritable),
        Output::Yaml => yaml::document(&document).map(Some).map_err(unwritable),
        _ => Ok(None),
    }
}

fn templated(document: &Document<'_>) -> Result<serde_json::Value, Failure> {
    document.for_templates().map_err(unwritable)
}

pub(super) fn unwritable(error: impl Into<anyhow::Error>) -> Failure {
    Failure::new(Exit::Failed, error).during("write the document")
}
