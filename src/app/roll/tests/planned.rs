//! What a plan foresees, on the simulated cluster, and that the roll goes by it.

use std::time::Duration;

use super::{Rolled, roll, three};
use crate::core::model::NodeName;
use crate::core::plan::Plan;
use crate::core::reason::Reason;
use crate::exit::Exit;
use crate::render::plan::text;
use crate::sim::{Bound, Budget, Placement, What, When, Workload, World};

fn plan(rolled: &Rolled) -> &Plan {
    rolled.plan.as_ref().expect("a plan")
}

fn excluded<'a>(plan: &'a Plan, node: &str) -> &'a Reason {
    let found = plan
        .report
        .excluded
        .iter()
        .find(|e| e.name.as_str() == node);
    &found.expect("an exclusion").reason
}

/// What budgets do to the node's drain.
fn blockers<'a>(plan: &'a Plan, node: &str) -> Vec<&'a Reason> {
    plan.report
        .blockers
        .iter()
        .filter(|blocker| blocker.node.as_str() == node)
        .map(|blocker| &blocker.reason)
        .filter(|reason| format!("{reason:?}").starts_with("Budget"))
        .collect()
}

/// A pod on the first node under a budget that wants it to stay.
fn shut_on_the_first() -> World {
    three()
        .workload(Workload::stateful_set("vault", 1).on(Placement::Node("node-1".into())))
        .budget(Budget::min_available("vault", 1))
}

#[tokio::test(start_paused = true)]
async fn a_node_whose_drain_would_never_end_is_not_cordoned_and_the_others_are_rolled() {
    let rolled = roll(shut_on_the_first(), &[]).await;
    assert_eq!(rolled.exit(), Exit::Stopped, "{:?}", rolled.end);
    let plan = plan(&rolled);
    assert!(
        matches!(excluded(plan, "node-1"), Reason::NeverDrains { because }
            if matches!(&because[..], [Reason::BudgetNever { held, most: 1 }] if held.budget == "vault")),
        "{:?}",
        plan.report.excluded
    );
    let targets: Vec<&NodeName> = plan.spec.targets.iter().map(|t| &t.name).collect();
    assert_eq!(targets, [&NodeName::from("node-2")]);
    assert_eq!(plan.spec.targets[0].wave, 1);
    assert!(!rolled.acts().iter().any(|act| act.contains("node-1")));
    assert_eq!((rolled.boots("node-1"), rolled.boots("node-2")), (0, 1));
    let said = text(plan);
    assert!(
        said.contains(
            "node-1: its drain would never end: budget default/vault (minAvailable 1) never lets default/vault-0 go: \
             it wants 1 healthy, and there are never more than 1"
        ),
        "{said}"
    );
    assert!(said.contains("kubectl edit poddisruptionbudget -n default vault"));
}

#[tokio::test(start_paused = true)]
async fn where_no_drain_would_end_nothing_is_begun() {
    for arguments in [&[][..], &["node-1"]] {
        let rolled = roll(
            three().with_budget("web", &Bound::MaxUnavailable("0".into())),
            arguments,
        )
        .await;
        assert_eq!(rolled.exit(), Exit::Stopped, "{:?}", rolled.end);
        assert!(rolled.plan.is_none());
        assert_eq!(rolled.acts(), [""; 0]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_pod_with_two_budgets_keeps_its_node_out_of_the_roll() {
    let world = shut_on_the_first()
        .with_budget("vault", &Bound::MinAvailable("0".into()))
        .budget(Budget::max_unavailable("vault", 1).named("vault-too"));
    let rolled = roll(world, &[]).await;
    assert!(
        matches!(excluded(plan(&rolled), "node-1"), Reason::NeverDrains { because }
            if matches!(&because[..], [Reason::BudgetsOfPod { budgets, .. }] if budgets == &["vault", "vault-too"])),
        "{:?}",
        plan(&rolled).report.excluded
    );
}

#[tokio::test(start_paused = true)]
async fn a_budget_that_is_shut_by_an_unready_pod_is_named_and_the_roll_waits_for_it() {
    let world = three().happening(
        When::At(Duration::ZERO),
        What::Unready {
            namespace: "default".into(),
            app: "web".into(),
            not_on: "node-1".into(),
            lasts: Duration::from_secs(60),
        },
    );
    let rolled = roll(world, &[]).await;
    assert_eq!(
        rolled.exit(),
        Exit::Ok,
        "{:?} {:?}",
        rolled.end,
        rolled.outcomes
    );
    let met = blockers(plan(&rolled), "node-1");
    assert!(
        matches!(&met[..], [Reason::BudgetNotNow { held, unready, missing: 0 }]
            if held.budget == "web" && unready.len() == 1 && unready[0] != held.pods[0]),
        "{met:?}"
    );
    let said = text(plan(&rolled));
    assert!(said.contains("does not let"), "{said}");
}

#[tokio::test(start_paused = true)]
async fn more_pods_than_a_budget_lets_go_at_once_are_said_to_take_rounds() {
    let on_one = Placement::Node("node-1".into());
    let world = three()
        .workload(Workload::deployment("many", 3).in_pool("user"))
        .workload(Workload::deployment("pinned", 3).on(on_one))
        .budget(Budget::max_unavailable("pinned", 1));
    let rolled = roll(world, &["--drain-timeout", "10s"]).await;
    let met = blockers(plan(&rolled), "node-1");
    assert!(
        matches!(&met[..], [Reason::BudgetSlow { held, rounds: 3 }] if held.pods.len() == 3),
        "{met:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn what_may_not_be_listed_is_said_to_be_unknown() {
    let world = shut_on_the_first().forbidden("list", "poddisruptionbudgets");
    let rolled = roll(world, &["--drain-timeout", "5s"]).await;
    let warnings = &plan(&rolled).report.warnings;
    assert!(
        matches!(&warnings[..], [Reason::NotProved { what, .. }] if what == "poddisruptionbudgets"),
        "{warnings:?}"
    );
    let said = text(plan(&rolled));
    assert!(
        said.contains("it is not known whether budgets hold a drain"),
        "{said}"
    );
    // Not known to be never, so it is tried, and stops where the budget is met.
    assert_eq!(rolled.exit(), Exit::Stopped);
    assert!(!rolled.cordoned("node-1"));
}

#[tokio::test(start_paused = true)]
async fn a_rehearsal_without_budgets_is_refused() {
    let rolled = roll(
        three().forbidden("list", "poddisruptionbudgets"),
        &["--rehearse"],
    )
    .await;
    assert_eq!(rolled.exit(), Exit::Failed);
    assert!(
        rolled.refusal().contains("poddisruptionbudgets"),
        "{}",
        rolled.refusal()
    );
    assert_eq!(rolled.acts(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn services_webhooks_and_volumes_that_may_not_be_listed_are_unknown_and_no_copy_needs_them() {
    let lists = [
        "services",
        "validatingwebhookconfigurations",
        "mutatingwebhookconfigurations",
        "persistentvolumes",
        "csinodes",
    ];
    // Volumes are only looked at where there are any.
    let with_disk = Workload::stateful_set("db", 1).with_disk(Duration::from_secs(3));
    let world = lists
        .iter()
        .fold(three().workload(with_disk), |world, list| {
            world.forbidden("list", list)
        });
    let rolled = roll(world, &["--rehearse"]).await;
    assert_eq!(rolled.exit(), Exit::Ok, "{:?}", rolled.end);
    let warnings = &plan(&rolled).report.warnings;
    let unknown: Vec<&str> = warnings
        .iter()
        .filter_map(|reason| match reason {
            Reason::NotProved { what, .. } => Some(what.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(unknown, lists);
    let said = text(plan(&rolled));
    assert!(
        said.contains("it is not known which webhooks and balancers would miss a node"),
        "{said}"
    );
    assert!(
        said.contains("it is not known how many more volumes the nodes may take"),
        "{said}"
    );
}
