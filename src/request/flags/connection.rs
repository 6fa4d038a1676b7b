//! Which cluster, as whom, and how long a request may take: kubectl's flags with kubectl's meaning.
//! Flattened into each command that talks to a cluster. Reads no file and no environment.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::Args;

/// `--request-timeout` when it is not given. kubectl waits for ever; a tool that has just cordoned a node may not.
const DEFAULT_TIMEOUT: &str = "30s";

#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Connection")]
pub(crate) struct ConnectionFlags {
    /// Kubeconfig file to use, instead of those named by KUBECONFIG or ~/.kube/config
    #[arg(long, value_name = "FILE")]
    pub(crate) kubeconfig: Option<PathBuf>,

    /// Kubeconfig context to use, instead of the current one
    #[arg(long, value_name = "NAME")]
    pub(crate) context: Option<String>,

    /// Kubeconfig cluster to use, instead of the context's
    #[arg(long, value_name = "NAME")]
    pub(crate) cluster: Option<String>,

    /// Kubeconfig user to use, instead of the context's
    #[arg(long, value_name = "NAME")]
    pub(crate) user: Option<String>,

    /// User to impersonate
    #[arg(long = "as", value_name = "USER")]
    pub(crate) as_user: Option<String>,

    /// Group to impersonate; repeat it for several
    #[arg(long = "as-group", value_name = "GROUP")]
    pub(crate) as_groups: Vec<String>,

    /// UID to impersonate
    #[arg(long, value_name = "UID")]
    pub(crate) as_uid: Option<String>,

    /// How long one request to the API server may take, such as 10s, 1m30s or a number of seconds; 0 is for ever
    #[arg(long, value_name = "DURATION", default_value = DEFAULT_TIMEOUT)]
    pub(crate) request_timeout: RequestTimeout,

    /// Use the service account of the pod that this runs in, and no kubeconfig
    #[arg(long, conflicts_with_all = ["kubeconfig", "context", "cluster", "user"])]
    pub(crate) in_cluster: bool,
}

impl ConnectionFlags {
    /// Nothing was said about which cluster, as whom, or how patiently.
    pub(crate) fn is_default(&self) -> bool {
        let Self {
            kubeconfig,
            context,
            cluster,
            user,
            as_user,
            as_groups,
            as_uid,
            request_timeout,
            in_cluster,
        } = self;
        kubeconfig.is_none()
            && [context, cluster, user, as_user, as_uid]
                .iter()
                .all(|flag| flag.is_none())
            && as_groups.is_empty()
            && *request_timeout == RequestTimeout::default()
            && !in_cluster
    }
}

/// How long one request may take; `None` is for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RequestTimeout(pub(crate) Option<Duration>);

impl Default for RequestTimeout {
    fn default() -> Self {
        Self(Some(Duration::from_secs(30)))
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DurationError {
    #[error("a duration is a number of seconds, or numbers with units: 30, 10s, 1m30s, 500ms, 1h")]
    Grammar,
    #[error("unknown unit `{0}`: a unit is one of ns, us, ms, s, m, h")]
    Unit(String),
    #[error("a duration cannot be negative")]
    Negative,
    #[error("the duration is too long")]
    TooLong,
}

impl FromStr for RequestTimeout {
    type Err = DurationError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let duration = parse_duration(text)?;
        Ok(Self((!duration.is_zero()).then_some(duration)))
    }
}

/// kubectl's `ParseTimeout`: bare seconds, or Go's `time.ParseDuration`. `kube::core::Duration` is not used because
/// it panics on numbers that are too large and takes the empty string for zero.
pub(crate) fn parse_duration(text: &str) -> Result<Duration, DurationError> {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text
            .parse()
            .map(Duration::from_secs)
            .map_err(|_| DurationError::TooLong);
    }
    if text.starts_with('-') {
        return Err(DurationError::Negative);
    }
    let mut rest = text.strip_prefix('+').unwrap_or(text);
    if rest.is_empty() {
        return Err(DurationError::Grammar);
    }
    let mut total = Duration::ZERO;
    while !rest.is_empty() {
        let end = rest
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .ok_or(DurationError::Grammar)?;
        let (number, tail) = rest.split_at(end);
        let end = tail
            .find(|c: char| c.is_ascii_digit() || c == '.')
            .unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(end);
        if !number.bytes().any(|byte| byte.is_ascii_digit()) {
            return Err(DurationError::Grammar);
        }
        let number: f64 = number.parse().map_err(|_| DurationError::Grammar)?;
        let seconds = match unit {
            "ns" => 1e-9,
            "us" | "\u{b5}s" | "\u{3bc}s" => 1e-6,
            "ms" => 1e-3,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            other => return Err(DurationError::Unit(other.to_owned())),
        };
        let part =
            Duration::try_from_secs_f64(number * seconds).map_err(|_| DurationError::TooLong)?;
        total = total.checked_add(part).ok_or(DurationError::TooLong)?;
        rest = tail;
    }
    Ok(total)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        connection: ConnectionFlags,
    }

    fn line(arguments: &[&str]) -> Result<ConnectionFlags, clap::Error> {
        Line::try_parse_from(std::iter::once(&"aksreboot").chain(arguments))
            .map(|line| line.connection)
    }

    #[test]
    fn a_request_may_take_thirty_seconds_unless_told() {
        assert_eq!(
            line(&[]).unwrap().request_timeout,
            RequestTimeout::default()
        );
    }

    #[test]
    fn a_timeout_is_bare_seconds_or_a_go_duration() {
        for (text, milliseconds) in [
            ("1", 1_000),
            ("90", 90_000),
            ("10s", 10_000),
            ("1m30s", 90_000),
            ("1.5s", 1_500),
            (".5s", 500),
            ("+2s", 2_000),
            ("250ms", 250),
            ("1h", 3_600_000),
            ("2000us", 2),
        ] {
            let wanted = RequestTimeout(Some(Duration::from_millis(milliseconds)));
            assert_eq!(text.parse(), Ok(wanted), "{text}");
        }
    }

    #[test]
    fn zero_is_for_ever_with_any_unit() {
        for text in ["0", "0s", "0m0s", "00"] {
            assert_eq!(text.parse(), Ok(RequestTimeout(None)), "{text}");
        }
    }

    #[test]
    fn what_is_no_duration_is_refused_without_a_panic() {
        for text in [
            "",
            "+",
            ".",
            ".s",
            "s",
            "5x",
            "1.2.3s",
            "5 s",
            "-5s",
            "-5",
            "abc",
            "1m30",
            "99999999999999999999",
            "99999999999999999999h",
            "1e3s",
            "nans",
            "infs",
            "5s-3s",
        ] {
            assert!(text.parse::<RequestTimeout>().is_err(), "{text}");
        }
    }

    #[test]
    fn in_cluster_and_a_kubeconfig_exclude_each_other() {
        for other in ["--kubeconfig", "--context", "--cluster", "--user"] {
            let error = line(&["--in-cluster", other, "x"]).unwrap_err();
            assert_eq!(error.kind(), clap::error::ErrorKind::ArgumentConflict);
        }
        assert!(line(&["--in-cluster", "--as", "x"]).unwrap().in_cluster);
    }

    #[test]
    fn groups_repeat_and_the_user_does_not() {
        let flags = line(&["--as", "a", "--as-group", "g", "--as-group", "h"]).unwrap();
        assert_eq!(flags.as_groups, ["g", "h"]);
        assert!(line(&["--as", "a", "--as", "b"]).is_err());
    }
}
