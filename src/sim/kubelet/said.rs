//! What the probe script reads on a machine, in the terms of its answer.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use crate::core::evidence::{
    Answer, Flag, Installed, Listing, OsRelease, PatchFacts, Sentinel, SentinelSaid, Watch,
    WatchedBy,
};
use crate::core::model::{BootId, Kernel};
use crate::sim::BEFORE_START;
use crate::sim::cluster::Cluster;
use crate::sim::host::Host;
use crate::sim::world::{Machine, Updates};

/// How long before the world's start its machines booted.
const UP: Duration = Duration::from_secs(40 * 86_400);
/// How long before that their images were made.
const IMAGE: Duration = Duration::from_secs(20 * 86_400);

pub(super) fn answer(cluster: &Cluster, host: &Host) -> Answer {
    let machine = &host.machine;
    let (flag, packages) = match &host.flag {
        Some((since, packages)) => {
            let mut packages = packages.clone();
            packages.sort();
            packages.dedup();
            let since = cluster.clock.timestamp(*since);
            (Flag::Present(Some(since)), read(&packages))
        }
        None => (Flag::Absent, Listing::Absent),
    };
    // Azure Linux keeps /boot to root.
    let closed_boot = machine.os.id == "azurelinux";
    let installed = read(&machine.installed);
    Answer {
        boot: Some(BootId::new(host.boot_id.as_str())),
        kernel: Some(Kernel::new(host.kernel.as_str())),
        os: OsRelease {
            id: Some(machine.os.id.clone()),
            version: Some(machine.os.version.clone()),
            variant: machine.os.variant.clone(),
        },
        flag,
        reboot_needed: Flag::Absent,
        asked: Sentinel::System,
        sentinel: SentinelSaid::NotRead,
        packages,
        kernels: if closed_boot {
            Listing::Unreadable("not-searchable".into())
        } else {
            installed.clone()
        },
        modules: if closed_boot {
            installed
        } else {
            Listing::NotRead
        },
        busy: read(&machine.packaging),
        clock: Some(cluster.clock.timestamp(cluster.now)),
        watch: watch(cluster, host),
        writers: writers(machine),
        traits: read(&[]),
        patching: patching(cluster, machine),
        needrestart: None,
    }
}

fn read(names: &[String]) -> Listing {
    Listing::Read {
        names: names.to_vec(),
        omitted: 0,
    }
}

fn names(names: &[&str]) -> Listing {
    read(
        &names
            .iter()
            .map(|&name| name.to_owned())
            .collect::<Vec<_>>(),
    )
}

fn before_the_start(cluster: &Cluster, age: Duration) -> Timestamp {
    cluster.clock.timestamp(BEFORE_START.saturating_sub(age))
}

fn watch(cluster: &Cluster, host: &Host) -> Watch {
    let booted = host.booted.map_or_else(
        || before_the_start(cluster, UP),
        |at| cluster.clock.timestamp(at),
    );
    let image = before_the_start(cluster, UP + IMAGE);
    let mut components: BTreeMap<String, Installed> = ["dbus", "glibc", "kernel", "systemd"]
        .into_iter()
        .map(|name| (name.to_owned(), Installed::At(image)))
        .chain(
            ["linux-firmware", "microcode"]
                .into_iter()
                .map(|name| (name.to_owned(), Installed::Absent)),
        )
        .collect();
    for (name, age) in &host.machine.replaced {
        components.insert(name.clone(), Installed::At(before_the_start(cluster, *age)));
    }
    Watch {
        booted: Some(booted),
        started: Some(booted),
        components,
        by: Some(WatchedBy::Files),
    }
}

fn writers(machine: &Machine) -> Listing {
    match machine.os.id.as_str() {
        "ubuntu" | "debian" => names(&[
            "kernel:unattended-upgrades",
            "kernel:update-notifier",
            "packages:update-notifier",
        ]),
        _ => names(&[]),
    }
}

fn patching(cluster: &Cluster, machine: &Machine) -> PatchFacts {
    let nightly = machine.updates == Updates::Nightly;
    let changed = if nightly {
        before_the_start(cluster, Duration::from_secs(86_400))
    } else {
        before_the_start(cluster, UP + IMAGE)
    };
    let apt = machine.os.id == "ubuntu";
    PatchFacts {
        timers: match (apt, nightly) {
            (true, true) => names(&["apt-daily:enabled", "apt-daily-upgrade:enabled"]),
            (true, false) => names(&["apt-daily:masked", "apt-daily-upgrade:masked"]),
            (false, true) => names(&["dnf-automatic-install:enabled", "check-restart:enabled"]),
            (false, false) => names(&[]),
        },
        apt: if apt {
            names(&[if nightly {
                "Unattended-Upgrade:1"
            } else {
                "Unattended-Upgrade:0"
            }])
        } else {
            Listing::Absent
        },
        dnf_apply: None,
        changed: Some(changed),
        ran: nightly.then_some(changed),
    }
}
