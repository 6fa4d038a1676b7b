//! What the reboot script wrote before it ended, or before its node went down. Total, like the parser of the probe.

use std::str::FromStr;

use jiff::Timestamp;

use crate::core::model::BootId;
use crate::core::reason::Reason;

/// The script's last word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RebootMessage {
    /// Everything but the call was done, and would have worked.
    Proved,
    /// The signal was about to be sent. Not that anything came of it: only a new boot ID says so.
    Asking,
    Refused(Refusal),
    /// The signal could not be sent.
    SignalFailed,
}

/// Why the script did not ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Another boot than the planned one; `None`: its ID could not be read.
    Boot(Option<BootId>),
    /// Too late by the node's own clock, which said this; `None`: there is no clock to read.
    NotAfter(Option<Timestamp>),
    /// Package managers at work; none named: processes are hidden from the pod.
    Packaging(Vec<String>),
    /// Process 1 is not systemd.
    Init,
    /// Process 1 cannot be signalled.
    Signal,
    /// Over SSH: this boot was asked before.
    Asked,
    /// Over SSH: what says that it was asked cannot be written.
    Mark,
    /// Over SSH: the host has no `systemd-run`.
    Unit,
}

impl RebootMessage {
    /// The blocker that a refusal is, or `None` where the message is none.
    pub(crate) fn blocker(&self) -> Option<Reason> {
        let message = match self {
            Self::Proved | Self::Asking => return None,
            Self::Refused(Refusal::Packaging(processes)) if !processes.is_empty() => {
                return Some(Reason::PackagingBusy {
                    processes: processes.clone(),
                });
            }
            Self::Refused(Refusal::Packaging(_)) => "the node hides its processes".into(),
            Self::Refused(Refusal::Boot(Some(boot))) => format!("the node runs boot {boot}"),
            Self::Refused(Refusal::Boot(None)) => "the boot ID cannot be read".into(),
            Self::Refused(Refusal::NotAfter(Some(now))) => {
                format!("too late: the node's clock says {now}")
            }
            Self::Refused(Refusal::NotAfter(None)) => "the node's clock cannot be read".into(),
            Self::Refused(Refusal::Init) => "process 1 is not systemd".into(),
            Self::Refused(Refusal::Asked) => "this boot was asked to end before".into(),
            Self::Refused(Refusal::Mark) => "nothing can be made in /run".into(),
            Self::Refused(Refusal::Unit) => "the host has no systemd-run".into(),
            Self::Refused(Refusal::Signal) | Self::SignalFailed => {
                "process 1 cannot be signalled".into()
            }
        };
        Some(Reason::RebootRefused { message })
    }
}

/// Why the script certainly did not ask, in its own words. A container that ended in any other way proves nothing: the
/// reboot that it asked for kills it too.
pub(crate) fn certain_refusal(message: &str) -> Option<Reason> {
    parse_reboot_message(message)?.blocker()
}

/// The last word of a termination message; `None` where it is not one of this script.
pub(crate) fn parse_reboot_message(message: &str) -> Option<RebootMessage> {
    let mut lines = message.lines();
    if lines.next()? != "aksreboot-reboot 1" {
        return None;
    }
    let last = lines.last()?;
    match last.split_once(' ') {
        None if last == "proved" => Some(RebootMessage::Proved),
        None if last == "asking" => Some(RebootMessage::Asking),
        Some(("refused", why)) => refusal(why).map(RebootMessage::Refused),
        Some(("failed", "signal")) => Some(RebootMessage::SignalFailed),
        _ => None,
    }
}

fn refusal(why: &str) -> Option<Refusal> {
    match why.split_once(' ') {
        None if why == "init" => Some(Refusal::Init),
        None if why == "signal" => Some(Refusal::Signal),
        None if why == "asked" => Some(Refusal::Asked),
        None if why == "mark" => Some(Refusal::Mark),
        None if why == "unit" => Some(Refusal::Unit),
        Some(("boot-id", "unreadable")) => Some(Refusal::Boot(None)),
        Some(("boot-id", found)) => Some(Refusal::Boot(Some(BootId::new(found)))),
        Some(("not-after", "unreadable")) => Some(Refusal::NotAfter(None)),
        Some(("not-after", now)) => {
            let second = i64::from_str(now).ok()?;
            Timestamp::from_second(second)
                .ok()
                .map(|now| Refusal::NotAfter(Some(now)))
        }
        Some(("packaging", "hidden")) => Some(Refusal::Packaging(Vec::new())),
        Some(("packaging", names)) => Some(Refusal::Packaging(
            names.split(' ').map(str::to_owned).collect(),
        )),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(last: &str) -> Option<RebootMessage> {
        parse_reboot_message(&format!("aksreboot-reboot 1\n{last}\n"))
    }

    #[test]
    fn the_last_line_decides() {
        assert_eq!(parsed("asking"), Some(RebootMessage::Asking));
        assert_eq!(
            parsed("asking\nfailed signal"),
            Some(RebootMessage::SignalFailed)
        );
        assert_eq!(parsed("proved"), Some(RebootMessage::Proved));
    }

    #[test]
    fn refusals_keep_what_the_node_said() {
        assert_eq!(
            parsed("refused boot-id b-2"),
            Some(RebootMessage::Refused(Refusal::Boot(Some(BootId::new(
                "b-2"
            )))))
        );
        let busy = parsed("refused packaging dpkg apt-get").and_then(|said| said.blocker());
        assert_eq!(
            busy,
            Some(Reason::PackagingBusy {
                processes: vec!["dpkg".into(), "apt-get".into()]
            })
        );
        assert!(matches!(
            parsed("refused not-after 1700000000"),
            Some(RebootMessage::Refused(Refusal::NotAfter(Some(_))))
        ));
    }

    #[test]
    fn another_format_or_no_word_is_no_message() {
        assert_eq!(parse_reboot_message(""), None);
        assert_eq!(parse_reboot_message("aksreboot-reboot 1\n"), None);
        assert_eq!(parse_reboot_message("aksreboot-reboot 2\nproved\n"), None);
        assert_eq!(parsed("refused nothing in particular"), None);
    }
}
