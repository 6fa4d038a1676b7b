//! Worlds drawn from a seed: small clusters of every make that a roll can meet.

use std::time::Duration;

use crate::sim::chance::Chance;
use crate::sim::world::{Bound, Budget, Machine, Workload, World};

const HOUR: u64 = 3600;

impl World {
    /// Two to five Linux nodes, one to three of them pending; one to three Deployments with their budgets, now and then
    /// a StatefulSet, a bare pod, a static pod; now and then a node that is cordoned, not Ready, or at work. The same for
    /// the same seed.
    pub fn drawn(seed: u64) -> Self {
        let mut draw = Draw(Chance::from_seed(seed));
        let mut world = Self::default().namespace("shop");
        let nodes = draw.between(2, 5);
        let pending = draw.between(1, 3).min(nodes);
        let pools = if draw.one_in(4) { 2 } else { 1 };
        for ordinal in 1..=nodes {
            world = world.machine(draw.machine(ordinal, ordinal <= pending, pools));
        }
        world = world.workload(Workload::daemon_set("kube-proxy"));
        for name in ["web", "api", "cache"]
            .into_iter()
            .take(usize::try_from(draw.between(1, 3)).unwrap_or(1))
        {
            world = draw.deployment(world, name);
        }
        if draw.one_in(3) {
            world = world
                .workload(Workload::stateful_set("db", 2))
                .budget(Budget::max_unavailable("db", 1));
        }
        if draw.one_in(10) {
            world = world.workload(Workload::bare("alone", "node-1"));
        }
        if draw.one_in(6) {
            world = world.workload(Workload::mirror("kube-agent"));
        }
        world
    }
}

struct Draw(Chance);

impl Draw {
    fn one_in(&mut self, n: u64) -> bool {
        self.0.below(n) == 0
    }

    fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.0.below(high - low + 1)
    }

    fn seconds(&mut self, low: u64, high: u64) -> Duration {
        Duration::from_secs(self.between(low, high))
    }

    fn machine(&mut self, ordinal: u64, pending: bool, pools: u64) -> Machine {
        let mut machine = Machine::linux(&format!("node-{ordinal}"));
        if pools > 1 && ordinal.is_multiple_of(2) {
            machine = machine.pool("batch");
        }
        let zones = ["1", "2", "3"];
        machine = machine.zone(self.0.pick(&zones));
        if pending {
            let packages: &[&str] =
                self.0
                    .pick(&[&["linux-base", "libc6"][..], &["dbus"][..], &[][..]]);
            let age = Duration::from_secs(self.between(1, 240) * HOUR);
            machine = machine.pending(packages, age);
            if self.one_in(3) {
                machine = machine.kernel_installed("6.8.0-1046-azure");
            }
            if self.one_in(12) {
                machine.packaging = vec!["dpkg".into()];
            }
        } else if self.one_in(16) {
            machine = machine.not_ready();
        }
        if self.one_in(12) {
            machine = machine.cordoned();
        }
        machine.reboot.shutdown = self.seconds(2, 20);
        machine.reboot.boot = self.seconds(15, 60);
        machine.reboot.ready_after = self.seconds(1, 15);
        machine
    }

    fn deployment(&mut self, mut world: World, name: &str) -> World {
        let replicas = u32::try_from(self.between(1, 4)).unwrap_or(1);
        let stops = self.seconds(0, 15);
        let mut workload = Workload::deployment(name, replicas)
            .starting_in(self.seconds(1, 10))
            .stopping_in(stops, Duration::from_secs(30));
        if self.one_in(5) {
            workload = workload.with_empty_dir();
        }
        let in_shop = name == "cache";
        if in_shop {
            workload = workload.in_namespace("shop");
        }
        world = world.workload(workload);
        if replicas < 2 || in_shop || self.one_in(3) {
            return world;
        }
        let all = self.one_in(20);
        let keeps = if all { replicas } else { replicas - 1 };
        world = world.budget(Budget::of(name, Bound::MinAvailable(keeps.to_string())));
        if self.one_in(30) {
            world = world.budget(Budget::max_unavailable(name, 1).named("second"));
        }
        world
    }
}
