//! A world as a snapshot of a real cluster shows it. What the snapshot cannot know, such as how long a machine takes to
//! boot, is as everywhere here; whoever knows better says so in the machines.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use crate::core::model::{Node, NodeName, OperatingSystem, Snapshot};

use super::World;
use super::machine::{Flag, Machine, OsRelease, System};

impl World {
    /// The cluster of `snapshot`. The nodes named in `pending` carry the flag that a reboot takes away.
    pub(crate) fn of(snapshot: Snapshot, pending: &BTreeSet<NodeName>) -> Self {
        let machines = snapshot
            .nodes
            .iter()
            .map(|node| machine(node, pending.contains(&node.name)))
            .collect();
        Self {
            machines,
            loaded: Some(Arc::new(snapshot)),
            ..Self::default()
        }
    }
}

/// The machine behind a node.
fn machine(node: &Node, pending: bool) -> Machine {
    let name = node.name.as_str();
    let made = match node.os {
        OperatingSystem::Windows => Machine::windows(name),
        OperatingSystem::Linux | OperatingSystem::Other(_) => Machine::linux(name),
    };
    let kernel = node.kernel.as_ref().map_or("", |kernel| kernel.as_str());
    let (id, version) = release(&node.os_image);
    Machine {
        pool: node.pool().unwrap_or_default().to_owned(),
        zone: node.zone().map(str::to_owned),
        os: OsRelease {
            id: id.to_owned(),
            version,
            variant: None,
            image: node.os_image.clone(),
            node_image: node.aks().image.unwrap_or_default(),
        },
        installed: match made.system {
            System::Linux => vec![kernel.to_owned()],
            System::Windows => Vec::new(),
        },
        kernel: kernel.to_owned(),
        flag: pending.then(|| Flag {
            packages: Vec::new(),
            age: Duration::ZERO,
        }),
        cordoned: node.cordoned,
        ready: node.readiness.is_ready(),
        ..made
    }
}

/// ID and version of `/etc/os-release`, from the name that the kubelet reports (`PRETTY_NAME`).
fn release(image: &str) -> (&'static str, String) {
    let id = [
        ("Ubuntu", "ubuntu"),
        ("Debian", "debian"),
        ("Microsoft Azure Linux", "azurelinux"),
        ("CBL-Mariner", "mariner"),
        ("Flatcar", "flatcar"),
        ("SUSE", "sles"),
    ]
    .into_iter()
    .find(|(name, _)| image.starts_with(name))
    .map_or("linux", |(_, id)| id);
    let version = image
        .split_whitespace()
        .find(|word| word.starts_with(|c: char| c.is_ascii_digit()))
        .unwrap_or_default();
    // Of a point release the first two numbers, as Ubuntu has it.
    let parts: Vec<&str> = version.split('.').take(2).collect();
    (id, parts.join("."))
}

#[cfg(test)]
mod tests {
    use super::release;

    #[test]
    fn a_release_is_recognised_by_its_pretty_name() {
        for (image, id, version) in [
            ("Ubuntu 24.04.3 LTS", "ubuntu", "24.04"),
            ("Debian GNU/Linux 12 (bookworm)", "debian", "12"),
            ("Microsoft Azure Linux 3.0", "azurelinux", "3.0"),
            ("", "linux", ""),
        ] {
            assert_eq!(release(image), (id, version.to_owned()), "{image}");
        }
    }
}
