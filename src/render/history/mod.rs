//! The list of runs: a line for each, or one document.

mod document;

use std::fmt::Write as _;

use crate::core::history::{Counts, State};
use crate::core::model::RunId;
use crate::core::record::Recorded;

use super::text::sanitise;

pub(crate) use document::{Document, VERSION};

/// A run, or why its record cannot be told.
pub(crate) struct Row<'a> {
    pub(crate) run: &'a RunId,
    pub(crate) recorded: Result<&'a Recorded, &'a str>,
    /// The lock names it.
    pub(crate) holds_lock: bool,
}

const HEADINGS: [&str; 5] = ["RUN", "STATE", "NODES", "SESSIONS", "BEGUN"];

/// The newest first.
pub(crate) fn text(rows: &[Row<'_>]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let mut lines: Vec<[String; 5]> = vec![HEADINGS.map(str::to_owned)];
    lines.extend(rows.iter().map(cells));
    let mut widths = [0; 5];
    for line in &lines {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut out = String::new();
    for line in &lines {
        let mut text = String::new();
        for (cell, width) in line.iter().zip(widths) {
            let _ = write!(text, "{cell:width$}   ");
        }
        let _ = writeln!(out, "{}", text.trim_end());
    }
    out
}

fn cells(row: &Row<'_>) -> [String; 5] {
    let run = sanitise(row.run.as_str()).into_owned();
    let recorded = match row.recorded {
        Ok(recorded) => recorded,
        Err(why) => {
            let why = format!("unreadable: {}", sanitise(why));
            return [run, why, String::new(), String::new(), String::new()];
        }
    };
    let counts = Counts::of(recorded);
    let state = match State::of(recorded) {
        State::Open if row.holds_lock => "open, holds the lock".into(),
        state => state.word().to_owned(),
    };
    let begun = recorded.sessions.get(&0).map_or_else(String::new, |first| {
        format!(
            "{} by {} on {}",
            first.at.strftime("%Y-%m-%d %H:%M:%SZ"),
            first.user,
            first.host
        )
    });
    [
        run,
        state,
        format!("{}/{}", counts.done, counts.targets),
        recorded.sessions.len().to_string(),
        sanitise(&begun).into_owned(),
    ]
}
