//! How nodes are read: the way, and what each way needs. Flags of a way that is not gone are refused, not passed over.

use std::str::FromStr as _;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::ssh::{SshFlags, SshSettings};
use super::{PodFlags, RequestTimeout};
use crate::core::evidence::Sentinel;
use crate::exit::Exit;
use crate::failure::Failure;

/// kubelets start a pod in about a second; the rest is for the pull of the image on a slow link.
const DEFAULT_TIMEOUT: &str = "60s";
/// The longest a probe pod may live; the admission policy that `manifests` prints has room for it.
pub(crate) const LONGEST_TIMEOUT: Duration = Duration::from_secs(600);
/// One pod a node, so this is a load on the API server alone, of some hundred small requests a second. A kubelet takes one
/// to two seconds for a pod: 50 nodes take no longer than one, and 5,000 about a minute.
const DEFAULT_AT_ONCE: u16 = 128;

#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Probing")]
pub(crate) struct ProbeFlags {
    /// How nodes are read
    #[arg(long, value_name = "WAY", default_value = "auto")]
    via: Via,

    /// With --via debug: profile of the pod, as of kubectl debug
    #[arg(long, value_name = "PROFILE")]
    profile: Option<Profile>,

    /// With --via debug: namespace of the pod; by default the context's
    #[arg(short = 'n', long, value_name = "NAMESPACE")]
    namespace: Option<String>,

    #[command(flatten)]
    pod: ProbePodFlags,

    /// A command that tells instead of the system's flag, in a root shell on the node: 0 a reboot is pending, 1 none, else
    /// unknown (kured's --reboot-sentinel-command); run over SSH, never by a pod
    #[arg(long, value_name = "COMMAND", conflicts_with = "sentinel_file", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    sentinel_command: Option<String>,

    #[command(flatten)]
    ssh: SshFlags,
}

/// Shared by every command that runs probe pods.
#[derive(Clone, Debug, Args)]
pub(crate) struct ProbePodFlags {
    /// Image of the probe pod; any with a POSIX shell and the usual small tools
    #[arg(long, value_name = "IMAGE", default_value = crate::edge::node::DEFAULT_IMAGE)]
    pub(crate) image: String,

    #[command(flatten)]
    pub(crate) shape: PodFlags,

    /// How long one node's probe may take, the pull of its image included
    #[arg(long, value_name = "DURATION", default_value = DEFAULT_TIMEOUT, value_parser = time_limit)]
    pub(crate) probe_timeout: Duration,

    /// How many nodes are probed at once
    #[arg(long, value_name = "N", default_value_t = DEFAULT_AT_ONCE, value_parser = clap::value_parser!(u16).range(1..=256))]
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

    /// Refuses, for nodes that are logged in to, what only pods have. The image that is the default is as good as none.
    pub(crate) fn refuse_of_pods(&self) -> Result<(), Failure> {
        let image = (self.image != crate::edge::node::DEFAULT_IMAGE).then_some("--image");
        let policy = self.shape.image_pull_policy.map(|_| "--image-pull-policy");
        match image.or(policy).or(self.shape.own_only()) {
            None => Ok(()),
            Some(flag) => Err(Failure::say(
                Exit::Usage,
                format!(
                    "{flag} has no meaning here: nodes are read and rebooted by SSH, and no pod is made"
                ),
            )
            .hint("leave it out, or plan without --via ssh: then pods are made, and have it")),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Via {
    /// By a pod where the namespace exists and pods may be created; by SSH where that does not do and an --ssh flag was given; else by the API
    Auto,
    /// By a pod without privilege in the namespace aksreboot
    Pod,
    /// By the pod that kubectl debug node/NAME makes, for clusters that let just that through
    Debug,
    /// By a login with the ssh of this machine
    Ssh,
    /// By the Kubernetes API alone, which cannot tell yes from no
    Api,
}

/// The profiles of `kubectl debug` (its `pkg/cmd/debug/profiles.go`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Profile {
    /// Host namespaces and the host's files; kubectl's older word for nodes is legacy
    #[default]
    #[value(alias = "legacy")]
    General,
    /// General, and privileged
    Sysadmin,
    /// Host namespaces and network capabilities, none of the host's files
    Netadmin,
    /// Nothing of the host
    Baseline,
    /// Nothing of the host, and no user root
    Restricted,
}

/// How nodes are to be read.
#[derive(Clone, Debug)]
pub(crate) struct Probing {
    pub(crate) via: Via,
    /// Of debug pods.
    pub(crate) profile: Profile,
    /// Of debug pods; `None`: the context's.
    pub(crate) namespace: Option<String>,
    pub(crate) pod: ProbePodFlags,
    /// `None`: nobody is logged in to.
    pub(crate) ssh: Option<SshSettings>,
    /// What counts as a pending reboot.
    pub(crate) sentinel: Sentinel,
}

impl ProbeFlags {
    /// Refuses flags that the chosen way would pass over.
    pub(crate) fn settle(&self) -> Result<Probing, Failure> {
        let refuse = |flag: &str, ways: &str| {
            Failure::say(
                Exit::Usage,
                format!("{flag} has no meaning with --via {}", self.via.word()),
            )
            .hint(format!("it is for --via {ways}"))
        };
        if self.via != Via::Debug {
            for (flag, given) in [
                ("--profile", self.profile.is_some()),
                ("--namespace", self.namespace.is_some()),
            ] {
                if given {
                    return Err(refuse(flag, "debug"));
                }
            }
        }
        if let Some(flag) = self.pod.shape.own_only()
            && !matches!(self.via, Via::Auto | Via::Pod)
        {
            return Err(refuse(flag, "pod or auto"));
        }
        if self.pod.shape.image_pull_policy.is_some() && matches!(self.via, Via::Api | Via::Ssh) {
            return Err(refuse("--image-pull-policy", "pod, debug or auto"));
        }
        let sentinel = self.sentinel();
        if !sentinel.is_system() && self.via == Via::Api {
            return Err(refuse(
                "--sentinel-file or --sentinel-command",
                "pod, debug, ssh or auto",
            ));
        }
        let asked = self.ssh.first_given();
        let ssh = match (self.via, asked) {
            (Via::Ssh, _) | (Via::Auto, Some(_)) => Some(self.ssh.settle()?),
            (_, Some(flag)) => return Err(refuse(flag, "ssh or auto")),
            (_, None) => None,
        };
        Ok(Probing {
            via: self.via,
            profile: self.profile.unwrap_or_default(),
            namespace: self.namespace.clone(),
            pod: self.pod.clone(),
            ssh,
            sentinel,
        })
    }
}

impl ProbeFlags {
    fn sentinel(&self) -> Sentinel {
        match &self.sentinel_command {
            Some(command) => Sentinel::Command(command.clone()),
            None => self.pod.sentinel(),
        }
    }
}

impl Via {
    /// As it is written on the command line.
    fn word(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Pod => "pod",
            Self::Debug => "debug",
            Self::Ssh => "ssh",
            Self::Api => "api",
        }
    }
}

impl Profile {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::General => "general",
            Self::Sysadmin => "sysadmin",
            Self::Netadmin => "netadmin",
            Self::Baseline => "baseline",
            Self::Restricted => "restricted",
        }
    }
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
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        probe: ProbeFlags,
    }

    fn settled(words: &[&str]) -> Result<Probing, Failure> {
        let line = [&["status"], words].concat();
        Line::try_parse_from(line).expect("a line").probe.settle()
    }

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

    #[test]
    fn nobody_is_logged_in_to_who_did_not_ask_for_it() {
        assert!(settled(&[]).expect("settles").ssh.is_none());
        assert!(settled(&["--via", "pod"]).expect("settles").ssh.is_none());
        for words in [&["--ssh-user", "azureuser"][..], &["--via", "ssh"]] {
            assert!(settled(words).expect("settles").ssh.is_some(), "{words:?}");
        }
    }

    #[test]
    fn a_flag_of_another_way_is_refused() {
        for words in [
            &["--profile", "sysadmin"][..],
            &["-n", "shop"],
            &["--via", "pod", "--ssh-user", "azureuser"],
            &["--via", "debug", "--ssh-config", "/x"],
            &["--via", "debug", "--image-pull-secret", "regcred"],
            &["--via", "ssh", "--probe-cpu", "50m"],
            &["--via", "api", "--image-pull-policy", "always"],
            &["--via", "api", "--sentinel-file", "/run/x"],
            &["--via", "api", "--sentinel-command", "true"],
        ] {
            let failure = settled(words).expect_err("refused");
            assert_eq!(failure.exit, Exit::Usage, "{words:?}");
            assert!(!failure.hints.is_empty(), "{words:?}");
        }
    }
}
