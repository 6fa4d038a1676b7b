//! What the package manager of a machine says, in the terms of the probe's answer.

use crate::core::updates::{
    Asked, Cost, Counts, DataAgeBy, Manager, PackageList, PackageUpdate, PackagesAnswer, Standing,
};
use crate::sim::BEFORE_START;
use crate::sim::cluster::Cluster;
use crate::sim::host::Host;
use crate::sim::world::{Machine, Package, PackageKind};

/// What a question costs a node of the usual size.
const COST: Cost = Cost {
    cpu_milliseconds: 900,
    milliseconds: 1100,
};

/// `None`: nothing on the machine installs packages. With `refresh`, the data is fetched for the question.
pub(super) fn said(cluster: &Cluster, host: &Host, refresh: bool) -> Option<PackagesAnswer> {
    let machine = &host.machine;
    let manager = manager(machine)?;
    let fetched = refresh.then(|| (DataAgeBy::Refresh, cluster.clock.timestamp(cluster.now)));
    let there = machine.packages.data_age.map(|age| {
        let before = BEFORE_START.saturating_sub(age);
        let by = match manager {
            Manager::Apt => DataAgeBy::SuccessStamp,
            Manager::Tdnf | Manager::Dnf => DataAgeBy::Lists,
        };
        (by, cluster.clock.timestamp(before))
    });
    let data = fetched.or(there);
    Some(PackagesAnswer {
        manager,
        said: match data {
            None => Asked::NoData,
            Some(_) => Asked::Read(list(manager, &machine.packages.newer)),
        },
        data,
        sources_without_data: (Vec::new(), 0),
        locks: match (manager, machine.packaging.is_empty()) {
            (Manager::Apt, false) => vec!["/var/lib/dpkg/lock-frontend".into()],
            _ => Vec::new(),
        },
        cost: Some(COST),
    })
}

fn manager(machine: &Machine) -> Option<Manager> {
    match (machine.os.id.as_str(), &machine.os.variant) {
        ("ubuntu" | "debian", _) => Some(Manager::Apt),
        ("azurelinux", None) => Some(Manager::Tdnf),
        _ => None,
    }
}

fn list(manager: Manager, newer: &[Package]) -> PackageList {
    let mut packages: Vec<PackageUpdate> = newer
        .iter()
        .map(|package| update(manager, package))
        .collect();
    packages.sort_by(|a, b| a.name.cmp(&b.name));
    PackageList {
        counts: Counts::of(&packages),
        packages: Ok(packages),
        omitted: 0,
    }
}

fn update(manager: Manager, package: &Package) -> PackageUpdate {
    let (architecture, origin) = match (manager, package.kind) {
        (Manager::Apt, PackageKind::Security) => ("amd64", "Ubuntu:24.04/noble-security"),
        (Manager::Apt, _) => ("amd64", "Ubuntu:24.04/noble-updates"),
        (Manager::Tdnf | Manager::Dnf, _) => ("x86_64", "azurelinux-official-base"),
    };
    PackageUpdate {
        name: package.name.clone(),
        architecture: Some(architecture.into()),
        installed: package.installed.clone(),
        candidate: package.candidate.clone(),
        // The repositories of Azure Linux do not say.
        security: (manager == Manager::Apt).then_some(package.kind == PackageKind::Security),
        standing: match package.kind {
            PackageKind::Plain | PackageKind::Security => Standing::Pending,
            PackageKind::Phased => Standing::Phased,
            PackageKind::KeptBack => Standing::KeptBack,
        },
        origin: Some(origin.into()),
    }
}
