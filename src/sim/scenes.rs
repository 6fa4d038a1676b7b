//! Clusters that come with the program.

use std::time::Duration;

use super::world::{Budget, Machine, Workload, World};

const DAY: Duration = Duration::from_secs(24 * 3600);
const NEWER_KERNEL: &str = "6.8.0-1046-azure";

/// Three small nodes, the first two pending: a Deployment of two pods of which one must stay, and a DaemonSet.
pub fn three() -> World {
    World::default()
        .machine(
            Machine::linux("node-1")
                .zone("1")
                .pending(&["linux-base", "libc6"], 3 * DAY)
                .kernel_installed(NEWER_KERNEL),
        )
        .machine(Machine::linux("node-2").zone("2").pending(&["dbus"], DAY))
        .machine(Machine::linux("node-3").zone("3"))
        .workload(Workload::daemon_set("kube-proxy"))
        .workload(Workload::deployment("web", 2))
        .budget(Budget::min_available("web", 1))
}

/// A dozen nodes in two pools over three zones: pending for different reasons, one that nobody can reach, one with
/// Windows, a budget that is shut for a while, a node that is slow to return.
pub fn demo() -> World {
    let system = |ordinal: usize, zone: &str| {
        Machine::linux(&format!("aks-system-38201947-vmss00000{ordinal}"))
            .pool("system")
            .zone(zone)
    };
    let user = |ordinal: usize, zone: &str| {
        Machine::linux(&format!("aks-user-17350628-vmss00000{ordinal}")).zone(zone)
    };
    World::default()
        .machine(
            system(0, "1")
                .pending(&["linux-base", "libc6"], 9 * DAY)
                .kernel_installed(NEWER_KERNEL),
        )
        .machine(system(1, "2").pending(&["dbus"], 2 * DAY))
        .machine(system(2, "3"))
        .machine(
            user(0, "1")
                .pending(&["linux-base", "libc6"], 9 * DAY)
                .kernel_installed(NEWER_KERNEL),
        )
        .machine(user(1, "2").kernel_installed(NEWER_KERNEL))
        .machine(
            user(2, "3")
                .pending(&["linux-base"], 4 * DAY)
                .kernel_installed(NEWER_KERNEL)
                .boots_in(Duration::from_secs(170)),
        )
        .machine(user(3, "1"))
        .machine(user(4, "2").pending(&["dbus"], 2 * DAY))
        .machine(user(5, "3"))
        .machine(user(6, "1").pending(&["libc6"], DAY).not_ready())
        .machine(user(7, "2"))
        .machine(Machine::windows("akswin000000").pool("win").zone("3"))
        .workload(Workload::daemon_set("kube-proxy"))
        .workload(Workload::daemon_set("azure-cns"))
        .workload(
            Workload::deployment("coredns", 2)
                .in_namespace("kube-system")
                .in_pool("system"),
        )
        .workload(
            // Twice as many pods as nodes, and slow ones: two leave each node, and the second must wait.
            Workload::deployment("checkout", 14)
                .in_pool("user")
                .starting_in(Duration::from_secs(40)),
        )
        .workload(
            Workload::deployment("catalog", 5)
                .in_pool("user")
                .with_empty_dir(),
        )
        .workload(
            Workload::stateful_set("orders", 3)
                .in_pool("user")
                .stopping_in(Duration::from_secs(12), Duration::from_secs(60)),
        )
        .budget(Budget::min_available("coredns", 1).in_namespace("kube-system"))
        .budget(Budget::min_available("checkout", 13))
        .budget(Budget::max_unavailable("orders", 1))
}
