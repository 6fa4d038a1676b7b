//! What is seen of a watch: drawn in place on a terminal, rows or documents below each other elsewhere.

use std::collections::BTreeSet;
use std::io;
use std::time::Duration;

use jiff::Timestamp;

use crate::core::evidence::{Need, NodeStatus};
use crate::core::model::NodeName;
use crate::edge::connect::Cluster;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::format::json;
use crate::render::out::Heard;
use crate::render::status::{
    ChangeDocument, InPlace, OneByOne, Told, View, departed, hour, sheet, summary, uneven_pools,
};
use crate::render::text::sanitise;
use crate::request::flags::Output;

use super::super::form::{Form, unwritable};
use super::known::Known;
use crate::app::session::Screen;

/// Where a watch speaks to.
pub(super) enum Say<'a> {
    Data(&'a str),
    Talk(&'a str),
}

/// Says it, and whether somebody still listens.
pub(super) type Voice<'v> = dyn FnMut(Say<'_>) -> io::Result<Heard> + 'v;

pub(super) struct Picture<'a> {
    pub(super) cluster: &'a Cluster,
    pub(super) form: &'a Form,
    pub(super) screen: fn() -> Screen,
    pub(super) every: Duration,
    pub(super) voice: &'a mut Voice<'a>,
    kind: Kind,
    /// Rows that were shown: with `--pending` their end is news, that of others is not.
    shown: BTreeSet<NodeName>,
}

enum Kind {
    InPlace(InPlace),
    /// `None`: nothing was shown yet.
    OneByOne(Option<OneByOne>),
    Documents,
}

/// The API server, as a watch finds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Api {
    Answers,
    AwaySince(Timestamp),
}

impl<'a> Picture<'a> {
    pub(super) fn new(
        cluster: &'a Cluster,
        form: &'a Form,
        screen: fn() -> Screen,
        every: Duration,
        voice: &'a mut Voice<'a>,
    ) -> Self {
        let kind = if form.show.output == Output::Json {
            Kind::Documents
        } else if screen().redraws {
            Kind::InPlace(InPlace::default())
        } else {
            Kind::OneByOne(None)
        };
        Self {
            cluster,
            form,
            screen,
            every,
            voice,
            kind,
            shown: BTreeSet::new(),
        }
    }

    /// Whether ages are to move on by themselves.
    pub(super) fn moves(&self) -> bool {
        matches!(self.kind, Kind::InPlace(_))
    }

    /// Shows what has changed since the last time: `changed` nodes, `gone` ones as they last were.
    pub(super) fn show(
        &mut self,
        known: &Known,
        changed: &BTreeSet<NodeName>,
        gone: &[NodeStatus],
        api: Api,
        now: Timestamp,
    ) -> Result<Heard, Failure> {
        match &self.kind {
            Kind::InPlace(_) => self.draw(known, api, now),
            Kind::OneByOne(_) => self.rows(known, changed, gone, now),
            Kind::Documents => self.documents(known, changed, gone, now),
        }
    }

    /// The API went away, or came back.
    pub(super) fn tell(
        &mut self,
        api: Api,
        known: &Known,
        now: Timestamp,
    ) -> Result<Heard, Failure> {
        match self.kind {
            Kind::InPlace(_) => self.draw(known, api, now),
            Kind::OneByOne(_) => {
                let line = format!("{}  {}", hour(now), api_words(api));
                self.say(Say::Talk(&line))
            }
            Kind::Documents => {
                let told = match api {
                    Api::Answers => Told::ApiBack,
                    Api::AwaySince(_) => Told::ApiAway,
                };
                self.document(told, now)
            }
        }
    }

    fn draw(&mut self, known: &Known, api: Api, now: Timestamp) -> Result<Heard, Failure> {
        let (mut nodes, read_at) = known.rows();
        let view = View {
            read_at,
            ..View::of(&nodes, now)
        };
        self.form.sort(&mut nodes, &view)?;
        let shown = self.form.shown(&nodes);
        let screen = (self.screen)();
        let sheet = sheet(&shown, &view, self.form.breadth(), &self.form.show.labels);
        let mut below = uneven_pools(&view.kernels);
        below.push(summary(&nodes, now));
        below.push(match api {
            Api::Answers => format!(
                "{}, context {}; evidence is read again every {}; Ctrl-C ends",
                hour(now),
                self.cluster.context,
                crate::render::text::age(self.every)
            ),
            away @ Api::AwaySince(_) => format!("{}, {}", hour(now), api_words(away)),
        });
        let below: Vec<String> = below
            .iter()
            .map(|line| sanitise(line).into_owned())
            .collect();
        let frame = self.form.frame(screen);
        let Kind::InPlace(picture) = &mut self.kind else {
            return Ok(Heard::Yes);
        };
        let text = picture.picture(
            &sheet,
            frame,
            (screen.width.unwrap_or(80), screen.height),
            &below,
        );
        self.say(Say::Data(&text))
    }

    fn rows(
        &mut self,
        known: &Known,
        changed: &BTreeSet<NodeName>,
        gone: &[NodeStatus],
        now: Timestamp,
    ) -> Result<Heard, Failure> {
        let (mut nodes, read_at) = known.rows();
        let view = View {
            read_at,
            ..View::of(&nodes, now)
        };
        let (form, screen) = (self.form, (self.screen)());
        let Kind::OneByOne(begun) = &mut self.kind else {
            return Ok(Heard::Yes);
        };
        let (breadth, labels) = (form.breadth(), &form.show.labels);
        if let Some(begun) = begun {
            let departed: Vec<NodeStatus> = gone.iter().map(departed).collect();
            let rows: Vec<&NodeStatus> = nodes
                .iter()
                .filter(|node| changed.contains(&node.name))
                .chain(&departed)
                .filter(|node| is_news(form, &self.shown, node))
                .collect();
            self.shown.extend(rows.iter().map(|node| node.name.clone()));
            let text = begun.more(sheet(&rows, &view, breadth, labels), now);
            return self.say(Say::Data(&text));
        }
        form.sort(&mut nodes, &view)?;
        let shown = form.shown(&nodes);
        self.shown = shown.iter().map(|node| node.name.clone()).collect();
        // Later rows may be longer than these; nothing is cut for a width that a pipe does not have.
        let frame = crate::render::format::sheet::Frame {
            width: None,
            ..form.frame(screen)
        };
        let (first, text) = OneByOne::begin(sheet(&shown, &view, breadth, labels), frame, now);
        *begun = Some(first);
        if self.say(Say::Data(&text))? == Heard::No {
            return Ok(Heard::No);
        }
        let mut below = uneven_pools(&view.kernels);
        below.push(summary(&nodes, now));
        for line in below {
            self.say(Say::Talk(&sanitise(&line)))?;
        }
        Ok(Heard::Yes)
    }

    fn documents(
        &mut self,
        known: &Known,
        changed: &BTreeSet<NodeName>,
        gone: &[NodeStatus],
        now: Timestamp,
    ) -> Result<Heard, Failure> {
        for name in changed {
            let Some((node, read_at)) = known.row(name) else {
                continue;
            };
            if !is_news(self.form, &self.shown, node) {
                continue;
            }
            self.shown.insert(name.clone());
            if self.document(Told::Node(node, read_at), now)? == Heard::No {
                return Ok(Heard::No);
            }
        }
        for node in gone {
            if is_news(self.form, &self.shown, node)
                && self.document(Told::Gone(&node.name), now)? == Heard::No
            {
                return Ok(Heard::No);
            }
        }
        Ok(Heard::Yes)
    }

    fn document(&mut self, told: Told<'_>, now: Timestamp) -> Result<Heard, Failure> {
        let line = json::line(&ChangeDocument::new(now, told)).map_err(unwritable)?;
        self.say(Say::Data(&line))
    }

    fn say(&mut self, said: Say<'_>) -> Result<Heard, Failure> {
        (self.voice)(said)
            .map_err(|error| Failure::new(Exit::Failed, error).during("write to stdout"))
    }
}

/// With `--pending` a node is news while it is pending, and once more when it no longer is.
fn is_news(form: &Form, shown: &BTreeSet<NodeName>, node: &NodeStatus) -> bool {
    !form.show.pending_only || node.verdict.need == Need::Yes || shown.contains(&node.name)
}

fn api_words(api: Api) -> String {
    match api {
        Api::Answers => "the API server answers again".into(),
        Api::AwaySince(since) => format!(
            "the API server cannot be reached since {}; this is what was known before",
            hour(since)
        ),
    }
}
