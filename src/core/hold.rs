//! A hold: a pause of all reboots that somebody set, with a reason and perhaps an end. Read from the cluster it is hostile
//! text; one that does not parse holds as well, since whoever wrote it meant something.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::reason::Reason;

/// Version of the format that this program writes and the newest that it understands.
const VERSION: u32 = 1;

/// How the last part of a name begins by which a hold has kured's lock; a run's is its ID, which begins with its date.
const OF_A_HOLD: &str = "hold-";

/// How the names begin by which kured's lock is taken; no node is named so (a slash is no part of a node's name).
pub(crate) const KURED_HOLDER: &str = "aksreboot/";

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Hold {
    v: u32,
    pub(crate) user: String,
    pub(crate) host: String,
    pub(crate) since: Timestamp,
    /// `None`: until somebody takes it away.
    pub(crate) until: Option<Timestamp>,
    pub(crate) reason: String,
}

/// Whether kured's lock is had by that name for a hold, whichever it is.
pub(crate) fn is_for_a_hold(kured_holder: &str) -> bool {
    kured_holder.starts_with(KURED_HOLDER)
        && kured_holder
            .rsplit('/')
            .next()
            .is_some_and(|last| last.starts_with(OF_A_HOLD))
}

/// What the cluster says of a hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Held {
    No,
    By(Hold),
    /// There is one that this version cannot read.
    Unreadable,
}

impl Hold {
    pub(crate) fn new(
        user: &str,
        host: &str,
        since: Timestamp,
        until: Option<Timestamp>,
        reason: &str,
    ) -> Self {
        Self {
            v: VERSION,
            user: user.to_owned(),
            host: host.to_owned(),
            since,
            until,
            reason: reason.to_owned(),
        }
    }

    /// The name by which kured's lock is held for it.
    pub(crate) fn kured_holder(&self) -> String {
        format!(
            "{KURED_HOLDER}{}@{}/{OF_A_HOLD}{}",
            self.user,
            self.host,
            self.since.as_second()
        )
    }
}

impl Held {
    /// From the text that the cluster has; `None`: it has none.
    pub(crate) fn parse(text: Option<&str>) -> Self {
        let Some(text) = text else {
            return Self::No;
        };
        match serde_json::from_str::<Hold>(text) {
            Ok(hold) if hold.v <= VERSION => Self::By(hold),
            Ok(_) | Err(_) => Self::Unreadable,
        }
    }

    /// Why nothing may be rebooted now, if the hold is in force.
    pub(crate) fn blocks(&self, now: Timestamp) -> Option<Reason> {
        match self {
            Self::No => None,
            Self::By(hold) if hold.until.is_some_and(|until| until <= now) => None,
            Self::By(hold) => Some(Reason::Hold {
                user: hold.user.clone(),
                host: hold.host.clone(),
                since: Some(hold.since),
                until: hold.until,
                reason: hold.reason.clone(),
            }),
            Self::Unreadable => Some(Reason::Hold {
                user: "unknown".into(),
                host: "unknown".into(),
                since: None,
                until: None,
                reason: "it cannot be read, or is of a newer version".into(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a time")
    }

    #[test]
    fn a_hold_ends_at_its_end_and_one_without_an_end_never() {
        let hold = |until| Held::By(Hold::new("ann", "bastion", at(100), until, "freeze"));
        assert!(hold(Some(at(200))).blocks(at(199)).is_some());
        assert_eq!(hold(Some(at(200))).blocks(at(200)), None);
        assert!(hold(None).blocks(at(9_000_000)).is_some());
    }

    #[test]
    fn what_cannot_be_read_holds_and_what_is_not_there_does_not() {
        assert_eq!(Held::parse(None), Held::No);
        let newer = r#"{"v":2,"user":"a","host":"h","since":"2026-01-01T00:00:00Z","until":null,"reason":"r"}"#;
        for text in ["", "no", newer] {
            let held = Held::parse(Some(text));
            assert_eq!(held, Held::Unreadable, "{text}");
            assert!(held.blocks(at(0)).is_some());
        }
    }

    #[test]
    fn a_name_in_kureds_lock_tells_a_hold_from_a_run_and_from_a_node() {
        let hold = Hold::new("ann/b", "bastion", at(100), None, "freeze");
        assert!(is_for_a_hold(&hold.kured_holder()));
        for other in [
            "aksreboot/ann@bastion/20260304-080000-0001",
            "node/hold-1",
            "hold-1",
        ] {
            assert!(!is_for_a_hold(other), "{other}");
        }
    }

    #[test]
    fn it_reads_what_it_wrote() {
        let hold = Hold::new("ann", "bastion", at(100), Some(at(200)), "freeze");
        let text = serde_json::to_string(&hold).expect("JSON");
        assert_eq!(Held::parse(Some(&text)), Held::By(hold));
    }
}
