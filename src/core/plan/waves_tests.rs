//! Waves over whatever fleet.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use proptest::prelude::*;

use super::waves::waves;
use super::{Amount, Pace, Settings, Target, Timeouts, WaveLimits};
use crate::core::drain::DrainSettings;
use crate::core::engine::Fleet;
use crate::core::evidence::{Sentinel, test_node};
use crate::core::model::{BootId, Node, NodeName, Uid};

fn node(name: &str, pool: &str, zone: &str, system: bool) -> Node {
    let mut node = test_node();
    node.name = NodeName::new(name);
    node.uid = Uid::from(name);
    node.boot = Some(BootId::from(name));
    let mode = if system { "system" } else { "user" };
    node.labels = [
        ("kubernetes.azure.com/agentpool", pool),
        ("topology.kubernetes.io/zone", zone),
        ("kubernetes.azure.com/mode", mode),
    ]
    .into_iter()
    .map(|(key, value)| (key.to_owned(), value.to_owned()))
    .collect();
    node
}

fn settings(limit: u32, pace: Pace) -> Settings {
    let span = Duration::from_secs(60);
    Settings {
        via: crate::core::plan::Via::Pod,
        course: crate::core::engine::Course::Roll,
        image: "busybox".into(),
        sentinel: Sentinel::System,
        max_unavailable: limit,
        reboot_all: false,
        ignore_kured_lock: false,
        pace,
        not_counted: vec![],
        drain: DrainSettings::default(),
        timeouts: Timeouts {
            drain: span,
            reboot: span,
            ready: span,
            sustained_ready: span,
            settle: span,
            probe: span,
        },
    }
}

fn target(node: &Node) -> Target {
    Target {
        name: node.name.clone(),
        uid: node.uid.clone(),
        boot: node.boot.clone().expect("a boot"),
        kernel: None,
        pool: node.pool().map(str::to_owned),
        zone: node.zone().map(str::to_owned),
        cordoned_before: false,
        system: node.is_system(),
        wave: 0,
    }
}

fn planned(nodes: &[Node], settings: &Settings, canary: bool) -> Vec<Target> {
    let fleet: Fleet = nodes.iter().map(|n| (n.name.clone(), n.clone())).collect();
    let mut targets: Vec<Target> = nodes.iter().map(target).collect();
    targets.sort_by(|a, b| (&a.zone, &a.pool, &a.name).cmp(&(&b.zone, &b.pool, &b.name)));
    waves(targets, &WaveLimits::new(&fleet, settings, canary), is_last)
}

/// The nodes of these tests whose names say so.
fn is_last(target: &Target) -> bool {
    target.name.as_str().ends_with("-last")
}

/// Names by wave.
fn names(targets: &[Target]) -> Vec<Vec<&str>> {
    let mut waves: BTreeMap<u32, Vec<&str>> = BTreeMap::new();
    for target in targets {
        waves
            .entry(target.wave)
            .or_default()
            .push(target.name.as_str());
    }
    waves.into_values().collect()
}

#[test]
fn a_wave_takes_pool_after_pool_within_a_zone_and_the_canary_goes_alone() {
    let nodes = [
        node("a1", "a", "1", false),
        node("a2", "a", "1", false),
        node("b1", "b", "1", false),
        node("b2", "b", "1", false),
        node("c1", "a", "2", false),
    ];
    let two = settings(2, Pace::default());
    assert_eq!(
        names(&planned(&nodes, &two, false)),
        [vec!["a1", "a2"], vec!["b1", "b2"], vec!["c1"]]
    );
    assert_eq!(
        names(&planned(&nodes, &two, true)),
        [vec!["a1"], vec!["a2", "b1"], vec!["b2"], vec!["c1"]]
    );
}

#[test]
fn a_limit_of_each_pool_mixes_pools_in_a_wave() {
    let nodes = [
        node("a1", "a", "1", false),
        node("a2", "a", "1", false),
        node("b1", "b", "1", false),
        node("b2", "b", "1", false),
    ];
    let pace = Pace {
        per_pool: Some(Amount::Count(1)),
        ..Pace::default()
    };
    assert_eq!(
        names(&planned(&nodes, &settings(2, pace), false)),
        [vec!["a1", "b1"], vec!["a2", "b2"]]
    );
}

#[test]
fn a_node_of_a_system_pool_goes_by_itself() {
    let nodes = [
        node("s1", "sys", "1", true),
        node("s2", "sys", "1", true),
        node("u1", "user", "1", false),
        node("u2", "user", "1", false),
    ];
    assert_eq!(
        names(&planned(&nodes, &settings(4, Pace::default()), false)),
        [vec!["s1"], vec!["s2"], vec!["u1", "u2"]]
    );
}

#[test]
fn who_comes_last_is_no_canary_and_fills_no_wave_before() {
    let nodes = [
        node("a1-last", "a", "1", false),
        node("a2", "a", "1", false),
        node("a3", "a", "1", false),
        node("a4", "a", "1", false),
        node("b1", "b", "2", false),
        node("b2-last", "b", "2", false),
    ];
    let two = settings(2, Pace::default());
    assert_eq!(
        names(&planned(&nodes, &two, true)),
        [
            vec!["a2"],
            vec!["a3", "a4"],
            vec!["b1"],
            vec!["a1-last"],
            vec!["b2-last"]
        ]
    );
    assert_eq!(
        names(&planned(&nodes[..1], &two, true)),
        [vec!["a1-last"]],
        "all of them"
    );
}

proptest! {
    #[test]
    fn no_wave_breaks_a_limit_and_every_target_is_in_one(
        places in proptest::collection::vec(
            (0..3u8, 0..3u8, proptest::bool::weighted(0.1), proptest::bool::weighted(0.1)),
            1..40,
        ),
        limit in 1..8u32,
        per_pool in proptest::option::of(1..100u32),
        per_zone in proptest::option::of(1..4u32),
        canary: bool,
    ) {
        let nodes: Vec<Node> = places
            .iter()
            .enumerate()
            .map(|(index, (pool, zone, system, last))| {
                let last = if *last { "-last" } else { "" };
                node(&format!("n{index:02}{last}"), &format!("p{pool}"), &format!("{zone}"), *system)
            })
            .collect();
        let pace = Pace {
            per_pool: per_pool.map(Amount::Percent),
            per_zone: per_zone.map(Amount::Count),
            ..Pace::default()
        };
        let settings = settings(limit, pace);
        let targets = planned(&nodes, &settings, canary);
        let mut reversed = nodes.clone();
        reversed.reverse();
        prop_assert_eq!(&planned(&reversed, &settings, canary), &targets);
        let unique: BTreeSet<&NodeName> = targets.iter().map(|target| &target.name).collect();
        prop_assert_eq!(unique.len(), nodes.len());
        prop_assert!(targets.is_sorted_by_key(|target| (is_last(target), target.wave)));
        prop_assert!(targets.is_sorted_by_key(|target| target.wave));
        prop_assert!(targets.chunk_by(|a, b| a.wave == b.wave).all(|wave| wave.iter().all(|t| is_last(t) == is_last(&wave[0]))));
        for wave in 1..=targets.last().map_or(0, |last| last.wave) {
            let wave: Vec<&Target> = targets.iter().filter(|target| target.wave == wave).collect();
            prop_assert!(!wave.is_empty());
            prop_assert!(wave.len() <= limit as usize);
            prop_assert!(wave.len() == 1 || wave.iter().all(|target| !target.system));
            let zones: BTreeSet<_> = wave.iter().map(|target| &target.zone).collect();
            prop_assert_eq!(zones.len(), 1);
            if let Some(per) = per_zone {
                prop_assert!(wave.len() <= per as usize);
            }
            if let Some(percent) = per_pool {
                for target in &wave {
                    let of_pool = nodes.iter().filter(|n| n.pool() == target.pool.as_deref()).count();
                    let in_wave = wave.iter().filter(|other| other.pool == target.pool).count();
                    prop_assert!(in_wave <= (of_pool * percent as usize / 100).max(1));
                }
            }
        }
        if canary {
            prop_assert_eq!(targets.iter().filter(|target| target.wave == 1).count(), 1);
        }
    }
}
