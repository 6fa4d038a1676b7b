//! From evidence to a verdict: does a reboot wait on this node? Whatever was not read, was contradicted, or proves
//! nothing on this system becomes *unknown* with its reason, never *no*.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::core::model::{Kernel, Node, OperatingSystem};
use crate::core::reason::Reason;

use super::answer::{Answer, Flag, Listing};
use super::kernel::{is_older, newest_installed};

/// Whether a reboot is pending.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Need {
    Yes,
    No,
    Unknown,
    /// Nothing here that this tool could judge or reboot.
    NotApplicable,
}

/// What the node was read by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Route {
    /// The Kubernetes API alone.
    Api,
    /// A short-lived pod on the node.
    Pod,
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
    pub(crate) read_by: Route,
}

/// The flag's path on the node, as people know it.
const FLAG: &str = "/run/reboot-required";

/// The verdict on a node that was probed, or was to be probed.
pub(crate) fn judge(node: &Node, answer: Result<Answer, Reason>) -> Verdict {
    if let Some(reason) = not_applicable(&node.os, node.is_virtual()) {
        return without_probe(Need::NotApplicable, reason, node.kernel.clone());
    }
    let answer = match answer {
        Ok(answer) => answer,
        Err(reason) => return without_probe(Need::Unknown, reason, node.kernel.clone()),
    };
    if let Some(doubt) = another_boot(node, &answer) {
        return without_probe(Need::Unknown, doubt, node.kernel.clone());
    }
    let mut verdict = Verdict {
        need: Need::Unknown,
        reasons: Vec::new(),
        notes: Vec::new(),
        since: None,
        running: answer.kernel.clone().or_else(|| node.kernel.clone()),
        newest_installed: None,
        read_by: Route::Pod,
    };
    match &answer.flag {
        Flag::Present(since) => {
            verdict.need = Need::Yes;
            verdict.since = *since;
            verdict.reasons.push(flag(&answer));
        }
        Flag::Absent => match absence_proves_nothing(&answer) {
            None => verdict.need = Need::No,
            Some(doubt) => verdict.reasons.push(doubt),
        },
        Flag::Unreadable(why) => verdict.reasons.push(unreadable(FLAG, why)),
        Flag::NotRead => verdict.reasons.push(unreadable(FLAG, "not in the answer")),
    }
    if let Listing::Unreadable(why) = &answer.packages {
        verdict
            .notes
            .push(unreadable("/run/reboot-required.pkgs", why));
    }
    compare_kernels(&answer, &mut verdict);
    verdict
}

/// The verdict on a node of which only the API was asked, by what a list of nodes says of it.
pub(crate) fn judge_unprobed(
    os: &OperatingSystem,
    is_virtual: bool,
    running: Option<Kernel>,
) -> Verdict {
    match not_applicable(os, is_virtual) {
        Some(reason) => without_probe(Need::NotApplicable, reason, running),
        None => without_probe(Need::Unknown, Reason::NotProbed, running),
    }
}

/// Windows nodes are replaced, not rebooted; a virtual node has no host.
pub(crate) fn not_applicable(os: &OperatingSystem, is_virtual: bool) -> Option<Reason> {
    match os {
        _ if is_virtual => Some(Reason::VirtualNode),
        OperatingSystem::Windows => Some(Reason::Windows),
        OperatingSystem::Linux | OperatingSystem::Other(_) => None,
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
        read_by: Route::Api,
    }
}

/// The answer must come from the boot that the API reports: else it is another host's, or an old boot's. It also shows
/// that the host's mounts below `/` were seen at all.
fn another_boot(node: &Node, answer: &Answer) -> Option<Reason> {
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

/// Only Debian and its sibling are known to raise the flag as soon as a package asks for it. Azure Linux raises it
/// once a day, others under another name or never.
fn absence_proves_nothing(answer: &Answer) -> Option<Reason> {
    match answer.os.id.as_deref() {
        Some("debian" | "ubuntu") => None,
        Some(id) => Some(Reason::UnsupportedSystem { id: id.to_owned() }),
        None => Some(unreadable("/etc/os-release", "not in the answer")),
    }
}

fn flag(answer: &Answer) -> Reason {
    let (packages, omitted) = match &answer.packages {
        Listing::Read { names, omitted } => (names.clone(), *omitted),
        _ => (Vec::new(), 0),
    };
    Reason::Flag { packages, omitted }
}

fn unreadable(what: &str, message: &str) -> Reason {
    Reason::Unreadable {
        what: what.to_owned(),
        message: message.to_owned(),
    }
}

/// A newer kernel than the running one is a hint, not proof (a pinned boot entry, a roll back), so it is a note. The
/// comparison knows Debian's names and order of versions only.
fn compare_kernels(answer: &Answer, verdict: &mut Verdict) {
    if !matches!(answer.os.id.as_deref(), Some("debian" | "ubuntu")) {
        return;
    }
    match &answer.kernels {
        Listing::Read { names, omitted: 0 } => {
            let Some(running) = &verdict.running else {
                return;
            };
            verdict.newest_installed = newest_installed(running, names);
            if let Some(installed) = &verdict.newest_installed
                && is_older(running, installed)
            {
                verdict.notes.push(Reason::KernelPending {
                    running: running.clone(),
                    installed: installed.clone(),
                });
            }
        }
        // The newest may be among those left out.
        Listing::Read { .. } => verdict
            .notes
            .push(unreadable("/boot", "too many kernels to list")),
        Listing::Unreadable(why) => verdict.notes.push(unreadable("/boot", why)),
        Listing::NotRead | Listing::Absent => {}
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::super::answer::OsRelease;
    use super::*;
    use crate::core::model::{BootId, NodeName, Readiness, Taint, Uid};

    pub(crate) fn node() -> Node {
        Node {
            name: NodeName::new("n1"),
            uid: Uid::new("u1"),
            resource_version: "1".into(),
            created: None,
            boot: Some(BootId::new("boot-1")),
            kernel: Some(Kernel::new("6.8.0-1021-azure")),
            os: OperatingSystem::Linux,
            os_image: "Ubuntu 24.04.3 LTS".into(),
            kubelet_version: "v1.34.4".into(),
            runtime: "containerd://2.0.4".into(),
            provider_id: None,
            internal_ip: None,
            labels: std::collections::BTreeMap::default(),
            annotations: std::collections::BTreeMap::default(),
            taints: Vec::new(),
            cordoned: false,
            readiness: Readiness::Ready,
            allocatable: crate::core::model::Allocatable::default(),
        }
    }

    fn read(names: &[&str]) -> Listing {
        Listing::Read {
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            omitted: 0,
        }
    }

    fn answer(id: &str, flag: Flag) -> Answer {
        Answer {
            boot: Some(BootId::new("boot-1")),
            kernel: Some(Kernel::new("6.8.0-1021-azure")),
            os: OsRelease {
                id: Some(id.to_owned()),
                ..OsRelease::default()
            },
            flag,
            packages: Listing::Absent,
            kernels: read(&["6.8.0-1021-azure"]),
            busy: read(&[]),
            clock: None,
        }
    }

    #[test]
    fn the_flag_means_yes_on_every_system() {
        for id in ["ubuntu", "debian", "azurelinux", "rhel", "flatcar"] {
            let since = Timestamp::from_second(1_700_000_000).ok();
            let verdict = judge(&node(), Ok(answer(id, Flag::Present(since))));
            assert_eq!(verdict.need, Need::Yes, "{id}");
            assert_eq!(verdict.since, since);
        }
    }

    #[test]
    fn the_flags_packages_come_with_it() {
        let mut with_packages = answer("ubuntu", Flag::Present(None));
        with_packages.packages = Listing::Read {
            names: vec!["dbus".into()],
            omitted: 40,
        };
        assert_eq!(
            judge(&node(), Ok(with_packages)).reasons,
            [Reason::Flag {
                packages: vec!["dbus".into()],
                omitted: 40
            }]
        );
    }

    #[test]
    fn absence_means_no_where_packages_raise_the_flag_and_nothing_elsewhere() {
        for id in ["ubuntu", "debian"] {
            let verdict = judge(&node(), Ok(answer(id, Flag::Absent)));
            assert_eq!((verdict.need, verdict.reasons), (Need::No, Vec::new()));
        }
        for id in ["azurelinux", "rhel", "flatcar", "sles"] {
            let verdict = judge(&node(), Ok(answer(id, Flag::Absent)));
            assert_eq!(verdict.need, Need::Unknown);
            assert_eq!(
                verdict.reasons,
                [Reason::UnsupportedSystem { id: id.to_owned() }]
            );
        }
    }

    #[test]
    fn nothing_that_was_not_read_is_a_no() {
        let mut nameless = answer("ubuntu", Flag::Absent);
        nameless.os.id = None;
        let mut bootless = answer("ubuntu", Flag::Absent);
        bootless.boot = None;
        for doubtful in [
            answer("ubuntu", Flag::NotRead),
            answer("ubuntu", Flag::Unreadable("not-searchable".into())),
            nameless,
            bootless,
            Answer::default(),
        ] {
            let verdict = judge(&node(), Ok(doubtful.clone()));
            assert_eq!(verdict.need, Need::Unknown, "{doubtful:?}");
            assert!(!verdict.reasons.is_empty());
        }
        assert_eq!(judge(&node(), Err(Reason::Interrupted)).need, Need::Unknown);
        assert_eq!(
            judge_unprobed(&OperatingSystem::Linux, false, None).reasons,
            [Reason::NotProbed]
        );
    }

    #[test]
    fn an_answer_of_another_boot_counts_for_nothing() {
        let mut other = answer("ubuntu", Flag::Present(None));
        other.boot = Some(BootId::new("boot-0"));
        let verdict = judge(&node(), Ok(other));
        assert_eq!(verdict.need, Need::Unknown);
        assert_eq!(
            verdict.reasons,
            [Reason::BootMismatch {
                api: BootId::new("boot-1"),
                host: BootId::new("boot-0")
            }]
        );
    }

    #[test]
    fn a_newer_installed_kernel_is_a_note_and_no_verdict() {
        let mut newer = answer("ubuntu", Flag::Absent);
        newer.kernels = read(&["6.8.0-1021-azure", "6.8.0-1030-azure"]);
        let verdict = judge(&node(), Ok(newer));
        assert_eq!(verdict.need, Need::No);
        assert_eq!(
            verdict.newest_installed,
            Some(Kernel::new("6.8.0-1030-azure"))
        );
        assert_eq!(
            verdict.notes,
            [Reason::KernelPending {
                running: Kernel::new("6.8.0-1021-azure"),
                installed: Kernel::new("6.8.0-1030-azure")
            }]
        );
    }

    #[test]
    fn a_list_of_kernels_with_a_gap_names_no_newest() {
        let mut many = answer("ubuntu", Flag::Absent);
        many.kernels = Listing::Read {
            names: vec!["6.8.0-1021-azure".into()],
            omitted: 1,
        };
        let verdict = judge(&node(), Ok(many));
        assert_eq!(verdict.newest_installed, None);
        assert_eq!(verdict.notes.len(), 1);
    }

    #[test]
    fn windows_and_virtual_nodes_are_not_judged() {
        let windows = Node {
            os: OperatingSystem::Windows,
            ..node()
        };
        let hostless = Node {
            taints: vec![Taint {
                key: "virtual-kubelet.io/provider".into(),
                value: "azure".into(),
                effect: "NoSchedule".into(),
            }],
            ..node()
        };
        for (node, reason) in [(windows, Reason::Windows), (hostless, Reason::VirtualNode)] {
            let verdict = judge(&node, Err(Reason::NotProbed));
            assert_eq!(verdict.need, Need::NotApplicable);
            assert_eq!(verdict.reasons, [reason]);
        }
    }
}
