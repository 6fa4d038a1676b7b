//! From evidence to a verdict: does a reboot wait on this node? Whatever was not read, was contradicted, or proves
//! nothing on this system becomes *unknown* with its reason, never *no*.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::absent::absent;
use super::aks::AksHints;
use super::answer::{Answer, Flag, KernelState, Listing};
use super::kernel::{Naming, naming, newest_installed};
use super::patching::Patching;
use super::sentinel::{Sentinel, SentinelSaid};
use crate::core::model::{Kernel, Node, NodeKind};
use crate::core::reason::{KernelSource, Reason};

/// Whether a reboot is pending.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Need {
    Yes,
    No,
    Unknown,
    /// Nothing here that this tool could judge or reboot.
    NotApplicable,
}

/// What the node was read by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Route {
    /// The Kubernetes API alone.
    Api,
    /// A short-lived pod on the node.
    Pod,
    /// A pod as `kubectl debug node/NAME` makes it.
    Debug,
    /// A login on the node.
    Ssh,
}

/// The judgement on one node, with what it rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) need: Need,
    /// What makes `need` what it is. Empty for a plain no.
    pub(crate) reasons: Vec<Reason>,
    /// What else is worth knowing and decides nothing: a newer kernel that is installed, evidence that was not read.
    pub(crate) notes: Vec<Reason>,
    /// Since when the reboot is pending, where the node says so.
    pub(crate) since: Option<Timestamp>,
    pub(crate) running: Option<Kernel>,
    /// The newest installed kernel of the running one's flavour; `None` where it was not read or cannot be judged.
    pub(crate) newest_installed: Option<Kernel>,
    /// What the node said of its updates; `None`: it was not probed.
    pub(crate) patching: Option<Patching>,
    pub(crate) read_by: Route,
}

/// The flags' paths on the node, as people know them.
pub(super) const FLAG: &str = "/run/reboot-required";
pub(super) const REBOOT_NEEDED: &str = "/run/reboot-needed";

/// The verdict on a node that was probed, or was to be probed.
pub(crate) fn judge(node: &Node, answer: Result<Answer, Reason>) -> Verdict {
    let aks = node.aks();
    let mut verdict = judge_host(node, answer, &aks);
    verdict.notes.extend(aks.notes());
    verdict
}

fn judge_host(node: &Node, answer: Result<Answer, Reason>, aks: &AksHints) -> Verdict {
    if let Some(reason) = not_applicable(node.kind()) {
        return without_probe(Need::NotApplicable, reason, node.kernel.clone());
    }
    let answer = match answer {
        Ok(answer) => answer,
        Err(reason) => return without_probe(Need::Unknown, reason, node.kernel.clone()),
    };
    if let Some(doubt) = another_boot(node, &answer) {
        return without_probe(Need::Unknown, doubt, node.kernel.clone());
    }
    let Finding {
        need,
        reasons,
        since,
    } = match &answer.sentinel {
        SentinelSaid::NotRead if answer.asked.is_system() => by_the_system(&answer),
        said => by_sentinel(&answer.asked, said),
    };
    let mut verdict = Verdict {
        need,
        reasons,
        notes: Vec::new(),
        since,
        running: answer.kernel.clone().or_else(|| node.kernel.clone()),
        newest_installed: None,
        patching: Some(Patching::of(&answer, aks)),
        read_by: Route::Pod,
    };
    if let Listing::Unreadable(why) = &answer.packages {
        verdict
            .notes
            .push(unreadable("/run/reboot-required.pkgs", why));
    }
    if !answer.asked.is_system() && matches!(answer.flag, Flag::Present(_)) {
        verdict.notes.push(flag(&answer));
    }
    compare_kernels(&answer, &mut verdict);
    verdict
}

/// The verdict on a node of which only the API was asked, by what a list of nodes says of it.
pub(crate) fn judge_unprobed(kind: NodeKind, running: Option<Kernel>) -> Verdict {
    match not_applicable(kind) {
        Some(reason) => without_probe(Need::NotApplicable, reason, running),
        None => without_probe(Need::Unknown, Reason::NotProbed, running),
    }
}

/// Windows nodes are replaced, not rebooted; a virtual node has no host; AKS's own nodes are not the customer's to touch.
pub(crate) fn not_applicable(kind: NodeKind) -> Option<Reason> {
    match kind {
        NodeKind::Virtual => Some(Reason::VirtualNode),
        NodeKind::Windows => Some(Reason::Windows),
        NodeKind::ManagedByAks => Some(Reason::ManagedNode),
        NodeKind::Host => None,
    }
}

fn without_probe(need: Need, reason: Reason, running: Option<Kernel>) -> Verdict {
    Verdict {
        need,
        reasons: vec![reason],
        notes: Vec::new(),
        since: None,
        running,
        newest_installed: None,
        patching: None,
        read_by: Route::Api,
    }
}

/// The answer must come from the boot that the API reports: else it is another host's, or an old boot's. It also shows
/// that the host's mounts below `/` were seen at all.
pub(crate) fn another_boot(node: &Node, answer: &Answer) -> Option<Reason> {
    match (&node.boot, &answer.boot) {
        (Some(api), Some(host)) if api == host => None,
        (Some(api), Some(host)) => Some(Reason::BootMismatch {
            api: api.clone(),
            host: host.clone(),
        }),
        (None, _) => Some(unreadable("boot ID", "not in the node's status")),
        (_, None) => Some(unreadable("boot ID", "not in the answer")),
    }
}

/// What the evidence of one kind comes to.
pub(super) struct Finding {
    pub(super) need: Need,
    pub(super) reasons: Vec<Reason>,
    pub(super) since: Option<Timestamp>,
}

impl Finding {
    pub(super) fn yes(reason: Reason, since: Option<Timestamp>) -> Self {
        Self {
            need: Need::Yes,
            reasons: vec![reason],
            since,
        }
    }

    pub(super) fn no() -> Self {
        Self {
            need: Need::No,
            reasons: Vec::new(),
            since: None,
        }
    }

    pub(super) fn unknown(reasons: Vec<Reason>) -> Self {
        Self {
            need: Need::Unknown,
            reasons,
            since: None,
        }
    }
}

/// By what the system itself has: a flag means yes everywhere; without one it depends on who would have raised it.
fn by_the_system(answer: &Answer) -> Finding {
    match (&answer.flag, &answer.reboot_needed) {
        (Flag::Present(since), _) => Finding::yes(flag(answer), *since),
        (_, Flag::Present(since)) => Finding::yes(Reason::RebootNeeded, *since),
        (Flag::Absent, _) => absent(answer),
        (Flag::Unreadable(why), _) => Finding::unknown(vec![unreadable(FLAG, why)]),
        (Flag::NotRead, _) => Finding::unknown(vec![unreadable(FLAG, "not in the answer")]),
    }
}

/// By what the operator named in its place: they vouch for it, so here absence means no.
fn by_sentinel(asked: &Sentinel, said: &SentinelSaid) -> Finding {
    let (what, reason) = match asked {
        Sentinel::File(path) => (path.as_str(), Reason::SentinelFile { path: path.clone() }),
        Sentinel::Command(command) => (
            "the sentinel command",
            Reason::SentinelCommand {
                command: command.clone(),
            },
        ),
        Sentinel::System => {
            return Finding::unknown(vec![unreadable("sentinel", "nobody asked for it")]);
        }
    };
    match (asked, said) {
        (Sentinel::File(_), SentinelSaid::File(Flag::Present(since))) => {
            Finding::yes(reason, *since)
        }
        (Sentinel::File(_), SentinelSaid::File(Flag::Absent))
        | (Sentinel::Command(_), SentinelSaid::Exit(1)) => Finding::no(),
        (Sentinel::Command(_), SentinelSaid::Exit(0)) => Finding::yes(reason, None),
        (Sentinel::File(_), SentinelSaid::File(Flag::Unreadable(why))) => {
            Finding::unknown(vec![unreadable(what, why)])
        }
        (Sentinel::Command(_), SentinelSaid::Exit(code)) => {
            Finding::unknown(vec![unreadable(what, &format!("it ended with {code}"))])
        }
        (Sentinel::Command(_), SentinelSaid::Refused(why)) => {
            Finding::unknown(vec![Reason::SentinelNotRun { why: why.clone() }])
        }
        _ => Finding::unknown(vec![unreadable(what, "not in the answer")]),
    }
}

fn flag(answer: &Answer) -> Reason {
    let (packages, omitted) = match &answer.packages {
        Listing::Read { names, omitted } => (names.clone(), *omitted),
        _ => (Vec::new(), 0),
    };
    Reason::Flag { packages, omitted }
}

pub(super) fn unreadable(what: &str, message: &str) -> Reason {
    Reason::Unreadable {
        what: what.to_owned(),
        message: message.to_owned(),
    }
}

/// The newest installed kernel of the running one's flavour, and where the list comes from.
pub(super) fn newest_kernel(
    answer: &Answer,
    naming: Naming,
    running: &Kernel,
) -> Result<(Option<Kernel>, KernelSource), Reason> {
    if let Some(names) = answer.kernels.whole()
        && answer.kernels != Listing::Absent
    {
        return Ok((newest_installed(naming, running, names), KernelSource::Boot));
    }
    match (&answer.kernels, answer.modules.whole()) {
        (Listing::Unreadable(_) | Listing::Absent, Some(names)) => Ok((
            newest_installed(naming, running, names),
            KernelSource::Modules,
        )),
        // The newest may be among those left out.
        (kernels, _) => Err(unreadable("/boot", kernels.gap())),
    }
}

/// A newer kernel than the running one is a hint, not proof (a pinned boot entry, a roll back), so it is a note.
fn compare_kernels(answer: &Answer, verdict: &mut Verdict) {
    let Some(running) = verdict.running.clone() else {
        return;
    };
    let Some(naming) = naming(answer, &running) else {
        return;
    };
    match newest_kernel(answer, naming, &running) {
        Ok((newest, source)) => {
            if let Some(installed) = &newest
                && naming.is_older(&running, installed)
            {
                verdict.notes.push(Reason::KernelPending {
                    running: running.clone(),
                    installed: installed.clone(),
                    source,
                });
            }
            verdict.newest_installed = newest;
        }
        Err(_) if answer.kernels == Listing::NotRead => {}
        Err(gap) => verdict.notes.push(gap),
    }
    if let Some(needrestart) = &answer.needrestart
        && needrestart.state == KernelState::Pending
        && !verdict
            .notes
            .iter()
            .any(|note| matches!(note, Reason::KernelPending { .. }))
    {
        verdict.notes.push(Reason::NeedrestartPending {
            running,
            expected: needrestart.expected.clone(),
        });
    }
}

#[cfg(test)]
pub(crate) mod tests;
