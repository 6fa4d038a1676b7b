//! Clusters that come with the program.

use std::time::Duration;

use super::faults::{Matching, What, When};
use super::world::PackageKind::{KeptBack, Phased, Plain, Security};
use super::world::{Budget, Machine, Workload, World};

const DAY: Duration = Duration::from_secs(24 * 3600);
const NEWER_KERNEL: &str = "6.8.0-1046-azure";

/// The demo's node that nobody can reach.
pub(crate) const DEMO_BROKEN: &str = "aks-user-17350628-vmss000007";

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

/// The node of the demo whose drain finds a budget shut, by a pod that fails just then.
pub(crate) const DEMO_SHUT_OUT: &str = "aks-user-17350628-vmss000000";

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
        .machine(
            system(1, "2")
                .pending(&["dbus"], 2 * DAY)
                .newer(
                    "libssl3t64",
                    "3.0.13-0ubuntu3.5",
                    "3.0.13-0ubuntu3.6",
                    Security,
                )
                .newer(
                    "openssl",
                    "3.0.13-0ubuntu3.5",
                    "3.0.13-0ubuntu3.6",
                    Security,
                ),
        )
        .machine(system(2, "3").newer("snapd", "2.66.1", "2.67.1", Phased))
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
        .machine(
            user(3, "1")
                .newer("linux-azure", "6.8.0-1044.50", "6.8.0-1046.52", Security)
                .newer(
                    "linux-image-6.8.0-1046-azure",
                    "",
                    "6.8.0-1046.52",
                    Security,
                )
                .newer("curl", "8.5.0-2ubuntu10.5", "8.5.0-2ubuntu10.6", Security)
                .newer(
                    "tzdata",
                    "2025b-0ubuntu0.24.04",
                    "2025b-0ubuntu0.24.04.1",
                    Plain,
                )
                .newer("nvidia-utils-550", "550.120-1", "550.144-1", KeptBack),
        )
        .machine(user(4, "2").pending(&["dbus"], 2 * DAY))
        .machine(user(5, "3").package_data(Some(9 * DAY)))
        .machine(user(6, "1").newer(
            "tzdata",
            "2025b-0ubuntu0.24.04",
            "2025b-0ubuntu0.24.04.1",
            Plain,
        ))
        .machine(
            user(7, "2")
                .pending(&["libc6"], DAY)
                .not_ready()
                .label("kubernetes.azure.com/scalesetpriority", "spot"),
        )
        .machine(Machine::windows("akswin000000").pool("win").zone("3"))
        .workload(Workload::daemon_set("kube-proxy"))
        .workload(Workload::daemon_set("azure-cns"))
        .workload(
            Workload::deployment("coredns", 2)
                .in_namespace("kube-system")
                .in_pool("system"),
        )
        .workload(
            Workload::deployment("checkout", 7)
                .in_pool("user")
                .starting_in(Duration::from_secs(12)),
        )
        .workload(Workload::deployment("catalog", 5).in_pool("user"))
        .workload(
            Workload::stateful_set("orders", 3)
                .in_pool("user")
                .stopping_in(Duration::from_secs(12), Duration::from_secs(60)),
        )
        .budget(Budget::min_available("coredns", 1).in_namespace("kube-system"))
        .budget(Budget::min_available("checkout", 6))
        .budget(Budget::max_unavailable("orders", 1))
        .happening(
            When::Before(
                Matching::first("patch", "nodes")
                    .named(DEMO_SHUT_OUT)
                    .holding("unschedulable"),
            ),
            What::Unready {
                namespace: "default".into(),
                app: "checkout".into(),
                not_on: DEMO_SHUT_OUT.into(),
                lasts: Duration::from_secs(75),
            },
        )
}
