use std::sync::Arc;

use super::*;
use crate::core::model::{
    Controller, ControllerKind, Counted, LabelSelector, Owner, Snapshot, Template, Uid, Unread,
};

/// A workload `web` of pods `web-1` …, of which the first is the one that leaves.
struct Scene {
    snapshot: Snapshot,
}

impl Scene {
    fn of(pods: u32, wanted: u32) -> Self {
        let controller = Controller {
            kind: ControllerKind::ReplicaSet,
            namespace: "shop".into(),
            name: "web".into(),
            uid: Uid::new("rs-web"),
            owner: None,
            wanted,
            ready: pods,
            first: 0,
            selector: LabelSelector::default(),
            template: Template::default(),
        };
        Self {
            snapshot: Snapshot {
                pods: (1..=pods)
                    .map(|number| pod(&format!("web-{number}")))
                    .collect(),
                controllers: vec![controller],
                ..Snapshot::default()
            },
        }
    }

    fn unready(mut self, number: usize) -> Self {
        self.snapshot.pods[number - 1].ready = false;
        self
    }

    /// A budget over all of them, counted as the controller counts: `desired` and how many it allows.
    fn budget(mut self, name: &str, bound: Bound, desired: i32, expected: i32) -> Self {
        let healthy = self.snapshot.pods.iter().filter(|pod| pod.ready).count();
        let healthy = i32::try_from(healthy).unwrap();
        self.snapshot.budgets.push(Budget {
            namespace: "shop".into(),
            name: name.into(),
            uid: Uid::new(name),
            selector: Some(LabelSelector {
                equal: [("app".to_owned(), "web".to_owned())].into(),
                expressions: vec![],
            }),
            bound,
            always_allow_unhealthy: false,
            generation: 1,
            counted: Counted {
                observed_generation: 1,
                allowed: (healthy - desired).max(0),
                healthy,
                desired,
                expected,
            },
            disrupted: [].into(),
        });
        self
    }

    /// What leaving with the first `count` pods meets.
    fn meets(&self, count: usize) -> Vec<Reason> {
        judge(
            &Guards::of_cluster(&self.snapshot),
            &self.snapshot.pods[..count],
        )
    }

    fn meets_one(&self, count: usize) -> Reason {
        let met = self.meets(count);
        assert_eq!(met.len(), 1, "{met:?}");
        met.into_iter().next().unwrap()
    }
}

fn pod(name: &str) -> Pod {
    Pod {
        key: PodKey {
            namespace: "shop".into(),
            name: name.into(),
        },
        uid: Uid::new(name),
        node: Some("a".into()),
        phase: PodPhase::Running,
        ready: true,
        owner: Some(Owner {
            api_version: "apps/v1".into(),
            kind: "ReplicaSet".into(),
            name: "web".into(),
            uid: Uid::new("rs-web"),
        }),
        labels: [("app".to_owned(), "web".to_owned())].into(),
        mirror: false,
        empty_dir: false,
        deletion: None,
        needs: Arc::default(),
    }
}

fn at_least(pods: i32) -> Bound {
    Bound::MinAvailable(Amount::Pods(pods))
}

fn at_most(pods: i32) -> Bound {
    Bound::MaxUnavailable(Amount::Pods(pods))
}

#[test]
fn a_budget_that_lets_all_of_them_go_at_once_is_no_reason() {
    assert_eq!(Scene::of(3, 3).budget("b", at_least(1), 1, 3).meets(2), []);
    assert_eq!(Scene::of(3, 3).meets(3), []);
}

#[test]
fn a_budget_that_wants_every_pod_there_can_be_never_opens() {
    for (bound, desired) in [
        (at_least(2), 2),
        (at_least(5), 5),
        (at_most(0), 2),
        (Bound::MinAvailable(Amount::Share("100%".into())), 2),
        (Bound::MinAvailable(Amount::Share("51%".into())), 2),
        (Bound::MaxUnavailable(Amount::Share("0%".into())), 2),
        (Bound::None, 0),
    ] {
        let met = Scene::of(2, 2).budget("b", bound.clone(), desired, 2);
        // Nobody says how many may go without a bound, so the controller lets none.
        let mut met = met;
        met.snapshot.budgets[0].counted.allowed = 0;
        assert!(
            matches!(met.meets_one(1), Reason::BudgetNever { most, .. } if most <= 2),
            "{bound:?}: {:?}",
            met.meets(1)
        );
        assert!(is_never(&met.meets_one(1)));
    }
}

#[test]
fn a_pod_that_is_still_to_come_makes_never_into_not_now() {
    let scene = Scene::of(2, 3).budget("b", at_least(2), 2, 2);
    assert!(
        matches!(scene.meets_one(1), Reason::BudgetNotNow { missing: 1, .. }),
        "{:?}",
        scene.meets(1)
    );
    assert!(!is_never(&scene.meets_one(1)));
}

#[test]
fn never_is_not_claimed_on_a_number_that_was_not_read() {
    let mut scene = Scene::of(2, 2).budget("b", at_least(2), 2, 2);
    scene.snapshot.controllers.clear();
    scene.snapshot.unread.push(Unread {
        what: "replicasets",
        message: "forbidden".into(),
    });
    assert!(matches!(scene.meets_one(1), Reason::BudgetNotNow { .. }));
    // A budget that counts by scale carries the number itself.
    let mut scene = Scene::of(2, 2).budget("b", at_most(0), 2, 2);
    scene.snapshot.controllers.clear();
    scene.snapshot.unread.push(Unread {
        what: "replicasets",
        message: "forbidden".into(),
    });
    assert!(matches!(scene.meets_one(1), Reason::BudgetNever { .. }));
}

#[test]
fn a_budget_that_is_shut_names_the_pods_that_are_not_healthy() {
    let scene = Scene::of(3, 3).unready(2).budget("b", at_least(2), 2, 3);
    let Reason::BudgetNotNow {
        held,
        unready,
        missing,
    } = scene.meets_one(1)
    else {
        panic!("{:?}", scene.meets(1));
    };
    assert_eq!(
        (held.healthy, held.desired, held.allowed, missing),
        (2, 2, 0, 0)
    );
    assert_eq!(unready, [scene.snapshot.pods[1].key.clone()]);
}

#[test]
fn more_pods_than_may_go_at_once_go_in_rounds() {
    let scene = Scene::of(5, 5).budget("b", at_least(3), 3, 5);
    assert!(matches!(
        scene.meets_one(5),
        Reason::BudgetSlow { rounds: 3, .. }
    ));
    assert!(matches!(
        scene.meets_one(3),
        Reason::BudgetSlow { rounds: 2, .. }
    ));
    assert_eq!(scene.meets(2), []);
}

#[test]
fn two_budgets_on_one_pod_are_both_named() {
    let scene = Scene::of(3, 3)
        .budget("b", at_least(1), 1, 3)
        .budget("a", at_least(1), 1, 3);
    let Reason::BudgetsOfPod { budgets, .. } = scene.meets_one(1) else {
        panic!("{:?}", scene.meets(1));
    };
    assert_eq!(budgets, ["a", "b"]);
    assert!(is_never(&scene.meets_one(1)));
}

#[test]
fn an_unready_pod_goes_where_the_eviction_api_lets_it_go() {
    // One of three is not Ready, and the two others are all that is wanted.
    let enough = Scene::of(3, 3).unready(1).budget("b", at_least(2), 2, 3);
    assert_eq!(enough.meets(1), []);
    let too_few = Scene::of(3, 3).unready(1).budget("b", at_least(3), 3, 3);
    assert_eq!(too_few.meets(1).len(), 1);
    let mut always = too_few;
    always.snapshot.budgets[0].always_allow_unhealthy = true;
    assert_eq!(always.meets(1), []);
    // Nothing wanted is no protection that the others could give.
    let mut none = Scene::of(1, 1).unready(1).budget("b", at_most(1), 0, 1);
    none.snapshot.budgets[0].counted.allowed = 0;
    assert_eq!(none.meets(1).len(), 1);
}

#[test]
fn pods_that_the_api_deletes_unasked_are_no_reason() {
    for change in [
        |pod: &mut Pod| pod.phase = PodPhase::Succeeded,
        |pod: &mut Pod| pod.phase = PodPhase::Failed,
        |pod: &mut Pod| pod.phase = PodPhase::Pending,
        |pod: &mut Pod| pod.deletion = Some(jiff::Timestamp::UNIX_EPOCH),
    ] {
        let mut scene = Scene::of(2, 2).budget("b", at_least(2), 2, 2);
        change(&mut scene.snapshot.pods[0]);
        assert_eq!(scene.meets(1), []);
    }
}

#[test]
fn counts_of_an_older_budget_prove_nothing() {
    let mut scene = Scene::of(2, 2).budget("b", at_least(2), 2, 2);
    scene.snapshot.budgets[0].generation = 2;
    assert!(matches!(scene.meets_one(1), Reason::BudgetBehind { .. }));
}

#[test]
fn a_budget_over_pods_without_a_scale_never_opens_where_it_counts_by_scale() {
    for (bound, never) in [(at_most(1), true), (at_least(1), false)] {
        let mut scene = Scene::of(2, 2).budget("b", bound, 1, 2);
        let owner = scene.snapshot.pods[1].owner.as_mut().unwrap();
        *owner = Owner {
            api_version: "batch/v1".into(),
            kind: "Job".into(),
            name: "night".into(),
            uid: Uid::new("job"),
        };
        let met = scene.meets(1);
        assert_eq!(met.iter().any(is_never), never, "{met:?}");
    }
}

#[test]
fn an_empty_selector_holds_every_pod_of_its_namespace_and_no_selector_none() {
    let mut scene = Scene::of(2, 2).budget("b", at_least(2), 2, 2);
    scene.snapshot.budgets[0].selector = Some(LabelSelector::default());
    assert_eq!(scene.meets(1).len(), 1);
    scene.snapshot.pods[0].key.namespace = "other".into();
    assert_eq!(scene.meets(1), []);
    scene.snapshot.pods[0].key.namespace = "shop".into();
    scene.snapshot.budgets[0].selector = None;
    assert_eq!(scene.meets(1), []);
}

#[test]
fn nodes_of_one_wave_that_need_more_of_a_budget_than_it_allows_are_named() {
    let scene = Scene::of(4, 4).budget("b", at_least(3), 3, 4);
    let guards = Guards::of_cluster(&scene.snapshot);
    let (one, two) = (NodeName::from("a"), NodeName::from("b"));
    let pods = &scene.snapshot.pods;
    let together = [(&one, vec![&pods[0]]), (&two, vec![&pods[1]])];
    assert_eq!(
        shared(&guards, &together),
        [Reason::BudgetShared {
            namespace: "shop".into(),
            budget: "b".into(),
            nodes: vec![one.clone(), two.clone()],
            pods: 2,
            allowed: 1,
        }]
    );
    // One node alone takes its rounds.
    assert_eq!(shared(&guards, &[(&one, vec![&pods[0], &pods[1]])]), []);
}
