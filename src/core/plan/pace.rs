//! How many nodes may be away at once, beside the limit of the whole cluster, and when one may begin. It says what was allowed,
//! and judges nothing.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::spec::seconds;
use crate::core::window::Window;

/// So many nodes, or percent of those that count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(with = "String")]
#[serde(try_from = "String", into = "String")]
pub(crate) enum Amount {
    Count(u32),
    Percent(u32),
}

impl Amount {
    /// As a number of `total` nodes: a percentage is rounded down, to one at least.
    pub(crate) fn of(self, total: usize) -> u32 {
        match self {
            Self::Count(count) => count,
            Self::Percent(percent) => {
                let total = u64::try_from(total).unwrap_or(u64::MAX);
                let nodes = total.saturating_mul(percent.into()) / 100;
                u32::try_from(nodes).unwrap_or(u32::MAX).max(1)
            }
        }
    }
}

impl FromStr for Amount {
    type Err = String;

    /// `3` or `10%`.
    fn from_str(text: &str) -> Result<Self, String> {
        let (digits, is_percent) = match text.strip_suffix('%') {
            Some(digits) => (digits, true),
            None => (text, false),
        };
        let number = digits
            .parse::<u32>()
            .ok()
            .filter(|_| digits.bytes().all(|byte| byte.is_ascii_digit()))
            .ok_or("expected a number of nodes, such as `2`, or a percentage, such as `10%`")?;
        match (number, is_percent) {
            (0, _) => {
                Err("at least one node has to be allowed, or no node could ever begin".into())
            }
            (101.., true) => Err("there are no more than 100% of the nodes".into()),
            (percent, true) => Ok(Self::Percent(percent)),
            (count, false) => Ok(Self::Count(count)),
        }
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => write!(f, "{count}"),
            Self::Percent(percent) => write!(f, "{percent}%"),
        }
    }
}

impl TryFrom<String> for Amount {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Amount> for String {
    fn from(amount: Amount) -> Self {
        amount.to_string()
    }
}

/// What holds beside the cluster's limit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Pace {
    /// Of each pool's nodes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) per_pool: Option<Amount>,
    /// Of each zone's nodes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) per_zone: Option<Amount>,
    /// Outside of all of these no node begins; without any it may begin at any time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<String>")]
    pub(crate) windows: Vec<Window>,
    /// Between the end of a wave and the beginning of the next.
    #[serde(default, skip_serializing_if = "Duration::is_zero", with = "seconds")]
    #[schemars(with = "u64")]
    pub(crate) pause: Duration,
    /// From the beginning of the run; no node begins after it. Zero is no deadline.
    #[serde(default, skip_serializing_if = "Duration::is_zero", with = "seconds")]
    #[schemars(with = "u64")]
    pub(crate) deadline: Duration,
}

impl Pace {
    /// Nothing beside the cluster's limit.
    pub(crate) fn is_plain(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentage_is_rounded_down_and_at_least_one() {
        for (text, total, nodes) in [
            ("10%", 31, 3),
            ("10%", 9, 1),
            ("10%", 0, 1),
            ("100%", 7, 7),
            ("3", 1, 3),
        ] {
            assert_eq!(
                text.parse::<Amount>().map(|a| a.of(total)),
                Ok(nodes),
                "{text} of {total}"
            );
        }
    }

    #[test]
    fn what_allows_nothing_or_is_no_amount_is_refused() {
        for text in [
            "0",
            "0%",
            "101%",
            "",
            "%",
            "-1",
            "+1",
            "1.5",
            "ten",
            "1 %",
            "99999999999",
        ] {
            assert!(text.parse::<Amount>().is_err(), "{text}");
        }
        assert_eq!(
            "007".parse::<Amount>().map(|a| a.to_string()),
            Ok("7".into())
        );
    }
}
