//! The clusters that are measured.

use std::time::Duration;

use aksreboot::sim::{Bound, Budget, Machine, Workload, World};

/// So many nodes over five pools and three zones, every one pending, and workloads of every kind with a budget over
/// each third of them.
pub(crate) fn fleet(shape: Shape) -> World {
    let mut world = World::default();
    for ordinal in 0..shape.nodes {
        let pool = format!("pool{}", ordinal % 5);
        world = world.machine(
            Machine::linux(&format!("aks-{pool}-18264953-vmss{ordinal:06}"))
                .pool(&pool)
                .zone(["1", "2", "3"][ordinal % 3])
                .pending(&["linux-base"], Duration::from_secs(86_400)),
        );
    }
    for ordinal in 0..shape.daemon_sets {
        world = world.workload(Workload::daemon_set(&format!("agent-{ordinal}")));
    }
    for ordinal in 0..shape.deployments.0 {
        let name = format!("web-{ordinal}");
        let namespace = format!("team-{}", ordinal % 20);
        world = world
            .workload(Workload::deployment(&name, shape.deployments.1).in_namespace(&namespace));
        if ordinal % 3 == 0 {
            let bound = Bound::MaxUnavailable("10%".into());
            world = world.budget(Budget::of(&name, bound).in_namespace(&namespace));
        }
    }
    for ordinal in 0..shape.stateful_sets.0 {
        let name = format!("db-{ordinal}");
        let namespace = format!("team-{}", ordinal % 20);
        world = world.workload(
            Workload::stateful_set(&name, shape.stateful_sets.1).in_namespace(&namespace),
        );
        if ordinal % 3 == 0 {
            world = world.budget(Budget::max_unavailable(&name, 1).in_namespace(&namespace));
        }
    }
    (0..20).fold(world, |world, team| {
        world.namespace(&format!("team-{team}"))
    })
}

/// How many of what, and of how many pods each.
#[derive(Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) nodes: usize,
    pub(crate) daemon_sets: usize,
    pub(crate) deployments: (usize, u32),
    pub(crate) stateful_sets: (usize, u32),
}

/// 5,000 pods.
pub(crate) const FIVE_HUNDRED: Shape = Shape {
    nodes: 500,
    daemon_sets: 2,
    deployments: (120, 30),
    stateful_sets: (40, 10),
};

/// 1,200 pods, of which 700 can be evicted: a cluster of few, large pods.
pub(crate) const FIVE_HUNDRED_SPARSE: Shape = Shape {
    nodes: 500,
    daemon_sets: 1,
    deployments: (60, 10),
    stateful_sets: (20, 5),
};

/// 4,000 pods, of which 2,000 can be evicted.
pub(crate) const THOUSAND: Shape = Shape {
    nodes: 1000,
    daemon_sets: 2,
    deployments: (60, 30),
    stateful_sets: (20, 10),
};

/// 150,000 pods, and 467 budgets.
pub(crate) const FIVE_THOUSAND: Shape = Shape {
    nodes: 5000,
    daemon_sets: 6,
    deployments: (1000, 100),
    stateful_sets: (400, 50),
};
