//! What it means that no flag is there. It proves *no* only where something would have raised one; elsewhere our own check
//! of the replaced parts decides, and where that cannot, nobody does.

use super::answer::{Answer, Flag, Listing};
use super::kernel::naming;
use super::replaced::{self, Check};
use super::system::{self, System};
use super::verdict::{Finding, REBOOT_NEEDED, newest_kernel, unreadable};
use crate::core::reason::Reason;

/// The judgement on a node whose flag was looked for and is not there.
pub(super) fn absent(answer: &Answer) -> Finding {
    match System::of(answer) {
        System::Debian => debian(answer, &[]),
        System::Ubuntu => debian(answer, &["glibc"]),
        System::Rpm => rpm(answer),
        System::Suse => suse(answer),
        System::Image => Finding::unknown(image_managed(answer).into_iter().collect()),
        System::Other => Finding::unknown(vec![match &answer.os.id {
            Some(id) => Reason::UnsupportedSystem { id: id.clone() },
            None => unreadable("/etc/os-release", "not in the answer"),
        }]),
    }
}

/// Why no single package is ever replaced on the node: its system comes as a whole image.
pub(crate) fn image_managed(answer: &Answer) -> Option<Reason> {
    (System::of(answer) == System::Image).then(|| Reason::ImageManaged {
        system: system::name(answer),
    })
}

/// The kernel's hooks raise the flag for kernels. Packages of Ubuntu that want a reboot (`asking`) call a script of
/// update-notifier, which minimal images leave out; dbus raises it by itself. For whom nobody does, our own check.
fn debian(answer: &Answer, asking: &[&'static str]) -> Finding {
    let Some(writers) = answer.writers.whole() else {
        return Finding::unknown(vec![unreadable(
            "what raises the flag",
            answer.writers.gap(),
        )]);
    };
    let has = |prefix: &str| writers.iter().any(|writer| writer.starts_with(prefix));
    let mut unflagged: Vec<&str> = Vec::new();
    if !has("kernel:") {
        unflagged.push("kernel");
    }
    if !has("packages:") {
        unflagged.extend(asking);
    }
    let checked = if unflagged.is_empty() {
        Finding::no()
    } else {
        match replaced::check(answer, &unflagged, &[]) {
            Check::Clean => Finding::no(),
            Check::Replaced { components, since } => {
                Finding::yes(Reason::Replaced { components }, Some(since))
            }
            Check::Doubt(doubt) => Finding::unknown(vec![
                Reason::NothingRaisesFlag {
                    components: unflagged.iter().map(|&name| name.to_owned()).collect(),
                },
                doubt,
            ]),
        }
    };
    if checked.reasons.is_empty() && !matches!(answer.traits, Listing::Read { omitted: 0, .. }) {
        return Finding::unknown(vec![unreadable("livepatch", answer.traits.gap())]);
    }
    if checked.reasons.is_empty() && answer.traits.names("livepatch") {
        return livepatched(answer);
    }
    checked
}

/// Livepatch keeps the kernel's hooks from raising the flag, so for kernels its absence says nothing.
fn livepatched(answer: &Answer) -> Finding {
    let current = answer.kernel.as_ref().is_some_and(|running| {
        naming(answer, running).is_some_and(|naming| {
            newest_kernel(answer, naming, running).is_ok_and(|(newest, _)| {
                newest.is_some_and(|newest| !naming.is_older(running, &newest))
            })
        })
    });
    if current {
        Finding::no()
    } else {
        Finding::unknown(vec![Reason::Livepatch])
    }
}

/// Azure Linux raises the flag once a day, the others never, so the check is our own.
fn rpm(answer: &Answer) -> Finding {
    // A system without a package database is no such system, whatever its name.
    if answer.patching.changed.is_none() {
        return Finding::unknown(vec![Reason::OwnCheckFailed {
            what: "package database".into(),
            message: "not found".into(),
        }]);
    }
    match replaced::all_parts(answer) {
        Check::Clean => Finding::no(),
        Check::Replaced { components, since } => {
            Finding::yes(Reason::Replaced { components }, Some(since))
        }
        Check::Doubt(doubt) => Finding::unknown(vec![doubt]),
    }
}

/// libzypp touches its flag after each transaction that wants a reboot; that it does shows in its directory of settings.
fn suse(answer: &Answer) -> Finding {
    match (&answer.reboot_needed, answer.writers.names("zypp")) {
        (Flag::Absent, true) => Finding::no(),
        (Flag::Absent, false) => Finding::unknown(vec![Reason::NothingRaisesFlag {
            components: vec!["libzypp".into()],
        }]),
        (Flag::Unreadable(why), _) => Finding::unknown(vec![unreadable(REBOOT_NEEDED, why)]),
        (Flag::NotRead, _) => {
            Finding::unknown(vec![unreadable(REBOOT_NEEDED, "not in the answer")])
        }
        (Flag::Present(since), _) => Finding::yes(Reason::RebootNeeded, *since),
    }
}

/// Whether a node is unknown for no other reason than that an absent flag proves nothing on it. After a reboot that is as
/// good as it gets there: the flag that was there before is gone.
pub(crate) fn unknown_by_absence_alone(answer: &Answer, reasons: &[Reason]) -> bool {
    answer.asked.is_system()
        && answer.flag == Flag::Absent
        && !reasons.is_empty()
        && reasons.iter().all(|reason| {
            matches!(
                reason,
                Reason::UnsupportedSystem { .. }
                    | Reason::ImageManaged { .. }
                    | Reason::NothingRaisesFlag { .. }
                    | Reason::OwnCheckFailed { .. }
                    | Reason::Livepatch
            )
        })
}
