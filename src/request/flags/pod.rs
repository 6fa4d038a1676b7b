//! What clusters ask of the pods that run in them: where the image comes from, resources, taints.

use std::str::FromStr;

use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};

/// Small enough for a full node, and no less than clusters that fill in large defaults let stand.
const DEFAULT_CPU: &str = "100m";
const DEFAULT_MEMORY: &str = "100Mi";

#[derive(Clone, Debug, Args)]
pub(crate) struct PodFlags {
    /// Whether nodes pull the probe's image anew
    #[arg(long, value_name = "POLICY")]
    pub(crate) image_pull_policy: Option<PullPolicy>,

    /// Secret in the namespace aksreboot for the registry of the probe's image; repeat it for several
    #[arg(long = "image-pull-secret", value_name = "NAME", value_parser = object_name)]
    pub(crate) image_pull_secrets: Vec<String>,

    /// CPU that the probe pod asks for and is limited to [default: 100m]
    #[arg(long, value_name = "QUANTITY", value_parser = quantity)]
    probe_cpu: Option<String>,

    /// Memory that the probe pod asks for and is limited to [default: 100Mi]
    #[arg(long, value_name = "QUANTITY", value_parser = quantity)]
    probe_memory: Option<String>,

    /// Taint that the probe pod tolerates, as KEY[=VALUE][:EFFECT]; repeat it for several. Without it, every taint
    #[arg(long = "probe-toleration", value_name = "TAINT")]
    pub(crate) probe_tolerations: Vec<Tolerated>,
}

impl PodFlags {
    pub(crate) fn cpu(&self) -> &str {
        self.probe_cpu.as_deref().unwrap_or(DEFAULT_CPU)
    }

    pub(crate) fn memory(&self) -> &str {
        self.probe_memory.as_deref().unwrap_or(DEFAULT_MEMORY)
    }

    /// The first flag given that only pods of our own shape have.
    pub(super) fn own_only(&self) -> Option<&'static str> {
        [
            ("--image-pull-secret", !self.image_pull_secrets.is_empty()),
            ("--probe-cpu", self.probe_cpu.is_some()),
            ("--probe-memory", self.probe_memory.is_some()),
            ("--probe-toleration", !self.probe_tolerations.is_empty()),
        ]
        .into_iter()
        .find_map(|(flag, given)| given.then_some(flag))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
pub(crate) enum PullPolicy {
    /// Each time
    Always,
    /// When it is not there
    IfNotPresent,
    /// Never
    Never,
}

/// A taint that is put up with; without value or effect, whatever they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tolerated {
    pub(crate) key: String,
    pub(crate) value: Option<String>,
    pub(crate) effect: Option<String>,
}

impl FromStr for Tolerated {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (rest, effect) = match text.split_once(':') {
            Some((rest, effect)) => (rest, Some(effect)),
            None => (text, None),
        };
        if let Some(effect) = effect
            && !["NoSchedule", "PreferNoSchedule", "NoExecute"].contains(&effect)
        {
            return Err("the effect is NoSchedule, PreferNoSchedule or NoExecute".into());
        }
        let (key, value) = match rest.split_once('=') {
            Some((key, value)) => (key, Some(value)),
            None => (rest, None),
        };
        if key.is_empty() {
            return Err("a taint has a key".into());
        }
        Ok(Self {
            key: key.to_owned(),
            value: value.map(str::to_owned),
            effect: effect.map(str::to_owned),
        })
    }
}

/// A positive amount as Kubernetes writes it: `100m`, `0.5`, `64Mi`.
fn quantity(text: &str) -> Result<String, String> {
    let digits = text
        .find(|c: char| !(c.is_ascii_digit() || c == '.'))
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let known = ["", "m", "k", "M", "G", "Ki", "Mi", "Gi"].contains(&unit);
    let positive = number.parse::<f64>().is_ok_and(|number| number > 0.0);
    if known && positive {
        Ok(text.to_owned())
    } else {
        Err("an amount such as 100m, 0.5 or 64Mi".into())
    }
}

fn object_name(text: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c);
    let ends = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    if text.len() <= 253
        && text.chars().all(plain)
        && ends(text.chars().next())
        && ends(text.chars().last())
    {
        Ok(text.to_owned())
    } else {
        Err("a name of lower-case letters, digits, `-` and `.`".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_positive_and_of_a_known_unit() {
        for text in ["100m", "1", "0.5", "64Mi", "1Gi"] {
            assert!(quantity(text).is_ok(), "{text}");
        }
        for text in ["", "0", "-1", "m", "1X", "1e3", "1 Mi"] {
            assert!(quantity(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_taint_is_written_as_kubectl_writes_it() {
        let tolerated = |key: &str, value: Option<&str>, effect: Option<&str>| Tolerated {
            key: key.into(),
            value: value.map(Into::into),
            effect: effect.map(Into::into),
        };
        assert_eq!(
            "sku=gpu:NoSchedule".parse(),
            Ok(tolerated("sku", Some("gpu"), Some("NoSchedule")))
        );
        assert_eq!("sku".parse(), Ok(tolerated("sku", None, None)));
        for text in ["", ":NoSchedule", "a:Never"] {
            assert!(text.parse::<Tolerated>().is_err(), "{text}");
        }
    }
}
