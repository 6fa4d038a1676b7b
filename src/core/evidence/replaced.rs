//! Our own check where no package raises a flag: were the parts that only a reboot takes into use installed after the
//! boot? A change time after the boot proves a replacement; change times before it of every watched part prove that
//! nothing was replaced, as a package manager always writes new files. Both only as far as the node's clock can be
//! trusted, which is checked here too (`docs/probes.md` argues it).

use jiff::{SignedDuration, Timestamp};

use super::answer::{Answer, Installed};
use crate::core::reason::Reason;

/// Between the kernel's word for the boot and systemd's own start lie seconds. If it is more, somebody set the clock in
/// between, and times from before and after cannot be compared.
const CLOCK_SET: SignedDuration = SignedDuration::from_mins(10);

/// What a node must have, so that a path that leads nowhere is not taken for a part that was never there.
pub(super) const ALWAYS: [&str; 3] = ["glibc", "kernel", "systemd"];
/// What it may lack.
const PERHAPS: [&str; 3] = ["dbus", "linux-firmware", "microcode"];

/// What the check came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Check {
    /// Nothing was replaced since the boot.
    Clean,
    Replaced {
        components: Vec<String>,
        /// When the first of them was.
        since: Timestamp,
    },
    Doubt(Reason),
}

/// Checks every part that a reboot is for, as the distributions' own `needs-restarting` lists them.
pub(super) fn all_parts(answer: &Answer) -> Check {
    check(answer, &ALWAYS, &PERHAPS)
}

/// Checks the parts in `always` (which must be there) and in `perhaps`.
pub(super) fn check(answer: &Answer, always: &[&str], perhaps: &[&str]) -> Check {
    let boot = match boot(answer) {
        Ok(boot) => boot,
        Err(doubt) => return Check::Doubt(doubt),
    };
    let mut replaced: Vec<(Timestamp, String)> = Vec::new();
    let mut doubt = None;
    for name in always.iter().chain(perhaps) {
        let why = match answer.watch.components.get(*name) {
            Some(Installed::At(at)) if *at > boot.now => "it is newer than the node's clock",
            Some(Installed::At(at)) if *at > boot.at => {
                replaced.push((*at, (*name).to_owned()));
                continue;
            }
            Some(Installed::At(_)) => continue,
            Some(Installed::Absent) if perhaps.contains(name) => continue,
            Some(Installed::Absent) => "it is not where it should be",
            Some(Installed::Unreadable(why)) => why,
            None => "not in the answer",
        };
        doubt = doubt.or(Some(uncheckable(name, why)));
    }
    replaced.sort();
    match (replaced.first(), doubt) {
        // Proven for one part, whatever became of the others.
        (Some((since, _)), _) => Check::Replaced {
            since: *since,
            components: replaced.into_iter().map(|(_, name)| name).collect(),
        },
        (None, Some(doubt)) => Check::Doubt(doubt),
        (None, None) => Check::Clean,
    }
}

struct Boot {
    at: Timestamp,
    now: Timestamp,
}

/// The moment of the boot, as early as any witness puts it: a clock that was set forward since must hide nothing.
fn boot(answer: &Answer) -> Result<Boot, Reason> {
    let needed =
        |time: Option<Timestamp>, what| time.ok_or_else(|| uncheckable(what, "not in the answer"));
    let booted = needed(answer.watch.booted, "boot time")?;
    let now = needed(answer.clock, "clock")?;
    if now < booted {
        return Err(uncheckable(
            "boot time",
            "it is later than the node's clock",
        ));
    }
    let started = needed(answer.watch.started, "start of systemd")?;
    if booted.duration_since(started).abs() > CLOCK_SET {
        return Err(uncheckable(
            "boot time",
            "the node's clock was set after its boot",
        ));
    }
    Ok(Boot {
        at: booted.min(started),
        now,
    })
}

fn uncheckable(what: &str, message: &str) -> Reason {
    Reason::OwnCheckFailed {
        what: what.to_owned(),
        message: message.to_owned(),
    }
}
