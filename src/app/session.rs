//! What a command that reads nodes and shows them runs in: the time, the terminal, whoever sits at it, and what ends it.

use std::future::Future;

use crate::edge::clock::Clock;
use crate::edge::operator::Operator;
use crate::edge::signals::Signals;
use crate::exit::Exit;
use crate::render::{colour, out};

/// What the command runs in: the time, the terminal, the person at it.
pub(crate) struct Session<Confirm, Stop> {
    pub(crate) clock: Clock,
    /// How stdout is at this moment: a terminal may become wider.
    pub(crate) screen: fn() -> Screen,
    /// Somebody watches stderr.
    pub(crate) live: bool,
    /// Asks the operator; `None`: nobody is there to answer.
    pub(crate) confirm: Option<Confirm>,
    /// Ends with the exit code when a signal ends the command.
    pub(crate) stop: Stop,
}

/// Where the answer goes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Screen {
    /// Columns of the terminal that stdout is, if it is one.
    pub(crate) width: Option<usize>,
    /// Its lines; without one nothing is drawn in place.
    pub(crate) height: usize,
    /// Whether stdout gets colour when nobody said so.
    pub(crate) colour: bool,
    /// A terminal that can move its cursor.
    pub(crate) redraws: bool,
}

impl Screen {
    pub(crate) fn of_stdout() -> Self {
        let size = crate::render::format::stdout_size();
        let variable = |name: &str| std::env::var_os(name);
        Self {
            width: size.map(|(width, _)| width),
            height: size.map_or(0, |(_, height)| height),
            colour: colour::wanted(size.is_some(), variable),
            redraws: size.is_some() && variable("TERM").is_some_and(|term| term != "dumb"),
        }
    }
}

/// A session on this machine: its terminal, whoever sits at it, its signals.
pub(crate) fn here(
    clock: Clock,
    signals: &Signals,
) -> Session<impl AsyncFnOnce(&str) -> bool, impl Future<Output = Exit>> {
    let operator = Operator::found(false);
    Session {
        clock,
        screen: Screen::of_stdout,
        live: out::stderr_is_live(),
        confirm: (operator == Operator::Present).then_some(async move |question: &str| {
            operator.confirm(question).await.unwrap_or(false)
        }),
        stop: async { signals.wait_first().await.exit() },
    }
}
