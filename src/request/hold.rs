//! `lock` and `unlock`: their flags.

use std::time::Duration;

use clap::Args;
use jiff::Timestamp;

use super::flags::{ConnectionFlags, age};

/// Hold all reboots in the cluster
///
/// While the hold is there no roll begins or goes on (exit 5), and one that is under way stops before its next node, or before
/// it asks a node to reboot. Where kured is in the cluster its own lock is taken too, in a form that holds it whatever its
/// `--concurrency`. `aksreboot unlock` takes the hold away.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Exit codes:
  0  nothing reboots any more by aksreboot, nor by kured
  1  failed, or kured could not be held
  2  wrong usage
  5  there is a hold already, or kured is rebooting a node

Examples:
  aksreboot lock --reason 'month-end freeze'
  aksreboot lock --reason 'change 4711' --until 8h
  aksreboot lock --reason 'freeze' --until 2026-12-27T06:00:00Z")]
pub(crate) struct LockFlags {
    /// Why; whoever is refused reads it
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    pub(crate) reason: String,

    /// Until when: a time with its zone, or how long from now; without it, until somebody unlocks
    #[arg(long, value_name = "TIME", value_parser = until)]
    pub(crate) until: Option<Until>,

    #[command(flatten)]
    pub(crate) connection: ConnectionFlags,
}

/// Take the hold on the cluster away
///
/// Shows whose it is, since when and why, and asks. Gives kured's lock back where this hold had taken it. The lock of a roll is
/// another thing: `aksreboot resume` goes on with one that is dead, `aksreboot cleanup` gives it up.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Exit codes:
  0  there is no hold any more
  1  failed, or kured's lock could not be given back
  2  wrong usage, or a question that needed a terminal
  4  not confirmed; nothing was changed

Examples:
  aksreboot unlock
  aksreboot unlock --yes")]
pub(crate) struct UnlockFlags {
    /// Take it away without asking
    #[arg(short = 'y', long)]
    pub(crate) yes: bool,

    #[command(flatten)]
    pub(crate) connection: ConnectionFlags,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Until {
    Time(Timestamp),
    In(Duration),
}

impl Until {
    /// The time, which must be ahead.
    pub(crate) fn after(self, now: Timestamp) -> Option<Timestamp> {
        let time = match self {
            Self::Time(time) => time,
            Self::In(span) => now.checked_add(span).ok()?,
        };
        (time > now).then_some(time)
    }
}

fn until(text: &str) -> Result<Until, String> {
    if let Ok(time) = text.parse() {
        return Ok(Until::Time(time));
    }
    age(text).map(Until::In).map_err(|_| {
        format!("`{text}` is neither a time such as 2026-12-27T06:00:00Z nor a duration such as 8h")
    })
}

/// One line that a person reads in an error.
fn reason(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("say why, for whoever is refused".into());
    }
    if text.len() > 500 || text.chars().any(char::is_control) {
        return Err("one line of at most 500 bytes".into());
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_a_time_or_a_duration_and_lies_ahead() {
        let now: Timestamp = "2026-12-01T00:00:00Z".parse().expect("a time");
        for (text, end) in [
            ("2026-12-27T06:00:00Z", Some("2026-12-27T06:00:00Z")),
            ("2026-12-27T06:00:00+01:00", Some("2026-12-27T05:00:00Z")),
            ("8h", Some("2026-12-01T08:00:00Z")),
            ("2d", Some("2026-12-03T00:00:00Z")),
            ("2026-11-01T00:00:00Z", None),
        ] {
            let until = until(text).expect("an end");
            let end = end.map(|end| end.parse().expect("a time"));
            assert_eq!(until.after(now), end, "{text}");
        }
        for text in ["", "tomorrow", "2026-12-27", "5"] {
            assert!(until(text).is_err(), "{text}");
        }
    }
}
