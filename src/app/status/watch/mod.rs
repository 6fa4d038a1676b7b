//! `status --watch`: after the first reading the rows follow the API's watch, and each node's evidence is read again as
//! the patrol says. Goes on while the API is away; ends by a signal, or when nobody reads any more.

mod known;
mod picture;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use jiff::Timestamp;
use tokio::sync::mpsc;

use crate::core::evidence::NodeStatus;
use crate::core::model::{Node, NodeName};
use crate::core::patrol::Patrol;
use crate::core::updates::Question;
use crate::edge::clock::Clock;
use crate::edge::cluster::watch::{Change, Scope, follow};
use crate::edge::cluster::{NODES, SlimNode};
use crate::edge::connect::Cluster;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::out::{self, Heard};
use crate::render::text::sanitise;
use crate::request::status::StatusRequest;

use super::form::Form;
use super::read::read;
use crate::app::reading::Readers;
use crate::app::session::Session;
use known::{Known, Seen, Word};
use picture::{Api, Picture, Say};

/// Watches end and begin again all the time; the API is away when it stays so for longer.
const AWAY_AFTER: Duration = Duration::from_secs(5);
/// How often ages move on where somebody watches them.
const TICK: Duration = Duration::from_secs(1);

/// Follows the selected nodes until a signal's exit code.
pub(super) async fn watch<Confirm, Stop>(
    cluster: &Cluster,
    request: &StatusRequest,
    form: &Form,
    every: Duration,
    session: Session<Confirm, Stop>,
) -> Result<Exit, Failure>
where
    Confirm: AsyncFnOnce(&str) -> bool,
    Stop: Future<Output = Exit>,
{
    let mut voice = |said: Say<'_>| match said {
        Say::Data(text) => out::data_heard(text),
        Say::Talk(line) => {
            out::talk(line);
            Ok(Heard::Yes)
        }
    };
    watch_and_say(cluster, request, form, every, session, &mut voice).await
}

async fn watch_and_say<'v, Confirm, Stop>(
    cluster: &'v Cluster,
    request: &'v StatusRequest,
    form: &'v Form,
    every: Duration,
    session: Session<Confirm, Stop>,
    voice: &'v mut picture::Voice<'v>,
) -> Result<Exit, Failure>
where
    Confirm: AsyncFnOnce(&str) -> bool,
    Stop: Future<Output = Exit>,
{
    let clock = session.clock.clone();
    let mut stop = pin!(session.stop);
    // Not when it ended: evidence is shown rather older than younger than it is.
    let began = clock.now();
    let first = Session {
        clock: clock.clone(),
        screen: session.screen,
        live: session.live,
        confirm: session.confirm,
        stop: stop.as_mut(),
    };
    let reading = read(cluster, request, first).await?;
    for error in &reading.errors {
        voice(Say::Talk(&format!("error: {}", sanitise(error))))
            .map_err(|error| Failure::new(Exit::Failed, error).during("write to stdout"))?;
    }
    if matches!(reading.exit, Exit::Interrupted | Exit::Terminated)
        || (reading.nodes.is_empty() && !reading.errors.is_empty())
    {
        return Ok(reading.exit);
    }
    let readers = Readers::new(cluster, &request.probing, reading.ways, Question::Reboot)?;
    let at_once = usize::from(request.probing.pod.probe_concurrency);
    let mut patrol = Patrol::new(every, at_once);
    for node in &reading.nodes {
        patrol.was_read(node.name.clone(), began.mono);
    }
    let mut watch = Watch {
        request,
        clock: &clock,
        readers: &readers,
        known: Known::of(reading.nodes, began.wall),
        patrol,
        changed: BTreeSet::new(),
        gone: Vec::new(),
        away: None,
        told_away: false,
    };
    watch.changed.extend(watch.known.names());
    let picture = Picture::new(cluster, form, session.screen, every, voice);
    let exit = tokio::select! {
        biased;
        exit = &mut stop => Ok(exit),
        exit = watch.go_on(cluster, picture) => exit,
    };
    // Readings that were under way are dropped by now; their pods are not.
    readers.end().await;
    exit
}

struct Watch<'a> {
    request: &'a StatusRequest,
    clock: &'a Clock,
    readers: &'a Readers,
    known: Known,
    patrol: Patrol,
    /// Not shown yet.
    changed: BTreeSet<NodeName>,
    gone: Vec<NodeStatus>,
    /// Since when, by both clocks.
    away: Option<(Duration, Timestamp)>,
    told_away: bool,
}

impl Watch<'_> {
    /// Ends when nobody listens any more.
    async fn go_on(
        &mut self,
        cluster: &Cluster,
        mut picture: Picture<'_>,
    ) -> Result<Exit, Failure> {
        let (tell, mut told) = mpsc::unbounded_channel();
        let some = |text: &String| (!text.is_empty()).then(|| text.clone());
        let scope = Scope {
            path: NODES.into(),
            field_selector: some(&self.request.selection.fields),
            label_selector: some(&self.request.selection.labels),
        };
        let mut following = pin!(follow::<SlimNode, _>(
            cluster.client.clone(),
            scope,
            tell,
            |change| change
        ));
        let (readers, clock) = (self.readers, self.clock);
        let mut readings = FuturesUnordered::new();
        let mut shown_at = Duration::ZERO;
        loop {
            let now = clock.now();
            if self.away.is_none() {
                for name in self.patrol.begin(now.mono) {
                    match self.known.node(&name).cloned() {
                        Some(node) if readers.reads(&node) => readings.push(async move {
                            let status = readers.read_one(&node).await;
                            (node, status)
                        }),
                        // Not shown by the watch yet, or nothing to read: it has its turn later.
                        _ => self.patrol.ended(&name, now.mono),
                    }
                }
            }
            if self.show(&mut picture, &mut shown_at)? == Heard::No {
                return Ok(Exit::Ok);
            }
            let wake = self.wake(&picture, shown_at);
            tokio::select! {
                biased;
                Some(change) = told.recv() => self.take_in(change),
                Some((node, status)) = readings.next(), if !readings.is_empty() => {
                    let now = clock.now();
                    self.patrol.ended(&node.name, now.mono);
                    match self.known.learn(&node, &status, now.wall) {
                        Some(true) => {
                            self.changed.insert(node.name);
                        }
                        Some(false) => {}
                        None => self.patrol.disturbed(&node.name, now.mono),
                    }
                }
                () = &mut following => {}
                () = clock.sleep_until(wake) => {}
            }
        }
    }

    /// When there is something to do though nothing happens.
    fn wake(&self, picture: &Picture<'_>, shown_at: Duration) -> Duration {
        let far = self.clock.now().mono + Duration::from_secs(3600);
        let reading = self.patrol.wakes().filter(|_| self.away.is_none());
        let away = self
            .away
            .filter(|_| !self.told_away)
            .map(|(since, _)| since + AWAY_AFTER);
        let tick = picture.moves().then_some(shown_at + TICK);
        [reading, away, tick]
            .into_iter()
            .flatten()
            .fold(far, Duration::min)
    }

    fn take_in(&mut self, change: Change<SlimNode>) {
        match change {
            Change::All(nodes) => {
                self.away = None;
                let nodes: Vec<Node> = nodes
                    .into_iter()
                    .map(Node::from)
                    .filter(|node| self.is_selected(node))
                    .collect();
                let names: BTreeSet<NodeName> =
                    nodes.iter().map(|node| node.name.clone()).collect();
                for name in self.known.names() {
                    if !names.contains(&name) {
                        self.lose(&name);
                    }
                }
                for node in nodes {
                    self.see(node);
                }
            }
            Change::Is(node) => {
                self.away = None;
                let node = Node::from(node);
                if self.is_selected(&node) {
                    self.see(node);
                } else {
                    self.lose(&node.name);
                }
            }
            Change::Gone(node) => self.lose(&Node::from(node).name),
            Change::Away => {
                let now = self.clock.now();
                self.away.get_or_insert((now.mono, now.wall));
            }
        }
    }

    /// The server has selected by labels and fields; names and pools are ours.
    fn is_selected(&self, node: &Node) -> bool {
        let selection = &self.request.selection;
        let in_pool = |wanted: &String| node.pool() == Some(wanted);
        (selection.names.is_empty() || selection.names.contains(&node.name))
            && (selection.pools.is_empty() || selection.pools.iter().any(in_pool))
    }

    fn see(&mut self, node: Node) {
        let now = self.clock.now().mono;
        let name = node.name.clone();
        let known = self.known.row(&name);
        if known.is_some_and(|(known, _)| known.uid != node.uid) {
            // Another machine took the name: nothing that was known is of it.
            self.lose(&name);
        }
        let unread = self.readers.unread(&node);
        let word = if self.readers.reads(&node) {
            Word::UntilRead(unread)
        } else {
            Word::Last(unread)
        };
        match self.known.see(node, word, &self.request.show.labels) {
            Seen::Same => {}
            Seen::Changed => {
                self.changed.insert(name);
            }
            Seen::Disturbed => {
                self.patrol.disturbed(&name, now);
                self.changed.insert(name);
            }
            Seen::New => {
                self.patrol.appeared(name.clone(), now);
                self.changed.insert(name);
            }
        }
    }

    fn lose(&mut self, name: &NodeName) {
        self.patrol.forget(name);
        self.gone.extend(self.known.forget(name));
    }

    fn show(
        &mut self,
        picture: &mut Picture<'_>,
        shown_at: &mut Duration,
    ) -> Result<Heard, Failure> {
        let now = self.clock.now();
        let api = match self.away {
            Some((since, wall)) if since + AWAY_AFTER <= now.mono => Api::AwaySince(wall),
            _ => Api::Answers,
        };
        let is_away = api != Api::Answers;
        if is_away != self.told_away {
            self.told_away = is_away;
            if picture.tell(api, &self.known, now.wall)? == Heard::No {
                return Ok(Heard::No);
            }
        }
        let ticked = picture.moves() && *shown_at + TICK <= now.mono;
        if self.changed.is_empty() && self.gone.is_empty() && !ticked {
            return Ok(Heard::Yes);
        }
        *shown_at = now.mono;
        let changed = std::mem::take(&mut self.changed);
        let gone = std::mem::take(&mut self.gone);
        picture.show(&self.known, &changed, &gone, api, now.wall)
    }
}
