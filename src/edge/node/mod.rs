//! Reading and rebooting a node: the scripts, the pods that carry them, the bytes that come back.

mod bare;
mod debug_pod;
mod feed;
mod leftovers;
mod namespace;
mod packages_pod;
mod pod_log;
mod pod_state;
mod pod_trouble;
mod probe;
mod probe_pod;
mod reboot_message;
mod reboot_pod;
mod run_pods;
mod shape;
mod short_pods;
mod trial;

pub(crate) use debug_pod::{
    AWAITED as DEBUG_AWAITED, CONTAINER as DEBUG_CONTAINER, MANAGED_BY as DEBUG_MANAGED_BY,
};
pub(crate) use namespace::{ProbeGround, create_namespace, namespace, probe_ground};
pub(crate) use pod_state::{SlimPod, progress};
pub(crate) use pod_trouble::denier;
pub(crate) use probe::{DEFAULT_IMAGE, ProbeSettings, ask, ask_all, packages_in, probe, probe_all};
pub(crate) use reboot_message::{RebootMessage, Refusal, certain_refusal, parse_reboot_message};
pub(crate) use reboot_pod::{
    Purpose, REBOOT_CONTAINER, RebootPod, prove_reboot, reboot_pod, reboot_pod_name,
};
pub(crate) use run_pods::remove_pods_of;
pub(crate) use shape::{Form, PodShape};
pub(crate) use short_pods::ShortPods;
pub(crate) use trial::{
    example_pods, trial_of_anything, trial_packages, trial_probe, trial_reboot,
};

use std::fmt::Write as _;
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use crate::core::evidence::Sentinel;
use crate::core::reason::Reason;
use crate::core::updates::Question;

use bare::sent;

/// The namespace for everything that lives in the cluster. Fixed: roles and admission policies name it.
pub(crate) const NAMESPACE: &str = "aksreboot";

/// Labels of every pod that is made here.
pub(crate) const MANAGED_BY: (&str, &str) = ("app.kubernetes.io/managed-by", "aksreboot");
pub(crate) const PURPOSE: &str = "aksreboot.dev/purpose";
const PROBE: &str = "probe";
pub(crate) const RUN: &str = "aksreboot.dev/run";

/// The label selector of all pods but those that read a node. A watch of what a drain waits for is told by it: probes stay
/// where they are, and their script would be in every word about them.
pub(crate) fn all_but_probes() -> String {
    format!("{PURPOSE}!={PROBE}")
}

/// What the probe pod runs; over SSH the same.
pub const PROBE_SCRIPT: &str = sent!(
    "packaging.sh",
    "answer.sh",
    "replaced.sh",
    "patching.sh",
    "updates.sh",
    "probe.sh"
);
/// What the host's own shell runs, to ask the package manager.
pub(crate) const PACKAGES_SCRIPT: &str = sent!(
    "packages/common.sh",
    "packages/apt.sh",
    "packages/rpm.sh",
    "packages/choose.sh"
);
/// What a host runs to be asked for a reboot over SSH; it gets [`REBOOT_SCRIPT`] as a variable.
pub(crate) const ON_HOST_SCRIPT: &str = sent!("on_host.sh");
/// What the reboot pod runs, and over SSH a unit of the host.
pub const REBOOT_SCRIPT: &str = sent!("packaging.sh", "reboot.sh");

/// Stands for no sentinel file. The API server drops an empty value, and with it what the admission policy looks at.
pub(super) const NO_FILE: &str = "-";

/// What is asked of a node, and how long the whole answer may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Inquiry {
    pub(crate) question: Question,
    pub(crate) within: Duration,
}

impl Inquiry {
    /// The evidence alone; nothing in the script waits then.
    pub(crate) const EVIDENCE: Self = Self {
        question: Question::Reboot,
        within: Duration::ZERO,
    };

    /// Seconds that the package manager gets: a mirror that does not answer must not cost the rest of the answer, nor
    /// what is done before the script starts the time for it.
    fn patience(&self) -> String {
        (self.within.as_secs() * 2 / 3).max(1).to_string()
    }
}

/// What the probe script is told, over whatever way.
#[derive(Clone, Debug)]
pub(crate) struct ScriptSettings<'a> {
    /// The root of the host as the script sees it.
    root: &'static str,
    pub(crate) nonce: &'a str,
    /// A file for the answer besides stdout.
    out: &'static str,
    sentinel_file: Option<&'a str>,
    sentinel_command: Option<&'a str>,
    question: Question,
    patience: String,
}

impl<'a> ScriptSettings<'a> {
    /// A pod has no shell of the host's to run a command in, so it is not even told one.
    pub(crate) fn in_pod(nonce: &'a str, sentinel: &'a Sentinel, inquiry: Inquiry) -> Self {
        Self {
            root: "/host",
            nonce,
            out: probe_pod::ANSWER_FILE,
            sentinel_file: sentinel.file(),
            sentinel_command: None,
            question: inquiry.question,
            patience: inquiry.patience(),
        }
    }

    pub(crate) fn on_host(nonce: &'a str, sentinel: &'a Sentinel, inquiry: Inquiry) -> Self {
        Self {
            root: "",
            nonce,
            out: "",
            sentinel_file: sentinel.file(),
            sentinel_command: sentinel.command(),
            question: inquiry.question,
            patience: inquiry.patience(),
        }
    }

    /// The variables that the script reads. The same ones for every pod: the admission policy counts them.
    pub(crate) fn variables(&self) -> Vec<(&'static str, &str)> {
        let mut variables = vec![
            ("ROOT", self.root),
            ("NONCE", self.nonce),
            ("OUT", self.out),
            ("SENTINEL_FILE", self.sentinel_file.unwrap_or(NO_FILE)),
        ];
        variables.extend(
            self.sentinel_command
                .map(|command| ("SENTINEL_COMMAND", command)),
        );
        let refresh = match self.question {
            Question::Reboot => return variables,
            Question::Packages => "no",
            Question::RefreshedPackages => "yes",
        };
        variables.extend([
            ("REFRESH", refresh),
            ("PATIENCE", &self.patience),
            ("QUESTION", PACKAGES_SCRIPT),
        ]);
        variables
    }
}

/// Sixteen hex digits that nobody can foresee, so that an answer is one to this question.
pub(crate) fn nonce() -> Result<String, Reason> {
    let mut bytes = [0; 8];
    rustls::crypto::ring::default_provider()
        .secure_random
        .fill(&mut bytes)
        .map_err(|_| Reason::ProbeFailed {
            message: "no random number from the system".into(),
        })?;
    Ok(hex(&bytes))
}

/// Ten hex digits that stand for `text` in an object's name.
pub(crate) fn short_hash(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes())[..5])
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod scripts;
