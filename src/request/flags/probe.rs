//! How nodes are read.

use std::str::FromStr as _;
use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::core::evidence::Sentinel;

use super::RequestTimeout;

/// kubelets start a pod in about a second; the rest is for the pull of the image on a slow link.
const DEFAULT_TIMEOUT: &str = "60s";
/// The longest a probe pod may live; the admission policy that `manifests` prints has room for it.
pub(crate) const LONGEST_TIMEOUT: Duration = Duration::from_secs(600);

#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Probing")]
pub(crate) struct ProbeFlags {
    /// How nodes are read: by a short-lived pod, by the API alone (which cannot tell yes from no), or by what is possible
    #[arg(long, value_name = "WAY", default_value = "auto")]
    pub(crate) via: Via,

    #[command(flatten)]
    pub(crate) pod: ProbePodFlags,

    /// A command that tells instead of the system's flag, in a root shell on the node: 0 a reboot is pending, 1 none, else
    /// unknown (kured's --reboot-sentinel-command); never run by a pod
    #[arg(long, value_name = "COMMAND", conflicts_with = "sentinel_file", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    sentinel_command: Option<String>,
}

impl ProbeFlags {
    pub(crate) fn sentinel(&self) -> Sentinel {
        match &self.sentinel_command {
            Some(command) => Sentinel::Command(command.clone()),
            None => self.pod.sentinel(),
        }
    }
}

/// Shared by every command that runs probe pods.
#[derive(Clone, Debug, Args)]
pub(crate) struct ProbePodFlags {
    /// Image of the probe pod; any with a POSIX shell and the usual small tools
    #[arg(long, value_name = "IMAGE", default_value = crate::edge::node::DEFAULT_IMAGE)]
    pub(crate) image: String,

    /// How long one node's probe may take, the pull of its image included
    #[arg(long, value_name = "DURATION", default_value = DEFAULT_TIMEOUT, value_parser = time_limit)]
    pub(crate) probe_timeout: Duration,

    /// How many nodes are probed at once
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) probe_concurrency: u16,

    /// A file on the node that tells instead of the system's flag: there, a reboot is pending; absent, none (kured's
    /// --reboot-sentinel)
    #[arg(long, value_name = "PATH", value_parser = host_path)]
    sentinel_file: Option<String>,
}

impl ProbePodFlags {
    pub(crate) fn sentinel(&self) -> Sentinel {
        self.sentinel_file
            .clone()
            .map_or(Sentinel::System, Sentinel::File)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Via {
    /// By a pod where the namespace exists and pods may be created, else by the API
    Auto,
    /// By a pod on the node
    Pod,
    /// By the Kubernetes API alone
    Api,
}

/// What the admission policy that `manifests` prints lets a probe pod ask for.
fn host_path(text: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._/-".contains(c);
    if !text.starts_with('/') || text.ends_with('/') {
        return Err("a file's whole path on the node, such as /run/my-flag".to_owned());
    }
    if text.len() > 200 || !text.chars().all(plain) {
        return Err("a path of up to 200 letters, digits and . _ / -".to_owned());
    }
    Ok(text.to_owned())
}

fn time_limit(text: &str) -> Result<Duration, String> {
    let RequestTimeout(limit) =
        RequestTimeout::from_str(text).map_err(|error| error.to_string())?;
    limit
        .filter(|limit| (Duration::from_secs(1)..=LONGEST_TIMEOUT).contains(limit))
        .ok_or_else(|| "a probe may take from 1s to 10m".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentinel_is_a_whole_path_to_a_file() {
        assert_eq!(host_path("/run/my-flag"), Ok("/run/my-flag".into()));
        for path in ["", "/", "run/x", "/run/", "/run/a b", "/run/\u{e9}"] {
            assert!(host_path(path).is_err(), "{path}");
        }
    }

    #[test]
    fn a_probe_has_some_time_and_not_for_ever() {
        assert_eq!(time_limit("90"), Ok(Duration::from_secs(90)));
        for text in ["0", "11m", "-1s", "soon"] {
            assert!(time_limit(text).is_err(), "{text}");
        }
    }
}
