//! May any node begin at this moment? Windows, pauses and the deadline, and nothing about the nodes.

use std::time::Duration;

use jiff::Timestamp;

use super::Now;
use crate::core::plan::Pace;
use crate::core::reason::Reason;
use crate::core::window;

/// Whether a node may begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Opening {
    Open,
    /// Not before then, by the clock on the wall.
    Closed {
        why: Reason,
        until: Timestamp,
    },
    /// Not any more in this run.
    Over(Reason),
}

/// Judges the moment. `began` is when the run did, by the forward clock; `rested` when the pause after the last wave is over.
pub(crate) fn opening(
    pace: &Pace,
    now: Now,
    began: Duration,
    rested: Option<Timestamp>,
) -> Opening {
    if !pace.deadline.is_zero() && now.mono >= began + pace.deadline {
        return Opening::Over(Reason::DeadlinePassed {
            seconds: pace.deadline.as_secs(),
        });
    }
    if let Some(until) = rested.filter(|until| *until > now.wall) {
        return Opening::Closed {
            why: Reason::Pausing { until },
            until,
        };
    }
    let outside = |opens| Reason::OutsideWindows {
        windows: pace.windows.iter().map(ToString::to_string).collect(),
        opens,
    };
    match window::opens(&pace.windows, now.wall) {
        Some(opens) if opens <= now.wall => Opening::Open,
        Some(opens) => Opening::Closed {
            why: outside(Some(opens)),
            until: opens,
        },
        None => Opening::Over(outside(None)),
    }
}
