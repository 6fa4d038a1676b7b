//! A roll as lines: requests, happenings and events in the order in which they came about, and how it all ended.
//! What chance has named gets names by the order of appearance.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::super::Rolled;
use super::request::{self, Names};
use crate::core::engine::{Act, Outcome};
use crate::core::event::{Event, What};
use crate::core::model::Uid;
use crate::edge::node::{reboot_pod_name, short_hash};
use crate::render::progress;
use crate::render::text::count;
use crate::sim::{Deed, Hand, World};

pub(super) fn transcript(world: &World, rolled: &Rolled) -> Vec<String> {
    let mut lines = Lines::default();
    let names = names(rolled);
    let chronicle = rolled.sim.chronicle(0);
    let codes: BTreeMap<usize, u16> = chronicle
        .iter()
        .filter_map(|entry| match &entry.deed {
            Deed::Done(line, code) => Some((line.place, *code)),
            _ => None,
        })
        .collect();
    let mut events = rolled.places.iter().zip(&rolled.events).peekable();
    let mut told_at = Duration::ZERO;
    for (place, entry) in chronicle.iter().enumerate() {
        while let Some((_, event)) = events.next_if(|(at, _)| **at <= place) {
            told_at = lines.event(event, rolled);
        }
        let told = match &entry.deed {
            Deed::Arrived(line) => request::words(line, &names).map(|words| {
                let code = codes.get(&line.place).map(u16::to_string);
                let answer = match (line.status, code) {
                    (Some(code), _) => code.to_string(),
                    (None, Some(code)) => format!("{code}, lost"),
                    (None, None) => "lost".into(),
                };
                format!("> {words} = {answer}")
            }),
            Deed::Happened(what) => Some(format!("! {what}")),
            Deed::Rebooting(reboot) => Some(match &reboot.by {
                Hand::Asked(_) => format!("~ {} goes down, as asked", reboot.node),
                by => format!("~ {} goes down, by {by:?}", reboot.node),
            }),
            Deed::NotRebooting { node } => Some(format!("~ {node} does not go down")),
            Deed::Refused { node } => Some(format!("~ {node} refuses to go down")),
            Deed::Booted { node, .. } => Some(format!("~ {node} has a new boot")),
            Deed::Done(..)
            | Deed::Lost(_)
            | Deed::Marked { .. }
            | Deed::Unschedulable { .. }
            | Deed::Ready { .. }
            | Deed::Bound { .. } => None,
        };
        if let Some(told) = told {
            lines.push(entry.at.max(told_at), told);
        }
    }
    for (_, event) in events {
        lines.event(event, rolled);
    }
    let mut out = lines.text();
    out.push(String::new());
    out.extend(end(world, rolled));
    Renaming::default().all(&out)
}

/// A line, when it was first said, and how often since.
struct Said {
    what: String,
    first: Duration,
    last: Duration,
    times: u32,
}

#[derive(Default)]
struct Lines {
    said: Vec<Said>,
    /// Where the requests since the last line begin that is not a read, nor a renewal that failed.
    quiet_since: usize,
    evicted: BTreeSet<Uid>,
}

impl Lines {
    fn push(&mut self, at: Duration, what: String) {
        let repeats = what.starts_with("> GET") || what.contains("leases/aksreboot: renewed");
        let from = if repeats {
            self.quiet_since
        } else {
            self.said.len().saturating_sub(1)
        };
        let again = self.said[from..].iter_mut();
        if let Some(said) = again.into_iter().find(|said| said.what == what) {
            said.last = at;
            said.times += 1;
            return;
        }
        self.said.push(Said {
            what,
            first: at,
            last: at,
            times: 1,
        });
        if !repeats {
            self.quiet_since = self.said.len();
        }
    }

    fn text(&self) -> Vec<String> {
        let line = |said: &Said| {
            let line = format!("{:>8.3} {}", said.first.as_secs_f64(), said.what);
            match said.times {
                1 => line,
                times => format!(
                    "{line} ({times} times until {:.3})",
                    said.last.as_secs_f64()
                ),
            }
        };
        self.said.iter().map(line).collect()
    }

    fn event(&mut self, event: &Event, rolled: &Rolled) -> Duration {
        let at = event.ts.duration_since(rolled.began);
        let at = Duration::try_from(at).unwrap_or_default();
        if let What::StepIntent {
            act: Act::Evict { uid, .. },
        } = &event.what
            && !self.evicted.insert(uid.clone())
        {
            // The tries that follow the first are one wait, as the command itself shows it.
            return at;
        }
        if let Some(words) = progress::in_words(event) {
            let node = event.node.as_ref().map(|node| format!("{node} "));
            self.push(at, format!("  {}{words}", node.unwrap_or_default()));
        }
        at
    }
}

/// The nodes as they are left, and the exit code.
fn end(world: &World, rolled: &Rolled) -> Vec<String> {
    let mut lines = vec![match &rolled.end {
        Ok(exit) => format!("exit {} ({exit:?})", exit.code()),
        Err(failure) => {
            let exit = failure.exit;
            format!("exit {} ({exit:?}): {:#}", exit.code(), failure.error)
        }
    }];
    for machine in &world.machines {
        let name = machine.name.as_str();
        let outcome = rolled
            .outcomes
            .iter()
            .find(|(node, _)| node.as_str() == name);
        let outcome = outcome.map_or_else(|| "untouched".into(), |(_, outcome)| ended(outcome));
        let Some(node) = rolled.sim.node(name) else {
            lines.push(format!("{name} {outcome}: gone"));
            continue;
        };
        let mut is = vec![if node.cordoned { "cordoned" } else { "open" }];
        is.push(if node.ready { "Ready" } else { "not Ready" });
        if node.annotations.contains_key(crate::core::mark::KEY) {
            is.push("marked");
        }
        if node.flag {
            is.push("flagged");
        }
        let boots = count(node.boots as usize, "boot");
        lines.push(format!("{name} {outcome}: {}, {boots}", is.join(", ")));
    }
    lines
}

fn ended(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Verified { .. } => "verified".into(),
        Outcome::Drained { .. } => "drained".into(),
        Outcome::NotNeeded => "not needed".into(),
        Outcome::Skipped { .. } => "skipped".into(),
        Outcome::Failed { step, left, .. } => format!("failed at {}, left {left:?}", step.word()),
        Outcome::Interrupted { step, left } => {
            format!("interrupted at {}, left {left:?}", step.word())
        }
    }
}

/// The beginnings of the names of aksreboot's own pods.
fn names(rolled: &Rolled) -> Names {
    let mut names = Names::new();
    for (name, (uid, boot)) in &rolled.nodes_before {
        let (uid, boot) = (uid.as_str().into(), boot.as_str().into());
        let reboot = reboot_pod_name(&uid, &boot);
        names.insert(
            format!("probe-{}", short_hash(uid.as_str())),
            format!("probe@{name}"),
        );
        names.insert(reboot.replace("reboot-", "prove-"), format!("prove@{name}"));
        names.insert(reboot, format!("reboot@{name}"));
    }
    names
}

/// Gives what chance has named a name by the order of its appearance: UUIDs, and the pods of ReplicaSets.
#[derive(Default)]
struct Renaming {
    given: BTreeMap<String, String>,
    counts: BTreeMap<String, u32>,
}

impl Renaming {
    fn all(mut self, lines: &[String]) -> Vec<String> {
        lines.iter().map(|line| self.line(line)).collect()
    }

    fn line(&mut self, line: &str) -> String {
        let mut out = String::new();
        let mut word = String::new();
        for c in line.chars() {
            if c.is_ascii_alphanumeric() || c == '-' {
                word.push(c);
            } else {
                out.push_str(&self.word(&word));
                word.clear();
                out.push(c);
            }
        }
        out + &self.word(&word)
    }

    fn word(&mut self, word: &str) -> String {
        let lengths: Vec<usize> = word.split('-').map(str::len).collect();
        let stem = match lengths.as_slice() {
            [8, 4, 4, 4, 12] => "id".to_owned(),
            // Name, hash of the template, five letters of chance.
            [.., 9, 5] => word
                .split('-')
                .take(lengths.len() - 2)
                .collect::<Vec<_>>()
                .join("-"),
            [_, 9] if word.split('-').next_back().is_some_and(is_hash) => {
                return word.split('-').next().unwrap_or(word).to_owned();
            }
            _ => return word.to_owned(),
        };
        let counts = &mut self.counts;
        let given = self.given.entry(word.to_owned()).or_insert_with(|| {
            let count = counts.entry(stem.clone()).or_insert(0);
            *count += 1;
            format!("{stem}-{count}")
        });
        given.clone()
    }
}

/// Generated names have no vowels.
fn is_hash(text: &str) -> bool {
    text.chars()
        .all(|c| "bcdfghjklmnpqrstvwxz2456789".contains(c))
}
