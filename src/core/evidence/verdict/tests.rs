//! Verdicts by kind of evidence. Whole systems are in the samples of `tests/data/nodes`.

use super::super::answer::{Installed, OsRelease, PatchFacts, Watch, WatchedBy};
use super::*;
use crate::core::model::OperatingSystem;
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
        external_ip: None,
        hostname: None,
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
        writers: read(&["kernel:unattended-upgrades", "packages:update-notifier"]),
        traits: read(&[]),
        ..Answer::default()
    }
}

fn time(second: i64) -> Timestamp {
    Timestamp::from_second(second).expect("a time")
}

/// A node of the rpm family, booted at 1000, at 2000 now, with every part installed at 500.
fn rpm() -> Answer {
    let parts = [
        "glibc",
        "kernel",
        "systemd",
        "dbus",
        "linux-firmware",
        "microcode",
    ];
    Answer {
        clock: Some(time(2000)),
        watch: Watch {
            booted: Some(time(1000)),
            started: Some(time(1003)),
            components: parts
                .into_iter()
                .map(|name| (name.to_owned(), Installed::At(time(500))))
                .collect(),
            by: Some(WatchedBy::Files),
        },
        patching: PatchFacts {
            changed: Some(time(500)),
            ..PatchFacts::default()
        },
        kernel: Some(Kernel::new("6.6.117.1-1.azl3")),
        kernels: Listing::Unreadable("not-searchable".into()),
        modules: read(&["6.6.117.1-1.azl3"]),
        ..answer("azurelinux", Flag::Absent)
    }
}

fn need(answer: Answer) -> Need {
    judge(&node(), Ok(answer)).need
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
    for id in ["azurelinux", "rhel", "flatcar", "sles", "alpine"] {
        let verdict = judge(&node(), Ok(answer(id, Flag::Absent)));
        assert_eq!(verdict.need, Need::Unknown, "{id}");
    }
}

#[test]
fn a_part_replaced_after_the_boot_means_yes_since_then() {
    let mut replaced = rpm();
    replaced
        .watch
        .components
        .insert("glibc".into(), Installed::At(time(1500)));
    replaced
        .watch
        .components
        .insert("dbus".into(), Installed::At(time(1200)));
    let verdict = judge(&node(), Ok(replaced));
    assert_eq!(verdict.need, Need::Yes);
    assert_eq!(
        verdict.reasons,
        [Reason::Replaced {
            components: vec!["dbus".into(), "glibc".into()]
        }]
    );
    assert_eq!(verdict.since, Some(time(1200)));
}

type Spoil = fn(&mut Answer);

#[test]
fn our_own_check_says_no_only_where_all_of_it_was_read_and_the_clock_is_sound() {
    assert_eq!(need(rpm()), Need::No);
    let spoilt: [(&str, Spoil); 11] = [
        ("no boot time", |answer| answer.watch.booted = None),
        ("no second witness", |answer| answer.watch.started = None),
        ("no clock", |answer| answer.clock = None),
        ("a clock in 1970", |answer| answer.clock = Some(time(10))),
        ("a boot in 1970", |answer| {
            answer.watch.booted = Some(time(-100_000));
            answer.watch.started = Some(time(1003));
        }),
        ("a clock set by an hour", |answer| {
            answer.watch.started = Some(time(1000 - 3600));
        }),
        ("a part from the future", |answer| {
            answer
                .watch
                .components
                .insert("glibc".into(), Installed::At(time(9000)));
        }),
        ("a part not in the answer", |answer| {
            answer.watch.components.remove("microcode");
        }),
        ("a part that cannot be read", |answer| {
            let closed = Installed::Unreadable("not-searchable".into());
            answer.watch.components.insert("dbus".into(), closed);
        }),
        ("no kernel where kernels are", |answer| {
            answer
                .watch
                .components
                .insert("kernel".into(), Installed::Absent);
        }),
        ("no package database", |answer| {
            answer.patching.changed = None;
        }),
    ];
    for (what, spoil) in spoilt {
        let mut answer = rpm();
        spoil(&mut answer);
        let verdict = judge(&node(), Ok(answer.clone()));
        assert_eq!(verdict.need, Need::Unknown, "{what}");
        assert!(
            super::super::unknown_by_absence_alone(&answer, &verdict.reasons),
            "{what}: {:?}",
            verdict.reasons
        );
    }
}

#[test]
fn a_clock_set_forward_hides_no_replacement() {
    // Replaced at 1002, before the clock was set 5 minutes forward; the kernel now puts the boot at 1300.
    let mut answer = rpm();
    answer.watch.booted = Some(time(1300));
    answer.watch.started = Some(time(1001));
    answer
        .watch
        .components
        .insert("glibc".into(), Installed::At(time(1002)));
    assert_eq!(need(answer), Need::Yes);
}

#[test]
fn the_operators_sentinel_stands_in_the_systems_place() {
    let file = Sentinel::File("/run/mine".into());
    let command = Sentinel::Command("x".into());
    for (asked, said, wanted) in [
        (&file, SentinelSaid::File(Flag::Present(None)), Need::Yes),
        (&file, SentinelSaid::File(Flag::Absent), Need::No),
        (
            &file,
            SentinelSaid::File(Flag::Unreadable("no-directory".into())),
            Need::Unknown,
        ),
        (&file, SentinelSaid::NotRead, Need::Unknown),
        (&file, SentinelSaid::Exit(1), Need::Unknown),
        (&command, SentinelSaid::Exit(0), Need::Yes),
        (&command, SentinelSaid::Exit(1), Need::No),
        (&command, SentinelSaid::Exit(2), Need::Unknown),
        (&command, SentinelSaid::Exit(124), Need::Unknown),
        (&command, SentinelSaid::Refused("pod".into()), Need::Unknown),
        (&command, SentinelSaid::NotRead, Need::Unknown),
        // Nobody asked, and yet there is an answer.
        (&Sentinel::System, SentinelSaid::Exit(1), Need::Unknown),
    ] {
        // On a system that by itself would be unknown, and on one that would be yes.
        for mut answer in [
            answer("flatcar", Flag::Absent),
            answer("ubuntu", Flag::Present(None)),
        ] {
            answer.sentinel = said.clone();
            let flagged = matches!(answer.flag, Flag::Present(_));
            let verdict = judge(&node(), Ok(answer.asked(asked)));
            assert_eq!(verdict.need, wanted, "{asked:?} {said:?}");
            if flagged && !asked.is_system() {
                assert!(matches!(verdict.notes[0], Reason::Flag { .. }));
            }
        }
    }
}

#[test]
fn needrestarts_word_is_a_note_where_no_kernel_was_seen() {
    use super::super::answer::Needrestart;
    let mut answer = answer("ubuntu", Flag::Absent);
    answer.needrestart = Some(Needrestart {
        state: KernelState::Pending,
        expected: Some(Kernel::new("6.8.0-1030-azure")),
    });
    let verdict = judge(&node(), Ok(answer));
    assert_eq!(verdict.need, Need::No);
    assert!(matches!(
        verdict.notes[..],
        [Reason::NeedrestartPending { .. }]
    ));
}

#[test]
fn nothing_that_was_not_read_is_a_no() {
    let mut nameless = answer("ubuntu", Flag::Absent);
    nameless.os.id = None;
    let mut bootless = answer("ubuntu", Flag::Absent);
    bootless.boot = None;
    for doubtful in [
        answer("ubuntu", Flag::NotRead),
        Answer {
            writers: Listing::NotRead,
            ..answer("ubuntu", Flag::Absent)
        },
        Answer {
            traits: Listing::NotRead,
            ..answer("ubuntu", Flag::Absent)
        },
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
        judge_unprobed(NodeKind::Host, None).reasons,
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
            installed: Kernel::new("6.8.0-1030-azure"),
            source: KernelSource::Boot
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
