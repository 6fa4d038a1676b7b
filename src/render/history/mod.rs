//! The list of runs: a line for each, or one document.

mod document;

use crate::core::engine::Course;
use crate::core::history::{Counts, State};
use crate::core::model::RunId;
use crate::core::record::Recorded;

use super::columns::{Column, Cut, Gives, When, plain};
use super::format::sheet::Sheet;
use super::format::table::{Breadth, NONE, table};

pub(crate) use document::{Document, VERSION};

/// A run, or why its record cannot be told.
pub(crate) struct Row<'a> {
    pub(crate) run: &'a RunId,
    pub(crate) recorded: Result<&'a Recorded, &'a str>,
    /// The lock names it.
    pub(crate) holds_lock: bool,
}

/// The rows in their order, as they are laid out.
pub(crate) fn sheet(rows: &[Row<'_>]) -> Sheet {
    table(&columns(), rows, &(), Breadth::Narrow)
}

/// The command that a run is of.
const fn command(course: Course) -> &'static str {
    match course {
        Course::Roll => "roll",
        Course::Drain => "drain",
    }
}

fn columns<'a>() -> [Column<Row<'a>, ()>; 6] {
    fn column<'a>(
        header: &'static str,
        cell: fn(&Row<'a>, &()) -> String,
        gives: Gives,
    ) -> Column<Row<'a>, ()> {
        Column {
            header,
            when: When::Always,
            cell,
            tint: plain,
            gives,
        }
    }
    [
        column("RUN", |row, ()| row.run.to_string(), Gives::Nothing),
        column(
            "COMMAND",
            |row, ()| {
                told(row, |recorded| {
                    command(recorded.plan.spec.settings.course).into()
                })
            },
            Gives::All { order: 3 },
        ),
        column(
            "STATE",
            |row, ()| state(row).to_owned(),
            Gives::Width {
                order: 5,
                least: 11,
                cut: Cut::End,
            },
        ),
        column(
            "NODES",
            |row, ()| {
                told(row, |recorded| {
                    let counts = Counts::of(recorded);
                    format!("{}/{}", counts.done, counts.targets)
                })
            },
            Gives::All { order: 4 },
        ),
        column(
            "SESSIONS",
            |row, ()| told(row, |recorded| recorded.sessions.len().to_string()),
            Gives::All { order: 1 },
        ),
        column("BEGUN", |row, ()| begun(row), Gives::All { order: 2 }),
    ]
}

fn told(row: &Row<'_>, tell: impl Fn(&Recorded) -> String) -> String {
    row.recorded.map_or_else(|_| NONE.to_owned(), tell)
}

fn state(row: &Row<'_>) -> &'static str {
    match row.recorded.map(State::of) {
        Ok(State::Open) if row.holds_lock => "open, holds the lock",
        Ok(state) => state.word(),
        Err(_) => "unreadable",
    }
}

fn begun(row: &Row<'_>) -> String {
    let first = row
        .recorded
        .ok()
        .and_then(|recorded| recorded.sessions.get(&0));
    first.map_or_else(
        || NONE.to_owned(),
        |first| {
            format!(
                "{} by {} on {}",
                first.at.strftime("%Y-%m-%d %H:%M:%SZ"),
                first.user,
                first.host
            )
        },
    )
}

#[cfg(test)]
mod tests {
    use super::super::format::sheet::Frame;
    use super::*;

    #[test]
    fn a_narrow_terminal_keeps_which_run_and_how_it_stands() {
        let (one, hostile) = (
            RunId::new("20260304-080000-0001"),
            RunId::new("\x1b[31mrun"),
        );
        let rows = [&one, &hostile].map(|run| Row {
            run,
            recorded: Err("damaged"),
            holds_lock: false,
        });
        let of = |width| {
            sheet(&rows).text(Frame {
                width,
                ..Frame::default()
            })
        };
        insta::assert_snapshot!(of(None), @r"
        RUN                    COMMAND   STATE        NODES    SESSIONS   BEGUN
        20260304-080000-0001   <none>    unreadable   <none>   <none>     <none>
        \u{1b}[31mrun          <none>    unreadable   <none>   <none>     <none>
        ");
        insta::assert_snapshot!(of(Some(50)), @r"
        RUN                    STATE        NODES
        20260304-080000-0001   unreadable   <none>
        \u{1b}[31mrun          unreadable   <none>
        ");
        assert!(of(Some(35)).lines().all(|line| line.chars().count() <= 35));
    }
}
