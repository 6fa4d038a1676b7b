//! Controllers and budgets that may be.

use std::sync::Arc;

use proptest::collection::btree_map;
use proptest::option;
use proptest::prelude::*;

use super::{labels, name, namespace_name, needs, owner, selector, time, uid};
use crate::core::model::{Amount, Bound, Budget, Controller, ControllerKind, Counted, Template};

pub(super) fn controller() -> impl Strategy<Value = Controller> {
    let kind = prop_oneof![
        Just(ControllerKind::Deployment),
        Just(ControllerKind::ReplicaSet),
        Just(ControllerKind::StatefulSet),
        Just(ControllerKind::DaemonSet),
    ];
    let identity = (kind, namespace_name(), name(), uid(), option::of(owner()));
    let numbers = (0_u32..9, 0_u32..9, 0_u32..3);
    (
        identity,
        numbers,
        selector(),
        labels(),
        needs(),
        any::<bool>(),
    )
        .prop_map(
            |(
                (kind, namespace, name, uid, owner),
                (wanted, ready, first),
                selector,
                labels,
                needs,
                empty_dir,
            )| {
                Controller {
                    kind,
                    namespace,
                    name,
                    uid,
                    owner,
                    wanted,
                    ready,
                    first: if kind == ControllerKind::StatefulSet {
                        first
                    } else {
                        0
                    },
                    selector,
                    template: Template {
                        labels,
                        needs: Arc::new(needs),
                        empty_dir,
                    },
                }
            },
        )
}

pub(super) fn budget() -> impl Strategy<Value = Budget> {
    let amount = || {
        prop_oneof![
            any::<i32>().prop_map(Amount::Pods),
            (0_u8..=100).prop_map(|share| Amount::Share(format!("{share}%"))),
            name().prop_map(Amount::Share),
        ]
    };
    let bound = prop_oneof![
        amount().prop_map(Bound::MinAvailable),
        amount().prop_map(Bound::MaxUnavailable),
        Just(Bound::None),
    ];
    let counted = (0_i64..4, -1..9, 0..9, 0..9, 0..9).prop_map(
        |(observed_generation, allowed, healthy, desired, expected)| Counted {
            observed_generation,
            allowed,
            healthy,
            desired,
            expected,
        },
    );
    let identity = (namespace_name(), name(), uid(), option::of(selector()));
    let disrupted = btree_map(name(), time(), 0..3);
    (identity, bound, any::<bool>(), 0_i64..4, counted, disrupted).prop_map(
        |((namespace, name, uid, selector), bound, always, generation, counted, disrupted)| {
            Budget {
                namespace,
                name,
                uid,
                selector,
                bound,
                always_allow_unhealthy: always,
                generation,
                counted,
                disrupted,
            }
        },
    )
}
